"""What is known of how somebody proves who they are at a headset, as their page shows it."""

from __future__ import annotations

from typing import Any

from holofleet.server.authorization import Action
from holofleet.server.directory import Account, Person
from holofleet.web.console.visit import Visit

SECRETS = {"pin": "PIN", "second-factor": "Second factor", "password": "Password"}
"""How each secret of :data:`holofleet.server.custody.owners.WHATS` is written."""


def proofs_of(visit: Visit, person: Person) -> dict[str, Any]:
    """Return what the page of a person shows of PINs and secrets: nothing to whoever may not read custody."""
    reads = person.active and visit.may(Action.READ_CUSTODY)
    custody, own = visit.services.custody, person.account is Account.PERSON
    shared = reads and person.account is Account.SHARED
    listed = custody.owners.listed(visit.principal) if shared else ()
    return {
        "pin": custody.pins.state(visit.principal, person.id) if reads and own else None,
        "may_void": reads and own and visit.may(Action.VOID_PIN, person.client),
        "shared": shared,
        "secrets": {one.what: one for one in listed if one.account_id == person.id},
        "secret_names": SECRETS,
        "may_own": shared and visit.may(Action.KEEP_ACCOUNT_SECRETS, person.client),
    }
