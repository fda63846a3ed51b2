"""Live pages: what is sent, to whom, how often, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from tests.console_people import LEE, add_people
from tests.console_world import COMPLIANT, FOREIGN, ConsoleWorld, console_world, settings_of
from tests.web_services import web_settings

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import Role
from holofleet.web.console import live
from holofleet.web.console.live import Live
from holofleet.web.console.shell import Console

TOTAL = settings_of("003421800101")
STEP_S = 0.02


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        yield made


def request(query: str, cookie: str, *, stopping: asyncio.Event | None = None, headers: Any = ()) -> Request:
    fields = [(b"cookie", f"{COOKIE_NAME}={cookie}".encode()), *headers]
    state = {"stopping": stopping} if stopping is not None else {}
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/events",
        "query_string": query.encode(),
        "headers": fields,
        "state": state,
    }
    return Request(scope)


def made_live(world: ConsoleWorld) -> Live:
    return Live(Console(world.services, web_settings()), step_s=STEP_S)


async def answer_of(made: Live, asked: Request) -> Response:
    return await made.route().endpoint(asked)


@asynccontextmanager
async def listening(made: Live, asked: Request) -> AsyncIterator[Any]:
    """Give a function that returns the next message, or ``None`` when nothing comes in a while."""
    answer = await answer_of(made, asked)
    assert isinstance(answer, StreamingResponse)
    assert answer.media_type == "text/event-stream"
    stream: Any = answer.body_iterator
    pending: asyncio.Task[str] | None = None

    async def heard(within_s: float = 30) -> str | None:
        nonlocal pending
        while True:
            pending = pending or asyncio.ensure_future(anext(stream))
            done, _ = await asyncio.wait({pending}, timeout=within_s)
            if not done:
                return None
            text, pending = pending.result(), None
            if not text.startswith(":"):
                return text

    try:
        yield heard
    finally:
        if pending is not None:
            pending.cancel()
            await asyncio.wait({pending})
        await stream.aclose()


def newest(world: ConsoleWorld) -> int:
    from holofleet.server.authorization import Scope

    return world.world.fleet.overview(Scope.every()).newest_event


async def test_an_event_sends_the_parts_of_the_page_that_it_concerns(world: ConsoleWorld) -> None:
    asked = request(f"view=overview&after={newest(world)}", world.sign_in())
    async with listening(made_live(world), asked) as heard:
        assert await heard(STEP_S * 5) is None
        await asyncio.to_thread(world.enroll, COMPLIANT)
        text = await heard()
        while text is not None and f"id: {newest(world)}\n" not in text:
            text = await heard()
        assert text is not None
        for part in ("fleet", "needs", "happened", "deployments"):
            assert f'<hx-partial hx-target="#{part}" hx-swap="outerMorph">' in text
        assert "1 <small>of 46 headsets" in text


async def test_a_burst_of_events_is_one_message(world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = request(f"view=overview&after={newest(world)}", world.sign_in())
    made = Live(Console(world.services, web_settings()), step_s=0.3)
    async with listening(made, asked) as heard:
        for serial in ("003421800101", "003421800102", "003421800103"):
            await asyncio.to_thread(world.enroll, serial)
        count = 0
        while await heard(1.0) is not None:
            count += 1
        assert count <= 2


async def test_nothing_of_another_client_is_heard(world: ConsoleWorld) -> None:
    cookie = world.sign_in(Role.VIEWER, clients=("northwind",))
    async with listening(made_live(world), request(f"view=overview&after={newest(world)}", cookie)) as heard:
        await asyncio.to_thread(world.enroll, FOREIGN)
        assert await heard(STEP_S * 10) is None


async def test_one_rendering_serves_all_who_see_the_same(
    world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, calls = made_live(world), []
    view = live.VIEWS["overview"]

    def counted(visit: Any) -> Any:
        calls.append(visit.principal)
        return view.parts(visit)

    monkeypatch.setitem(live.VIEWS, "overview", replace(view, parts=counted))
    query = f"view=overview&after={newest(world)}"
    cookies = [world.sign_in() for _ in range(3)]
    async with (
        listening(made, request(query, cookies[0])) as first,
        listening(made, request(query, cookies[1])) as second,
        listening(made, request(query, cookies[2])) as third,
    ):
        hearing = [asyncio.ensure_future(heard()) for heard in (first, second, third)]
        await asyncio.sleep(STEP_S * 3)
        world.enroll(COMPLIANT, check_in=False)
        texts = [await task for task in hearing]
        assert texts[0] == texts[1] == texts[2] is not None
        assert len(calls) == 1


async def test_what_was_missed_while_away_comes_at_once(world: ConsoleWorld) -> None:
    seen = newest(world)
    made, cookie = made_live(world), world.sign_in()
    async with listening(made, request(f"view=overview&after={seen}", cookie)):
        await asyncio.to_thread(world.enroll, COMPLIANT)
        await asyncio.sleep(STEP_S * 10)
        headers = [(b"last-event-id", str(seen).encode())]
        async with listening(made, request("view=overview&after=999999", cookie, headers=headers)) as heard:
            assert await heard() is not None


async def test_a_stream_ends_with_its_session_and_does_not_keep_it_alive(
    world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_S", 0.0)
    cookie = world.sign_in()
    async with listening(made_live(world), request("view=overview&after=0", cookie)) as heard:
        assert await heard() is not None
        world.world.clock.advance(timedelta(minutes=20))
        await asyncio.sleep(STEP_S * 5)
        world.world.clock.advance(timedelta(minutes=11))
        text = await heard()
        while text is not None and "signed-out" not in text:
            text = await heard()
        assert text is not None


async def test_a_stream_goes_on_when_the_proof_of_its_person_grows_old(
    world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_S", 0.0)
    cookie = world.sign_in(Role.VIEWER, called=LEE)
    add_people(world)
    world.proved(cookie, LEE, ago=timedelta(minutes=4))
    async with listening(made_live(world), request("view=overview&after=0", cookie)) as heard:
        assert await heard() is not None
        world.world.clock.advance(timedelta(minutes=2))
        world.enroll(COMPLIANT)
        text = await heard()
        assert text is not None
        assert "signed-out" not in text


async def test_a_stream_ends_when_the_server_stops(world: ConsoleWorld) -> None:
    stopping = asyncio.Event()
    answer = await answer_of(made_live(world), request("view=overview", world.sign_in(), stopping=stopping))
    assert isinstance(answer, StreamingResponse)
    stopping.set()
    async with asyncio.timeout(30):
        async for _ in answer.body_iterator:
            pass


async def test_strangers_hear_nothing_and_unknown_views_do_not_exist(world: ConsoleWorld) -> None:
    made = made_live(world)
    assert (await answer_of(made, request("view=overview", "hfs_none"))).status_code == 401
    assert (await answer_of(made, request("view=secrets", world.sign_in()))).status_code == 404


async def test_streams_are_bounded(world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 1)
    made, cookie = made_live(world), world.sign_in()
    async with listening(made, request("view=overview", cookie)) as heard:
        await heard(STEP_S)
        assert (await answer_of(made, request("view=overview", cookie))).status_code == 503


async def test_a_headsets_page_hears_its_own_headset_only(world: ConsoleWorld) -> None:
    await asyncio.to_thread(world.enroll, COMPLIANT)
    asked = request(f"view=headset&serial={COMPLIANT}&tab=settings&after={newest(world)}", world.sign_in())
    async with listening(made_live(world), asked) as heard:
        await asyncio.to_thread(world.enroll, "003421800102")
        assert await heard(STEP_S * 10) is None
        await asyncio.to_thread(world.drift, COMPLIANT)
        text = await heard()
        assert text is not None
        assert f"1 of {TOTAL} settings differs" in text
        assert 'hx-target="#settings"' in text


async def test_a_browser_with_a_wrong_number_makes_nobody_deaf(world: ConsoleWorld) -> None:
    made, cookie = made_live(world), world.sign_in()
    wrong = request("view=overview&after=999999999", cookie)
    right = request(f"view=overview&after={newest(world)}", cookie)
    async with listening(made, wrong) as first, listening(made, right) as second:
        assert await first(STEP_S * 5) is None
        await second(STEP_S * 5)
        await asyncio.to_thread(world.enroll, COMPLIANT)
        assert await first() is not None
        assert await second() is not None


async def test_when_nobody_listens_nothing_is_asked(world: ConsoleWorld) -> None:
    made = made_live(world)
    async with listening(made, request("view=overview", world.sign_in())) as heard:
        await heard(STEP_S)
        assert made._pulse.listening == 1
    assert made._pulse.listening == 0
    assert made._pulse._task is None
