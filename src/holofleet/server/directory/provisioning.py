"""People and groups that a provider pushes (SCIM), and the limits of its power (SECURITY DIR-3).

A provider adds, changes and ends people of our own organization, and fills groups. It gives no role, and it cannot
empty the directory: more than a tenth of its people, or five, in a day is refused and written into the audit log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.server.access import TokenRevocations
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Role, Scope, Target, permit
from holofleet.server.directory.person import Account, Group, NewGroup, NewPerson, PeopleQuery, Person, Source
from holofleet.server.directory.store import DirectoryStore, LeavingBound, PersonChange, TooManyLeaveError
from holofleet.server.directory.text import group_name, plain_text, user_principal_name

ENDS_IN: Final = timedelta(days=1)
FEW: Final = 5
SHARE: Final = 10
"""One in so many may end in a day, and :data:`FEW` in any case. Ours."""
PAGE: Final = 500


class ProvisioningService:
    """What a provider may do, with a token of the role ``provisioner``."""

    def __init__(self, store: DirectoryStore, clock: Clock, *, revocations: TokenRevocations) -> None:
        self._store = store
        self._clock = clock
        self._revocations = revocations

    def people(self, principal: Principal) -> Iterable[Person]:
        """Yield our people, those who left too, by UPN.

        Raises:
            RefusedError: the principal may not.
        """
        _require(principal)
        after: str | None = None
        query = PeopleQuery(client="own", account=str(Account.PERSON), here=None)
        while True:
            page = self._store.page(Scope.every(), query, after=after, limit=PAGE)
            yield from page.people
            if (after := page.next) is None:
                return

    def person(self, principal: Principal, key: str) -> Person:
        """Return somebody by id or UPN.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: none of our people.
        """
        _require(principal)
        return self._ours(key)

    def by_external_id(self, principal: Principal, external_id: str) -> Person | None:
        """Return whom the provider knows by an id of its own.

        Raises:
            RefusedError: the principal may not.
        """
        _require(principal)
        found = self._store.by_external_id(external_id)
        return found if found is not None and found.client == "own" else None

    def add(self, principal: Principal, new: NewPerson, *, active: bool = True) -> Person:
        """Add somebody, without any role.

        Raises:
            RefusedError: the principal may not.
            ConflictError: the name or the external id is taken.
            InputError: values that cannot be, or somebody who is not to be here.
        """
        _require(principal)
        if not active:
            raise InputError("somebody who is not active is not added", mend="Send them when they are.")
        made = NewPerson(
            upn=user_principal_name(new.upn),
            display_name=plain_text("displayName", new.display_name),
            email=plain_text("emails", new.email),
            external_id=plain_text("externalId", new.external_id),
        )
        audit = AuditRecord(
            principal.actor, str(Action.PROVISION_PEOPLE), "person:", "own", {"act": "add"}, {"upn": made.upn}
        )
        return self._store.add(made, source=Source.SCIM, at=self._clock.now(), audit=audit)

    def change(self, principal: Principal, key: str, change: PersonChange, *, active: bool) -> Person:
        """Change somebody; from then on the provider says their name and whether they are here.

        Raises:
            RefusedError: the principal may not, or ends too many.
            NotFoundError: none of our people.
            ConflictError: the name or the external id is taken, or the last administrator would go.
            InputError: values that cannot be.
        """
        _require(principal)
        found = self._ours(key)
        made = PersonChange(
            upn=None if change.upn is None else user_principal_name(change.upn),
            display_name=None if change.display_name is None else plain_text("displayName", change.display_name),
            email=None if change.email is None else plain_text("emails", change.email),
            external_id=None if change.external_id is None else plain_text("externalId", change.external_id),
            source=Source.SCIM,
        )
        now = self._clock.now()
        if active and not found.active:
            back = NewPerson(found.upn, found.display_name, email=found.email, external_id=found.external_id)
            audit = AuditRecord(principal.actor, str(Action.PROVISION_PEOPLE), "person:", "own", {"act": "back"})
            found = self._store.add(back, source=Source.SCIM, at=now, audit=audit)
        audit = AuditRecord(
            principal.actor, str(Action.PROVISION_PEOPLE), f"person:{found.id}", "own", {"act": "change"}
        )
        changed = self._store.change(found.id, made, at=now, audit=audit)
        if changed is None:
            raise _nobody()
        if found.active and not active:
            self.leave(principal, found.id)
            return self._ours(found.id)
        return changed

    def leave(self, principal: Principal, key: str) -> None:
        """Let somebody leave; whoever left already has left.

        Raises:
            RefusedError: the principal may not, or ends too many.
            NotFoundError: none of our people.
            ConflictError: the last administrator.
        """
        _require(principal)
        found = self._ours(key)
        if not found.active:
            return
        now = self._clock.now()
        tokens = self._store.tokens_of(found.id)
        record = AuditRecord(
            principal.actor, str(Action.PROVISION_PEOPLE), f"person:{found.id}", "own", {"act": "leave"}
        )
        bound = LeavingBound(now - ENDS_IN, FEW, SHARE)
        try:
            self._store.leave(found.id, source=Source.SCIM, at=now, audit=record, bound=bound)
        except TooManyLeaveError as error:
            said = {"refused": "too many in a day", "left": error.ended, "of": error.known}
            self._store.note(replace(record, data={**record.data, **said}), at=now)
            raise
        for digest in tokens:
            self._revocations.revoke_token(digest, self._clock)

    # Groups.

    def groups(self, principal: Principal) -> tuple[Group, ...]:
        """Return the groups of our own organization.

        Raises:
            RefusedError: the principal may not.
        """
        _require(principal)
        return tuple(group for group in self._store.groups(Scope.of("own")))

    def group(self, principal: Principal, key: str) -> Group:
        """Return one of them by id.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such group.
        """
        _require(principal)
        found = self._store.group(Scope.of("own"), key)
        if found is None:
            raise NotFoundError("there is no such group here")
        return found

    def add_group(self, principal: Principal, new: NewGroup) -> Group:
        """Add a group.

        Raises:
            RefusedError: the principal may not.
            ConflictError: the name is taken.
            NotFoundError: a member is none of our people.
        """
        _require(principal)
        name = plain_text("displayName", new.display_name)
        made = NewGroup(group_name(name), name, "own", plain_text("externalId", new.external_id), new.members)
        audit = AuditRecord(
            principal.actor, str(Action.PROVISION_PEOPLE), f"group:{made.name}", "own", {"act": "add"}
        )
        return self._store.add_group(made, source=Source.SCIM, at=self._clock.now(), audit=audit)

    def change_group(self, principal: Principal, key: str, display_name: str, members: frozenset[str]) -> Group:
        """Make a group of the provider's have this name and these members.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such group, or a member is none of our people.
            ConflictError: it is not the provider's.
        """
        group = self._theirs(principal, key)
        record = AuditRecord(
            principal.actor, str(Action.PROVISION_PEOPLE), f"group:{group.id}", "own", {"act": "members"}
        )
        now = self._clock.now()
        if display_name != group.display_name:
            name = plain_text("displayName", display_name)
            self._store.rename_group(group.id, name, at=now, audit=record)
        if members != group.members:
            add, remove = members - group.members, group.members - members
            self._store.set_members(group.id, add=add, remove=remove, at=now, audit=record)
        return self.group(principal, group.id)

    def remove_group(self, principal: Principal, key: str) -> None:
        """Remove a group of the provider's; its members stay.

        Raises:
            RefusedError, NotFoundError, ConflictError: as :meth:`change_group`.
        """
        group = self._theirs(principal, key)
        audit = AuditRecord(
            principal.actor, str(Action.PROVISION_PEOPLE), f"group:{group.id}", "own", {"act": "remove"}
        )
        self._store.remove_group(group.id, at=self._clock.now(), audit=audit)

    def _ours(self, key: str) -> Person:
        found = self._store.person(Scope.of("own"), key.casefold() if "@" in key else key)
        if found is None or found.account is not Account.PERSON:
            raise _nobody()
        if Role.ADMINISTRATOR in found.roles and found.source is not Source.SCIM:
            raise RefusedError(f"{found.upn} administers this server and is not the provider's to change")
        return found

    def _theirs(self, principal: Principal, key: str) -> Group:
        group = self.group(principal, key)
        if group.source is not Source.SCIM:
            raise ConflictError(f"the group {group.name} is not the provider's", mend="Take another name.")
        return group


def _require(principal: Principal) -> None:
    permit(principal, Action.PROVISION_PEOPLE, Target.installation()).require()


def _nobody() -> NotFoundError:
    return NotFoundError("there is nobody of this id here")
