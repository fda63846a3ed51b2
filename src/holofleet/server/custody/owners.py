"""Who owns the PIN, the second factor and the password of each shared account, and when they are due for a reset.

The shared-identity guide leaves these without an owner: a PIN reset needs the second factor, and whoever
registered it may be gone. Kept here are names of teams and days, never a secret.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Target, permit
from holofleet.server.custody.store import People, SecretOwner, SecretRow, SecretStore
from holofleet.server.directory import Account, Person
from holofleet.server.directory.text import person_key

WHATS: Final = ("pin", "second-factor", "password")
LONGEST_DAYS: Final = 730


class AccountSecretService:
    """Owners and resets of secrets of shared accounts."""

    def __init__(self, store: SecretStore, people: People, clock: Clock) -> None:
        self._store = store
        self._people = people
        self._clock = clock

    def listed(self, principal: Principal) -> tuple[SecretOwner, ...]:
        """Return what is owned, what is due first.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_CUSTODY, Target.installation()).require()
        now = self._clock.now()
        rows = [_due(row, now) for row in self._store.rows(principal.scope)]
        return tuple(sorted(rows, key=lambda one: (one.due_at or now, one.account, one.what)))

    def unowned(self, principal: Principal) -> tuple[str, ...]:
        """Return shared accounts of which nobody owns anything.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_CUSTODY, Target.installation()).require()
        return tuple(upn for upn, _ in self._store.unowned(principal.scope))

    def own(self, principal: Principal, account: str, what: str, *, owner: str, every_days: int) -> None:
        """Record which team owns a secret, and after how many days it is reset; 0 for no fixed interval.

        Raises:
            RefusedError: the principal may not, or that is no shared account.
            NotFoundError: no such account here.
            InputError: another kind of secret, no owner, or a number of days that cannot be.
        """
        found = self._account(principal, account)
        if what not in WHATS:
            raise InputError(f"{what[:40]!r} is none of {', '.join(WHATS)}")
        if not owner.strip() or len(owner) > 256:
            raise InputError("owner: a name of at most 256 characters")
        if not 0 <= every_days <= LONGEST_DAYS:
            raise InputError(f"every_days: 0 to {LONGEST_DAYS}")
        if self._people.person(principal.scope, owner.strip().casefold()) is not None:
            raise InputError("a team owns it, never a person", mend="People leave; name the team.")
        row = SecretRow(found.upn, found.id, found.client, what, owner.strip(), every_days, None)
        data = {"act": "own", "what": what, "owner": row.owner, "every_days": every_days}
        audit = self._about(principal, found, data)
        self._store.own(row, actor=principal.actor, at=self._clock.now(), audit=audit)

    def reset(self, principal: Principal, account: str, what: str, *, at: datetime | None = None) -> None:
        """Record that a secret was reset.

        Raises:
            RefusedError, NotFoundError: as :meth:`own`, or nobody owns it.
            InputError: a moment that is still to come.
        """
        found = self._account(principal, account)
        now = self._clock.now()
        if at is not None and at > now:
            raise InputError("that moment is still to come")
        audit = self._about(principal, found, {"act": "reset", "what": what})
        if not self._store.reset(found.id, what, reset_at=at or now, at=now, audit=audit):
            raise NotFoundError(f"nobody owns the {what[:40]} of {found.upn}", mend="Record its owner first.")

    def _account(self, principal: Principal, key: str) -> Person:
        found = self._people.person(principal.scope, person_key(key))
        client = found.client if found is not None else ""
        permit(principal, Action.KEEP_ACCOUNT_SECRETS, Target.of_client(client)).require()
        if found is None or not found.active:
            raise NotFoundError("there is no such account here")
        if found.account is not Account.SHARED:
            raise RefusedError(f"{found.upn} is no shared account: its owner is whoever uses it")
        return found

    @staticmethod
    def _about(principal: Principal, account: Person, data: dict[str, object]) -> AuditRecord:
        return AuditRecord(
            principal.actor, str(Action.KEEP_ACCOUNT_SECRETS), f"person:{account.id}", account.client, data
        )


def _due(row: SecretRow, now: datetime) -> SecretOwner:
    if row.every_days == 0:
        due, overdue = None, False
    else:
        due = now if row.reset_at is None else row.reset_at + timedelta(days=row.every_days)
        overdue = row.reset_at is None or due < now
    return SecretOwner(
        row.account, row.account_id, row.client, row.what, row.owner, row.every_days, row.reset_at, due, overdue
    )
