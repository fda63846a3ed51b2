"""``$batch`` takes what the documentation says, and answers each operation on its own."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.emulator.world import World, user_body

JSON = {"Content-Type": "application/json"}


def _get(identity: str, url: str = "/organization", **more: Any) -> dict[str, Any]:
    return {"id": identity, "method": "GET", "url": url, **more}


def _create(identity: str, serial: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "method": "POST", "url": "/users", "headers": JSON, "body": user_body(serial), **more}


def test_twenty_users_are_made_in_one_round_trip(world: World) -> None:
    answers = world.batch(*(_create(str(n), f"{n:04}") for n in range(20)))
    assert {answer["status"] for answer in answers.values()} == {201}
    assert world.emulator.trips == 1
    assert len(world.emulator.exchanges) == 20
    assert answers["7"]["body"]["userPrincipalName"] == "HL-0007@contoso.com"


def test_answers_come_in_another_order_than_the_questions(world: World) -> None:
    body = {"requests": [_get(str(n)) for n in range(20)]}
    came = [item["id"] for item in world.post("/v1.0/$batch", body, 200)["responses"]]
    assert sorted(came, key=int) == [str(n) for n in range(20)]
    assert came != [str(n) for n in range(20)]


def test_one_that_fails_leaves_the_others_alone(world: World) -> None:
    answers = world.batch(_create("a", "1"), _create("b", "1"), _get("c", "/nowhere"))
    assert sorted(answers[n]["status"] for n in "ab") == [201, 400]
    assert answers["c"]["status"] == 400
    assert "segment 'nowhere'" in answers["c"]["body"]["error"]["message"]


def test_what_depends_on_a_failure_fails_with_424_all_the_way_down(world: World) -> None:
    answers = world.batch(
        _get("1", "/users/nobody"), _create("2", "1", dependsOn=["1"]), _create("3", "2", dependsOn=["2"])
    )
    assert [answers[n]["status"] for n in "123"] == [404, 424, 424]


def test_what_depends_on_a_success_comes_after_it(world: World) -> None:
    answers = world.batch(_create("1", "1"), _get("2", "/users/HL-1@contoso.com", dependsOn=["1"]))
    assert answers["2"]["status"] == 200


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [_get(str(n)) for n in range(21)],
        [_get("a"), _get("A")],
        [{"id": "1", "method": "GET"}],
        [{"id": 1, "method": "GET", "url": "/users"}],
        [_get("1", "https://graph.microsoft.com/v1.0/users")],
        [_get("1", "users")],
        [_get("1", "/$batch")],
        [{"id": "1", "method": "POST", "url": "/users", "body": {}}],
        [{"id": "1", "method": "MERGE", "url": "/users"}],
        [_get("1", dependsOn=["2"]), _get("2")],
        [_get("1", invented=True)],
        "text",
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_batch_that_breaks_a_rule_is_refused_as_a_whole(world: World, requests: Any) -> None:
    world.post("/v1.0/$batch", {"requests": requests}, 400)
    assert not world.emulator.exchanges


def test_the_version_stands_in_the_address_of_the_batch_alone(world: World) -> None:
    answers = world.batch(_get("1", "/v1.0/users"), _get("2", "/deviceManagement/roleScopeTags"))
    assert [answers["1"]["status"], answers["2"]["status"]] == [400, 400]
    assert world.batch(_get("1", "/deviceManagement/roleScopeTags"), version="beta")["1"]["status"] == 200


def test_a_get_with_a_body_is_refused(world: World) -> None:
    assert world.batch(_get("1", headers=JSON, body={}))["1"]["status"] == 400


def test_a_link_to_the_next_page_in_a_batch_leads_on(world: World) -> None:
    world.batch(*(_create(str(n), f"{n:04}") for n in range(5)))
    first = world.batch(_get("1", "/users?$top=3&$select=id"))["1"]["body"]
    rest = world.get(first["@odata.nextLink"].removeprefix("http://127.0.0.1"))
    assert (len(first["value"]), len(rest["value"])) == (3, 2)
    assert "@odata.nextLink" not in rest
