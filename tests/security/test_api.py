"""The API and the people listener, attacked over real TLS sockets: AUTHZ, ISO-2, DOS-1, WEB-2, WEB-3, DEF-1."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from tests.web_server import Answer, exchange
from tests.web_services import LOCAL_TOKEN, Bench, bench, small_state, web_settings, whole_server

from holofleet.server.authorization import Action, Role, Target, permit
from holofleet.web.api.app import api_app
from holofleet.web.api.call import PREFIX
from holofleet.web.app import device_app, people_app
from holofleet.web.declaration import UndeclaredRouteError, declared_actions, declares
from holofleet.web.limits import EndpointLimits, Limits, Rate

INVENTORY = Path(__file__).with_name("routes.txt")
OPEN_PAGES = ("/sign-in", "/g", "/g/invitation", "/k", "/k/code", "/k/over", "/k/passkey", "/k/pin")
"""What answers a stranger: how to sign in, the code of a browser that nobody paired yet, and where a guest
opens a link."""
ID = "0" * 32
SAMPLES: dict[str, Any] = {
    "GET /api/v1/state": None,
    "PUT /api/v1/state": {"state": {}, "texts": {}, "plan_hash": "", "told_hash": ""},
    "GET /api/v1/texts": None,
    "GET /api/v1/drift": None,
    "GET /api/v1/reported": None,
    "GET /api/v1/overview": None,
    "GET /api/v1/headsets": None,
    "GET /api/v1/headsets/{serial}": None,
    "GET /api/v1/headsets/{serial}/orders": None,
    "POST /api/v1/headsets/{serial}/orders": {"kind": "sync", "reason": "test"},
    "POST /api/v1/headsets/{serial}/lost": {"reason": "test"},
    "POST /api/v1/headsets/{serial}/found": {"reason": "test"},
    "POST /api/v1/headsets/{serial}/retire": {"reason": "test"},
    "POST /api/v1/headsets/{serial}/revoke": {"reason": "test"},
    "GET /api/v1/enrollments": None,
    "POST /api/v1/orders/freeze": {"frozen": True, "reason": "test"},
    "GET /api/v1/credentials": None,
    "POST /api/v1/credentials": {"deployment": "loans"},
    "GET /api/v1/tokens": None,
    "POST /api/v1/tokens": {"name": "from-test", "roles": ["viewer"]},
    "DELETE /api/v1/tokens/{token_id}": None,
    "GET /api/v1/sessions": None,
    "DELETE /api/v1/sessions/{session_id}": None,
    "PUT /api/v1/proposals/state": {"state": {}, "texts": {}, "plan_hash": "", "told_hash": "", "reason": "test"},
    "GET /api/v1/approvals": None,
    "GET /api/v1/people": None,
    "POST /api/v1/people": {"upn": "isaiah@fabrikam.com", "client": "fabrikam"},
    "GET /api/v1/groups": None,
    "POST /api/v1/groups": {"name": "welders", "client": "fabrikam"},
    "GET /api/v1/licenses": None,
    "GET /api/v1/licenses/assignments": None,
    "GET /api/v1/custody": None,
    "POST /api/v1/custody/scan": {"texts": []},
    "POST /api/v1/custody/in": {"headset": "F-1"},
    "POST /api/v1/custody/lost": {"headset": "F-1"},
    "POST /api/v1/custody/found": {"headset": "F-1"},
    "GET /api/v1/custody/headsets/{serial}": None,
    "GET /api/v1/custody/headsets/{serial}/holder": None,
    "GET /api/v1/custody/headsets/{serial}/story": None,
    "POST /api/v1/custody/headsets/{serial}/pairing": None,
    "DELETE /api/v1/custody/headsets/{serial}/pairing": None,
    "GET /api/v1/account-secrets": None,
    "GET /api/v1/loans": None,
    "GET /api/v1/calls": None,
    "GET /api/v1/calls/left": None,
    "GET /api/v1/calls/links": None,
    "GET /api/v1/recordings": None,
    "GET /api/v1/webhooks": None,
    "POST /api/v1/webhooks": {"name": "x", "url": "https://hooks.contoso.com/", "events": ["call.missed"]},
    "GET /api/v1/events": None,
    "GET /api/v1/audit": None,
    "GET /api/v1/audit/export": None,
    "POST /api/v1/audit/checkpoint": {},
    "GET /api/v1/audit/retention": None,
    "POST /api/v1/audit/verification": {"checkpoints": []},
}
DECIDED_BY_SERVICE = {
    "POST /api/v1/orders/bulk",
    "GET /api/v1/orders/given/{given}",
    "GET /api/v1/approvals/{approval_id}",
    "POST /api/v1/approvals/{approval_id}/approval",
    "POST /api/v1/approvals/{approval_id}/execution",
    "POST /api/v1/approvals/{approval_id}/refusal",
    "POST /api/v1/enrollments/{enrollment_id}/decision",
    "DELETE /api/v1/orders/{order_id}",
    "DELETE /api/v1/credentials/{credential_id}",
    "GET /api/v1/people/{key}",
    "PATCH /api/v1/people/{key}",
    "GET /api/v1/people/{key}/endings",
    "POST /api/v1/people/{key}/invitation",
    "POST /api/v1/people/{key}/leave",
    "POST /api/v1/people/{key}/roles",
    "PUT /api/v1/people/{key}/scope",
    "DELETE /api/v1/people/{key}/roles/{role}",
    "PATCH /api/v1/groups/{key}/members",
    "DELETE /api/v1/groups/{key}",
    "POST /api/v1/licenses/assignments",
    "POST /api/v1/licenses/removals",
    "GET /api/v1/licenses/people/{key}",
    "POST /api/v1/audit/retention",
    "POST /api/v1/audit/people/{key}/export",
    "POST /api/v1/audit/people/{key}/erasure",
    "POST /api/v1/custody/out",
    "POST /api/v1/custody/headsets/{serial}/records/{sequence}/undo",
    "POST /api/v1/custody/headsets/{serial}/records/{sequence}/correction",
    "GET /api/v1/people/{key}/headsets",
    "PUT /api/v1/people/{key}/badge",
    "DELETE /api/v1/people/{key}/badge",
    "GET /api/v1/people/{key}/pin",
    "DELETE /api/v1/people/{key}/pin",
    "PUT /api/v1/account-secrets/{account}/{what}",
    "POST /api/v1/account-secrets/{account}/{what}/reset",
    "GET /api/v1/calls/{call_id}",
    "GET /api/v1/calls/{call_id}/marks",
    "DELETE /api/v1/calls/links/{link_id}",
    "GET /api/v1/recordings/{recording_id}",
    "POST /api/v1/recordings/{recording_id}/media",
    "POST /api/v1/recordings/{recording_id}/hold",
    "POST /api/v1/recordings/{recording_id}/lift",
    "POST /api/v1/recordings/{recording_id}/deletion",
    "GET /api/v1/webhooks/{webhook_id}",
    "PUT /api/v1/webhooks/{webhook_id}",
    "POST /api/v1/webhooks/{webhook_id}/secret",
    "POST /api/v1/webhooks/{webhook_id}/test",
    "DELETE /api/v1/webhooks/{webhook_id}",
    "GET /api/v1/loans/{key}",
    "POST /api/v1/loans/{key}/acts",
    "POST /api/v1/loans/{key}/acts/{sequence}/mistake",
}
"""Whose thing it is only the service can say: it decides, and its own tests prove it."""
ACTION_OF_SAMPLE = {
    "POST /api/v1/headsets/{serial}/orders": Action.ORDER_SYNC,
    "POST /api/v1/orders/freeze": Action.FREEZE_ORDERS,
}
OF_CLIENT = {path for path in SAMPLES if "{serial}" in path} | {
    "POST /api/v1/credentials",
    "POST /api/v1/people",
    "POST /api/v1/groups",
    "POST /api/v1/custody/in",
    "POST /api/v1/custody/lost",
    "POST /api/v1/custody/found",
}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as found:
        found.publish(small_state())
        yield found


def call(
    method: str, path: str, *, token: str = "", body: Any = None, more: str = "", host: str = "localhost"
) -> bytes:
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    typed = "Content-Type: application/json\r\n" if content else ""
    length = f"Content-Length: {len(content)}\r\n" if body is not None and "Content-Length" not in more else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{authorization}{typed}{length}{more}\r\n"
    return head.encode() + content


def routes_of(found: Bench) -> dict[str, frozenset[Action]]:
    api = api_app(found.services, web_settings())
    return {
        f"{method} {route.path}": declared_actions(route)  # type: ignore[attr-defined]
        for route in api.routes
        for method in route.methods  # type: ignore[attr-defined]
    }


def test_DEF_1_the_routes_of_a_fresh_server_are_the_reviewed_ones(made: Bench) -> None:
    settings = web_settings()
    lines = ["people", *people_app(made.services, settings).inventory()]
    lines += ["device", *device_app(made.services, settings).inventory()]
    assert lines == INVENTORY.read_text().splitlines(), (
        "review what each new route does, then write it into the file"
    )


def test_AUTHZ_2_an_application_with_a_route_that_declares_nothing_is_not_built(made: Bench) -> None:
    def silent(request: Request) -> PlainTextResponse:
        return PlainTextResponse("")

    with pytest.raises(UndeclaredRouteError, match="/silent"):
        people_app(made.services, web_settings(), pages=[Route("/silent", silent)])


def test_AUTHZ_1_every_route_has_a_sample_here(made: Bench) -> None:
    assert set(routes_of(made)) == set(SAMPLES) | DECIDED_BY_SERVICE


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("clients", [None, ["fabrikam"], ["northwind"]])
async def test_AUTHZ_1_each_route_does_what_the_table_says_for_each_role_and_scope(
    made: Bench, role: Role, clients: list[str] | None
) -> None:
    token = made.token("matrix", role, clients=clients)
    principal = made.services.access.principal_of_token(token)
    assert principal is not None
    declared = routes_of(made)
    limits = replace(Limits(), api=EndpointLimits(2**20, Rate(1e6, 10**6)))
    # No headset is enrolled here, so the real orders and decisions would know of none.
    recording = replace(made, services=replace(made.services, orders=made.recorded, decisions=made.recorded))  # type: ignore[arg-type]
    async with whole_server(recording, limits=limits) as server:
        port = server.listener("people").port
        for sample, body in SAMPLES.items():
            method, path = sample.split(" ")
            action = ACTION_OF_SAMPLE.get(sample) or next(iter(declared[sample]))
            target = Target("fabrikam") if sample in OF_CLIENT else Target()
            allowed = permit(principal, action, target).allowed
            filled = path.replace("{serial}", "F-1").replace("{token_id}", ID)
            answer = await exchange(port, call(method, filled, token=token, body=body))
            refused = answer.status == 403 or (answer.status == 404 and sample in OF_CLIENT)
            assert refused is not allowed, f"{sample}: {answer.status} {answer.body!r}"


async def test_AUTHZ_1_nobody_gets_anything_without_a_valid_token_and_no_body_is_read(made: Bench) -> None:
    limits = replace(Limits().raised("bench", headsets=1_000), api=EndpointLimits(2**20, Rate(1e6, 10**6)))
    async with whole_server(made, limits=limits) as server:
        port = server.listener("people").port
        for sample in routes_of(made):
            method, path = sample.split(" ")
            for token in ("", "hf_wrong", "x" * 5000):
                announced = call(method, path, token=token, more="Content-Length: 1000\r\n")
                answer = await exchange(port, announced)
                assert answer.status == 401, sample
                assert answer.header("www-authenticate") == "Bearer"
                assert answer.header("content-type") == "application/problem+json"


async def test_CON_1_a_token_counts_in_the_bearer_header_only_and_not_after_its_revocation(made: Bench) -> None:
    token = made.token("ci", Role.VIEWER)
    async with whole_server(made) as server:
        port = server.listener("people").port

        async def status(data: bytes) -> int:
            return (await exchange(port, data)).status

        path = f"{PREFIX}/overview"
        assert await status(call("GET", path, token=token)) == 200
        assert await status(call("GET", f"{path}?token={token}&access_token={token}")) == 401
        assert await status(call("GET", path, more=f"Cookie: token={token}; __Host-holofleet={token}\r\n")) == 401
        assert await status(call("GET", path, more=f"Authorization: Basic {token}\r\n")) == 401
        twice = f"Authorization: Bearer {token}\r\nAuthorization: Bearer {LOCAL_TOKEN}\r\n"
        assert await status(call("GET", path, more=twice)) == 400
        assert await status(call("GET", path, token=LOCAL_TOKEN)) == 200
        tokens = json.loads((await exchange(port, call("GET", f"{PREFIX}/tokens", token=LOCAL_TOKEN))).body)
        found = next(item for item in tokens["tokens"] if item["name"] == "ci")
        assert await status(call("DELETE", f"{PREFIX}/tokens/{found['id']}", token=LOCAL_TOKEN)) == 204
        assert await status(call("GET", path, token=token)) == 401


async def test_ISO_2_a_foreign_headset_and_one_that_is_not_there_give_the_same_answer(made: Bench) -> None:
    token = made.token("fabrikam-desk", Role.HELPDESK, clients=["fabrikam"])
    async with whole_server(made) as server:
        port = server.listener("people").port
        for method, tail, body in (
            ("GET", "", None),
            ("POST", "/orders", {"kind": "sync"}),
            ("POST", "/lost", {"reason": ""}),
        ):
            answers = [
                await exchange(port, call(method, f"{PREFIX}/headsets/{serial}{tail}", token=token, body=body))
                for serial in ("N-1", "X-9")
            ]
            assert [answer.status for answer in answers] == [404, 404]
            assert answers[0].body == answers[1].body
        listed = await exchange(port, call("GET", f"{PREFIX}/headsets", token=token))
        assert [item["serial"] for item in json.loads(listed.body)["headsets"]] == ["F-1"]
        everything = await exchange(port, call("GET", f"{PREFIX}/overview", token=token))
        assert b"northwind" not in everything.body.lower()
    assert made.recorded.asked == []


async def test_DOS_1_a_token_above_its_rate_gets_429_and_another_is_served(made: Bench) -> None:
    limits = replace(Limits(), api=EndpointLimits(2**20, Rate(0.01, 2)))
    one, other = made.token("one", Role.VIEWER), made.token("other", Role.VIEWER)
    path = f"{PREFIX}/overview"
    async with whole_server(made, limits=limits) as server:
        port = server.listener("people").port
        assert [(await exchange(port, call("GET", path, token=one))).status for _ in range(3)] == [200, 200, 429]
        refused = await exchange(port, call("GET", path, token=one))
        assert int(refused.header("retry-after") or 0) > 0
        assert (await exchange(port, call("GET", path, token=other))).status == 200
        guesses = [(await exchange(port, call("GET", path, token=f"hf_{n}"))).status for n in range(4)]
        assert guesses == [401, 401, 429, 429]


async def test_DOS_1_bodies_above_the_limit_get_413_and_only_the_state_may_be_larger(made: Bench) -> None:
    async with whole_server(made) as server:
        port = server.listener("people").port
        big, huge = "Content-Length: 2000000\r\n", "Content-Length: 34000000\r\n"
        token = LOCAL_TOKEN
        assert (await exchange(port, call("POST", f"{PREFIX}/tokens", token=token, more=big))).status == 413
        assert (await exchange(port, call("PUT", f"{PREFIX}/state", token=token, more=huge))).status == 413
        large = b'{"state": "' + b"x" * 2_000_000 + b'"}'
        answer = await exchange(port, call("PUT", f"{PREFIX}/state", token=token, body=large))
        assert answer.status == 400
        assert b"missing or unknown" in answer.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"state": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"state": NaN}',
        b'{"state": {}, "state": {}}',
        b'{"state": {}, "texts": {}, "plan_hash": "", "told_hash": "", "more": 1}',
        b'{"state": [], "texts": {}, "plan_hash": "", "told_hash": ""}',
        b'{"state": {}, "texts": {"a": 1}, "plan_hash": "", "told_hash": ""}',
        b'{"state": {"format": 1}, "texts": {}, "plan_hash": "", "told_hash": ""}',
        b'{"state": {}, "texts": {"\\ud800": ""}, "plan_hash": "", "told_hash": ""}',
        b'{"state": {}, "texts": {}, "plan_hash": "\\u0000", "told_hash": ""}',
    ],
)
async def test_PAR_4_a_broken_state_gets_a_problem_and_changes_nothing(made: Bench, body: bytes) -> None:
    before = made.services.fleet.told().hash
    async with whole_server(made) as server:
        data = call("PUT", f"{PREFIX}/state", token=LOCAL_TOKEN, body=body)
        answer = await exchange(server.listener("people").port, data)
        assert answer.status == 400, answer.body
        assert json.loads(answer.body)["title"]
    assert made.services.fleet.told().hash == before


async def test_a_call_of_the_wrong_shape_is_told_where_and_never_shown_its_value_again(made: Bench) -> None:
    async with whole_server(made) as server:
        port = server.listener("people").port
        body = {"name": "a", "roles": "canary-1", "expires_s": "canary-2", "unknown": "canary-3"}
        answer = await exchange(port, call("POST", f"{PREFIX}/tokens", token=LOCAL_TOKEN, body=body))
        problem = json.loads(answer.body)
        assert answer.status == 400
        assert {item["where"] for item in problem["errors"]} == {"body.roles", "body.expires_s", "body.unknown"}
        assert b"canary" not in answer.body
        query = await exchange(port, call("GET", f"{PREFIX}/events?after=-1&limit=501", token=LOCAL_TOKEN))
        assert query.status == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("credentials", {"deployment": "loans", "expires_s": 10**18}),
        ("credentials", {"deployment": "loans", "expires_s": 10**400}),
        ("credentials", {"deployment": "\ud800"}),
        ("tokens", {"name": "a", "roles": ["viewer"], "expires_s": 10**18}),
        ("tokens", {"name": "a", "roles": ["viewer"], "clients": ["\ud800"]}),
        ("tokens", {"name": "a", "roles": ["viewer"], "clients": ["\x00"]}),
        ("headsets/%00/lost", {"reason": "x"}),
        ("headsets/1/lost?after=%00", {"reason": "x"}),
    ],
)
async def test_PAR_4_odd_numbers_and_characters_are_refused(made: Bench, path: str, body: dict[str, Any]) -> None:
    async with whole_server(made) as server:
        data = call("POST", f"{PREFIX}/{path}", token=LOCAL_TOKEN, body=body)
        assert (await exchange(server.listener("people").port, data)).status == 400


async def test_PAR_4_a_state_with_a_headset_of_no_deployment_is_refused(made: Bench) -> None:
    state = small_state().to_json()
    state["resources"]["headset"][0]["deployment"] = "nowhere"
    body = {"state": state, "texts": {}, "plan_hash": "", "told_hash": made.services.fleet.told().hash}
    async with whole_server(made) as server:
        data = call("PUT", f"{PREFIX}/state", token=LOCAL_TOKEN, body=body)
        answer = await exchange(server.listener("people").port, data)
        assert answer.status == 400
        assert b"deployments that are not there" in answer.body


# Pages


@declares(Action.READ_PUBLIC)
async def _page(request: Request) -> PlainTextResponse:
    return PlainTextResponse("page")


PAGES = [Route("/page", _page, methods=["GET", "POST"])]


async def test_WEB_3_every_answer_for_people_carries_the_headers(made: Bench) -> None:
    async with whole_server(made, pages=PAGES) as server:
        port = server.listener("people").port
        answers = [
            await exchange(port, call("GET", path, token=token))
            for path in ("/page", "/none", f"{PREFIX}/overview", f"{PREFIX}/none", "/metrics")
            for token in ("", LOCAL_TOKEN)
        ]
        answers.append(await exchange(port, call("POST", "/page", body=b"x")))
        answers.append(await exchange(port, call("GET", f"{PREFIX}/overview", host="elsewhere.example")))
        for answer in answers:
            policy = answer.header("content-security-policy") or ""
            assert policy.startswith("default-src 'none'; script-src 'self'")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.header("x-content-type-options") == "nosniff"
            assert answer.header("referrer-policy") == "no-referrer"
            assert answer.header("cross-origin-opener-policy") == "same-origin"
            assert "camera=()" in (answer.header("permissions-policy") or "")
            assert answer.header("cache-control") == "no-store"
            assert answer.header("access-control-allow-origin") is None


def _console_paths(found: Bench) -> list[str]:
    app = people_app(found.services, web_settings())
    paths = [
        re.sub(r"\{[^}]*\}", "x", route.path)  # type: ignore[attr-defined]
        for route in app.routes
        if "GET" in getattr(route, "methods", ()) and not route.path.startswith(PREFIX)  # type: ignore[attr-defined]
    ]
    assert len(paths) > 10
    return sorted(set(paths))


async def test_WEB_3_every_page_of_the_console_carries_the_headers_and_shows_nothing_to_a_stranger(
    made: Bench,
) -> None:
    limits = replace(Limits(), api=EndpointLimits(2**20, Rate(1e6, 10**6)))
    async with whole_server(made, limits=limits, pages=None) as server:
        port = server.listener("people").port
        for path in _console_paths(made):
            for cookie in ("", "Cookie: __Host-holofleet=hfs_wrong\r\n"):
                answer = await exchange(port, call("GET", path, more=cookie))
                assert (answer.header("content-security-policy") or "").startswith("default-src 'none'"), path
                assert answer.header("x-content-type-options") == "nosniff"
                assert answer.header("cache-control")
                assert answer.status < 500
                assert answer.status != 200 or path in OPEN_PAGES, f"{path}: {answer.body[:200]!r}"
                assert b"F-1" not in answer.body


async def test_WEB_2_a_change_needs_our_own_page_and_reading_does_not(made: Bench) -> None:
    async with whole_server(made, pages=PAGES) as server:
        port = server.listener("people").port

        async def post(more: str, host: str = f"localhost:{port}") -> int:
            return (await exchange(port, call("POST", "/page", body=b"x", more=more, host=host))).status

        assert await post(f"Origin: https://localhost:{port}\r\n") == 200
        assert await post("Sec-Fetch-Site: same-origin\r\n") == 200
        # A browser says null for a form of a page without referrer, and only then is the fetch believed.
        assert await post("Origin: null\r\nSec-Fetch-Site: same-origin\r\n") == 200
        assert await post("Origin: null\r\nSec-Fetch-Site: cross-site\r\n") == 403
        assert await post("Origin: null\r\n") == 403
        assert await post("") == 403
        for origin in (
            "https://elsewhere.example",
            "http://localhost",
            f"https://localhost:{port}.e.example",
        ):
            assert await post(f"Origin: {origin}\r\nSec-Fetch-Site: same-origin\r\n") == 403, origin
        assert await post(f"Origin: https://127.0.0.1:{port}\r\n") == 403, (
            "another origin of ours is another page's"
        )
        for site in ("cross-site", "same-site", "none"):
            assert await post(f"Sec-Fetch-Site: {site}\r\n") == 403
        twice = f"Origin: https://localhost:{port}\r\nOrigin: https://elsewhere.example\r\n"
        assert await post(twice) == 400
        reading = await exchange(port, call("GET", "/page", more="Origin: https://elsewhere.example\r\n"))
        assert reading.status == 200


async def test_WEB_2_no_page_calls_the_api(made: Bench) -> None:
    async with whole_server(made) as server:
        port = server.listener("people").port
        for origin in ("https://elsewhere.example", f"https://localhost:{port}"):
            data = call("GET", f"{PREFIX}/overview", token=LOCAL_TOKEN, more=f"Origin: {origin}\r\n")
            assert (await exchange(port, data)).status == 403


async def test_AUTHZ_2_pages_and_api_answer_under_our_names_only(made: Bench) -> None:
    async with whole_server(made, pages=PAGES) as server:
        port = server.listener("people").port
        for path in ("/page", f"{PREFIX}/overview"):
            answer: Answer = await exchange(port, call("GET", path, token=LOCAL_TOKEN, host="elsewhere.example"))
            assert answer.status == 400


async def test_DEF_1_no_schema_no_documentation_pages_and_no_metrics_unasked(made: Bench) -> None:
    async with whole_server(made) as server:
        port = server.listener("people").port
        for path in ("/docs", "/redoc", "/openapi.json", "/metrics"):
            assert (await exchange(port, call("GET", path))).status == 404
            assert (await exchange(port, call("GET", PREFIX + path, token=LOCAL_TOKEN))).status == 404
        assert (await exchange(port, call("GET", "/healthz"))).body == b"ok\n"
