"""What people ask of the directory, and what it refuses (SECURITY AUTHZ-3, DIR-2, DIR-3, ISO-2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.server.access import TokenRevocations
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, PrincipalKind, Role, Scope, Target, permit
from holofleet.server.directory.beside import Beside
from holofleet.server.directory.person import (
    CALL_ROLES,
    Ending,
    Group,
    NewGroup,
    NewPerson,
    PeopleQuery,
    Person,
    PersonPage,
    Rights,
    Source,
)
from holofleet.server.directory.store import DirectoryStore, PersonChange
from holofleet.server.directory.text import is_group_name, is_user_principal_name, plain_text, user_principal_name

MAX_PAGE = 500


class DirectoryService:
    """People, groups and roles, for whoever may see or change them."""

    def __init__(self, store: DirectoryStore, clock: Clock, *, revocations: TokenRevocations) -> None:
        self._store = store
        self._clock = clock
        self._revocations = revocations

    # Reading.

    def people(
        self, principal: Principal, query: PeopleQuery | None = None, *, after: str | None = None, limit: int = 100
    ) -> PersonPage:
        """Return people that the principal may see, by UPN.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_PEOPLE, Target.installation()).require()
        limit = max(1, min(limit, MAX_PAGE))
        return self._store.page(principal.scope, query or PeopleQuery(), after=after, limit=limit)

    def beside(self, principal: Principal, people: Sequence[str]) -> Mapping[str, Beside]:
        """Return what a list says beside people whom the principal sees, by id: as far as they may read each.

        Raises:
            RefusedError: the principal may not read people.
        """
        permit(principal, Action.READ_PEOPLE, Target.installation()).require()
        reads = {
            action: permit(principal, action, Target.installation()).allowed
            for action in (Action.READ_CUSTODY, Action.READ_LICENSES, Action.READ_SESSIONS)
        }
        custody, licenses = reads[Action.READ_CUSTODY], reads[Action.READ_LICENSES]
        return {
            person: Beside(
                holds=found.holds if custody else None,
                licenses=found.licenses if licenses else None,
                missing=found.missing if licenses else None,
                signed_in_at=found.signed_in_at if reads[Action.READ_SESSIONS] else None,
            )
            for person, found in self._store.beside(principal.scope, people).items()
        }

    def person(self, principal: Principal, key: str) -> Person:
        """Return somebody by id or UPN.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: nobody, or somebody of a client that the principal does not see: the same answer.
        """
        permit(principal, Action.READ_PEOPLE, Target.installation()).require()
        found = self._store.person(principal.scope, key.casefold() if "@" in key else key)
        if found is None:
            raise _nobody()
        return found

    def groups(self, principal: Principal) -> tuple[Group, ...]:
        """Return groups that the principal may see, by name.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_PEOPLE, Target.installation()).require()
        return self._store.groups(principal.scope)

    def group(self, principal: Principal, key: str) -> Group:
        """Return a group by id or name.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: none, or one of a foreign client.
        """
        permit(principal, Action.READ_PEOPLE, Target.installation()).require()
        found = self._store.group(principal.scope, key)
        if found is None:
            raise _nothing()
        return found

    def rights(self, person_id: str) -> Rights | None:
        """Return what somebody may do now; ``None`` for the unknown and for those who left."""
        return self._store.rights(person_id)

    def sign_in_name(self, upn: str) -> Person | None:
        """Return who signs in by this name, whoever asks; ``None`` for nobody and for those who left."""
        name = upn.strip().casefold()
        found = self._store.sign_in_name(name) if is_user_principal_name(name) else None
        return found if found is not None and found.active else None

    # Changing.

    def add(self, principal: Principal, new: NewPerson, *, source: Source = Source.CONSOLE) -> Person:
        """Add somebody, without any role.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: the client is foreign to the principal.
            InputError: names or call roles that cannot be.
            ConflictError: the UPN or external id is taken.
        """
        permit(principal, Action.CHANGE_PEOPLE, Target.of_client(new.client)).require()
        made = NewPerson(
            upn=user_principal_name(new.upn),
            display_name=plain_text("display_name", new.display_name),
            client=new.client,
            account=new.account,
            call_roles=_call_roles(new.call_roles),
            site=plain_text("site", new.site),
            email=plain_text("email", new.email),
            external_id=plain_text("external_id", new.external_id),
        )
        audit = self._record(principal, Action.CHANGE_PEOPLE, "person:", new.client, act="add", upn=made.upn)
        return self._store.add(made, source=source, at=self._clock.now(), audit=audit)

    def change(self, principal: Principal, key: str, change: PersonChange) -> Person:
        """Change what is known of somebody; roles change elsewhere.

        Raises:
            RefusedError: the principal may not, or would widen what they see themselves.
            NotFoundError: nobody here.
            InputError: values that cannot be.
            ConflictError: the UPN or external id is taken.
        """
        found = self._mine(principal, key, Action.CHANGE_PEOPLE)
        if change.seen is not None:
            self._require_may_grant(principal, found, change.seen)
        made = PersonChange(
            upn=None if change.upn is None else user_principal_name(change.upn),
            display_name=_maybe("display_name", change.display_name),
            email=_maybe("email", change.email),
            site=_maybe("site", change.site),
            call_roles=None if change.call_roles is None else _call_roles(change.call_roles),
            external_id=_maybe("external_id", change.external_id),
            seen=change.seen,
        )
        audit = self._record(
            principal, Action.CHANGE_PEOPLE, f"person:{found.id}", found.client, act="change", fields=_named(made)
        )
        changed = self._store.change(found.id, made, at=self._clock.now(), audit=audit)
        if changed is None:
            raise _nobody()
        return changed

    def endings(self, principal: Principal, key: str) -> tuple[Ending, ...]:
        """Return what would end if somebody left now, before anybody lets them.

        Raises:
            RefusedError, NotFoundError: as :meth:`leave`.
        """
        found = self._mine(principal, key, Action.CHANGE_PEOPLE)
        return self._store.endings(found.id)

    def leave(self, principal: Principal, key: str, *, reason: str = "") -> tuple[Ending, ...]:
        """Let somebody leave; with them end sessions, tokens, custody, licenses, roles and memberships.

        Raises:
            RefusedError: the principal may not, or is this person.
            NotFoundError: nobody here.
            ConflictError: they are the last administrator.
        """
        found = self._mine(principal, key, Action.CHANGE_PEOPLE)
        if _is(principal, found):
            raise RefusedError("nobody ends their own account", mend="Ask another administrator.")
        if Role.ADMINISTRATOR in found.roles:
            permit(principal, Action.GRANT_ROLE, Target.of_client(found.client)).require()
        audit = self._record(
            principal, Action.CHANGE_PEOPLE, f"person:{found.id}", found.client, act="leave", reason=reason[:500]
        )
        tokens = self._store.tokens_of(found.id)
        ended = self._store.leave(found.id, source=Source.CONSOLE, at=self._clock.now(), audit=audit)
        for digest in tokens:  # after, for what is in that file is revoked for ever, and leaving may be refused
            self._revocations.revoke_token(digest, self._clock)
        return ended

    def give_role(self, principal: Principal, key: str, role: Role) -> Person:
        """Give somebody a role, for the clients that they see.

        Raises:
            RefusedError: the principal may not, has less, or is this person.
            NotFoundError: nobody here.
        """
        found = self._mine(principal, key, Action.GRANT_ROLE)
        if role is Role.PROVISIONER:
            raise InputError("a person is no provisioner", mend="Issue a token: holofleet tokens issue.")
        self._require_may_grant(principal, found, found.scope)
        audit = self._record(
            principal, Action.GRANT_ROLE, f"person:{found.id}", found.client, act="give", role=str(role)
        )
        self._store.give_role(found.id, role, source=Source.CONSOLE, at=self._clock.now(), audit=audit)
        return self.person(principal, found.id)

    def take_role(self, principal: Principal, key: str, role: Role) -> Person:
        """Take a role from somebody; one that the fleet file gives is taken there.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: nobody here.
            ConflictError: they are the last administrator, or the fleet file gives the role.
        """
        found = self._mine(principal, key, Action.GRANT_ROLE)
        if role not in found.roles:
            return found
        audit = self._record(
            principal, Action.GRANT_ROLE, f"person:{found.id}", found.client, act="take", role=str(role)
        )
        if not self._store.take_role(found.id, role, at=self._clock.now(), audit=audit):
            raise ConflictError(
                f"the fleet file makes {found.upn} {role}", mend="Change `people` in the fleet file and apply it."
            )
        return self.person(principal, found.id)

    # Groups.

    def add_group(self, principal: Principal, new: NewGroup, *, source: Source = Source.CONSOLE) -> Group:
        """Add a group of people of one client.

        Raises:
            RefusedError: the principal may not.
            InputError: a name that cannot be.
            ConflictError: the name is taken.
            NotFoundError: the client is foreign, or a member is none of its people.
        """
        permit(principal, Action.CHANGE_PEOPLE, Target.of_client(new.client)).require()
        if not is_group_name(new.name):
            raise InputError(
                f"{new.name[:80]!r} is no name of a group", mend="Lower-case letters, digits, dot, hyphen."
            )
        made = NewGroup(
            new.name,
            plain_text("display_name", new.display_name),
            new.client,
            plain_text("external_id", new.external_id),
            new.members,
        )
        audit = self._record(principal, Action.CHANGE_PEOPLE, f"group:{new.name}", new.client, act="add")
        return self._store.add_group(made, source=source, at=self._clock.now(), audit=audit)

    def change_members(
        self, principal: Principal, key: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> Group:
        """Put people into a group and take people out, by their ids.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such group, or a member is none of its client's people.
            ConflictError: a rule decides who is in it, or the fleet file does.
        """
        group = self._my_group(principal, key)
        if group.rule or group.source is Source.FILE:
            raise ConflictError(
                f"the fleet file says who is in {group.name}", mend="Change `groups` there and apply it."
            )
        audit = self._record(principal, Action.CHANGE_PEOPLE, f"group:{group.id}", group.client, act="members")
        put, taken = frozenset(add), frozenset(remove)
        self._store.set_members(group.id, add=put, remove=taken - put, at=self._clock.now(), audit=audit)
        return self.group(principal, group.id)

    def rename_group(self, principal: Principal, key: str, display_name: str) -> Group:
        """Give a group another name for people.

        Raises:
            RefusedError, NotFoundError, InputError: as :meth:`add_group`.
        """
        group = self._my_group(principal, key)
        audit = self._record(principal, Action.CHANGE_PEOPLE, f"group:{group.id}", group.client, act="rename")
        name = plain_text("display_name", display_name)
        self._store.rename_group(group.id, name, at=self._clock.now(), audit=audit)
        return self.group(principal, group.id)

    def remove_group(self, principal: Principal, key: str) -> None:
        """Remove a group; its members stay.

        Raises:
            RefusedError, NotFoundError: as :meth:`change_members`.
            ConflictError: the fleet file names it.
        """
        group = self._my_group(principal, key)
        if group.source is Source.FILE:
            raise ConflictError(
                f"the fleet file names {group.name}", mend="Take it out of `groups` there and apply it."
            )
        audit = self._record(principal, Action.CHANGE_PEOPLE, f"group:{group.id}", group.client, act="remove")
        self._store.remove_group(group.id, at=self._clock.now(), audit=audit)

    # Within.

    def _mine(self, principal: Principal, key: str, action: Action) -> Person:
        found = self._store.person(principal.scope, key.casefold() if "@" in key else key)
        permit(principal, action, Target.of_client(found.client if found is not None else "")).require()
        if found is None or not found.active:
            raise _nobody()
        return found

    def _my_group(self, principal: Principal, key: str) -> Group:
        found = self._store.group(principal.scope, key)
        permit(
            principal, Action.CHANGE_PEOPLE, Target.of_client(found.client if found is not None else "")
        ).require()
        if found is None:
            raise _nothing()
        return found

    @staticmethod
    def _require_may_grant(principal: Principal, person: Person, seen: Scope) -> None:
        permit(principal, Action.GRANT_ROLE, Target.of_client(person.client)).require()
        if _is(principal, person):
            raise RefusedError("nobody raises their own rights", mend="Ask another administrator.")
        if not principal.scope.covers(seen):
            raise RefusedError("nobody gives more than they have")
        if person.client != "own" and seen.clients != frozenset({person.client}):
            raise InputError(f"{person.upn} is of {person.client} and can see nobody else's things")

    @staticmethod
    def _record(principal: Principal, action: Action, subject: str, client: str, **data: object) -> AuditRecord:
        personal = {name: str(data.pop(name)) for name in ("upn",) if name in data}
        return AuditRecord(principal.actor, str(action), subject, client, data, personal)


def _is(principal: Principal, person: Person) -> bool:
    return principal.kind is PrincipalKind.PERSON and principal.name.casefold() == person.upn


def _nobody() -> NotFoundError:
    return NotFoundError("there is nobody of this name here")


def _nothing() -> NotFoundError:
    return NotFoundError("there is no such group here")


def _maybe(field: str, text: str | None) -> str | None:
    return None if text is None else plain_text(field, text)


def _call_roles(roles: Iterable[str]) -> frozenset[str]:
    given = frozenset(roles)
    if not given <= CALL_ROLES:
        raise InputError(f"call_roles: {', '.join(sorted(given - CALL_ROLES))}", mend="expert and wearer exist.")
    return given


def _named(change: PersonChange) -> list[str]:
    names = ("upn", "display_name", "email", "site", "call_roles", "external_id", "seen")
    return [name for name in names if getattr(change, name) is not None]
