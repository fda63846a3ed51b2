"""The API inside our own process: forms of answers, problems, and what stands for what."""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import httpx2
import pytest
from tests.web_services import USB, Bench, web_settings

from holofleet import errors
from holofleet.errors import HolofleetError
from holofleet.resources import State
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.web.api.app import api_app
from holofleet.web.api.body import parse_json
from holofleet.web.api.problem import STATUS_OF, ProblemError, problem_of
from holofleet.web.api.render import render


@asynccontextmanager
async def client(made: Bench) -> AsyncIterator[httpx2.AsyncClient]:
    app = api_app(made.services, web_settings(), principal=LOCAL_ADMIN)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://inside/api/v1") as found:
        yield found


async def test_the_state_comes_back_as_it_was_published(served: Bench) -> None:
    async with client(served) as api:
        told = (await api.get("/state")).json()
        assert State.from_json(told["state"]).hash == told["hash"]
        assert told["actor"] == "local-admin"
        assert told["published_at"].endswith("Z")
        body = {
            "state": told["state"],
            "texts": {"fleet.yaml": "a: 1\n"},
            "plan_hash": "",
            "told_hash": told["hash"],
        }
        published = await api.put("/state", json=body)
        assert published.status_code == 200
        assert published.json()["hash"] == told["hash"]
        assert (await api.get("/texts")).json() == {"texts": body["texts"]}


async def test_a_plan_made_against_another_state_is_a_conflict(served: Bench) -> None:
    async with client(served) as api:
        told = (await api.get("/state")).json()
        body = {"state": State().to_json(), "texts": {}, "plan_hash": "", "told_hash": "0" * 64}
        refused = await api.put("/state", json=body)
        assert refused.status_code == 409
        assert refused.json()["type"] == "urn:holofleet:problem:conflict"
        assert (await api.get("/state")).json()["hash"] == told["hash"]


async def test_headsets_are_listed_in_pages_and_found_by_filters(served: Bench) -> None:
    async with client(served) as api:
        first = (await api.get("/headsets", params={"limit": 1})).json()
        assert [item["serial"] for item in first["headsets"]] == ["F-1"]
        second = (await api.get("/headsets", params={"limit": 1, "after": first["next"]})).json()
        assert [item["serial"] for item in second["headsets"]] == ["N-1"]
        assert second["next"] is None
        for query in ({"client": "northwind"}, {"deployment": "plant"}, {"q": "n-1"}):
            found = (await api.get("/headsets", params=query)).json()
            assert [item["serial"] for item in found["headsets"]] == ["N-1"], query
        assert (await api.get("/headsets", params={"compliance": "compliant"})).json()["headsets"] == []
        assert (await api.get("/headsets", params={"compliance": "splendid"})).status_code == 400


async def test_one_headset_shows_each_setting_and_no_enrollment_before_there_is_one(served: Bench) -> None:
    async with client(served) as api:
        found = (await api.get("/headsets/F-1")).json()
    assert found["compliance"] == "expected"
    assert found["enrollment"] is None
    assert [(item["oma_uri"], item["desired"], item["reported"]) for item in found["settings"]] == [
        (USB, "0", None)
    ]


async def test_a_credential_is_shown_once(served: Bench) -> None:
    async with client(served) as api:
        issued = await api.post("/credentials", json={"deployment": "loans", "uses": 2, "expires_s": 3600})
        assert issued.status_code == 201
        assert {"id", "username", "password", "deployment", "uses", "expires_at"} <= issued.json().keys()
        listed = (await api.get("/credentials")).json()["credentials"]
        assert [item["username"] for item in listed] == [issued.json()["username"]]
        assert listed[0].keys().isdisjoint({"password", "digest"})
        assert issued.json()["password"] not in json.dumps(listed)
        assert (await api.delete(f"/credentials/{issued.json()['id']}")).status_code == 204
        assert (await api.post("/credentials", json={"deployment": "none"})).status_code == 404


async def test_a_token_is_shown_once_and_a_role_that_does_not_exist_is_named(served: Bench) -> None:
    async with client(served) as api:
        issued = await api.post("/tokens", json={"name": "ci", "roles": ["deployer"], "clients": ["fabrikam"]})
        assert issued.status_code == 201
        assert issued.json()["token"].startswith("hf_")
        listed = (await api.get("/tokens")).json()["tokens"]
        assert [(item["name"], item["roles"], item["clients"]) for item in listed] == [
            ("ci", ["deployer"], ["fabrikam"])
        ]
        assert issued.json()["token"] not in json.dumps(listed)
        refused = await api.post("/tokens", json={"name": "x", "roles": ["king"]})
        assert refused.status_code == 400
        assert "viewer" in refused.json()["mend"]


async def test_events_are_read_on_from_the_last_one(served: Bench) -> None:
    async with client(served) as api:
        first = (await api.get("/events")).json()
        assert [event["kind"] for event in first["events"]] == ["published"] * len(first["events"])
        assert first["events"]
        again = (await api.get("/events", params={"after": first["next"]})).json()
        assert again == {"events": [], "next": first["next"]}


async def test_what_is_not_there_is_a_problem_too(served: Bench) -> None:
    async with client(served) as api:
        for method, path, status in (("GET", "/nothing", 404), ("PATCH", "/state", 405)):
            answer = await api.request(method, path)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == status


def test_every_error_of_ours_has_a_translation() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HolofleetError)]
    for kind in kinds:
        if kind is not HolofleetError:
            assert any(issubclass(kind, known) for known, _ in STATUS_OF), kind
            assert problem_of(kind("what")).status_code < 504


def test_an_error_without_a_translation_says_nothing_of_itself() -> None:
    answer = problem_of(HolofleetError("canary"))
    assert answer.status_code == 500
    assert b"canary" not in answer.body


class Word(StrEnum):
    ONE = "one"


@dataclass(frozen=True)
class Value:
    word: Word
    at: datetime
    parts: tuple[int | None, ...]


def test_values_are_rendered_by_their_fields_and_nothing_is_guessed() -> None:
    value = Value(Word.ONE, datetime(2024, 6, 27, 12, tzinfo=UTC), (1, None))
    assert render(value) == {"word": "one", "at": "2024-06-27T12:00:00.000Z", "parts": [1, None]}
    assert render({"a": frozenset({"y", "x"}), "b": timedelta(minutes=1)}) == {"a": ["x", "y"], "b": 60}
    for unknown in (b"bytes", object(), 1j):
        with pytest.raises(TypeError):
            render(unknown)


@pytest.mark.parametrize("text", [b"[" * 33 + b"]" * 33, b'{"a":' * 33 + b"1" + b"}" * 33, b"Infinity", b"1 2"])
def test_json_that_is_too_deep_or_none_is_refused(text: bytes) -> None:
    with pytest.raises(ProblemError):
        parse_json(text)


def test_json_within_its_depth_is_taken() -> None:
    found: Any = parse_json(b"[" * 32 + b"]" * 32)
    for _ in range(31):
        (found,) = found
    assert found == []
