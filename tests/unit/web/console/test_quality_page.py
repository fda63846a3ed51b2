"""The page of quality: sites, windows and paths, and sentences that say the same as the bars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.console_world import COMPLIANT, ConsoleWorld, console_world
from tests.kept_calls import keep_calls

from holofleet.server.assist.quality import SiteQuality
from holofleet.server.authorization import Role
from holofleet.web.console.calls import GRADES
from holofleet.web.console.quality import BANDS, answer_of, percent, row_of


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    folder: Path = tmp_path_factory.mktemp("quality")
    with console_world(folder) as made:
        made.publish()
        assert "No call in these days" in made.client().get("/quality").text
        store, now = made.services.assist.store, made.world.clock.now()
        keep_calls(store, client="own", serial=COMPLIANT, now=now)
        store.keep_check("own", COMPLIANT, {"grade": "stills", "udp": False}, at=now)
        made.world.clock.advance(timedelta(hours=1))
        yield made


def test_every_grade_has_a_band_in_words() -> None:
    assert set(BANDS) == set(GRADES)


def test_the_page_says_where_calls_are_poor_and_which_check_found_too_little(called: ConsoleWorld) -> None:
    text = called.client().get("/quality").text
    assert "optimal 50 %, reduced picture 50 %." in text
    assert "50 % of the time below what the guide asks" in text
    assert "1 not connected" in text
    assert "Checks that found too little" in text
    assert COMPLIANT in text
    assert "Isaiah" not in text
    assert "Megan" not in text


def test_windows_and_paths_narrow_it_and_what_is_unknown_is_the_usual(called: ConsoleWorld) -> None:
    client = called.client()
    assert "Nothing was measured on this path" in client.get("/quality?path=relay&days=7").text
    assert "Sites, 30 days" in client.get("/quality?days=365&path=x").text
    assert "Sites, 90 days" in client.get("/quality?days=90").text


def test_only_who_reads_calls_sees_it_and_a_client_sees_its_own(called: ConsoleWorld) -> None:
    assert called.client(Role.VIEWER).get("/quality").status_code == 403
    assert "No call in these days" in called.client(Role.HELPDESK, clients=("fabrikam",)).get("/quality").text
    assert 'href="/quality"' in called.client(Role.HELPDESK).get("/calls").text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0 %"), (0.01, 10, "1 %"), (9.99, 10, "99 %"), (10, 10, "100 %"), (0, 0, "0 %")],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(part: float, whole: float, text: str) -> None:
    assert percent(part, whole) == text


def test_the_answer_names_the_worst_site_or_says_that_none_is_poor() -> None:
    good, bad = SiteQuality("near", {"optimal": 100}), SiteQuality("far", {"optimal": 50, "audio": 50})
    assert answer_of([]) == ""
    assert answer_of([good]).startswith("No site")
    assert (
        answer_of([bad, bad, good])
        == "far: 50 % of the time below what the guide asks. 1 more site is above a twentieth."
    )
    assert row_of(SiteQuality("")).sentence == "At no site: nothing was measured."
