"""Messages left: sent by the page of a headset, found in the console by whom they are for, and by nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient
from tests.served_assist import fleet, sign_in
from tests.web_services import Bench, bench, web_settings

from holofleet import desired, spec
from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.storage.tables.left import CALL_LEFT_PART
from holofleet.web.app import people_app
from holofleet.web.device import DEVICE_COOKIE

ORIGIN = "https://localhost"
MEGAN, ADELE, ISAIAH = "megan@contoso.com", "adele@contoso.com", "isaiah@contoso.com"
JPEG = b"\xff\xd8\xff" + b"p" * 100
WEBM = b"\x1a\x45\xdf\xa3" + b"v" * 100


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder: Path = tmp_path_factory.mktemp("left")
    with bench(folder) as made:
        made.publish(desired.compile(spec.parse({"fleet.yaml": fleet()})))
        yield made


def browser(world: Bench, **cookies: str) -> TestClient:
    app = people_app(world.services, web_settings())
    return TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN}, cookies=cookies, follow_redirects=False)


def headset(world: Bench) -> TestClient:
    kiosk = world.services.custody.kiosk
    return browser(world, **{DEVICE_COOKIE: kiosk.pair(kiosk.invite(LOCAL_ADMIN, "100").secret)})


def person(world: Bench, upn: str) -> TestClient:
    return browser(world, **{COOKIE_NAME: sign_in(world, upn)})


def test_whoever_has_no_part_in_the_overview_begins_at_what_is_theirs(world: Bench) -> None:
    expert, wearer = person(world, ADELE), person(world, ISAIAH)
    assert expert.get("/").headers["location"] == "/calls/left"
    assert wearer.get("/").headers["location"] == "/account"
    page = expert.get("/calls/left").text
    assert 'href="/account"' in page
    assert 'href="/headsets"' not in page
    assert wearer.get("/account").status_code == 200


def left_for_megan(world: Bench, key: str, page: TestClient | None = None, **files: bytes) -> str:
    megan = world.services.directory.sign_in_name(MEGAN)
    assert megan is not None
    types = {"picture": "image/jpeg", "voice": "audio/webm;codecs=opus"}
    answer = (page or headset(world)).post(
        "/h/left",
        data={"key": key, "to": megan.id, "phrases": "call-back part", "voice_s": "9"},
        files={name: (name, content, types[name]) for name, content in files.items()},
    )
    assert (answer.status_code, answer.json()["for"]) == (201, "Megan Bowen"), answer.text
    return str(answer.json()["id"])


def test_what_a_headset_leaves_is_seen_heard_and_taken_by_whom_it_is_for(world: Bench) -> None:
    page = headset(world)
    message = left_for_megan(world, "k" * 20, page, picture=JPEG, voice=WEBM)
    assert left_for_megan(world, "k" * 20, page, picture=JPEG, voice=WEBM) == message  # sent again
    megan = person(world, MEGAN)
    text = megan.get("/calls/left").text
    assert "1 message waits" in text
    assert "<b>Please call me back</b>" in text
    assert "<b>I need a part</b>" in text
    picture, voice = (megan.get(f"/calls/left/{message}/{part}") for part in ("picture", "voice"))
    assert (picture.content, picture.headers["content-type"]) == (JPEG, "image/jpeg")
    assert (voice.content, voice.headers["content-type"]) == (WEBM, "audio/webm")
    assert picture.headers["cache-control"] == "no-store"
    assert megan.get(f"/calls/left/{message}/other").status_code == 404
    token = re.search(r'name="csrf" value="([^"]+)"', text)
    assert token is not None
    for act, now in (("take", "You see to it"), ("delete", "No message is left for you.")):
        done = megan.post(f"/calls/left/{message}", data={"csrf": token[1], "act": act}, follow_redirects=True)
        assert done.status_code == 200
        assert now in done.text


def test_AST_1_nobody_else_sees_or_hears_a_message(world: Bench) -> None:
    message = left_for_megan(world, "m" * 20, picture=JPEG)
    adele, isaiah = person(world, ADELE), person(world, ISAIAH)
    assert "No message is left for you." in adele.get("/calls/left").text
    assert isaiah.get("/calls/left").status_code == 404  # they are no expert
    for others in (adele, isaiah):
        assert others.get(f"/calls/left/{message}/picture").status_code == 404
    listed = world.services.assist.left.listed(LOCAL_ADMIN)[0]
    assert message in {one.id for one in listed}


def test_D4_only_a_paired_browser_leaves_messages_and_only_from_its_own_page(world: Bench) -> None:
    stranger = browser(world)
    assert stranger.post("/h/left", data={"key": "s" * 20, "phrases": "part"}).status_code == 403
    foreign = headset(world)
    foreign.headers["origin"] = "https://evil.example"
    assert foreign.post("/h/left", data={"key": "s" * 20, "phrases": "part"}).status_code == 403


def test_what_cannot_be_left_is_said_in_words(world: Bench) -> None:
    page = headset(world)
    empty = page.post("/h/left", data={"key": "e" * 20})
    assert (empty.status_code, empty.json()["words"][:21]) == (422, "The message is empty ")
    nobody = page.post("/h/left", data={"key": "e" * 20, "to": "nobody", "phrases": "part"})
    assert (nobody.status_code, nobody.json()["words"]) == (409, "Nobody of that name can be called from here.")
    disguised = {"picture": ("p", b"<svg/>", "image/jpeg")}
    wrong = page.post("/h/left", data={"key": "e" * 20}, files=disguised)
    assert (wrong.status_code, "not what it says" in wrong.json()["words"]) == (422, True)
    many = {f"file-{number}": ("f", b"x", "image/jpeg") for number in range(5)}
    assert page.post("/h/left", data={"key": "e" * 20}, files=many).status_code == 400


def test_a_part_that_is_damaged_says_so_and_is_no_mistake_of_the_server(world: Bench) -> None:
    message = left_for_megan(world, "d" * 20, picture=JPEG)
    with world.database.transaction() as connection:
        mine = CALL_LEFT_PART.c.message_id == message
        connection.execute(update(CALL_LEFT_PART).where(mine).values(sealed=b"x" * 60))
    answer = person(world, MEGAN).get(f"/calls/left/{message}/picture")
    assert answer.status_code == 409
    assert "The picture of this message is damaged. The audit log has this." in answer.text
