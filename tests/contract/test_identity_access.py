"""Sessions, the one-time link and API tokens, on both databases (SECURITY WEB-1, DEF-1, CON-1, D6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from tests.identity import Identity, seed

from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.server.access import is_well_formed
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.storage.database import Database
from holofleet.storage.tables.identity import AUDIT, WEB_SESSION

MINUTE = timedelta(minutes=1)


@pytest.fixture
def identity(database: Database) -> Identity:
    seed(database)
    return Identity(database)


def _cookie(identity: Identity) -> str:
    opened = identity.access.redeem(identity.access.one_time_link().token)
    assert opened is not None
    return opened.cookie


def _acts(identity: Identity) -> list[tuple[str, str]]:
    with identity.database.read() as connection:
        rows = connection.execute(select(AUDIT.c.actor, AUDIT.c.action).order_by(AUDIT.c.sequence))
        return [(row.actor, row.action) for row in rows]


def test_DEF_1_the_link_opens_one_session_with_every_right_once(identity: Identity) -> None:
    link = identity.access.one_time_link()
    opened = identity.access.redeem(link.token)
    assert opened is not None
    assert opened.principal.kind is PrincipalKind.PERSON
    assert opened.principal.roles == {Role.ADMINISTRATOR}
    assert identity.access.session(opened.cookie) == opened.principal
    assert identity.access.redeem(link.token) is None
    assert _acts(identity) == [("person:one-time-link", "sign-in")]


def test_DEF_1_the_link_lives_fifteen_minutes(identity: Identity) -> None:
    link = identity.access.one_time_link()
    identity.clock.advance(15 * MINUTE)
    assert identity.access.redeem(link.token) is None


def test_DEF_1_a_new_link_voids_the_one_before(identity: Identity) -> None:
    first = identity.access.one_time_link()
    second = identity.access.one_time_link()
    assert identity.access.redeem(first.token) is None
    assert identity.access.redeem(second.token) is not None


def test_DEF_1_a_link_redeemed_at_once_by_many_opens_one_session(identity: Identity) -> None:
    token = identity.access.one_time_link().token
    with ThreadPoolExecutor(8) as pool:
        opened = [found for found in pool.map(identity.access.redeem, [token] * 16) if found]
    assert len(opened) == 1
    assert len(identity.access.sessions(LOCAL_ADMIN)) == 1


def test_WEB_1_a_session_ends_when_idle_for_thirty_minutes(identity: Identity) -> None:
    cookie = _cookie(identity)
    for _ in range(3):
        identity.clock.advance(29 * MINUTE)
        assert identity.access.session(cookie) is not None
    identity.clock.advance(30 * MINUTE)
    assert identity.access.session(cookie) is None


def test_WEB_1_what_a_page_does_by_itself_keeps_no_session_alive(identity: Identity) -> None:
    cookie = _cookie(identity)
    for _ in range(29):
        identity.clock.advance(MINUTE)
        assert identity.access.session(cookie, touch=False) is not None
    identity.clock.advance(MINUTE)
    assert identity.access.session(cookie, touch=False) is None


def test_WEB_1_a_session_ends_after_twelve_hours_however_busy(identity: Identity) -> None:
    cookie = _cookie(identity)
    for _ in range(12 * 4 - 1):
        identity.clock.advance(15 * MINUTE)
        assert identity.access.session(cookie) is not None
    identity.clock.advance(15 * MINUTE)
    assert identity.access.session(cookie) is None
    assert identity.access.sessions(LOCAL_ADMIN) == ()


def test_WEB_1_a_session_that_was_revoked_or_left_stops_at_once(identity: Identity) -> None:
    revoked, left = _cookie(identity), _cookie(identity)
    session = identity.access.session(revoked)
    assert session is not None
    identity.access.revoke_session(LOCAL_ADMIN, session.id)
    assert identity.access.session(revoked) is None
    identity.access.sign_out(left)
    assert identity.access.session(left) is None
    identity.access.sign_out(left)
    assert _acts(identity)[2:] == [("local-admin", "revoke-session"), ("person:one-time-link", "sign-out")]
    with pytest.raises(NotFoundError):
        identity.access.revoke_session(LOCAL_ADMIN, session.id)


def test_WEB_1_using_a_session_writes_at_most_once_a_minute(identity: Identity) -> None:
    cookie = _cookie(identity)
    writes: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            writes.append(statement)

    event.listen(identity.database.engine, "before_cursor_execute", note)
    for _ in range(30):
        identity.access.session(cookie)
        identity.clock.advance(timedelta(seconds=10))
    event.remove(identity.database.engine, "before_cursor_execute", note)
    assert 3 <= len(writes) <= 5


def test_sessions_that_are_over_are_forgotten_after_a_month(identity: Identity, database: Database) -> None:
    for days in (0, 20, 20):
        identity.clock.advance(timedelta(days=days))
        _cookie(identity)
    with database.read() as connection:
        assert len(connection.execute(select(WEB_SESSION.c.id)).all()) == 2


def test_D6_sessions_and_links_of_an_earlier_epoch_are_void(identity: Identity, database: Database) -> None:
    cookie, link = _cookie(identity), identity.access.one_time_link()
    restored = Identity(database, clock=identity.clock, epoch=2)
    assert restored.access.session(cookie) is None
    assert restored.access.redeem(link.token) is None


def test_WEB_2_the_token_against_forged_requests_is_that_of_one_session(identity: Identity) -> None:
    one, other = _cookie(identity), _cookie(identity)
    token = identity.access.csrf_token(one)
    assert identity.access.csrf_matches(one, token)
    for wrong in ("", token[:-1], token.upper(), "é", identity.access.csrf_token(other)):
        assert not identity.access.csrf_matches(one, wrong)


@pytest.mark.parametrize(
    "text", ["", "x", "hfs_", "hf_" + "0" * 49, "hfs_" + "0" * 49, "\x00", "é" * 53, "a" * 10_000]
)
def test_what_is_no_secret_of_ours_is_nobody(identity: Identity, text: str) -> None:
    assert identity.access.session(text) is None
    assert identity.access.redeem(text) is None
    assert identity.access.principal_of_token(text) is None


def test_CON_1_a_token_is_who_it_was_made_to_be(identity: Identity) -> None:
    issued = identity.access.issue_token(
        LOCAL_ADMIN, "ci", [Role.DEPLOYER, Role.AUDITOR], clients=["own"], expires=timedelta(days=1)
    )
    assert issued.token.startswith("hf_")
    assert is_well_formed(issued.token)
    principal = identity.access.principal_of_token(issued.token)
    assert principal is not None
    assert principal.actor == "token:ci"
    assert principal.roles == {Role.DEPLOYER, Role.AUDITOR}
    assert principal.scope == Scope.of("own")
    identity.clock.advance(timedelta(days=1))
    assert identity.access.principal_of_token(issued.token) is None


def test_CON_1_a_token_lives_ninety_days_unless_told(identity: Identity) -> None:
    issued = identity.access.issue_token(LOCAL_ADMIN, "ci", [Role.VIEWER])
    assert issued.expires_at - identity.clock.now() == timedelta(days=90)


def test_CON_1_a_revoked_token_is_nobody_also_after_an_old_backup(identity: Identity, database: Database) -> None:
    issued = identity.access.issue_token(LOCAL_ADMIN, "ci", [Role.VIEWER])
    kept = identity.access.issue_token(LOCAL_ADMIN, "kept", [Role.VIEWER])
    identity.access.revoke_token(LOCAL_ADMIN, issued.id)
    identity.access.revoke_token(LOCAL_ADMIN, issued.id)
    assert identity.access.principal_of_token(issued.token) is None
    with database.transaction() as connection:  # the backup knew nothing of the revocation
        connection.exec_driver_sql("UPDATE token SET revoked_at = NULL")
    assert identity.access.principal_of_token(issued.token) is None
    assert identity.access.principal_of_token(kept.token) is not None
    assert _acts(identity).count(("local-admin", "revoke-token")) == 1


def test_CON_1_a_token_never_exceeds_its_maker(identity: Identity) -> None:
    limited = Principal(PrincipalKind.PERSON, "p", frozenset({Role.ADMINISTRATOR}), Scope.of("own"))
    with pytest.raises(RefusedError):
        identity.access.issue_token(limited, "ci", [Role.VIEWER], clients=["own"])
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(RefusedError):
            identity.access.issue_token(
                Principal(PrincipalKind.PERSON, "p", frozenset({role}), Scope.every()), "ci", [Role.VIEWER]
            )
    assert identity.access.tokens(LOCAL_ADMIN) == ()


def test_CON_1_two_living_tokens_never_share_a_name(identity: Identity) -> None:
    first = identity.access.issue_token(LOCAL_ADMIN, "ci", [Role.VIEWER])
    with pytest.raises(ConflictError, match="ci"):
        identity.access.issue_token(LOCAL_ADMIN, "ci", [Role.VIEWER])
    identity.access.revoke_token(LOCAL_ADMIN, first.id)
    identity.access.issue_token(LOCAL_ADMIN, "ci", [Role.VIEWER])
    assert identity.audit.verify().intact


@pytest.mark.parametrize(
    ("name", "roles", "life"),
    [
        ("", [Role.VIEWER], 1),
        ("UPPER", [Role.VIEWER], 1),
        ("a b", [Role.VIEWER], 1),
        ("a\nb", [Role.VIEWER], 1),
        ("ok", [], 1),
        ("ok", [Role.VIEWER], 0),
        ("ok", [Role.VIEWER], 367),
    ],
)
def test_CON_1_a_token_outside_the_limits_is_not_made(
    identity: Identity, name: str, roles: list[Role], life: int
) -> None:
    with pytest.raises(InputError):
        identity.access.issue_token(LOCAL_ADMIN, name, roles, expires=timedelta(days=life))


def test_CLI_1_the_local_token_is_the_local_administrator_until_the_next_start(
    identity: Identity, database: Database
) -> None:
    assert identity.access.principal_of_token(identity.local_token) == LOCAL_ADMIN
    assert Identity(database).access.principal_of_token(identity.local_token) is None


def test_WEB_1_no_secret_opens_the_door_of_another(identity: Identity) -> None:
    cookie, link = _cookie(identity), identity.access.one_time_link().token
    token = identity.access.issue_token(LOCAL_ADMIN, "ci", [Role.ADMINISTRATOR]).token
    assert identity.access.principal_of_token(cookie) is None
    assert identity.access.principal_of_token(link) is None
    assert identity.access.session(token) is None
    assert identity.access.session(link) is None
    assert identity.access.redeem(token) is None
    assert identity.access.redeem(cookie) is None
