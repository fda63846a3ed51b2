"""Signing in with the one-time link."""

from __future__ import annotations

from datetime import timedelta

from tests.console_world import ConsoleWorld, Demo

from holofleet.server.access import COOKIE_NAME
from holofleet.web.console.assets import asset_url


def test_reading_the_link_uses_nothing_up(fresh: ConsoleWorld) -> None:
    link = fresh.access.one_time_link()
    browser = fresh.client(signed_in=False, demo=Demo(fresh))
    for _ in range(3):
        page = browser.get("/sign-in", params={"token": link.token})
        assert page.status_code == 200
        assert page.text.count("<button") == 1
    assert browser.post("/sign-in", data={"token": link.token}).status_code == 303


def test_the_button_opens_one_session_and_the_link_is_used(fresh: ConsoleWorld) -> None:
    link = fresh.access.one_time_link()
    browser = fresh.client(signed_in=False, demo=Demo(fresh))
    answer = browser.post("/sign-in", data={"token": link.token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/menu").status_code == 200
    again = fresh.client(signed_in=False, demo=Demo(fresh)).post("/sign-in", data={"token": link.token})
    assert again.status_code == 403
    assert "opens nothing any more" in again.text
    assert "prints a new link" in again.text
    assert "set-cookie" not in again.headers


def test_an_old_link_says_what_to_do_next(fresh: ConsoleWorld) -> None:
    link = fresh.access.one_time_link()
    fresh.world.clock.advance(timedelta(minutes=16))
    answer = fresh.client(signed_in=False).post("/sign-in", data={"token": link.token})
    assert answer.status_code == 403
    assert "start the server again" in answer.text


def test_who_is_not_signed_in_is_shown_the_way(fresh: ConsoleWorld) -> None:
    browser = fresh.client(signed_in=False)
    for path in ("/", "/headsets", "/headsets/X", "/enrollments", "/no/such/page"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), path
    assert "printed a sign-in link" in browser.get("/sign-in").text


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(fresh: ConsoleWorld) -> None:
    browser, cookie = fresh.client(), ""
    cookie = browser.cookies[COOKIE_NAME]
    token = fresh.access.csrf_token(cookie)
    assert browser.post("/sign-out", data={"csrf": token}).headers["location"] == "/sign-in"
    copy = fresh.client(signed_in=False)
    copy.cookies.set(COOKIE_NAME, cookie)
    assert copy.get("/").headers["location"] == "/sign-in"


def test_a_session_that_went_idle_changes_nothing_and_says_so(fresh: ConsoleWorld) -> None:
    browser = fresh.client()
    token = fresh.access.csrf_token(browser.cookies[COOKIE_NAME])
    fresh.world.clock.advance(timedelta(minutes=31))
    answer = browser.post("/headsets/X/orders/wipe", data={"csrf": token, "serial": "X", "reason": "x"})
    assert answer.status_code == 401
    assert "nothing was changed" in answer.text


def test_own_files_are_kept_for_ever_and_a_wrong_digest_is_gone(fresh: ConsoleWorld) -> None:
    browser = fresh.client(signed_in=False)
    answer = browser.get(asset_url("console.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert browser.get("/static/0000000000000000/console.css").status_code == 404
    assert browser.get(asset_url("console.css").replace("console.css", "tokens.css")).status_code == 404
