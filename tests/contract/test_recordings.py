"""Recordings on both databases: taken while everybody agrees, kept sealed, read by few, gone with their key."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from tests.contract.test_calls import ADELE, MEGAN, World, refused
from tests.recordings_world import AUDITOR, Recorded, recorded

from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.protocols.signaling import messages
from holofleet.server.assist import Party, Refusal
from holofleet.server.assist.recordings import MOST, ConsentAct, RecordingIntake
from holofleet.server.authorization import FreshSignInError, Role, Scope
from holofleet.server.sealing import DamagedError
from holofleet.storage.database import Database
from holofleet.storage.identity import StoredAudit, StoredPrivacy
from holofleet.storage.tables.assist import CALL
from holofleet.storage.tables.recordings import CALL_RECORDING, CALL_RECORDING_CHUNK

_POSTGRES = pytest.param("postgresql", marks=pytest.mark.postgres)
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOTH = pytest.mark.parametrize("database_url", ["sqlite", _POSTGRES], indirect=True)
"""What is a matter of statements runs on both; what is a matter of rules on one."""
WHY = "Complaint 7 of the client"


class RecordedWorld(World):
    """A call of a headset and an expert, in which a recording may be asked for."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database)
        self.kept: Recorded = recorded(database, self.clock, folder)
        self.rooms = self.kept.rooms
        self.hand, self.megan = self.headset("100"), self.expert(MEGAN)
        self.call = self.connected(self.hand, self.megan)

    def agree(self, *parties: Party) -> None:
        self.ask(self.megan, messages.RecordAsk, call=self.call)
        for party in parties or (self.hand,):
            self.ask(party, messages.RecordAnswer, call=self.call, agree=True)

    def begun(self) -> str:
        self.agree()
        return self.kept.begin(self.megan, self.call)

    def take(self, recording: str, number: int, body: bytes = b"picture", party: Party | None = None) -> int:
        return self.rooms.intake.take(party or self.megan, recording, number, body)

    def refusal(self, recording: str, number: int, body: bytes = b"x", party: Party | None = None) -> str:
        with pytest.raises(Refusal) as caught:
            self.take(recording, number, body, party)
        return caught.value.rule

    def end(self) -> None:
        self.ask(self.megan, messages.CallEnd, call=self.call)

    def read(self, recording: str) -> bytes:
        media, _ = self.rooms.recordings.open(AUDITOR, recording, WHY)
        return b"".join(media.whole())

    def acts(self) -> list[tuple[str, str]]:
        kinds = {seat.id: str(seat.kind) for seat in self.seats()}
        found = self.rooms.recordings.consents(AUDITOR, self.call)
        return [(kinds.get(one.party, ""), str(one.act)) for one in found]

    def seats(self) -> Any:
        call = self.rooms.store.call(self.call)
        assert call is not None
        return call.seats

    def record(self, recording: str) -> Any:
        return self.rooms.recordings.show(AUDITOR, recording)


@pytest.fixture
def world(database: Database, tmp_path: Path) -> RecordedWorld:
    return RecordedWorld(database, tmp_path / "recordings")


# Only while everybody agrees


@ONE
def test_AST_4_nothing_is_recorded_before_everybody_agreed(world: RecordedWorld) -> None:
    world.ask(world.megan, messages.RecordAsk, call=world.call)
    with pytest.raises(Refusal, match="Not everybody"):
        world.kept.begin(world.megan, world.call)
    world.ask(world.hand, messages.RecordAnswer, call=world.call, agree=True)
    recording = world.kept.begin(world.megan, world.call)
    assert world.take(recording, 0) == 1
    world.end()
    assert world.read(recording) == b"picture"


@BOTH
def test_AST_4_a_chunk_after_an_agreement_was_taken_back_is_refused_and_all_is_gone(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0)
    world.ask(world.hand, messages.RecordAnswer, call=world.call, agree=False)
    assert world.refusal(recording, 1) == "no-such-recording"
    assert world.record(recording).why == "withdrawn"
    assert not world.record(recording).is_there
    with pytest.raises(NotFoundError):
        world.read(recording)
    world.rooms.recordings.expire()
    assert world.kept.files() == []
    assert world.acts() == [("expert", "asked"), ("headset", "agreed"), ("headset", "withdrew")]


@ONE
def test_AST_4_where_the_fleet_file_says_so_what_was_recorded_until_then_is_kept(world: RecordedWorld) -> None:
    from tests.served_assist import fleet

    world.publish(text=fleet().replace("recording: allowed", "recording: allowed, withdrawn: kept"))
    recording = world.begun()
    world.take(recording, 0)
    world.ask(world.hand, messages.RecordStop, call=world.call)
    assert world.refusal(recording, 1) == "no-such-recording"
    assert world.read(recording) == b"picture"


@ONE
def test_AST_4_whoever_joins_ends_a_recording_until_they_agree_too(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0)
    adele = world.expert(ADELE)
    world.ask(world.megan, messages.CallAdd, call=world.call, to=adele.key)
    assert world.take(recording, 1) == 2  # it rings there, and nothing of it is heard yet
    world.ask(adele, messages.CallAccept, call=world.call)
    assert world.refusal(recording, 2) == "no-such-recording"
    with pytest.raises(Refusal, match="Not everybody"):
        world.kept.begin(world.megan, world.call)
    world.ask(adele, messages.RecordAnswer, call=world.call, agree=True)
    second = world.kept.begin(world.megan, world.call)
    assert world.take(second, 0) == 1
    assert world.record(recording).why == "joined"
    assert world.read(recording) == b"picture" * 2


@ONE
def test_AST_4_a_chunk_that_was_on_its_way_while_somebody_withdrew_is_not_kept(
    world: RecordedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = world.begun()
    put = world.kept.shelf.put

    def withdrawn_meanwhile(*given: Any) -> str:
        name = put(*given)
        world.ask(world.hand, messages.RecordAnswer, call=world.call, agree=False)
        return name

    monkeypatch.setattr(world.kept.shelf, "put", withdrawn_meanwhile)
    assert world.refusal(recording, 0) == "consent"
    assert world.kept.files() == []


@ONE
def test_AST_4_only_the_expert_who_asked_brings_chunks(world: RecordedWorld) -> None:
    recording = world.begun()
    lee = world.expert("lee@contoso.com")
    for party in (world.hand, lee):
        assert world.refusal(recording, 0, party=party) == "no-such-recording"
        with pytest.raises(Refusal):
            world.kept.begin(party, world.call)
    world.rooms.intake.finish(lee, recording)
    assert world.take(recording, 0) == 1


@ONE
def test_AST_4_numbers_that_are_forged_or_come_again_change_nothing(world: RecordedWorld) -> None:
    recording = world.begun()
    assert world.refusal(recording, 1) == "order"
    assert world.take(recording, 0, b"first") == 1
    assert world.take(recording, 0, b"other") == 1
    assert world.refusal(recording, 7) == "order"
    assert world.take(recording, 1, b" second") == 2
    assert len(world.kept.files()) == 2
    world.end()
    assert world.refusal(recording, 2) == "no-such-recording"
    assert world.read(recording) == b"first second"


@ONE
def test_AST_4_what_the_rules_forbid_now_is_not_recorded_any_more(world: RecordedWorld) -> None:
    from tests.served_assist import fleet

    recording = world.begun()
    world.publish(text=fleet().replace("recording: allowed", "recording: forbidden"))
    assert world.refusal(recording, 0) == "assist.recording"
    assert world.record(recording).why == "assist.recording"


@ONE
def test_nothing_is_asked_where_the_server_records_nothing(database: Database) -> None:
    world = World(database)
    hand, megan = world.headset("100"), world.expert(MEGAN)
    call = world.connected(hand, megan)
    assert refused(world.ask(megan, messages.RecordAsk, call=call)) == "assist.recording"


@ONE
def test_whoever_is_asked_is_told_how_long_it_is_kept_and_what_taking_back_does(
    world: RecordedWorld,
) -> None:
    world.ask(world.megan, messages.RecordAsk, call=world.call)
    states = [line.body for line in world.told(world.call, world.hand) if line.type == "record.state"]
    assert "30 days" in states[-1]["words"]["kept"]
    assert "is deleted" in states[-1]["words"]["stop"]


# Bounds


def bounded(world: RecordedWorld, **bounds: Any) -> None:
    intake: RecordingIntake = world.rooms.intake
    intake._bounds = replace(MOST, **bounds)


@ONE
def test_more_than_a_chunk_a_rate_a_length_or_a_client_may_bring_is_refused(world: RecordedWorld) -> None:
    recording = world.begun()
    bounded(world, chunk_bytes=10, bits_per_s=80, burst_bytes=10, bytes_per_client=25)
    assert world.refusal(recording, 0, b"x" * 11) == "too-big"
    assert world.refusal(recording, 0, b"") == "malformed"
    assert world.take(recording, 0, b"x" * 10) == 1
    assert world.refusal(recording, 1, b"x") == "rate"
    world.clock.advance(timedelta(seconds=1))
    assert world.take(recording, 1, b"x" * 10) == 2
    world.clock.advance(timedelta(seconds=1))
    assert world.refusal(recording, 2, b"x" * 6) == "quota"
    assert world.record(recording).why == "quota"


@ONE
def test_a_recording_ends_after_four_hours_for_everybody(world: RecordedWorld) -> None:
    recording = world.begun()
    world.clock.advance(timedelta(hours=4, seconds=1))
    assert world.refusal(recording, 0) == "too-long"
    state = [line.body for line in world.told(world.call, world.hand) if line.type == "record.state"][-1]
    assert (state["state"], state["why"]) == ("none", "too-long")


@ONE
def test_a_disk_that_is_almost_full_stops_recordings_and_calls_go_on(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0)
    world.kept.shelf.free = 0.09
    assert world.refusal(recording, 1) == "disk"
    assert world.record(recording).why == "disk"
    call = world.rooms.store.call(world.call)
    assert call is not None
    assert not call.is_over
    assert world.read(recording) == b"picture"


# Kept sealed


@ONE
def test_what_lies_on_the_disk_says_nothing(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0, b"the secret of the valve" * 20)
    (path,) = world.kept.files()
    assert b"secret" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


DAMAGED = "recording-damaged"


@pytest.mark.parametrize("harm", ["changed", "swapped", "gone", "shortened", "another key"])
@ONE
def test_a_recording_that_was_changed_is_noticed_and_said(world: RecordedWorld, harm: str) -> None:
    recording = world.begun()
    for number in range(3):
        world.take(recording, number, bytes([number]) * 100)
    world.end()
    first, second, _ = world.kept.files()
    if harm == "changed":
        first.write_bytes(first.read_bytes()[:-1] + b"?")
    elif harm == "swapped":
        one, two = first.read_bytes(), second.read_bytes()
        first.write_bytes(two)
        second.write_bytes(one)
    elif harm == "gone":
        second.unlink()
    with world.database.transaction() as connection:
        if harm == "shortened":
            last = CALL_RECORDING_CHUNK.c.number == 2
            connection.execute(CALL_RECORDING_CHUNK.delete().where(last))
        if harm == "another key":
            connection.execute(update(CALL_RECORDING).values(key=os.urandom(60)))
    with pytest.raises(DamagedError, match=r"damaged|cannot be opened"):
        world.read(recording)
    found = [one for one in StoredAudit(world.database, epoch=1).after(0, 1_000) if one.data.get("act") == DAMAGED]
    assert [one.subject for one in found] == [f"recording:{recording}"]


@ONE
def test_a_part_is_read_as_the_player_asks_for_it(world: RecordedWorld) -> None:
    recording = world.begun()
    for number, part in enumerate((b"0123", b"45", b"6789")):
        world.take(recording, number, part)
    world.end()
    media, _ = world.rooms.recordings.open(AUDITOR, recording, WHY)
    assert media.size == 10
    for first in range(10):
        for last in range(first, 10):
            assert b"".join(media.read(first, last)) == b"0123456789"[first : last + 1]


@ONE
def test_files_that_no_row_names_are_swept_and_young_ones_wait_for_theirs(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0)
    (kept,) = world.kept.files()
    young, old = kept.with_name("000001-young"), kept.with_name("000001-old")
    moment = world.clock.now().timestamp()
    for path, age in ((young, 60), (old, 7_200)):
        path.write_bytes(b"x")
        os.utime(path, (moment - age, moment - age))
    stray = world.kept.folder / ("f" * 32)
    stray.mkdir()
    (stray / "000000-x").write_bytes(b"x")
    world.rooms.recordings.expire()
    assert set(world.kept.files()) == {kept, young}


# Read by few


@ONE
def test_AST_4_reading_needs_the_right_a_fresh_sign_in_and_a_reason_and_is_audited(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0)
    world.end()
    library = world.rooms.recordings
    for role in (Role.VIEWER, Role.HELPDESK, Role.DEPLOYER):
        with pytest.raises(RefusedError):
            library.open(replace(AUDITOR, roles=frozenset({role})), recording, WHY)
    with pytest.raises(FreshSignInError):
        library.open(replace(AUDITOR, stale=True), recording, WHY)
    with pytest.raises(InputError):
        library.open(AUDITOR, recording, "  ")
    foreign = replace(AUDITOR, scope=Scope.of("northwind"))
    for look in (lambda: library.open(foreign, recording, WHY), lambda: library.show(foreign, recording)):
        with pytest.raises(NotFoundError):
            look()
    assert library.listed(foreign)[0] == ()
    assert library.consents(foreign, world.call) == ()
    assert world.read(recording) == b"picture"
    read = [one for one in StoredAudit(world.database, epoch=1).after(0, 1_000) if one.data.get("act") == "read"]
    assert [(one.actor, one.action, one.data["reason"]) for one in read] == [
        ("person:alex@contoso.com", "read-recordings", WHY)
    ]


@ONE
def test_AST_4_a_pass_is_for_one_session_one_recording_and_one_hour(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0)
    second = world.kept.begin(world.megan, world.call)
    world.take(second, 0)
    world.end()
    library = world.rooms.recordings
    _, shown = library.open(AUDITOR, recording, WHY)
    stale = replace(AUDITOR, stale=True)
    assert b"".join(library.again(stale, recording, shown).whole()) == b"picture"
    for principal, key, text in (
        (replace(AUDITOR, id="s-2"), recording, shown),
        (AUDITOR, second, shown),
        (AUDITOR, recording, shown[:-1] + ("0" if shown[-1] != "0" else "1")),
        (AUDITOR, recording, f"9{shown}"),
        (AUDITOR, recording, ""),
    ):
        with pytest.raises(NotFoundError):
            library.again(principal, key, text)
    world.clock.advance(timedelta(hours=1))
    with pytest.raises(NotFoundError):
        library.again(AUDITOR, recording, shown)


# Gone with the key


@BOTH
def test_a_recording_goes_after_its_time_unless_it_is_held(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0)
    held = world.kept.begin(world.megan, world.call)
    world.take(held, 0)
    world.end()
    library = world.rooms.recordings
    library.hold(AUDITOR, held, WHY)
    world.clock.advance(timedelta(days=29))
    library.expire()
    assert world.record(recording).is_there
    world.clock.advance(timedelta(days=400))
    library.expire()
    assert world.record(recording).why == "retention"
    assert world.read(held) == b"picture"
    world.rooms.watch.forget()
    with world.database.read() as connection:
        assert connection.execute(select(CALL.c.id)).scalars().all() == [world.call]
    library.lift(AUDITOR, held, WHY)
    library.expire()
    world.rooms.watch.forget()
    assert world.kept.files() == []
    with world.database.read() as connection:
        assert connection.execute(select(CALL.c.id)).scalars().all() == []


@ONE
def test_what_is_held_or_goes_on_is_not_deleted(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0)
    library = world.rooms.recordings
    with pytest.raises(ConflictError, match="goes on"):
        library.delete(AUDITOR, recording, WHY)
    world.end()
    library.hold(AUDITOR, recording, WHY)
    with pytest.raises(ConflictError, match="held"):
        library.delete(AUDITOR, recording, WHY)
    library.lift(AUDITOR, recording, WHY)
    library.delete(AUDITOR, recording, WHY)
    assert world.kept.files() == []
    with world.database.read() as connection:
        assert connection.execute(select(CALL_RECORDING.c.key)).scalar() is None
        assert connection.execute(select(CALL_RECORDING_CHUNK.c.header)).all() == []


@ONE
def test_erasing_a_person_deletes_the_recordings_of_their_calls(world: RecordedWorld) -> None:
    recording = world.begun()
    world.take(recording, 0)
    held = world.kept.begin(world.megan, world.call)
    world.take(held, 0)
    world.end()
    world.rooms.recordings.hold(AUDITOR, held, WHY)
    from holofleet.storage.assist.forgetting import forget_recordings_of, recordings_of_person

    with world.database.transaction() as connection:
        assert len(recordings_of_person(connection, world.megan.key)) == 2
        assert forget_recordings_of(connection, world.megan.key, at=world.clock.now()) == (1, 1)
    assert world.record(recording).why == "erased"
    assert world.read(held) == b"picture"
    assert StoredPrivacy(world.database, epoch=1).find(MEGAN) == world.megan.key


# A process that is killed


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.recordings_world import recorded
from holofleet.clock import SetClock
from holofleet.storage.database import Database
database = Database.open(sys.argv[2])
kept = recorded(database, SetClock(datetime.fromisoformat(sys.argv[6])), Path(sys.argv[3]))
put = kept.shelf.put
def killed(*given):
    put(*given)
    os.kill(os.getpid(), signal.SIGKILL)
kept.shelf.put = killed
kept.rooms.intake.take(kept.rooms.parties.expert(sys.argv[4]), sys.argv[5], 1, b"half")
"""


@BOTH
def test_a_server_killed_in_the_middle_of_a_chunk_takes_it_again(world: RecordedWorld, database_url: str) -> None:
    recording = world.begun()
    world.take(recording, 0, b"first")
    arguments = (
        str(Path.cwd()), database_url, str(world.kept.folder), world.megan.key, recording,
        world.clock.now().isoformat(),
    )  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert len(world.kept.files()) == 2
    assert world.take(recording, 1, b" second") == 2
    world.end()
    assert world.read(recording) == b"first second"
    world.clock.advance(timedelta(days=1))
    for path in world.kept.files():
        os.utime(path, (0, 0))
    world.rooms.recordings.expire()
    assert len(world.kept.files()) == 2
    assert ConsentAct.AGREED in {one.act for one in world.rooms.recordings.consents(AUDITOR, world.call)}
