"""From the fleet file to the nouns of an Entra ID and Intune tenant; the target ``graph`` alone gets them.

What lives here: one module for each noun or two, each with ``write(draft)``; which tenant gets what
(``tenancy.py``); what only people can do (:mod:`.manual`); and what is done about every statement of the guides
(``answers.py``). What does not: what headsets are told, which are documents as for every target, and any request
to Graph. Pure, like the rest of this layer. Start reading at ``draft.py``.
"""

from __future__ import annotations

from collections.abc import Callable

from holofleet.desired.cloud import (
    access,
    accounts,
    apps,
    autopilot,
    compliance,
    devices,
    manual,
    sign_in,
    tenant_settings,
)
from holofleet.desired.cloud.draft import TARGET, Draft, Placement, cohorts
from holofleet.desired.cloud.tenancy import Tenancy, chosen, part, tenancies

WRITERS: tuple[Callable[[Draft], None], ...] = (
    accounts.write,
    devices.write,
    autopilot.write,
    apps.write,
    compliance.write,
    sign_in.write,
    access.write,
    tenant_settings.write,
)


def write(draft: Draft) -> None:
    """Write every noun that the fleet needs, whichever tenant it belongs to."""
    for writer in WRITERS:
        writer(draft)


__all__ = [
    "TARGET",
    "WRITERS",
    "Draft",
    "Placement",
    "Tenancy",
    "chosen",
    "cohorts",
    "manual",
    "part",
    "tenancies",
    "write",
]
