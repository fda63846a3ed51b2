"""Where requests go, and where they never go (SECURITY GRA-1, LOG-1)."""

from __future__ import annotations

import logging
from typing import Any

import httpx2
import pytest
from tests.unit.targets.graph.wire import Asked, Wire, error

from holofleet.errors import InputError, PeerError, RefusedError
from holofleet.targets.graph.client import BATCH_LIMIT, GraphClient, Lost, http_client
from holofleet.targets.graph.operations import Operation, Service, directory, intune, tenant
from holofleet.targets.graph.origin import DEFAULT, Origin
from holofleet.targets.graph.tokens import Token
from holofleet.targets.graph.work import ask

CANARY = "canary-7f3a9c1e"


class Fixed:
    """Always the same token; counts how often it is asked."""

    def __init__(self, value: str = CANARY) -> None:
        self.value = value
        self.asked = 0

    async def token(self, *, fresh: bool = False) -> Token:
        self.asked += 1
        return Token(self.value, 4e9)


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1:8080",
        "ftp://127.0.0.1",
        "https://user:pass@graph.example.com",
        "https://graph.example.com/v1.0",
        "https://graph.example.com?x=1",
        "https://",
        "graph.example.com",
        "https://graph.example.com:99999",
    ],
)
def test_GRA_1_a_graph_address_that_could_leak_or_mislead_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        Origin.parse(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8765", "http://[::1]:8765", "http://localhost"])
def test_GRA_1_an_emulator_on_loopback_never_gets_a_token(url: str) -> None:
    assert not Origin.parse(url).carries_token


async def test_GRA_1_no_credential_is_even_asked_for_an_emulator() -> None:
    wire, tokens = Wire(lambda _: (200, {}, {"value": []})), Fixed()
    await wire.engine(tokens=tokens).one(ask(directory.LIST_USERS.request()))
    assert tokens.asked == 0
    assert "authorization" not in wire.trips[0].headers


async def test_GRA_1_the_token_goes_to_the_configured_origin() -> None:
    wire = Wire(lambda _: (200, {}, {"value": []}), root="https://graph.example.com")
    await wire.engine(tokens=Fixed()).one(ask(directory.LIST_USERS.request()))
    assert str(wire.trips[0].url).startswith("https://graph.example.com/v1.0/")
    assert wire.trips[0].headers["authorization"] == f"Bearer {CANARY}"


def test_a_graph_without_a_sign_in_is_refused() -> None:
    with pytest.raises(RefusedError):
        GraphClient(Origin.parse(DEFAULT), httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: None)))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example.net/v1.0/users?$skiptoken=x",
        "http://graph.example.com/v1.0/users?$skiptoken=x",
        "https://graph.example.com:8443/v1.0/users",
        "https://graph.example.com@evil.example.net/v1.0/users",
        "https://graph.example.com.evil.example.net/v1.0/users",
        "https://graph.example.com/beta/users",
        "https://graph.example.com/v1.0/../beta/users",
        "https://graph.example.com/v1.0/users\r\nX: y",
        "//evil.example.net/v1.0/users",
        "/v1.0/users",
        "",
        "https://[",
    ],
)
async def test_GRA_1_a_list_that_goes_on_elsewhere_is_an_error_and_nothing_is_sent(link: str) -> None:
    wire = Wire(
        lambda _: (200, {}, {"value": [], "@odata.nextLink": link or " "}), root="https://graph.example.com"
    )
    with pytest.raises(PeerError):
        await wire.engine(tokens=Fixed()).one(ask(directory.LIST_USERS.request()))
    assert len(wire.trips) == 1


def test_the_part_of_a_next_link_below_the_version_is_kept_as_it_stands() -> None:
    origin = Origin.parse("https://graph.example.com")
    link = "https://GRAPH.example.com/v1.0/users?$skiptoken=A%2Fb&$top=2"
    assert origin.followed(link, version="v1.0") == "/users?$skiptoken=A%2Fb&$top=2"


async def test_GRA_1_a_redirect_is_never_followed() -> None:
    wire = Wire(lambda _: (302, {"Location": "https://evil.example.net/"}, None), root="https://graph.example.com")
    with pytest.raises(PeerError, match="redirect"):
        await wire.engine(tokens=Fixed()).one(ask(directory.LIST_USERS.request()))
    assert [trip.url.host for trip in wire.trips] == ["graph.example.com"]


async def test_GRA_1_a_redirect_inside_a_batch_is_an_error_of_that_request() -> None:
    wire = Wire(lambda _: (302, {"Location": "https://evil.example.net/"}, None), root="https://graph.example.com")
    works = {str(n): ask(directory.GET_USER.request(id=str(n))) for n in range(2)}
    results = await wire.engine(tokens=Fixed()).run(works)
    assert all(isinstance(result, PeerError) for result in results.values())
    assert {trip.url.host for trip in wire.trips} == {"graph.example.com"}


async def test_GRA_1_the_real_client_verifies_and_follows_nothing() -> None:
    client = http_client(Origin.parse(DEFAULT))
    assert not client.follow_redirects
    await client.aclose()


async def test_GRA_2_what_is_not_registered_is_not_sent() -> None:
    rogue = Operation("users.list", "v1.0", "GET", "/users", "P", Service.IDENTITY, "not the registered one")
    wire = Wire(lambda _: (200, {}, {}))
    with pytest.raises(RefusedError, match="registered"):
        await wire.engine().one(ask(rogue.request()))
    assert not wire.trips


async def test_a_batch_takes_twenty_of_one_version_and_nothing_that_goes_alone() -> None:
    client = Wire(lambda _: (200, {}, {})).engine().client
    request = directory.LIST_USERS.request()
    with pytest.raises(ValueError, match="20"):
        await client.batch("v1.0", [(request, request.url)] * (BATCH_LIMIT + 1))
    for wrong in (intune.LIST_PROFILES.request(), tenant.LIST_ACCESS_POLICIES.request()):
        with pytest.raises(ValueError, match="cannot be in this batch"):
            await client.batch("v1.0", [(request, request.url), (wrong, wrong.url)])


async def test_every_failure_of_the_http_library_is_an_outcome() -> None:
    kinds = [httpx2.TransportError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    concrete = [kind for kind in kinds if not kind.__subclasses__()]
    assert len(concrete) > 8
    before = {httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError}
    for kind in [*concrete, httpx2.DecodingError]:

        def fail(request: httpx2.Request, kind: Any = kind) -> httpx2.Response:
            raise kind("x", request=request)

        wire = Wire(lambda _: (200, {}, {}))
        wire.before = fail
        request = directory.LIST_USERS.request()
        outcome = await wire.engine().client.send(request, request.url)
        assert outcome == Lost(outcome.reason, kind not in before)  # type: ignore[union-attr]


async def test_an_answer_that_is_no_json_is_no_success() -> None:
    wire = Wire(lambda _: (200, {}, {}))
    wire.before = lambda _: httpx2.Response(200, text="<html>Sign in to the hotel network</html>")
    request = directory.LIST_USERS.request()
    assert isinstance(await wire.engine().client.send(request, request.url), Lost)


async def test_LOG_1_neither_tokens_nor_bodies_nor_queries_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    def answer(asked: Asked) -> Any:
        if asked.method == "POST":
            return error(400, "Request_BadRequest", f"password {CANARY}-pw is too weak")
        return 200, {}, {"value": [], "secret": CANARY}

    caplog.set_level(logging.DEBUG)
    wire = Wire(answer, root="https://graph.example.com")
    create = directory.CREATE_USER.request(body={"passwordProfile": {"password": f"{CANARY}-pw"}})
    search = directory.LIST_USERS.request(query={"$filter": f"x eq '{CANARY}'"})
    results = await wire.engine(tokens=Fixed()).run({"c": ask(create), "s": ask(search)})
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("holofleet")]
    assert ours
    assert CANARY not in "\n".join(ours)
    assert CANARY not in str(results["c"])


async def test_every_request_carries_an_id_of_its_own() -> None:
    wire = Wire(lambda _: (200, {}, {"value": []}))
    engine = wire.engine()
    for _ in range(2):
        await engine.one(ask(directory.LIST_USERS.request()))
    assert len({trip.headers["client-request-id"] for trip in wire.trips}) == 2
