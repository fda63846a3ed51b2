"""SCIM over real TLS sockets: what a provider can do, and what it cannot (SECURITY DIR-2, DIR-3, AUTHZ-1)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.identity import NOW
from tests.security.test_api import call
from tests.web_server import Answer, exchange
from tests.web_services import Bench, bench, small_state, whole_server

from holofleet.clock import SetClock
from holofleet.protocols.scim import GROUP, PATCH, USER
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.directory import NewPerson


class Provider:
    """A provider that pushes, by the specification; it knows nothing of the server's code."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.token = token

    async def send(self, method: str, path: str, body: Any = None) -> tuple[Answer, dict[str, Any]]:
        answer = await exchange(self.port, call(method, f"/scim/v2{path}", token=self.token, body=body))
        return answer, json.loads(answer.body) if answer.body else {}

    async def user(self, upn: str, **more: Any) -> dict[str, Any]:
        body = {"schemas": [USER], "userName": upn, "active": True, **more}
        answer, made = await self.send("POST", "/Users", body)
        assert answer.status == 201, answer.body
        return made

    async def patch(self, path: str, *operations: dict[str, Any]) -> tuple[Answer, dict[str, Any]]:
        return await self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


@asynccontextmanager
async def provider(folder: Path) -> AsyncIterator[tuple[Bench, Provider]]:
    with bench(folder, clock=SetClock(NOW)) as made:
        made.publish(small_state())
        token = made.token("entra", Role.PROVISIONER)
        async with whole_server(made) as server:
            yield made, Provider(server.listener("people").port, token)


async def test_a_provider_adds_finds_changes_and_ends_somebody(tmp_path: Path) -> None:
    async with provider(tmp_path) as (made, entra):
        name = {"givenName": "Megan", "familyName": "Bowen"}
        emails = [{"type": "home", "value": "m@example.org"}, {"type": "work", "value": "megan@contoso.com"}]
        user = await entra.user("Megan@Contoso.com", externalId="7", name=name, emails=emails)
        assert (user["userName"], user["displayName"]) == ("megan@contoso.com", "Megan Bowen")
        assert user["emails"] == [{"value": "megan@contoso.com", "type": "work", "primary": True}]
        for query in (
            "userName%20eq%20%22MEGAN@contoso.com%22",
            "externalId%20eq%20%227%22",
            "active%20eq%20true",
        ):
            _, found = await entra.send("GET", f"/Users?filter={query}")
            assert [one["id"] for one in found["Resources"]] == [user["id"]], query
        where = f"/Users/{user['id']}"
        answer, _ = await entra.patch(where, {"op": "Replace", "value": {"displayName": "M. Bowen"}})
        assert answer.status == 200
        answer, ended = await entra.patch(where, {"op": "Replace", "path": "active", "value": "False"})
        assert (answer.status, ended["active"]) == (200, False)
        assert made.services.directory.rights(user["id"]) is None
        answer, back = await entra.patch(where, {"op": "replace", "path": "active", "value": True})
        assert (back["id"], back["active"], back["displayName"]) == (user["id"], True, "M. Bowen")
        assert (await entra.send("DELETE", where))[0].status == 204
        assert (await entra.send("GET", where))[1]["active"] is False


async def test_DIR_2_a_taken_name_is_a_conflict_and_an_unknown_id_is_none(tmp_path: Path) -> None:
    async with provider(tmp_path) as (_, entra):
        await entra.user("megan@contoso.com")
        answer, said = await entra.send("POST", "/Users", {"schemas": [USER], "userName": "megan@contoso.com"})
        assert (answer.status, said["scimType"]) == (409, "uniqueness")
        assert answer.header("content-type") == "application/scim+json"
        assert (await entra.send("GET", "/Users/nobody"))[0].status == 404


async def test_groups_hold_people_and_are_the_providers_own(tmp_path: Path) -> None:
    async with provider(tmp_path) as (_, entra):
        one, two = await entra.user("one@contoso.com"), await entra.user("two@contoso.com")
        body = {"schemas": [GROUP], "displayName": "Line 3 Welders", "members": [{"value": one["id"]}]}
        answer, group = await entra.send("POST", "/Groups", body)
        assert answer.status == 201
        where = f"/Groups/{group['id']}"
        answer, found = await entra.patch(where, {"op": "Add", "path": "members", "value": [{"value": two["id"]}]})
        assert {member["value"] for member in found["members"]} == {one["id"], two["id"]}
        answer, found = await entra.patch(where, {"op": "Remove", "path": f'members[value eq "{one["id"]}"]'})
        assert [member["value"] for member in found["members"]] == [two["id"]]
        answer, _ = await entra.patch(where, {"op": "Add", "path": "members", "value": [{"value": "nobody"}]})
        assert answer.status == 404
        _, listed = await entra.send("GET", "/Groups?excludedAttributes=members")
        assert "members" not in listed["Resources"][0]
        assert (await entra.send("DELETE", where))[0].status == 204


async def test_DIR_3_a_provider_makes_nobody_administrator_and_touches_no_local_one(tmp_path: Path) -> None:
    async with provider(tmp_path) as (made, entra):
        user = await entra.user(
            "x@contoso.com", roles=[{"value": "administrator"}], entitlements=["administrator"]
        )
        rights = made.services.directory.rights(user["id"])
        assert rights is not None
        assert rights.roles == frozenset()
        root = made.services.directory.add(LOCAL_ADMIN, NewPerson("root@contoso.com"))
        made.services.directory.give_role(LOCAL_ADMIN, root.id, Role.ADMINISTRATOR)
        for method, body in (("DELETE", None), ("PUT", {"schemas": [USER], "userName": "evil@contoso.com"})):
            assert (await entra.send(method, f"/Users/{root.id}", body))[0].status == 403
        assert made.services.directory.person(LOCAL_ADMIN, root.id).active


async def test_DIR_3_a_provider_that_ends_everybody_is_stopped_and_the_audit_says_so(tmp_path: Path) -> None:
    async with provider(tmp_path) as (made, entra):
        ids = [(await entra.user(f"w{n}@contoso.com"))["id"] for n in range(12)]
        answers = [(await entra.send("DELETE", f"/Users/{id_}"))[0].status for id_ in ids]
        assert answers == [204] * 5 + [403] * 7
        assert made.services.directory.people(LOCAL_ADMIN).total == 7
        records = made.services.audit.export(LOCAL_ADMIN, after=0, limit=500)
        refused = [one for one in records if one.data.get("refused")]
        assert len(refused) == 7
        assert refused[0].actor == "token:entra"
        clock = made.clock
        assert isinstance(clock, SetClock)
        clock.advance(timedelta(days=1, seconds=1))
        assert (await entra.send("DELETE", f"/Users/{ids[-1]}"))[0].status == 204


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PROVISIONER])
async def test_AUTHZ_1_no_other_role_pushes_people(tmp_path: Path, role: Role) -> None:
    async with provider(tmp_path) as (made, entra):
        entra.token = made.token("other", role)
        for method, path, body in (
            ("GET", "/Users", None),
            ("POST", "/Users", {"schemas": [USER], "userName": "x@contoso.com"}),
            ("GET", "/Groups", None),
            ("GET", "/ServiceProviderConfig", None),
            ("GET", "/Schemas", None),
        ):
            assert (await entra.send(method, path, body))[0].status == 403


async def test_AUTHZ_1_the_providers_token_opens_nothing_else(tmp_path: Path) -> None:
    async with provider(tmp_path) as (_, entra):
        for path in ("/people", "/headsets", "/audit", "/state"):
            answer = await exchange(entra.port, call("GET", f"/api/v1{path}", token=entra.token))
            assert answer.status == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/Users", b"{"),
        ("POST", "/Users", {"userName": "x@contoso.com"}),
        ("POST", "/Users", {"schemas": [USER]}),
        ("POST", "/Users", {"schemas": [USER], "userName": 5}),
        ("POST", "/Users", {"schemas": [USER], "userName": "no name"}),
        ("POST", "/Users", {"schemas": [USER], "userName": "x@contoso.com", "emails": "x"}),
        ("POST", "/Users", {"schemas": [USER], "userName": "x@contoso.com", "active": "perhaps"}),
        ("POST", "/Groups", {"schemas": [GROUP], "displayName": "x", "members": [{}]}),
        ("GET", "/Users?filter=((((((x%20pr))))))", None),
        ("GET", "/Users?startIndex=first", None),
    ],
)
async def test_PAR_4_a_broken_push_is_told_what_is_wrong(
    tmp_path: Path, method: str, path: str, body: Any
) -> None:
    async with provider(tmp_path) as (_, entra):
        answer, said = await entra.send(method, path, body)
        assert answer.status == 400
        assert said["scimType"] in ("invalidSyntax", "invalidValue", "invalidFilter")
