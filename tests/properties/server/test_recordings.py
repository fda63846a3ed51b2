"""Whatever people say in whatever order: no chunk is kept while somebody in the call has not agreed (AST-4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from tests.contract.test_calls import ADELE, MEGAN, World
from tests.databases import fresh_sqlite
from tests.recordings_world import Recorded, recorded

from holofleet.protocols.signaling import messages
from holofleet.server.assist import Party, Refusal

ACTS = ("ask", "yes", "no", "stop", "join", "leave", "begin", "chunk", "chunk", "replay")
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(("hand", "adele", "megan"))), max_size=16)
OPENING = [("ask", "megan"), ("yes", "hand"), ("begin", "megan"), ("chunk", "megan")]


class Stage:
    """One call after the other, with a simple idea of who agrees now."""

    def __init__(self, world: World, kept: Recorded) -> None:
        self.world, self.kept = world, kept
        world.rooms = kept.rooms
        self.parties: dict[str, Party] = {
            "hand": world.headset("100"),
            "megan": world.expert(MEGAN),
            "adele": world.expert(ADELE),
        }

    def start(self) -> None:
        self.call = self.world.connected(self.parties["hand"], self.parties["megan"])
        self.here, self.agreed, self.asked = {"hand", "megan"}, set[str](), False
        self.recording, self.next, self.stored = "", 0, 0

    def act(self, act: str, who: str) -> None:
        """Do one thing, and what it means by the rules, told anew."""
        world, party = self.world, self.parties[who]
        if act == "join":
            if "adele" in self.here:
                return
            added = world.ask(
                self.parties["megan"], messages.CallAdd, call=self.call, to=self.parties["adele"].key
            )
            if added["type"] == "call.state":
                world.ask(self.parties["adele"], messages.CallAccept, call=self.call)
                self.here.add("adele")
        elif act == "leave":
            if "adele" in self.here:
                world.ask(self.parties["adele"], messages.CallLeave, call=self.call)
                self.here.discard("adele")
                self.agreed.discard("adele")
        elif act == "begin":
            self._begin(party)
        elif act in ("chunk", "replay"):
            again = act == "replay" and self.next > 0
            self._send(party, self.next - 1 if again else self.next, new=not again)
        elif who in self.here:
            self._say(act, who, party)

    def _say(self, act: str, who: str, party: Party) -> None:
        if act == "ask" and who == "megan":
            self.world.ask(party, messages.RecordAsk, call=self.call)
            if not self.asked:
                self.asked, self.agreed = True, {"megan"}
        elif act == "yes":
            self.world.ask(party, messages.RecordAnswer, call=self.call, agree=True)
            if self.asked:
                self.agreed.add(who)
        elif act == "no":
            self.world.ask(party, messages.RecordAnswer, call=self.call, agree=False)
            self.asked, self.agreed = False, set()
        elif act == "stop":
            self.world.ask(party, messages.RecordStop, call=self.call)
            self.asked, self.agreed = False, set()

    @property
    def all_agree(self) -> bool:
        return self.asked and self.here <= self.agreed

    def _begin(self, party: Party) -> None:
        try:
            recording = self.kept.begin(party, self.call)
        except Refusal:
            return
        assert self.all_agree, "a recording began though somebody had not agreed"
        self.recording, self.next = recording, 0

    def _send(self, party: Party, number: int, *, new: bool) -> None:
        before = len(self.kept.files())
        try:
            answered = self.kept.rooms.intake.take(party, self.recording or "0" * 32, number, b"x")
        except Refusal:
            assert len(self.kept.files()) == before, "a refused chunk stayed on the disk"
            return
        if len(self.kept.files()) > before:
            assert self.all_agree, "a chunk was kept though somebody had not agreed"
            assert new
            self.next, self.stored = answered, self.stored + 1

    def end(self) -> None:
        self.world.ask(self.parties["megan"], messages.CallEnd, call=self.call)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("recorded")
    database = fresh_sqlite(folder / "holofleet.db")
    world = World(database)
    yield Stage(world, recorded(database, world.clock, folder / "recordings"))
    database.close()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, opened=st.booleans())
def test_AST_4_no_chunk_is_kept_while_somebody_has_not_agreed(
    stage: Stage, steps: list[tuple[str, str]], opened: bool
) -> None:
    stage.start()
    try:
        for act, who in [*(OPENING if opened else ()), *steps]:
            stage.act(act, who)
        if opened:
            assert stage.stored, "nothing was ever recorded, so nothing was proved"
        event(f"chunks kept: {min(stage.stored, 3)}")
    finally:
        stage.end()
