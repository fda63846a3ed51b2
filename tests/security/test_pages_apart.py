"""Pages on headsets under a name of their own (SECURITY WEB-4): neither reaches the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.web_services import Bench, bench, small_state, web_settings

from holofleet.cli.serve import addresses, apart
from holofleet.errors import InputError
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.web.app import people_app
from holofleet.web.device import DEVICE_COOKIE, device_asset_url
from holofleet.web.hosts import Hosts, parse_url
from holofleet.web.settings import WebSettings

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


def test_WEB_4_the_name_is_none_of_the_console_s() -> None:
    where = addresses("127.0.0.1:8443", None, CONSOLE, None)
    assert "assist.contoso.com" in apart(where, ASSIST).names
    for text in (f"{CONSOLE}:9000", "https://localhost:1", "https://127.0.0.1", "http://assist.contoso.com"):
        with pytest.raises(InputError):
            apart(where, text)
