"""Webhooks in the console: made, tested, changed and removed by who may; the secret is shown once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_world import ConsoleWorld, console_world

from holofleet.server.authorization import Role
from holofleet.server.webhooks import Answer, Delivery, DeliveryState, NoticeKind, Trouble
from holofleet.web.console.webhooks import KINDS, PATH, STATES, TROUBLES

FORM = {
    "name": "Service desk",
    "url": "https://hooks.contoso.com/fleet",
    "kind-call.missed": "yes",
    "kind-headset.lost": "yes",
    "whose": "some",
    "client-own": "yes",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    folder: Path = tmp_path_factory.mktemp("webhooks")
    with console_world(folder) as made:
        made.publish()
        yield made


def csrf(text: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def post(client: TestClient, path: str, **form: str) -> tuple[int, str]:
    token = csrf(client.get(path).text)
    answer = client.post(path, data={**form, "csrf": token}, follow_redirects=False)
    return answer.status_code, answer.text or answer.headers.get("location", "")


def test_everything_that_can_be_said_has_words() -> None:
    assert set(KINDS) == set(NoticeKind)
    assert set(STATES) == set(DeliveryState)
    assert set(TROUBLES) == set(Trouble)


def test_an_administrator_makes_one_sees_its_secret_once_tests_changes_and_removes_it(world: ConsoleWorld) -> None:
    client = world.client(Role.ADMINISTRATOR)
    assert "Nobody is told." in client.get(PATH).text
    status, text = post(client, PATH, **FORM)
    assert status == 200
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", text)
    assert secret is not None
    listed = client.get(PATH).text
    assert "Service desk" in listed
    assert "hooks.contoso.com" in listed
    found = re.search(rf'href="{PATH}/([0-9a-f]{{32}})"', listed)
    assert found is not None
    one = f"{PATH}/{found[1]}"
    assert secret[0] not in client.get(one).text
    assert post(client, one, act="test") == (303, f"{one}?done=tested")
    assert "webhook.test" not in client.get(one).text
    assert ">Test<" in client.get(one).text
    status, text = post(client, one, act="secret")
    assert status == 200
    assert "whsec_" in text
    assert secret[0] not in text
    assert "The one before signs too until" in text
    assert post(client, one, act="change", on="no", **FORM) == (303, f"{one}?done=changed")
    text = client.get(one).text
    assert "Switched off by an administrator" in text
    assert "Given up" in text
    assert post(client, one, act="test")[0] == 422
    assert post(client, one, act="remove") == (303, f"{PATH}?done=removed")
    assert client.get(one).status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Say what it is called"),
        ({"url": ""}, "Say where to"),
        ({"url": "http://hooks.contoso.com"}, "reached by https only"),
        ({"kind-call.missed": "", "kind-headset.lost": ""}, "at least one event"),
        ({"client-own": ""}, ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    world: ConsoleWorld, change: dict[str, str], said: str
) -> None:
    form = {name: value for name, value in {**FORM, "name": "typed", **change}.items() if value}
    status, text = post(world.client(Role.ADMINISTRATOR), PATH, **form)
    assert status == 422
    assert (said or "at least one client") in text
    assert 'aria-invalid="true"' in text or "wrong-text" in text
    assert "whsec_" not in text


def test_auditors_look_and_change_nothing_and_others_see_nothing(world: ConsoleWorld) -> None:
    auditor = world.client(Role.AUDITOR)
    text = auditor.get(PATH).text
    assert "Webhooks" in text
    assert "Add webhook" not in text
    assert post(auditor, PATH, **FORM)[0] == 403
    for role in (Role.VIEWER, Role.HELPDESK, Role.DEPLOYER):
        assert world.client(role).get(PATH).status_code == 403


def test_an_answer_is_said_in_words() -> None:
    from tests.identity import NOW

    from holofleet.web.console.webhooks import said_of

    def delivery(answer: Answer) -> Delivery:
        return Delivery(
            "msg_1", "w", "own", NoticeKind.TEST, "{}", NOW, DeliveryState.WAITING, 1, NOW, NOW, answer.status,
            answer.trouble,
        )  # fmt: skip

    assert said_of(delivery(Answer(204))) == "204."
    assert said_of(delivery(Answer(503, Trouble.STATUS))) == "503. The receiver did not take it."
    assert said_of(delivery(Answer(trouble=Trouble.ADDRESS))).startswith(
        "The host has an address that is not public"
    )
