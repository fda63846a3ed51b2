"""Licenses in the console."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.console_people import ISAIAH, MEGAN, add_people
from tests.console_world import ConsoleWorld, console_world

from holofleet import samples
from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.licenses import LicenseError
from holofleet.web.console.licenses import ERRORS, answer_of


@pytest.fixture(scope="module")
def licensed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    """Read only: one person has a seat, a headset's account has none."""
    with console_world(tmp_path_factory.mktemp("licenses")) as made:
        made.publish()
        add_people(made)
        made.services.licenses.assign(LOCAL_ADMIN, "AAD_PREMIUM", user=ISAIAH)
        made.services.licenses.assign(LOCAL_ADMIN, "INTUNE_A", user=MEGAN)
        yield made


def test_every_error_has_words() -> None:
    assert set(ERRORS) == set(LicenseError)


def test_the_page_answers_first(licensed: ConsoleWorld, fresh: ConsoleWorld) -> None:
    text = licensed.client().get("/licenses").text
    assert "<b>1 person lacks what the job needs.</b>" in text
    assert "hl-line3-14@contoso.com" in text.replace("<wbr>", "")
    assert '<td class="num" data-label="Assigned">1</td>' in text
    assert "No licenses are known yet." in fresh.client().get("/licenses").text


def test_an_answer_names_all_that_is_wrong() -> None:
    assert answer_of(0, 0, 0, []) == "Everyone has what the job needs."
    assert answer_of(2, 1, 3, ["A"]) == (
        "2 people lack what the job needs; 1 license did not arrive; 3 seats are short; "
        "A ended or ends within 30 days."
    )


def test_whoever_sees_one_client_is_not_told_how_many_seats_there_are(licensed: ConsoleWorld) -> None:
    text = licensed.client(Role.VIEWER, clients=("northwind",)).get("/licenses").text
    assert "How many seats there are is for those who see every client." in text
    assert "Owned" not in text
    assert "contoso" not in text


def compared(world: ConsoleWorld, browser: TestClient, text: str) -> tuple[int, str]:
    csrf = world.access.csrf_token(browser.cookies[COOKIE_NAME])
    answer = browser.post("/licenses/forecast", data={"csrf": csrf, "text": text})
    return answer.status_code, answer.text


def test_licenses_are_forecast_with_the_published_file_and_with_another_one(licensed: ConsoleWorld) -> None:
    browser = licensed.client()
    before = browser.get("/licenses").text
    assert 'href="/licenses/forecast"' in before
    text = browser.get("/licenses/forecast").text
    assert "That is the fleet file that was published last" in text
    status, text = compared(licensed, browser, next(iter(samples.text("near-offline").values())))
    assert (status, "Nothing was changed." in text) == (200, True)
    assert 'id="changes-title"' in text
    assert browser.get("/licenses").text.split("<main", 1)[1] == before.split("<main", 1)[1]


def test_a_text_that_is_no_fleet_file_is_said_with_its_line_and_kept(licensed: ConsoleWorld) -> None:
    status, text = compared(licensed, licensed.client(), "headsets: [\n  nonsense: yes")
    assert status == 422
    assert 'id="text-error">' in text
    assert "nonsense: yes</textarea>" in text
    assert compared(licensed, licensed.client(), " ")[0] == 422


def test_a_forecast_is_for_whoever_sees_all_and_another_file_for_whoever_may_publish(
    licensed: ConsoleWorld,
) -> None:
    part = licensed.client(Role.ADMINISTRATOR, clients=("northwind",))
    text = part.get("/licenses/forecast").text
    assert "Seats are compared by those who see every client." in text
    assert "Owned" not in text
    assert compared(licensed, part, "version: 1")[0] == 403
    viewer = licensed.client(Role.VIEWER)
    assert "Deployers and administrators compare" in viewer.get("/licenses/forecast").text
    assert compared(licensed, viewer, "version: 1")[0] == 403
