"""Checkpoints by themselves, and cutting old records with a proof, on both databases (SECURITY AUD-1, AUD-2)."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.identity import NOW, Identity, audit_service, seed
from tests.postgres import as_owner

from holofleet.clock import SetClock
from holofleet.errors import HolofleetError, InputError, PeerError, RefusedError
from holofleet.server.audit import (
    AuditRecord,
    AuditService,
    CheckpointKeeper,
    Outside,
    RetentionService,
    outside,
)
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.storage.database import Database
from holofleet.storage.identity import StoredRetention

YEAR = timedelta(days=365)


class Elsewhere:
    """A place outside that can be away."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.away = False

    def send(self, line: str) -> None:
        if self.away:
            raise PeerError("nobody answers")
        self.lines.append(line)


class World:
    def __init__(self, database: Database) -> None:
        seed(database)
        self.database = database
        self.clock = SetClock(NOW)
        self.identity = Identity(database, clock=self.clock)
        self.audit: AuditService = audit_service(database, self.clock)
        self.store = StoredRetention(database, epoch=1)
        self.elsewhere = Elsewhere()
        self.retention = RetentionService(self.store, self.audit, self.clock)

    def keeper(self, place: Outside | None) -> CheckpointKeeper:
        return CheckpointKeeper(self.store, self.clock, sign=self.audit.sign, outside=place)

    def write(self, count: int, **personal: str) -> None:
        for number in range(count):
            record = AuditRecord("token:ci", "order-wipe", f"order:{number}", "own", personal=personal)
            self.identity.audit.record(record, at=self.clock.now())

    def an_old_year(self) -> None:
        """Five records and a checkpoint outside, a year, three records."""
        self.write(5, name="Adele Vance")
        self.keeper(self.elsewhere).run()
        self.clock.advance(YEAR)
        self.write(3)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def _as_owner(database: Database, *statements: str) -> None:
    """Do as somebody would who owns the database."""
    lift = (
        ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", "DROP TRIGGER audit_cut_no_update")
        if database.dialect == "sqlite"
        else ("DROP TRIGGER audit_append_only ON audit", "DROP TRIGGER audit_cut_untouchable ON audit_cut")
    )
    with as_owner(database) as connection:
        for statement in (*lift, *statements):
            connection.execute(text(statement))


def test_AUD_2_a_checkpoint_is_signed_after_an_hour_or_a_thousand_records(world: World) -> None:
    keeper = world.keeper(world.elsewhere)
    keeper.run()
    assert world.elsewhere.lines == []  # nothing to say
    world.write(1)
    keeper.run()
    keeper.run()
    assert len(world.elsewhere.lines) == 1
    world.write(1)
    world.clock.advance(timedelta(minutes=59))
    keeper.run()
    assert len(world.elsewhere.lines) == 1
    world.clock.advance(timedelta(minutes=1))
    keeper.run()
    assert len(world.elsewhere.lines) == 2
    world.clock.advance(timedelta(hours=9))
    keeper.run()
    assert len(world.elsewhere.lines) == 2  # nothing new
    world.write(1_000)
    keeper.run()
    assert len(world.elsewhere.lines) == 3
    proof = world.audit.verify(LOCAL_ADMIN, world.elsewhere.lines)
    assert proof.intact
    assert [anchor.sequence for anchor in proof.verification.anchors] == [1, 2, 1_002]


def test_AUD_2_what_did_not_arrive_outside_is_sent_when_it_can_be(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = world.keeper(world.elsewhere)
    world.elsewhere.away = True
    for _ in range(2):
        world.write(1)
        keeper.run()
        world.clock.advance(timedelta(hours=1))
    assert "waits to be sent" in caplog.text
    assert world.retention.retention(LOCAL_ADMIN).unsent == 2
    world.elsewhere.away = False
    keeper.run()
    assert len(world.elsewhere.lines) == 2
    assert world.retention.retention(LOCAL_ADMIN).unsent == 0


def test_old_records_are_cut_and_what_is_left_is_proved(world: World) -> None:
    world.an_old_year()
    anchor, count = world.retention.cut(LOCAL_ADMIN, world.clock.now() - timedelta(days=200), reason="a year")
    assert (anchor.sequence, count) == (5, 5)
    proof = world.audit.verify(LOCAL_ADMIN, world.elsewhere.lines)
    assert proof.intact
    assert proof.cut_kept_outside
    assert (proof.verification.records, proof.verification.cut is not None) == (4, True)
    assert [link.sequence for link in world.audit.export(LOCAL_ADMIN, after=0, limit=9)] == [6, 7, 8, 9]
    (cut,) = world.retention.retention(LOCAL_ADMIN).cuts
    assert cut.anchor == anchor
    with world.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit_personal")).scalar_one() == 0


def test_after_a_cut_records_are_written_and_cut_again(world: World) -> None:
    world.an_old_year()
    world.retention.cut(LOCAL_ADMIN, world.clock.now() - timedelta(days=200))
    world.keeper(world.elsewhere).run()
    world.clock.advance(YEAR)
    world.write(2)
    anchor, count = world.retention.cut(LOCAL_ADMIN, world.clock.now() - timedelta(days=200))
    assert (anchor.sequence, count) == (9, 4)
    assert world.audit.verify(LOCAL_ADMIN, world.elsewhere.lines).intact


def test_AUD_2_nothing_is_cut_without_a_checkpoint_that_was_kept_outside(world: World) -> None:
    world.write(3)
    world.keeper(None).run()
    kept = world.audit.checkpoint(LOCAL_ADMIN).line
    world.clock.advance(YEAR)
    before = world.clock.now() - timedelta(days=200)
    with pytest.raises(RefusedError, match="no checkpoint"):
        world.retention.cut(LOCAL_ADMIN, before)
    stranger = AuditService(world.store, SetClock(NOW), installation="b" * 32, seed_of_year=lambda year: b"x" * 32)
    with pytest.raises(RefusedError, match="no checkpoint"):
        world.retention.cut(LOCAL_ADMIN, before, [stranger.checkpoint(LOCAL_ADMIN).line])
    with pytest.raises(InputError):
        world.retention.cut(LOCAL_ADMIN, before, ["holofleet-checkpoint/1 x"])
    assert world.retention.cut(LOCAL_ADMIN, before, [kept])[1] == 3


def test_nothing_young_is_cut(world: World) -> None:
    world.an_old_year()
    with pytest.raises(RefusedError, match="180 days are kept"):
        world.retention.cut(LOCAL_ADMIN, world.clock.now() - timedelta(days=10))


def test_AUD_2_a_log_that_was_changed_is_not_cut(world: World) -> None:
    world.an_old_year()
    _as_owner(world.database, "UPDATE audit SET actor = 'token:other' WHERE sequence = 2")
    with pytest.raises(RefusedError, match="was changed"):
        world.retention.cut(LOCAL_ADMIN, world.clock.now() - timedelta(days=200))
    assert world.retention.retention(LOCAL_ADMIN).first == 1


def test_AUD_1_the_database_deletes_nothing_behind_a_cut_and_keeps_the_cut(world: World) -> None:
    world.an_old_year()
    world.retention.cut(LOCAL_ADMIN, world.clock.now() - timedelta(days=200))
    for statement in ("DELETE FROM audit", "UPDATE audit SET actor = ''", "DELETE FROM audit_cut"):
        with pytest.raises(HolofleetError), world.database.transaction() as connection:
            connection.execute(text(statement))
    assert world.audit.verify(LOCAL_ADMIN).verification.records == 4


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (
            (
                "INSERT INTO audit_cut (sequence, hash, line, actor, at) "
                "SELECT sequence, hash, '', 'nobody', 0 FROM audit WHERE sequence = 7",
                "DELETE FROM audit WHERE sequence <= 7",
            ),
            "no record says so",
        ),
        (("UPDATE audit_cut SET line = ''",), "no checkpoint proves it"),
        (("UPDATE audit_cut SET hash = '{other}'",), "does not have the content that was hashed"),
        (("DELETE FROM audit WHERE sequence = 6",), "record 6 is missing"),
        (("UPDATE audit SET data = '{{}}' WHERE sequence = 9",), "does not have the content"),
    ],
)
def test_AUD_2_a_cut_that_was_made_or_changed_by_hand_is_detected(
    world: World, statements: tuple[str, ...], said: str
) -> None:
    world.an_old_year()
    world.retention.cut(LOCAL_ADMIN, world.clock.now() - timedelta(days=200))
    _as_owner(world.database, *(one.format(other="0" * 64) for one in statements))
    proof = world.audit.verify(LOCAL_ADMIN)
    assert not proof.intact
    assert said in proof.problem


def test_AUD_2_the_checkpoint_of_another_record_does_not_prove_a_cut(world: World) -> None:
    world.an_old_year()
    later = world.audit.checkpoint(LOCAL_ADMIN).line
    world.retention.cut(LOCAL_ADMIN, world.clock.now() - timedelta(days=200))
    _as_owner(world.database, f"UPDATE audit_cut SET line = '{later}'")
    assert "not one of this server" in world.audit.verify(LOCAL_ADMIN).problem


def test_AUTHZ_2_an_auditor_reads_and_only_an_administrator_of_everything_cuts(world: World) -> None:
    world.an_old_year()
    before = world.clock.now() - timedelta(days=200)
    auditor = Principal(PrincipalKind.TOKEN, "ci", frozenset({Role.AUDITOR}), Scope.every())
    limited = Principal(PrincipalKind.TOKEN, "ci", frozenset({Role.ADMINISTRATOR}), Scope.of("own"))
    assert world.retention.retention(auditor).last == 8
    for principal in (auditor, limited):
        with pytest.raises(RefusedError):
            world.retention.cut(principal, before)


# Where checkpoints go.


def test_a_file_gets_one_line_after_another_and_a_link_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    place = outside(str(path), SetClock(NOW))
    place.send("one")
    place.send("two")
    assert path.read_text() == "one\ntwo\n"
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    with pytest.raises(PeerError):
        outside(str(link), SetClock(NOW)).send("three")


def test_syslog_over_udp_and_tcp_gets_a_message_of_rfc_5424() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(5)
        outside(f"syslog://127.0.0.1:{udp.getsockname()[1]}", SetClock(NOW)).send("a line")
        datagram = udp.recv(2048)
    assert datagram.startswith(b"<109>1 2026-03-02T09:00:00.000Z ")
    assert datagram.endswith(b" checkpoint - a line")
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        tcp.settimeout(5)
        outside(f"syslog+tcp://127.0.0.1:{tcp.getsockname()[1]}", SetClock(NOW)).send("a line")
        peer, _ = tcp.accept()
        with peer:
            length, _, message = peer.recv(2048).partition(b" ")
    assert (int(length), message[:6]) == (len(message), b"<109>1")


@pytest.mark.parametrize("wrong", ["http://x", "syslog://", "syslog://h:0x1", "syslog://u@h", "/no/such/folder/f"])
def test_what_is_no_place_is_refused(wrong: str) -> None:
    with pytest.raises(InputError):
        outside(wrong, SetClock(NOW))


def test_a_place_that_does_not_answer_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(PeerError, match="syslog does not answer"):
        outside(f"syslog+tcp://127.0.0.1:{port}", SetClock(NOW)).send("x")
