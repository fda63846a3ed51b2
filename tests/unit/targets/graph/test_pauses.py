"""A run says what it waits for and how long at most, never a rate that means nothing."""

from __future__ import annotations

import asyncio
import re

import httpx2
import pytest
from tests.unit.targets.graph.kinds.directory_world import ROOT, World

from holofleet.cli.progress import ProgressLine
from holofleet.emulator import Delays, FaultPlan
from holofleet.resources import Group, State
from holofleet.targets.graph import engine
from holofleet.targets.graph.client import GraphClient
from holofleet.targets.graph.kinds.groups import Groups
from holofleet.targets.graph.operations import directory
from holofleet.targets.graph.origin import Origin
from holofleet.targets.graph.pauses import Pause, Why, said
from holofleet.targets.graph.verdict import APPEARS_WITHIN_S
from holofleet.targets.graph.work import ask


class Told:
    def __init__(self) -> None:
        self.lines: list[tuple[int, int, str]] = []

    def __call__(self, done: int, total: int, waits: str) -> None:
        self.lines.append((done, total, waits))

    def waits(self, words: str) -> list[int]:
        """Return the seconds that were said each time something was waited for."""
        found = (re.search(r"(\d+) s", waits) for _, _, waits in self.lines if words in waits)
        return [int(one[1]) for one in found if one]


def world(told: Told, **more: object) -> World:
    groups = [Group(name=f"line-{number}") for number in range(3)]
    return World(lambda: [Groups(ROOT)], State(groups), progress=told, **more)  # type: ignore[arg-type]


def test_what_was_perhaps_made_by_a_run_that_was_killed_is_looked_for_and_the_bound_is_said() -> None:
    told = Told()
    tried = world(told, delays=Delays())
    assert tried.killed(1, carried_out=False)
    assert tried.journal.entries
    tried.apply()
    counted = told.waits("1 request whose answer was lost") or told.waits("requests whose answer was lost")
    assert counted[0] == 120
    assert counted == sorted(counted, reverse=True)
    assert counted[-1] < 20
    assert told.lines[-1][2] == ""


async def test_a_service_that_does_not_answer_is_named_while_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "_TELL_S", 0.01)
    heard = asyncio.Event()
    lines: list[str] = []

    async def silent(request: httpx2.Request) -> httpx2.Response:
        await asyncio.wait_for(heard.wait(), 60)
        return httpx2.Response(200, json={"value": []})

    def told(done: int, total: int, waits: str) -> None:
        lines.append(waits)
        if "not answered yet" in waits:
            heard.set()

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(silent))
    async with http:
        running = engine.Engine(GraphClient(Origin.parse(ROOT), http), progress=told)
        await running.one(ask(directory.LIST_USERS.request()))
    assert "waits for 1 request that the service has not answered yet, at most 100 s more" in lines
    assert lines[-1] == ""


def test_a_busy_service_is_named_and_when_it_is_asked_again() -> None:
    told = Told()
    tried = world(told, faults=FaultPlan(seed=3, rate=0.5))
    tried.apply()
    assert told.waits("the service is busy")
    assert all(waits == "" for done, total, waits in told.lines if done == total)


def test_the_longest_wait_comes_first_and_alike_ones_are_one() -> None:
    pauses = [Pause(Why.BUSY, 4.2), Pause(Why.LOST, 80.0), Pause(Why.LOST, 119.6), Pause(Why.NEW, -1.0)]
    assert said(pauses) == (
        "waits for 2 requests whose answer was lost: looked for before they are sent again, at most 120 s more; "
        "waits for 1 request put off because the service is busy or a limit is reached, asks again within 4 s; "
        "waits for 1 request about something new that the service does not show everywhere yet, at most 0 s more"
    )
    assert said([]) == ""
    assert APPEARS_WITHIN_S == 120.0  # what docs/graph.md says


def test_a_line_that_waits_shows_no_rate(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine("Parts of the tenant")
    line.show(3, 3, "waits for 1 request")
    line.show(3, 3)
    waiting, working = capsys.readouterr().err.splitlines()
    assert waiting == "Parts of the tenant: 3 of 3  waits for 1 request"
    assert "/s" in working
