"""The check before a call, through a real relay on loopback; and what is given up first on a weak network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import text
from tests.assist_world import as_party, assist_world
from tests.browser.headset_screen import fits
from tests.fake_camera import Camera
from tests.served_assist import ServedAssist
from tests.turn_server import SECRET, coturn

from holofleet.server.assist import TurnServers
from holofleet.web.assist.assets import assist_asset_url

CAMERA = Camera(frames=4)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedAssist]:
    folder = tmp_path_factory.mktemp("check")
    with coturn(folder / "relay", loopback_peers=True) as relay:
        host, port = relay.address
        urls = (f"turn:{host}:{port}?transport=udp", f"turn:{host}:{port}?transport=tcp")
        with assist_world(folder, relays=TurnServers(urls, lambda: (SECRET.encode(),))) as served:
            yield served


@pytest.fixture(scope="module")
def page(chromium: Browser, world: ServedAssist) -> Iterator[Page]:
    context = as_party(chromium, world, world.device_cookie("100"), width=853, height=480)
    opened = context.new_page()
    opened.goto(world.address + "/h/check")
    yield opened
    context.close()


@pytest.mark.browser
def test_a_headset_checks_camera_microphone_relay_and_speed_and_it_is_kept(
    page: Page, world: ServedAssist
) -> None:
    fits(page)
    page.get_by_role("button", name="Check now").click()
    page.get_by_text("Camera: 1920 x 1080").wait_for()
    page.get_by_text("Microphone: it hears you").wait_for()
    page.get_by_text("Ways to the relay: UDP, TCP").wait_for()
    page.get_by_text("Mbit/s both ways").wait_for()
    page.get_by_text("Camera and microphone are off").wait_for()
    fits(page)
    with world.bench.database.transaction() as connection:
        (found,) = connection.execute(text("SELECT serial, data FROM call_check")).all()
    assert found[0] == "100"
    for expected in ('"udp":true', '"tcp":true', '"camera":true', '"microphone":true', '"height":1080'):
        assert expected in str(found[1]).replace(" ", "")


_QUALITY = "const { Ladder, SteadyGrade, gradeOf, STEPS } = await import(address);"


def script(page: Page, body: str) -> Any:
    return page.evaluate("async ([address]) => {" + _QUALITY + body + "}", [assist_asset_url("quality.js")])


@pytest.mark.browser
def test_the_bands_of_the_guide_are_1_5_and_4_mbits_and_the_worst_dimension_wins(page: Page) -> None:
    grades = script(
        page,
        """return [{}, { capacity_kbps: 4000 }, { capacity_kbps: 3999 }, { capacity_kbps: 1499 },
          { capacity_kbps: 5000, rtt_ms: 299 }, { loss: 0.2 }, { rtt_ms: 1200 }, { capacity_kbps: 100 },
          { capacity_kbps: 0 }].map(gradeOf);""",
    )
    assert grades == [
        "optimal",
        "optimal",
        "minimum",
        "reduced",
        "minimum",
        "stills",
        "stills",
        "audio",
        "none",
    ]


@pytest.mark.browser
def test_bitrate_goes_first_then_frames_then_size_and_everything_comes_back_slowly(page: Page) -> None:
    story = script(
        page,
        """const ladder = new Ladder(), story = [];
        const run = (seconds, now) => {
          for (let i = 0; i < seconds; i += 1) ladder.take(now);
          story.push(ladder.step);
        };
        run(4, { limited: "bandwidth", capacity_kbps: 1700 });
        run(1, { limited: "bandwidth", capacity_kbps: 1700 });
        run(20, { limited: "bandwidth", capacity_kbps: 400 });
        run(14, { capacity_kbps: 6000 });
        run(1, { capacity_kbps: 6000 });
        run(90, { capacity_kbps: 6000 });
        return [story, STEPS.map((one) => [one.kbps, one.fps, one.scale])];""",
    )
    steps, ladder = story
    assert steps == [0, 2, 6, 6, 5, 0]
    # No step gives up size before bitrate and frames went.
    first_smaller = next(at for at, (_, _, scale) in enumerate(ladder) if scale > 1)
    assert ladder[first_smaller - 1][0] <= 1500
    assert ladder[first_smaller - 1][1] <= 20
    for better, worse in pairwise(ladder):
        assert better[0] > worse[0]
        assert better[1] >= worse[1]
        assert better[2] <= worse[2]


@pytest.mark.browser
def test_a_grade_falls_after_five_seconds_and_rises_after_fifteen(page: Page) -> None:
    seen = script(
        page,
        """const steady = new SteadyGrade(), seen = [];
        const run = (n, grade) => { for (let i = 0; i < n; i += 1) steady.take(grade); seen.push(steady.grade); };
        run(4, "reduced"); run(1, "optimal"); run(4, "reduced");
        run(1, "reduced"); run(14, "optimal"); run(1, "optimal");
        return seen;""",
    )
    assert seen == ["optimal", "optimal", "optimal", "reduced", "reduced", "optimal"]


@pytest.mark.browser
def test_the_ladder_knows_the_fleets_rule_the_wearers_wish_heat_and_the_last_check(page: Page) -> None:
    story = script(
        page,
        """const run = (ladder, seconds, now) => { for (let i = 0; i < seconds; i += 1) ladder.take(now); };
        const seen = {}, weak = { limited: "bandwidth", capacity_kbps: 900 }, fine = { capacity_kbps: 6000 };
        for (const rule of ["low-resolution", "snapshots", "refuse"]) {
          const ladder = new Ladder({ rule });
          run(ladder, 5, weak);
          seen[rule] = [ladder.step, ladder.why];
          run(ladder, 400, fine);
          seen[rule].push(ladder.step, ladder.why);
        }
        const hot = new Ladder();
        run(hot, 6, { hot: true });
        seen.hot = [hot.step, hot.why];
        run(hot, 60, { hot: true });
        seen.hotter = [hot.step, hot.why];
        run(hot, 600, fine);
        seen.cool = [hot.step, hot.why];
        const saved = new Ladder({ rule: "snapshots" });
        saved.save(true);
        run(saved, 200, fine);
        seen.saved = [saved.step, saved.why];
        saved.save(false);
        run(saved, 200, fine);
        seen.free = [saved.step, saved.why];
        seen.checked = [1000, 2600, 20, 9000].map((kbps) => new Ladder({ kbps }).step);
        return seen;""",
    )
    assert story == {
        "low-resolution": [5, "network", 0, ""],
        "snapshots": [7, "network", 0, ""],
        "refuse": [8, "network", 0, ""],
        "hot": [4, "heat"],
        "hotter": [8, "heat"],
        "cool": [0, ""],
        "saved": [7, "hand"],
        "free": [0, ""],
        "checked": [4, 1, 8, 0],
    }
