"""What people may ask of the audit log, on both databases (SECURITY AUD-2, ISO-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from tests.identity import NOW, Identity, audit_service, seed
from tests.postgres import as_owner

from holofleet.clock import SetClock
from holofleet.errors import InputError, RefusedError
from holofleet.server.audit import AuditQuery, AuditRecord, AuditService
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.storage.database import Database


def person(role: Role, *clients: str) -> Principal:
    scope = Scope(frozenset(clients)) if clients else LOCAL_ADMIN.scope
    return Principal(PrincipalKind.TOKEN, "ci", frozenset({role}), scope)


@pytest.fixture
def identity(database: Database) -> Identity:
    seed(database)
    made = Identity(database)
    for number, client in enumerate(("own", "fabrikam", "own", "")):
        record = AuditRecord("token:ci", "order-wipe", f"headset:{number}", client, {"n": number})
        made.audit.record(record, at=NOW + timedelta(hours=number))
    return made


@pytest.fixture
def log(identity: Identity) -> AuditService:
    return audit_service(identity.database, identity.clock)


def subjects(log: AuditService, query: AuditQuery, principal: Principal = LOCAL_ADMIN) -> list[str]:
    return [link.subject for link in log.search(principal, query)]


def test_a_search_narrows_by_everything_that_it_names(log: AuditService) -> None:
    assert subjects(log, AuditQuery()) == ["headset:3", "headset:2", "headset:1", "headset:0"]
    assert subjects(log, AuditQuery(subject="headset:2", actor="token:ci", action="order-wipe")) == ["headset:2"]
    assert subjects(log, AuditQuery(client="fabrikam")) == ["headset:1"]
    hours = (NOW + timedelta(hours=1), NOW + timedelta(hours=3))
    assert subjects(log, AuditQuery(since=hours[0], until=hours[1])) == ["headset:2", "headset:1"]
    assert subjects(log, AuditQuery(subject="headset:%")) == []
    assert subjects(log, AuditQuery(actor="x' OR '1'='1")) == []


def test_ISO_2_who_sees_some_clients_only_reads_nothing_of_the_log(log: AuditService) -> None:
    limited = person(Role.AUDITOR, "fabrikam")
    for act in (
        lambda: log.search(limited, AuditQuery(client="fabrikam")),
        lambda: log.export(limited, after=0, limit=10),
        lambda: log.verify(limited),
        lambda: log.checkpoint(limited),
    ):
        with pytest.raises(RefusedError):
            act()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.HELPDESK, Role.DEPLOYER])
def test_who_is_no_auditor_is_refused(log: AuditService, role: Role) -> None:
    with pytest.raises(RefusedError):
        log.search(person(role), AuditQuery())
    with pytest.raises(RefusedError):
        log.checkpoint(person(role))


def test_AUD_2_a_checkpoint_that_was_kept_shows_a_tail_that_was_cut(identity: Identity, log: AuditService) -> None:
    kept = log.checkpoint(LOCAL_ADMIN)
    assert log.verify(LOCAL_ADMIN, [kept.line]).verification.intact
    _cut_last(identity.database)
    assert log.verify(LOCAL_ADMIN).verification.intact
    proof = log.verify(LOCAL_ADMIN, [kept.line]).verification
    assert not proof.intact
    assert "record 4, which is gone" in proof.problem


def _cut_last(database: Database) -> None:
    drop = (
        "DROP TRIGGER audit_no_delete"
        if database.dialect == "sqlite"
        else "DROP TRIGGER audit_append_only ON audit"
    )
    with as_owner(database) as connection:
        connection.execute(text(drop))
        connection.execute(text("DELETE FROM audit WHERE sequence = 4"))
        connection.execute(
            text("UPDATE audit_head SET sequence = 3, hash = (SELECT hash FROM audit WHERE sequence = 3)")
        )


def test_AUD_2_a_checkpoint_of_an_earlier_year_still_counts_and_a_foreign_one_does_not(identity: Identity) -> None:
    clock = SetClock(NOW)
    log = audit_service(identity.database, clock)
    kept = log.checkpoint(LOCAL_ADMIN)
    clock.advance(timedelta(days=800))
    assert [a.sequence for a in log.verify(LOCAL_ADMIN, [kept.line]).verification.anchors] == [4]
    assert log.checkpoint(LOCAL_ADMIN).key != kept.key
    stranger = AuditService(identity.audit, clock, installation="a" * 32, seed_of_year=lambda year: b"x" * 32)
    proof = log.verify(LOCAL_ADMIN, [stranger.checkpoint(LOCAL_ADMIN).line])
    assert (proof.foreign, proof.verification.anchors) == (1, ())


def test_AUD_2_a_line_that_was_changed_is_no_checkpoint(log: AuditService) -> None:
    line = log.checkpoint(LOCAL_ADMIN).line
    for spoilt in (line.replace(" 4 ", " 3 ", 1), line[:-6] + "AAAA==", line + " x", "", "holofleet-checkpoint/1"):
        if spoilt:
            with pytest.raises(InputError):
                log.verify(LOCAL_ADMIN, [spoilt])


def test_an_export_holds_everything_that_the_hashes_cover(log: AuditService) -> None:
    first = log.export(LOCAL_ADMIN, after=0, limit=3)
    assert [link.sequence for link in (*first, *log.export(LOCAL_ADMIN, after=3, limit=3))] == [1, 2, 3, 4]
