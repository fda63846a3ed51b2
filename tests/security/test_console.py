"""The console: sessions, changes from other sites, headers (SECURITY WEB-1, WEB-2, WEB-3, AUTHZ-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.routing import Route
from tests.console_world import COMPLIANT, ORIGIN, ConsoleWorld, Demo, console_world
from tests.web_services import web_settings

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import Action, Scope
from holofleet.web import console
from holofleet.web.console.assets import asset_url
from holofleet.web.declaration import declared_actions
from holofleet.web.headers import CONTENT_SECURITY_POLICY

OPEN = {
    "/assist-pdf/{digest}/{name}",
    "/sign-in",
    "/sign-in/callback",
    "/sign-in/code",
    "/sign-in/passkey/begin",
    "/sign-in/passkey/finish",
    "/sign-in/provider",
    "/static/{digest}/{name}",
}
"""What a stranger may ask of the console: to sign in, and files that are the same for everybody."""
CHANGES = ("sign-out", f"headsets/{COMPLIANT}/orders/sync", f"headsets/{COMPLIANT}/orders/wipe", "demo/break")


@pytest.fixture
def one(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        made.enroll(COMPLIANT)
        yield made


def test_WEB_1_the_cookie_is_opaque_and_bound_to_this_origin(one: ConsoleWorld) -> None:
    answer = one.client(signed_in=False, demo=Demo(one)).post(
        "/sign-in", data={"token": one.access.one_time_link().token}
    )
    name, _, rest = answer.headers["set-cookie"].partition("=")
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert name == COOKIE_NAME
    assert name.startswith("__Host-")
    assert attributes == {"httponly", "path=/", "samesite=lax", "secure"}


def test_WEB_1_a_session_of_yesterday_opens_nothing(one: ConsoleWorld) -> None:
    browser = one.client()
    for _ in range(30):
        one.world.clock.advance(timedelta(minutes=25))
        last = browser.get("/menu")
    assert last.headers["location"] == "/sign-in"


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("shown", ["", "0" * 64, "of another session"])
def test_WEB_2_no_change_without_the_token_of_this_session(one: ConsoleWorld, path: str, shown: str) -> None:
    browser = one.client(demo=Demo(one))
    if shown.startswith("of"):
        shown = one.access.csrf_token(one.sign_in())
    answer = browser.post(f"/{path}", data={"csrf": shown, "serial": COMPLIANT, "reason": "x"})
    assert answer.status_code == 403
    assert one.world.orders.listed(Scope.every(), COMPLIANT) == ()
    assert browser.get("/menu").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example.com"},
        {"origin": "null"},
        {"origin": "http://localhost"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {},
    ],
)
@pytest.mark.parametrize("path", ["sign-in", *CHANGES])
def test_WEB_2_no_change_from_another_site(one: ConsoleWorld, path: str, headers: dict[str, str]) -> None:
    browser = one.client(demo=Demo(one))
    del browser.headers["origin"]
    token = one.access.csrf_token(browser.cookies[COOKIE_NAME])
    form = {"csrf": token, "serial": COMPLIANT, "reason": "x", "token": "hfl_x"}
    assert browser.post(f"/{path}", data=form, headers=headers).status_code == 403
    assert one.world.orders.listed(Scope.every(), COMPLIANT) == ()


def test_WEB_2_reading_changes_nothing(one: ConsoleWorld) -> None:
    browser, before = one.client(), one.world.events()
    for route in console.routes(one.services, web_settings()):
        assert isinstance(route, Route)
        if "GET" in (route.methods or ()) and "{" not in route.path and route.path != "/events":
            browser.get(route.path)
    browser.get(f"/headsets/{COMPLIANT}/orders/wipe?serial={COMPLIANT}&reason=x")
    browser.get(f"/headsets/{COMPLIANT}/orders/sync")
    assert one.world.events() == before
    assert one.world.orders.listed(Scope.every(), COMPLIANT) == ()


def test_WEB_3_every_answer_has_the_headers_and_nothing_signed_in_is_stored(one: ConsoleWorld) -> None:
    browser, stranger = one.client(), one.client(signed_in=False)
    for client, path in [
        *((browser, path) for path in ("/", "/headsets", f"/headsets/{COMPLIANT}", "/enrollments", "/nothing")),
        (browser, f"/headsets/{COMPLIANT}/orders/wipe"),
        (stranger, "/sign-in"),
        (stranger, "/"),
        (stranger, "/events?view=overview"),
    ]:
        headers = client.get(path).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY, path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store", path
        assert "access-control-allow-origin" not in headers
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert browser.get(asset_url("console.js")).headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_WEB_3_what_headsets_and_people_wrote_is_text_on_every_page(one: ConsoleWorld) -> None:
    browser = one.client()
    token = one.access.csrf_token(browser.cookies[COOKIE_NAME])
    hostile = "<script>alert(1)</script>\" onload='x'"
    browser.post(f"/headsets/{COMPLIANT}/orders/reboot", data={"csrf": token, "reason": hostile})
    headset = one.headsets[COMPLIANT]
    uri = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
    headset.nodes[uri] = hostile
    headset.nodes["./DevDetail/SwV"] = "10.0.22621.1250"
    one.world.clock.advance(timedelta(hours=25))
    one.world.check_in(headset)
    browser.cookies = {COOKIE_NAME: one.sign_in()}
    pages = ("", "/orders", "/timeline", f"/settings/{uri[2:]}", "/orders/wipe")
    texts = [browser.get(f"/headsets/{COMPLIANT}{page}").text for page in pages]
    texts += [browser.get("/").text, browser.get("/headsets", params={"q": hostile}).text]
    assert any("&lt;script&gt;" in text for text in texts)
    for text in texts:
        assert "<script>alert" not in text
        assert "onload='x'" not in text.replace("&#39;", "’")


def test_AUTHZ_2_every_route_of_the_console_says_what_it_does(one: ConsoleWorld) -> None:
    public = {Action.READ_PUBLIC, Action.SIGN_IN}
    for route in console.routes(one.services, web_settings(), demo=Demo(one)):
        assert isinstance(route, Route)
        actions = declared_actions(route)
        assert actions, route.path
        if actions & public:
            assert route.path in OPEN


def test_AUTHZ_2_the_one_host_is_ours(one: ConsoleWorld) -> None:
    browser = one.client()
    assert browser.get("/", headers={"host": "evil.example.com"}).status_code == 400
    assert ORIGIN == "https://localhost"
