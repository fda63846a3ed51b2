"""Clients apart: whatever method of whatever service is called for a thing of another client, nothing of it moves.

Methods are found in the services by themselves, so that a room that is added is called without a line here; the
directory that they are called on is generated. Then the two promises that no order of acts may break: somebody
who administers everything stays, and whoever left has nothing (SECURITY ISO-1, AUTHZ-3, DIR-2).
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.security.test_every_door import CLIENTS, MARKS, belongings, furnished, site, things
from tests.web_services import Bench

from holofleet.errors import ConflictError, HolofleetError
from holofleet.server.audit import AuditQuery
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.directory import NewGroup, NewPerson, PersonChange

BOUNDED = settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],  # an example is a database: to shrink one would take minutes
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NAMES = st.text("bcdfghjk", min_size=1, max_size=6)  # no name of the people who are there already
MANY = st.lists(st.tuples(NAMES, st.sampled_from([*CLIENTS, "own"])), max_size=6, unique_by=lambda one: one[0])
ROLES = st.sets(st.sampled_from(list(Role)), min_size=1, max_size=3)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a service that is asked on somebody's behalf."""

    name: str
    call: Callable[..., Any]

    def arguments(self, client: str, now: datetime) -> dict[str, Any]:
        """Return arguments that name a client's things, by the names and types of the parameters."""
        known = things(client, "/groups/" if "group" in self.name else "")
        known |= {
            "enrollment_id": known["id"],
            "new": NewGroup(name=f"new-{client}", client=client)
            if "group" in self.name
            else NewPerson(upn=f"new@{client}.com", client=client),
            "change": PersonChange(display_name="Changed"),
            "query": AuditQuery(),
            "texts": {} if "publish" in self.name else (known["serial"], known["person"]),
            "state": {},
            "links": (),
            "targets": (),
        }
        hints = get_type_hints(self.call, vars(inspect.getmodule(self.call)) | {"Scope": Scope})
        found = {}
        for name, parameter in list(inspect.signature(self.call).parameters.items())[1:]:
            required = parameter.default is inspect.Parameter.empty
            if name in known and name not in ("client", "role") and (required or name != "query"):
                found[name] = known[name]
            elif required:
                found[name] = _value(hints[name], now)
        return found


def _value(kind: Any, now: datetime) -> Any:
    options = [one for one in (kind, *getattr(kind, "__args__", ())) if isinstance(one, type)]
    for option in options:
        if issubclass(option, Enum):
            return next(iter(option))
    plain = {bool: True, int: 1, datetime: now, str: "test"}
    return next((plain[option] for option in options if option in plain), ())


def methods(made: Bench) -> Iterator[Method]:
    """Yield every public method that takes a principal, of every service and of those that it is made of."""
    for field in fields(made.services):
        service = getattr(made.services, field.name)
        inner = {key: one for key, one in getattr(service, "__dict__", {}).items() if not key.startswith("_")}
        for name, one in ((field.name, service), *((f"{field.name}.{key}", one) for key, one in inner.items())):
            if type(one).__module__.startswith("holofleet.server"):
                for word, call in inspect.getmembers(one, inspect.ismethod):
                    if (
                        not word.startswith("_")
                        and next(iter(inspect.signature(call).parameters), "") == "principal"
                    ):
                        yield Method(f"{name}.{word}", call)


def scopes(client: str) -> tuple[Scope, ...]:
    """Return scopes in which one client's things stand: by its name, by its site, by its deployment, by all."""
    named, at, of = frozenset({client}), frozenset({site(client)}), frozenset({f"{client}-loans"})
    return (
        Scope(named),
        Scope(None, at),
        Scope(None, None, of),
        Scope(frozenset(CLIENTS), at | {"elsewhere"}, of),
        Scope(None, frozenset(map(site, CLIENTS)), of),
    )


@BOUNDED
@given(
    MANY,
    MANY,
    ROLES,
    st.sampled_from([PrincipalKind.PERSON, PrincipalKind.TOKEN]),
    st.permutations(CLIENTS),
    st.integers(0, 4),
)
def test_ISO_1_no_method_of_a_service_reads_or_moves_a_thing_of_a_foreign_client(
    people: list[tuple[str, str]],
    groups: list[tuple[str, str]],
    roles: set[Role],
    kind: PrincipalKind,
    order: list[str],
    which: int,
) -> None:
    own, foreign = order
    principal = Principal(kind, "somebody", frozenset(roles), scopes(own)[which], id="0" * 32)
    with tempfile.TemporaryDirectory() as name, furnished(Path(name)) as made:
        for text, client in people:
            made.services.directory.add(
                LOCAL_ADMIN, NewPerson(upn=f"{text}@{client}.com", client=client, site=site(client))
            )
        for text, client in groups:
            made.services.directory.add_group(LOCAL_ADMIN, NewGroup(name=f"{text}-{client}", client=client))
        found, before = list(methods(made)), belongings(made, foreign)
        assert len(found) > 60
        for method in found:
            for client in order:
                try:
                    answer = method.call(principal, **method.arguments(client, made.clock.now()))
                    answer = list(answer) if isinstance(answer, Iterator) else answer
                except HolofleetError:
                    continue
                if client == own:
                    assert MARKS[foreign] not in repr(answer).casefold(), f"{method.name}: {answer!r}"
        assert belongings(made, foreign) == before


STEPS = st.lists(st.tuples(st.sampled_from(["give", "take", "leave"]), st.integers(0, 3)), max_size=12)


@BOUNDED
@given(STEPS)
def test_AUTHZ_3_DIR_2_an_administrator_of_everything_stays_and_who_left_has_nothing(
    steps: list[tuple[str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as name, furnished(Path(name)) as made:
        directory, left = made.services.directory, set[int]()
        ids = [directory.add(LOCAL_ADMIN, NewPerson(upn=f"p{n}@contoso.com", client="own")).id for n in range(4)]
        directory.give_role(LOCAL_ADMIN, ids[0], Role.ADMINISTRATOR)
        for one in ids:
            directory.change(LOCAL_ADMIN, one, PersonChange(seen=Scope.every()))
        for act, number in steps:
            try:
                if act == "leave":
                    directory.leave(LOCAL_ADMIN, ids[number])
                    left.add(number)
                elif act == "give":
                    directory.give_role(LOCAL_ADMIN, ids[number], Role.ADMINISTRATOR)
                else:
                    directory.take_role(LOCAL_ADMIN, ids[number], Role.ADMINISTRATOR)
            except ConflictError:
                assert number not in left, "only the last administrator is kept"
            except HolofleetError:
                assert number in left
            rights = [directory.rights(one) for one in ids]
            assert any(one and Role.ADMINISTRATOR in one.roles and one.scope.is_every for one in rights)
            for gone in left:
                assert rights[gone] is None
                assert directory.sign_in_name(f"p{gone}@contoso.com") is None
