"""What people order and decide, by forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.console_world import COMPLIANT, USB, ConsoleWorld, Demo, console_world
from tests.scripted_headset import ScriptedHeadset

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import Role, Scope
from holofleet.server.compliance import Compliance
from holofleet.server.fleet.views import EnrollmentView
from holofleet.server.orders import OrderKind, OrderStatus

PATH = f"/headsets/{COMPLIANT}"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[ConsoleWorld]:
    """A published fleet of which one headset is enrolled and compliant."""
    with console_world(tmp_path) as made:
        made.publish()
        made.enroll(COMPLIANT)
        yield made


def post(world: ConsoleWorld, browser: TestClient, path: str, **form: str) -> Any:
    token = world.access.csrf_token(browser.cookies[COOKIE_NAME])
    return browser.post(path, data={"csrf": token, **form})


def orders(world: ConsoleWorld) -> list[tuple[OrderKind, str, str]]:
    found = world.world.orders.listed(Scope.every(), COMPLIANT)
    return [(order.kind, order.reason, order.actor) for order in found]


def test_a_sync_is_ordered_at_once_and_said_in_place(one: ConsoleWorld) -> None:
    browser = one.client()
    answer = post(one, browser, f"{PATH}/orders/sync")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}?done=sync")
    assert "Sync ordered." in browser.get(answer.headers["location"]).text
    assert [kind for kind, _, _ in orders(one)] == [OrderKind.SYNC]


def test_no_text_of_the_address_is_ever_shown_as_a_message(one: ConsoleWorld) -> None:
    assert "pwned" not in one.client().get(f"{PATH}?done=pwned").text


def test_a_wipe_needs_the_serial_and_a_reason_and_keeps_what_was_typed(one: ConsoleWorld) -> None:
    browser = one.client()
    answer = post(one, browser, f"{PATH}/orders/wipe", serial="0034218", reason="")
    assert answer.status_code == 422
    for words in ("There is a problem. Nothing was changed.", "Give the reason", 'value="0034218"'):
        assert words in answer.text
    assert orders(one) == []
    done = post(one, browser, f"{PATH}/orders/wipe", serial=COMPLIANT, reason="Returned by the client")
    assert done.headers["location"] == f"{PATH}/orders?done=wipe"
    ((kind, reason, actor),) = orders(one)
    assert (kind, reason, actor) == (OrderKind.WIPE, "Returned by the client", "person:one-time-link")


def test_asking_for_the_page_of_an_act_does_nothing(one: ConsoleWorld) -> None:
    browser = one.client()
    for act in ("reboot", "wipe", "unenroll", "retire", "lost"):
        page = browser.get(f"{PATH}/orders/{act}")
        assert page.status_code == 200
        assert page.text.index("Cancel, change nothing") < page.text.rindex('type="submit"')
    assert orders(one) == []
    assert browser.get(f"{PATH}/orders/explode").status_code == 404


def test_helpdesk_may_restart_and_wipe_and_may_not_unenroll(one: ConsoleWorld) -> None:
    browser = one.client(Role.HELPDESK)
    assert post(one, browser, f"{PATH}/orders/reboot").status_code == 303
    answer = post(one, browser, f"{PATH}/orders/unenroll", serial=COMPLIANT, reason="because")
    assert answer.status_code == 403
    assert [kind for kind, _, _ in orders(one)] == [OrderKind.REBOOT]
    assert post(one, browser, f"{PATH}/orders/wipe", serial=COMPLIANT, reason="because").status_code == 303


def test_an_order_that_was_not_sent_can_be_cancelled_and_only_there(one: ConsoleWorld) -> None:
    browser = one.client()
    post(one, browser, f"{PATH}/orders/reboot")
    (order,) = one.world.orders.listed(Scope.every(), COMPLIANT)
    assert post(one, browser, f"{PATH}/orders/cancel", order="0" * 32).status_code == 404
    assert post(one, browser, f"{PATH}/orders/cancel", order=order.id).status_code == 303
    (order,) = one.world.orders.listed(Scope.every(), COMPLIANT)
    assert order.status is OrderStatus.CANCELLED


def test_a_lost_headset_is_marked_with_its_reason(one: ConsoleWorld) -> None:
    browser = one.client()
    assert post(one, browser, f"{PATH}/orders/lost", serial=COMPLIANT, reason="Left in a taxi").status_code == 303
    assert one.world.detail(COMPLIANT).standing == "lost"
    assert "/orders/lost" not in browser.get(f"{PATH}/orders").text
    assert "Found again" in browser.get(f"{PATH}/orders").text
    assert post(one, browser, f"{PATH}/orders/found").status_code == 303
    assert one.world.detail(COMPLIANT).standing == "active"
    assert "/orders/found" not in browser.get(f"{PATH}/orders").text


@pytest.fixture
def doubted(one: ConsoleWorld) -> EnrollmentView:
    stranger = ScriptedHeadset("device-stranger", serial=COMPLIANT)
    one.world.enroll(stranger, deployment=one.world.detail(COMPLIANT).summary.deployment)
    one.world.check_in(stranger)
    (found,) = one.world.fleet.enrollments(Scope.every())
    return found


def test_a_decision_needs_a_choice_and_a_reason(one: ConsoleWorld, doubted: EnrollmentView) -> None:
    browser = one.client()
    answer = post(one, browser, f"/enrollments/{doubted.id}")
    assert answer.status_code == 422
    assert "Choose one: adopt or reject." in answer.text
    assert "Give the reason." in answer.text
    assert len(one.world.fleet.enrollments(Scope.every())) == 1


def test_a_stranger_is_rejected_and_nobody_waits_any_more(one: ConsoleWorld, doubted: EnrollmentView) -> None:
    browser = one.client()
    answer = post(one, browser, f"/enrollments/{doubted.id}", decision="reject", reason="Nobody knows it")
    assert answer.headers["location"] == "/enrollments?done=reject"
    text = browser.get(answer.headers["location"]).text
    assert "Nobody waits." in text
    assert "Rejected." in text
    assert browser.get(f"/enrollments/{doubted.id}").status_code == 404
    assert one.world.word(COMPLIANT) is Compliance.COMPLIANT


def test_a_viewer_may_look_at_a_doubt_and_not_decide(one: ConsoleWorld, doubted: EnrollmentView) -> None:
    browser = one.client(Role.VIEWER)
    assert "Deployers and administrators decide here." in browser.get(f"/enrollments/{doubted.id}").text
    answer = post(one, browser, f"/enrollments/{doubted.id}", decision="reject", reason="x")
    assert answer.status_code == 403


def test_a_demonstration_breaks_one_headset_and_ticks_its_steps_from_events(one: ConsoleWorld) -> None:
    demo = Demo(one)
    browser = one.client(demo=demo)
    text = browser.get("/").text
    assert "Turn USB on at HL-FIELD-01" in text
    assert f'4 Make a call: pair a browser as <a href="/headsets/{COMPLIANT}/custody">HL-FIELD-01</a>' in text
    assert post(one, browser, "/demo/break", serial=COMPLIANT).status_code == 303
    assert demo.broken == [COMPLIANT]
    assert "(done)" not in browser.get("/").text
    one.world.clock.advance(timedelta(hours=25))
    one.world.check_in(one.headsets[COMPLIANT])
    browser.cookies = {COOKIE_NAME: one.sign_in()}
    text = browser.get("/").text
    assert "noticed (done) and mended (done)" in text
    assert one.headsets[COMPLIANT].nodes[USB] == "0"
    post(one, browser, "/demo/dismiss")
    assert "Simulated fleet" not in browser.get("/").text


def test_a_real_fleet_has_no_demonstration(one: ConsoleWorld) -> None:
    browser = one.client()
    assert post(one, browser, "/demo/break", serial=COMPLIANT).status_code in (404, 405)
    assert "imulated" not in browser.get("/").text
