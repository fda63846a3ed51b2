"""Whatever a headset says, no process stops and nothing of another headset changes."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.databases import fresh_sqlite
from tests.management_world import CAMERA, LOCK, SERIAL, USB, World, fleet_of
from tests.scripted_headset import URL, ScriptedHeadset

from holofleet.protocols.syncml import (
    Alert,
    AnyCommand,
    Atomic,
    Delete,
    Get,
    Header,
    Item,
    Message,
    Replace,
    Results,
    Status,
    parse,
    render,
)
from holofleet.server.authorization import Scope
from holofleet.server.compliance import Compliance
from holofleet.storage.database import Database, sqlite_url

OTHER = "003421700102"
URIS = st.sampled_from(
    [CAMERA, USB, LOCK, CAMERA.removeprefix("./"), "./DevDetail/SwV", "./DevInfo/Mod", "", ".", "/x", "./a//b"]
) | st.text(max_size=40, alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FFF))
TEXTS = st.sampled_from(["", "0", "1", "true", "10.0.22621.1", SERIAL, OTHER]) | st.text(
    max_size=60, alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FFF)
)
ITEMS = st.builds(
    Item,
    target=URIS,
    source=URIS,
    format=TEXTS,
    type=TEXTS,
    data=TEXTS | st.none(),
    more_data=st.booleans(),
    size=st.none(),
    mark=st.just(""),
)
IDS = st.integers(1, 12).map(str)
CODES = st.sampled_from([200, 202, 212, 214, 215, 304, 400, 401, 403, 404, 405, 406, 418, 425, 500, 507, 516, 999])
COMMANDS: st.SearchStrategy[AnyCommand] = st.one_of(
    st.builds(
        Status,
        IDS,
        st.integers(0, 4),
        st.integers(0, 12).map(str),
        st.sampled_from(["Get", "Replace", "Exec", "SyncHdr"]),
        CODES,
        target_refs=st.lists(URIS, max_size=2).map(tuple),
        source_refs=st.just(()),
        chal=st.none(),
        items=st.just(()),
    ),
    st.builds(Results, IDS, st.integers(0, 4), IDS, st.lists(ITEMS, max_size=3).map(tuple)),
    st.builds(
        Alert, IDS, st.sampled_from([1200, 1201, 1222, 1223, 1224, 1226]), st.lists(ITEMS, max_size=2).map(tuple)
    ),
    st.builds(Get, IDS, st.lists(ITEMS, min_size=1, max_size=2).map(tuple)),
    st.builds(Delete, IDS, st.lists(ITEMS, min_size=1, max_size=2).map(tuple)),
    st.builds(Replace, IDS, st.lists(ITEMS, min_size=1, max_size=2).map(tuple)),
    st.builds(lambda cmd_id, item: Atomic(cmd_id, (Replace("77", (item,)),)), IDS, ITEMS),
)
STEPS = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["1", "2"]), st.lists(COMMANDS, max_size=6), st.booleans()),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which a neighbour has converged and a hostile headset has enrolled."""
    path = tmp_path_factory.mktemp("begun") / "begun.db"
    database = fresh_sqlite(path)
    world = World(database)
    world.publish(fleet_of(serials=(SERIAL, OTHER)))
    neighbour = ScriptedHeadset("neighbour", serial=OTHER)
    world.enroll(neighbour)
    world.check_in(neighbour)
    world.enroll(ScriptedHeadset("hostile"))
    database.close()
    return path


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_any_message_is_answered_and_harms_nobody(
    begun: Path, steps: list[tuple[int, str, list[AnyCommand], bool]]
) -> None:
    neighbour, hostile = ScriptedHeadset("neighbour", serial=OTHER), ScriptedHeadset("hostile")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        shutil.copy(begun, path)
        database = Database.open(sqlite_url(path))
        world = World(database)
        before = world.service.authenticate(world.certificate(neighbour))
        for number, session, commands, final in steps:
            message = Message(Header(session, number, URL, "hostile"), tuple(commands), final)
            status, body = world.exchange(hostile, render(message))
            assert status in (200, 403)
            if status == 200:
                first = parse(body).commands[0]
                assert isinstance(first, Status)
                assert first.cmd == "SyncHdr"
        assert world.service.authenticate(world.certificate(neighbour)) == before
        assert world.word(OTHER) is Compliance.COMPLIANT
        world.detail(SERIAL)
        world.fleet.drift(Scope.every())
        database.close()
