"""The server is killed at every point of its work with the database; nothing is lost, doubled or a lie.

A process of its own dies by SIGKILL after each read, before each commit and after each commit of an enrollment
and of sessions that converge, mend, restart and wipe. It is started again, and the headset goes on: it repeats
its message, or it has lost its power and begins a new session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from tests.faults.forked_server import ForkedServer, Launcher
from tests.faults.story import Story

from holofleet.simulator import Credential
from holofleet.simulator.network import PowerLostError
from holofleet.storage.database import Database, sqlite_url
from holofleet.storage.identity import StoredAudit


async def run_once(server: ForkedServer, credential: Credential, at: int, *, repeat: bool) -> int:
    """Run the story with a death at point ``at`` (0 for none); return how many points there were."""
    counter = server.launcher.counter
    counter.set(armed=False, at=at, count=0)

    @contextmanager
    def watched() -> Iterator[None]:
        counter.set(armed=True)
        try:
            yield
        finally:
            counter.set(armed=False)

    async def go_on(_seconds: float) -> None:
        server.revive()
        if not repeat:
            raise PowerLostError

    server.start()
    try:
        await Story(server, credential, go_on, watched).run()
    finally:
        server.stop()
    assert server.deaths == (1 if counter.killed else 0)
    assert "Traceback" not in server.log.read_text()
    _audit_is_whole(server)
    return counter.count


def _audit_is_whole(server: ForkedServer) -> None:
    database = Database.open(sqlite_url(server.data / "holofleet.sqlite"))
    try:
        assert StoredAudit(database, epoch=1).verify().intact
    finally:
        database.close()


@pytest.mark.parametrize("repeat", [True, False], ids=["the-message-is-repeated", "a-new-session-begins"])
async def test_a_process_killed_at_any_point_loses_and_doubles_nothing(
    tmp_path: Path, forks: Launcher, prepared: tuple[Path, Credential], *, repeat: bool
) -> None:
    template, credential = prepared
    for at in count(1):
        server = ForkedServer(forks, template, tmp_path / f"at-{at}")
        points = await run_once(server, credential, at, repeat=repeat)
        if not server.deaths:
            break
    assert 30 < points < at
