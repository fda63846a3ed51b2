"""Enrollment credentials, on both databases (SECURITY ENR-3, ISO-1, ISO-2)."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from sqlalchemy import event
from tests.identity import Identity, seed

from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.credentials import CredentialRefusedError, IssuedCredential, Refusal
from holofleet.server.credentials.password import ALPHABET, LETTERS
from holofleet.server.enrollment import EnrollmentFaultError
from holofleet.storage.database import Database

LENDER = Principal(PrincipalKind.TOKEN, "lender", frozenset({Role.DEPLOYER}), Scope.of("fabrikam"))


@pytest.fixture
def identity(database: Database) -> Identity:
    seed(database)
    return Identity(database)


def _refusal(identity: Identity, username: str, password: str) -> Refusal:
    with pytest.raises(CredentialRefusedError) as caught:
        identity.credentials.verify(username, password)
    return caught.value.refusal


def _wrong(identity: Identity, credential: IssuedCredential, times: int = 1) -> list[Refusal]:
    return [_refusal(identity, credential.username, "aaaaaa-aaaaaa-aaaaaa-aaaaaa") for _ in range(times)]


def test_ENR_3_a_password_has_at_least_115_random_bits() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert LETTERS * math.log2(len(ALPHABET)) >= 115


def test_ENR_3_a_credential_is_for_one_headset_and_a_day_unless_told(identity: Identity) -> None:
    issued = identity.credentials.issue(LOCAL_ADMIN, "assembly")
    assert (issued.uses, issued.expires_at - identity.clock.now()) == (1, timedelta(hours=24))
    assert issued.username.endswith("@assembly.holofleet.internal")
    found = identity.credentials.verify(issued.username, issued.password)
    assert (found.id, found.deployment, found.client) == (issued.id, "assembly", "own")


def test_a_person_may_type_it_in_any_case_and_without_hyphens(identity: Identity) -> None:
    issued = identity.credential()
    for name, password in (
        (issued.username.upper(), issued.password.upper()),
        (f"  {issued.username} ", issued.password.replace("-", "")),
    ):
        assert identity.credentials.verify(name, password).id == issued.id


def test_ENR_3_one_credentials_password_opens_no_other(identity: Identity) -> None:
    one, other = identity.credential(), identity.credential()
    assert _refusal(identity, one.username, other.password) is Refusal.WRONG


@pytest.mark.parametrize(
    "username", ["", "x", "enroll-aaaaaaaaaa@assembly.holofleet.internal", "a\x01b", "'; --", "é" * 400]
)
def test_ENR_3_an_unknown_name_costs_no_write(identity: Identity, username: str) -> None:
    statements: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        statements.append(statement.split()[0].upper())

    for engine in {identity.database.engine, identity.database.reader}:
        event.listen(engine, "before_cursor_execute", note)
    assert _refusal(identity, username, "password") is Refusal.WRONG
    assert set(statements) <= {"SELECT", "BEGIN"}


def test_ENR_3_ten_wrong_passwords_pause_a_credential_for_fifteen_minutes(identity: Identity) -> None:
    issued, neighbour = identity.credential(), identity.credential()
    assert _wrong(identity, issued, 10) == [Refusal.WRONG] * 10
    assert _refusal(identity, issued.username, issued.password) is Refusal.PAUSED
    assert identity.credentials.verify(neighbour.username, neighbour.password).id == neighbour.id
    identity.clock.advance(timedelta(minutes=15))
    assert identity.credentials.verify(issued.username, issued.password).id == issued.id
    assert _wrong(identity, issued, 9) == [Refusal.WRONG] * 9
    assert identity.credentials.verify(issued.username, issued.password).id == issued.id


def test_ENR_3_nine_wrong_passwords_in_ten_minutes_pause_nothing(identity: Identity) -> None:
    issued = identity.credential()
    for _ in range(4):
        _wrong(identity, issued, 9)
        identity.clock.advance(timedelta(minutes=10))
    assert identity.credentials.verify(issued.username, issued.password).id == issued.id


def test_ENR_3_a_pause_survives_a_restart(identity: Identity, database: Database) -> None:
    issued = identity.credential()
    _wrong(identity, issued, 10)
    assert _refusal(Identity(database, clock=identity.clock), issued.username, issued.password) is Refusal.PAUSED


@pytest.mark.parametrize(
    ("uses", "life"),
    [
        (0, timedelta(hours=1)),
        (-1, timedelta(hours=1)),
        (10_001, timedelta(hours=1)),
        (1, timedelta(days=31)),
        (1, timedelta(0)),
    ],
)
def test_ENR_3_a_credential_outside_the_limits_is_not_made(identity: Identity, uses: int, life: timedelta) -> None:
    with pytest.raises(InputError):
        identity.credentials.issue(LOCAL_ADMIN, "assembly", uses=uses, expires=life)
    assert identity.credentials.listed(LOCAL_ADMIN) == ()


def test_ISO_2_a_foreign_deployment_looks_like_none(identity: Identity) -> None:
    answers = []
    for deployment in ("assembly", "nowhere"):
        with pytest.raises(NotFoundError) as caught:
            identity.credentials.issue(LENDER, deployment)
        answers.append(type(caught.value))
    assert answers[0] is answers[1]
    assert identity.credentials.issue(LENDER, "loans").client == "fabrikam"


def test_ISO_1_nobody_sees_or_revokes_a_foreign_credential(identity: Identity) -> None:
    own = identity.credential("assembly")
    lent = identity.credential("loans")
    assert [found.id for found in identity.credentials.listed(LENDER)] == [lent.id]
    for credential_id in (own.id, "0" * 32):
        with pytest.raises(NotFoundError):
            identity.credentials.revoke(LENDER, credential_id)
    assert identity.credentials.verify(own.username, own.password).id == own.id
    identity.credentials.revoke(LENDER, lent.id)
    assert _refusal(identity, lent.username, lent.password) is Refusal.REVOKED


def test_AUTHZ_1_a_viewer_makes_no_credential(identity: Identity) -> None:
    viewer = Principal(PrincipalKind.TOKEN, "v", frozenset({Role.VIEWER, Role.HELPDESK}), Scope.every())
    for act in (
        lambda: identity.credentials.issue(viewer, "assembly"),
        lambda: identity.credentials.issue(viewer, "nowhere"),
        lambda: identity.credentials.listed(viewer),
        lambda: identity.credentials.revoke(viewer, "0" * 32),
    ):
        with pytest.raises(RefusedError):
            act()


def test_ENR_3_what_is_told_before_proof_does_not_depend_on_the_state_of_the_credential(
    identity: Identity,
) -> None:
    """Who does not know the password learns neither that a name exists nor that it was revoked or expired."""
    living, revoked, unknown = (
        identity.credential(),
        identity.credential(),
        "enroll-zzzzzzzzzz@x.holofleet.internal",
    )
    identity.credentials.revoke(LOCAL_ADMIN, revoked.id)
    told = set()
    for username in (living.username, revoked.username, unknown):
        with pytest.raises(CredentialRefusedError) as caught:
            identity.credentials.verify(username, "guess")
        told.add(str(EnrollmentFaultError.of_credential(caught.value).fault))
    assert len(told) == 1
