"""Links of guests in the console: made for a headset, shown once, listed, taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.served_assist import fleet, sign_in
from tests.web_services import Bench, bench, web_settings

from holofleet import desired, spec
from holofleet.errors import RefusedError
from holofleet.server.access import COOKIE_NAME
from holofleet.web.app import people_app

MEGAN, ISAIAH = "megan@contoso.com", "isaiah@contoso.com"
ORIGIN = "https://localhost"
FORM = {"words": "Service of Fabrikam", "headset": "100", "minutes": "240"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("links")) as found:
        found.publish(desired.compile(spec.parse({"fleet.yaml": fleet()})))
        yield found


def browser(made: Bench, upn: str) -> TestClient:
    app = people_app(made.services, web_settings())
    cookies = {COOKIE_NAME: sign_in(made, upn)}
    return TestClient(app, base_url=ORIGIN, cookies=cookies, headers={"origin": ORIGIN}, follow_redirects=False)


def send(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', client.get("/calls/links").text)[0]
    answer = client.post(path, data={"csrf": csrf, **fields})
    return answer.status_code, answer.text


def test_an_expert_makes_a_link_that_is_shown_once_and_takes_it_back(made: Bench) -> None:
    client = browser(made, MEGAN)
    status, text = send(client, "/calls/links", **FORM)
    assert status == 200
    (token,) = re.findall(r"https://localhost/g#(hfg_\w+)", text)
    assert "<svg" in text
    listed = client.get("/calls/links").text
    assert "Service of Fabrikam" in listed
    assert token not in listed
    (key,) = re.findall(r'name="link" value="(\w+)"', listed)
    assert send(client, "/calls/links/withdraw", link=key)[0] == 303
    assert "No link is open" in client.get("/calls/links").text
    with pytest.raises(RefusedError):
        made.services.assist.door.open(token)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": " "}, "The guest has no name"),
        ({"headset": "999"}, "no such headset"),
        ({"headset": "200"}, ""),
        ({"minutes": "9999"}, "5 minutes to 24 hours"),
        ({"minutes": "soon"}, "5 minutes to 24 hours"),
    ],
)
def test_what_cannot_be_made_is_said_beside_the_form(made: Bench, fields: dict[str, str], said: str) -> None:
    status, text = send(browser(made, MEGAN), "/calls/links", **{**FORM, **fields})
    assert status == (422 if said else 200)
    assert said in text


def test_whoever_is_no_expert_and_reads_no_calls_sees_no_links(made: Bench) -> None:
    assert browser(made, ISAIAH).get("/calls/links").status_code == 404


def test_a_link_to_a_call_of_others_is_not_made(made: Bench) -> None:
    client = browser(made, MEGAN)
    status, text = send(client, f"/calls/{'0' * 32}/guests", words="Service", minutes="60")
    assert status == 404
    assert "no such call" in text
