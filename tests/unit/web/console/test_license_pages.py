"""Licenses in the console."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.console_people import ISAIAH, MEGAN, add_people
from tests.console_world import ConsoleWorld, console_world

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
