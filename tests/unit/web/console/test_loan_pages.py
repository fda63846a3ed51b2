"""Loans in the console: the board, the checklist, and what was done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_world import ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.loans import ActKind, LineState, Stage
from holofleet.web.console.loans import ACTS, LINES, STAGES

LOAN = "northwind-2026-12-14"
FIRST = "003421800221"


@pytest.fixture
def lent(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        yield made


def record(world: ConsoleWorld, browser: TestClient, **form: str) -> tuple[int, str]:
    token = world.access.csrf_token(browser.cookies[COOKIE_NAME])
    answer = browser.post(f"/loans/{LOAN}", data={"csrf": token, **form})
    return answer.status_code, answer.text


def test_every_stage_line_and_act_has_words() -> None:
    assert set(STAGES) == set(Stage)
    assert set(LINES) == set(LineState)
    assert set(ACTS) == set(ActKind) - {ActKind.VOID}


def test_the_board_lists_loans_with_their_stage(lent: ConsoleWorld) -> None:
    browser = lent.client()
    text = browser.get("/loans").text
    assert re.findall(r'<a href="/loans/([^"]+)"><b>', text) == ["fabrikam-2026-12-07", LOAN]
    assert "No loan is in this stage." in browser.get("/loans?stage=returned").text
    assert "2 loans" in browser.get("/loans?stage=nonsense").text


def test_a_server_without_loans_says_where_they_come_from(fresh: ConsoleWorld) -> None:
    assert "No loans are planned." in fresh.client().get("/loans").text


def test_one_headset_ships_and_arrives_on_the_page(lent: ConsoleWorld) -> None:
    browser = lent.client()
    assert record(lent, browser, act="shipped", serial=FIRST, note="Seal 4711")[0] == 303
    text = browser.get(f"/loans/{LOAN}?done=shipped").text
    assert "Recorded: shipped." in text
    assert "Seal 4711" in text
    found = lent.services.loans.loan(LOCAL_ADMIN, LOAN)
    assert {one.stage for one in found.headsets if one.serial == FIRST} == {Stage.SHIPPED}
    assert {one.stage for one in found.headsets if one.serial != FIRST} == {Stage.READY}


def test_what_keeps_a_headset_from_shipping_is_said_and_nothing_is_recorded(lent: ConsoleWorld) -> None:
    lent.enroll(FIRST)
    browser = lent.client()
    lent.services.custody.desk.note_lost(LOCAL_ADMIN, FIRST, note="not in its case")
    text = browser.get(f"/loans/{LOAN}").text
    assert "from shipping.</b>" in text
    status, text = record(lent, browser, act="shipped", serial=FIRST)
    assert status == 409
    assert "There is a problem. Nothing was changed." in text
    assert FIRST in text
    assert all(not one.acts for one in lent.services.loans.loan(LOCAL_ADMIN, LOAN).headsets)


def test_an_act_out_of_turn_is_refused_with_its_reason(lent: ConsoleWorld) -> None:
    status, text = record(lent, lent.client(), act="arrived", serial=FIRST)
    assert status == 409
    assert "it is not on its way" in text
    assert record(lent, lent.client(), act="sold")[0] == 404


def test_helpdesk_reads_loans_and_records_nothing(lent: ConsoleWorld) -> None:
    browser = lent.client(Role.HELPDESK)
    text = browser.get(f"/loans/{LOAN}").text
    assert "Deployers record what was done." in text
    assert 'name="act"' not in text
    assert record(lent, browser, act="shipped")[0] == 403


def test_a_loan_to_another_client_is_not_there(lent: ConsoleWorld) -> None:
    browser = lent.client(Role.DEPLOYER, clients=("fabrikam",))
    assert LOAN not in browser.get("/loans").text
    assert browser.get(f"/loans/{LOAN}").status_code == 404
    assert record(lent, browser, act="shipped")[0] == 404


def test_the_papers_of_a_loan_have_a_label_for_each_headset_and_say_which_record_they_are_of(
    lent: ConsoleWorld,
) -> None:
    browser = lent.client()
    assert f'href="/loans/{LOAN}/sheet"' in browser.get(f"/loans/{LOAN}").text
    text = browser.get(f"/loans/{LOAN}/sheet").text
    found = lent.services.loans.loan(LOCAL_ADMIN, LOAN)
    assert text.count('<article class="parcel">') == len(found.loan.serials)
    assert all(serial in text for serial in found.loan.serials)
    document = re.search(r'document <span class="mono">([0-9a-f]{16})</span>', text)
    assert document is not None
    assert document[1] in browser.get(f"/loans/{LOAN}/sheet").text, "the same record, the same hash"
    assert record(lent, browser, act="shipped", serial=FIRST)[0] == 303
    assert document[1] not in browser.get(f"/loans/{LOAN}/sheet").text
    assert lent.client(Role.VIEWER, clients=("fabrikam",)).get(f"/loans/{LOAN}/sheet").status_code == 404
