"""Authorization against the reviewed matrix (SECURITY AUTHZ-1, AUTHZ-2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from holofleet.errors import NotFoundError, RefusedError
from holofleet.server.authorization import (
    JOB,
    LOCAL_ADMIN,
    STRANGER,
    Action,
    Principal,
    PrincipalKind,
    Role,
    Scope,
    Target,
    permit,
)

_LINES = [
    line.split()
    for line in (Path(__file__).parent / "permit-matrix.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
_COLUMNS = _LINES[0][1:]
_ROWS = {line[0]: dict(zip(_COLUMNS, line[1:], strict=True)) for line in _LINES[1:]}
_TARGETS = (Target(client="own", enrollment="e1"), Target(client="fabrikam", enrollment="e2"), Target())


def _principal(column: str) -> Principal:
    fixed = {"stranger": STRANGER, "job": JOB, "local-admin": LOCAL_ADMIN}
    if column in fixed:
        return fixed[column]
    if column == "headset":
        return Principal(PrincipalKind.HEADSET, "e1", frozenset(), Scope.of("own"))
    role, _, limited = column.partition("@")
    kind = PrincipalKind.TOKEN if limited else PrincipalKind.PERSON
    return Principal(kind, "somebody", frozenset({Role(role)}), _SCOPES[limited])


_SCOPES = {
    "": Scope.every(),
    "own": Scope.of("own"),
    "plant": Scope(frozenset({"own"}), frozenset({"plant-3"})),
}


def test_AUTHZ_1_the_matrix_names_every_action_and_every_role_once() -> None:
    assert [line[0] for line in _LINES[1:]] == [str(action) for action in Action]
    roles = [str(role) for role in Role]
    limited = [f"{role}@{part}" for part in ("own", "plant") for role in roles]
    assert ["stranger", "headset", "job", "local-admin", *roles, *limited] == _COLUMNS


@pytest.mark.parametrize("action", list(Action))
def test_AUTHZ_1_every_cell_is_decided_as_reviewed(action: Action) -> None:
    for column in _COLUMNS:
        answers = ""
        for target in _TARGETS:
            decision = permit(_principal(column), action, target)
            answers += "y" if decision.allowed else "x" if decision.foreign else "-"
        assert answers == _ROWS[action][column], column


@pytest.mark.parametrize("action", list(Action))
def test_AUTHZ_1_roles_on_a_kind_that_holds_none_give_nothing(action: Action) -> None:
    bare = Principal(PrincipalKind.HEADSET, "e1", frozenset(), Scope.every())
    dressed = Principal(PrincipalKind.HEADSET, "e1", frozenset(Role), Scope.every())
    for target in _TARGETS:
        assert permit(dressed, action, target) == permit(bare, action, target)


@pytest.mark.parametrize("action", list(Action))
def test_AUTHZ_1_an_empty_scope_sees_no_client(action: Action) -> None:
    nobody = Principal(PrincipalKind.PERSON, "p", frozenset(Role), Scope.of())
    if action.reach in ("placed", "client", "filtered"):
        assert not permit(nobody, action, Target.of_client("own")).allowed


def test_ISO_2_a_foreign_thing_looks_like_no_thing_but_only_to_those_who_may_act() -> None:
    deployer = Principal(PrincipalKind.TOKEN, "ci", frozenset({Role.DEPLOYER}), Scope.of("own"))
    with pytest.raises(NotFoundError):
        permit(deployer, Action.ORDER_WIPE, Target.of_client("fabrikam")).require()
    viewer = Principal(PrincipalKind.TOKEN, "ci", frozenset({Role.VIEWER}), Scope.of("own"))
    with pytest.raises(RefusedError):
        permit(viewer, Action.ORDER_WIPE, Target.of_client("fabrikam")).require()


def test_AUTHZ_1_a_headset_without_an_enrollment_checks_in_nowhere() -> None:
    nameless = Principal(PrincipalKind.HEADSET, "", frozenset(), Scope.of("own"))
    assert not permit(nameless, Action.CHECK_IN, Target(enrollment="")).allowed
    assert not permit(nameless, Action.CHECK_IN, Target()).allowed


def test_a_scope_covers_what_is_inside_it_and_nothing_more() -> None:
    assert Scope.every().covers(Scope.every())
    assert Scope.every().covers(Scope.of("own"))
    assert not Scope.of("own").covers(Scope.every())
    assert Scope.of("own", "fabrikam").covers(Scope.of("own"))
    assert not Scope.of("own").covers(Scope.of("own", "fabrikam"))


def test_a_scope_covers_another_only_in_each_of_its_parts() -> None:
    site, other, deployment = frozenset({"plant-3"}), frozenset({"plant-4"}), frozenset({"line"})
    part = Scope(None, site | other, deployment)
    assert part.covers(Scope(frozenset({"own"}), site, deployment))
    assert not part.covers(Scope(None, site))
    assert not part.covers(Scope(None, None, deployment))
    assert not Scope(None, site).covers(Scope(None, other))
    assert not Scope(frozenset({"own"}), site).covers(Scope(None, site))
    assert not part.is_every
