"""Pages on headsets under a name of their own (SECURITY WEB-4): neither reaches the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.web_services import Bench, bench, small_state, web_settings

from holofleet.cli.addresses import addresses, apart
from holofleet.errors import InputError
from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.sign_in.attempts import COOKIE as ATTEMPT
from holofleet.web.app import people_app
from holofleet.web.device import DEVICE_COOKIE, device_asset_url
from holofleet.web.hosts import Hosts, parse_url
from holofleet.web.settings import KioskPasskeys, WebSettings

DISCOVERY = "/EnrollmentServer/Discovery.svc"
CONSOLE, ASSIST = "https://fleet.contoso.com", "https://assist.contoso.com"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as found:
        found.publish(small_state())
        yield found


def settings() -> WebSettings:
    hosts = Hosts(frozenset(), device_port=1, public=parse_url(CONSOLE), assist=parse_url(ASSIST))
    return WebSettings(hosts=hosts, limits=web_settings().limits)


def browser(made: Bench, origin: str) -> TestClient:
    app = people_app(made.services, settings())
    return TestClient(app, base_url=origin, headers={"origin": origin}, follow_redirects=False)


def test_WEB_4_under_the_name_of_the_headsets_there_is_no_console_and_no_api(made: Bench) -> None:
    there = browser(made, ASSIST)
    page = there.get("/k")
    assert page.status_code == 200
    assert "not paired" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert there.get(device_asset_url("device.css")).status_code == 200
    assert there.get("/healthz").text == "ok\n"
    token = {"authorization": f"Bearer {made.token('t', Role.ADMINISTRATOR)}"}
    for path in (
        "/",
        "/sign-in",
        "/headsets",
        "/api/v1/headsets",
        "/scim/v2/Users",
        DISCOVERY,
    ):
        assert there.get(path, headers=token).status_code == 404, path


def test_WEB_4_under_the_console_s_name_the_pages_of_headsets_lead_there(made: Bench) -> None:
    here = browser(made, CONSOLE)
    kiosk = made.services.custody.kiosk
    serial = next(iter(small_state().headsets))
    here.cookies.set(DEVICE_COOKIE, kiosk.pair(kiosk.invite(LOCAL_ADMIN, serial).secret))
    for door in ("/k", "/h"):
        answer = here.get(door)
        assert (answer.status_code, answer.headers["location"]) == (307, ASSIST + door)
    for method, path in (("GET", "/k/pin"), ("POST", "/k/back"), ("POST", "/k/code")):
        assert here.request(method, path).status_code in (303, 404, 405), path
    assert here.get("/sign-in").status_code == 200
    assert here.get("/k/pin").headers.get("location") in (None, "/sign-in")


def test_WEB_4_a_form_of_the_headsets_pages_changes_nothing_in_the_console(made: Bench) -> None:
    here = browser(made, CONSOLE)
    assert here.post("/sign-out", headers={"origin": ASSIST}).status_code == 403


def test_WEB_4_passkeys_of_the_console_are_asked_for_on_headsets_and_open_no_console(made: Bench) -> None:
    here, there = browser(made, CONSOLE), browser(made, ASSIST)
    assert here.get("/.well-known/webauthn").json() == {"origins": [ASSIST]}
    assert there.get("/.well-known/webauthn").status_code == 404
    kiosk = made.services.custody.kiosk
    serial = next(iter(small_state().headsets))
    secret = kiosk.pair(kiosk.invite(LOCAL_ADMIN, serial).secret)
    there.cookies.set(DEVICE_COOKIE, secret)
    asked = there.post("/k/passkey/begin", data={"token": kiosk.form_token(secret)})
    assert asked.json()["options"]["rpId"] == "fleet.contoso.com"
    assert asked.json()["options"].get("allowCredentials", []) == []
    here.cookies.set(ATTEMPT, asked.cookies[ATTEMPT])
    said = {"credential": json.dumps({"id": "x", "authenticatorAttachment": "cross-platform"})}
    answer = here.post("/sign-in/passkey/finish", data=said)
    assert (answer.status_code, answer.json()) == (403, {"title": "This sign-in did not succeed"})
    assert COOKIE_NAME not in answer.cookies


@pytest.mark.parametrize(
    ("kinds", "hosts"),
    [
        (KioskPasskeys.NONE, settings().hosts),
        (KioskPasskeys.CARRIED, replace(settings().hosts, public=None)),
    ],
    ids=["switched off", "nobody said under which name people make theirs"],
)
def test_where_no_passkey_can_be_used_a_headset_offers_none(
    made: Bench, kinds: KioskPasskeys, hosts: Hosts
) -> None:
    app = people_app(made.services, replace(settings(), hosts=hosts, kiosk_passkeys=kinds))
    there = TestClient(app, base_url=ASSIST, headers={"origin": ASSIST}, follow_redirects=False)
    kiosk = made.services.custody.kiosk
    secret = kiosk.pair(kiosk.invite(LOCAL_ADMIN, next(iter(small_state().headsets))).secret)
    there.cookies.set(DEVICE_COOKIE, secret)
    page = there.get("/k")
    assert "Enter my PIN" in page.text
    assert "passkey" not in page.text
    assert there.get("/k/passkey").headers["location"] == "/k"
    answer = there.post("/k/passkey/begin", data={"token": kiosk.form_token(secret)})
    assert answer.status_code == 403


def test_WEB_4_the_name_is_none_of_the_console_s() -> None:
    where = addresses("127.0.0.1:8443", None, CONSOLE, None)
    assert "assist.contoso.com" in apart(where, ASSIST).names
    for text in (f"{CONSOLE}:9000", "https://localhost:1", "https://127.0.0.1", "http://assist.contoso.com"):
        with pytest.raises(InputError):
            apart(where, text)
