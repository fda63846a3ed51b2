"""The calendar in the console: windows of every site, one window, and the sheet that goes along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.console_world import ConsoleWorld, console_world

from holofleet import desired, samples, spec
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.storage.visits import visits
from holofleet.web.console.calendar import span, window_href

EVERY = Scope.every()
AT_SEA, AT_HARBOUR = "003421800521", "003421800501"


@pytest.fixture
def ships(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        texts = dict(samples.text("near-offline"))
        state = desired.compile(spec.parse(texts), target="server")
        made.world.fleet.publish(
            LOCAL_ADMIN, state.to_json(), texts, expect_told_hash=made.world.fleet.told().hash
        )
        yield made


def test_the_page_lists_sites_by_their_next_window(fleet: ConsoleWorld, fresh: ConsoleWorld) -> None:
    text = fleet.client().get("/calendar").text
    assert "<b>6 of 6</b> came back" in text
    assert text.index("vessel") < text.index("Without days of their own") < text.index("assembly-line")
    assert "No deployments yet." in fresh.client().get("/calendar").text


def test_a_client_sees_its_own_sites_only(fleet: ConsoleWorld) -> None:
    text = fleet.client(Role.VIEWER, clients=("northwind",)).get("/calendar").text
    assert "northwind-dock" in text
    assert "vessel" not in text
    assert "fabrikam" not in text


def test_each_site_counts_its_own_headsets(ships: ConsoleWorld) -> None:
    places = {place.site_name: place for place in ships.services.visits.places(EVERY)}
    assert {name: place.count.headsets for name, place in places.items()} == {
        "harbour-office": 8,
        "cargo-vessel": 6,
    }
    assert [place.count.came for place in places.values()] == [0, 0]
    site = places["harbour-office"].site
    assert site is not None
    assert site.downlink_mbps == 25


def test_who_was_seen_since_the_window_began_came_back(ships: ConsoleWorld) -> None:
    def came() -> int:
        places = ships.services.visits.places(EVERY)
        return next(place.count.came for place in places if place.site_name == "harbour-office")

    ships.enroll(AT_HARBOUR)
    assert came() == 1
    ships.world.clock.advance(timedelta(days=62))
    assert came() == 0


def test_certificates_that_end_before_the_next_window_are_counted(ships: ConsoleWorld) -> None:
    ships.enroll(AT_HARBOUR)
    assert sum(place.count.running_out for place in ships.services.visits.places(EVERY)) == 0
    ships.world.clock.advance(timedelta(days=2_000))
    assert sum(place.count.running_out for place in ships.services.visits.places(EVERY)) == 1
    assert "1 certificate ends" in ships.client().get("/calendar").text


def test_one_window_names_who_is_expected_and_how_long_it_takes(ships: ConsoleWorld) -> None:
    place = next(one for one in ships.services.visits.places(EVERY) if one.site_name == "harbour-office")
    answer = ships.client().get(window_href(place, place.ahead[0]))
    assert answer.status_code == 200
    assert "8 headsets are expected" in answer.text
    assert "at 25 Mbit/s" in answer.text
    assert AT_HARBOUR in answer.text
    assert AT_SEA not in answer.text


def test_the_site_sheet_is_a_file_with_a_line_for_each_headset(ships: ConsoleWorld) -> None:
    place = next(one for one in ships.services.visits.places(EVERY) if one.site_name == "cargo-vessel")
    path = window_href(place, place.ahead[0]).replace("?", "/sheet?")
    answer = ships.client().get(path)
    assert answer.headers["content-disposition"].startswith('attachment; filename="site-sheet-')
    assert answer.text.count("[ ]") == 6
    assert AT_SEA in answer.text


def test_a_day_without_a_window_and_a_foreign_place_are_not_found(ships: ConsoleWorld) -> None:
    place = ships.services.visits.places(EVERY)[0]
    path = window_href(place, place.ahead[0])
    day = place.ahead[0].first.isoformat()
    client = ships.client()
    wrong = (place.ahead[0].first + timedelta(days=1)).isoformat()
    assert client.get(path.replace(day, wrong)).status_code == 404
    assert client.get(path.replace(day, "someday")).status_code == 404
    assert ships.client(Role.VIEWER, clients=("fabrikam",)).get(path).status_code == 404


def test_lengths_are_written_as_people_say_them() -> None:
    assert span(timedelta(seconds=5)) == "1 minute"
    assert span(timedelta(minutes=80)) == "80 minutes"
    assert span(timedelta(hours=5)) == "5 hours"
    assert span(timedelta(days=3)) == "3 days"


def test_for_places_that_were_counted_ahead_no_page_waits(
    ships: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ships.services.visits.places(EVERY)
    ships.world.clock.advance(timedelta(seconds=5))
    assert ships.services.visits.count_ahead() >= timedelta(seconds=5)
    ships.world.clock.advance(timedelta(seconds=6))
    monkeypatch.setattr(visits, "_counted", lambda *_: pytest.fail("they are counted again"))
    assert ships.services.visits.places(EVERY) == before
