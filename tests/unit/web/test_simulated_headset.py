"""A simulated headset, which shares no code with the server, against both listeners over TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2
from tests.web_server import trust
from tests.web_services import Bench, web_settings, whole_server

from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.simulator import Credential, End, Fleet, HeadsetPlan
from holofleet.web.api.app import api_app
from holofleet.web.transport import Server


@asynccontextmanager
async def enrolled(served: Bench) -> AsyncIterator[tuple[Fleet, Server]]:
    """One headset that enrolled with address, CA file and credential, and nothing else."""
    issued = served.services.credentials.issue(LOCAL_ADMIN, "loans", expires=timedelta(hours=1))
    ca_file = trust().folder / "ca.pem"
    ca_file.write_text(trust().server_ca.certificate.pem)
    async with whole_server(served) as server:
        fleet = Fleet(
            server_url=f"https://localhost:{server.listener('people').port}",
            ca_file=str(ca_file),
            headsets=[HeadsetPlan("F-1", Credential(issued.username, issued.password))],
        )
        tally = await fleet.enroll()
        assert not tally.problems
        yield fleet, server
        assert not fleet.violations


async def check_in(fleet: Fleet, times: int) -> None:
    for _ in range(times):
        assert not (await fleet.check_in()).problems


async def test_a_headset_enrolls_and_becomes_compliant(served: Bench) -> None:
    async with enrolled(served) as (fleet, _):
        await check_in(fleet, 2)
        found = served.services.fleet.headset(LOCAL_ADMIN.scope, "F-1")
        assert found.summary.compliance == "compliant", found.summary.reasons


async def test_an_order_given_over_the_api_is_run_at_the_next_check_in(served: Bench) -> None:
    async with enrolled(served) as (fleet, _):
        await check_in(fleet, 2)
        app = api_app(served.services, web_settings(), principal=LOCAL_ADMIN)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://inside") as api:
            path = "/api/v1/headsets/F-1/orders"
            given = await api.post(path, json={"kind": "reboot", "reason": "a test"})
            assert (given.status_code, given.json()["status"]) == (201, "queued")
            await check_in(fleet, 1)
            (order,) = (await api.get(path)).json()["orders"]
            assert (order["id"], order["kind"], order["status"]) == (given.json()["id"], "reboot", "done")


async def test_a_revocation_over_the_api_counts_at_the_next_message(served: Bench) -> None:
    async with enrolled(served) as (fleet, _):
        await check_in(fleet, 2)
        app = api_app(served.services, web_settings(), principal=LOCAL_ADMIN)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://inside") as api:
            answer = await api.post("/api/v1/headsets/F-1/revoke", json={"reason": "stolen with its key"})
            assert (answer.status_code, answer.json()["standing"]) == (200, "revoked")
        tally = await fleet.check_in()
        assert dict(tally.outcomes) == {End.REFUSED: 1}


async def test_a_revoked_certificate_gets_nothing_from_its_next_message_on(served: Bench) -> None:
    async with enrolled(served) as (fleet, _):
        await check_in(fleet, 1)
        found = served.services.fleet.headset(LOCAL_ADMIN.scope, "F-1")
        served.revocations.certificates.add(found.certificate_sha256)
        tally = await fleet.check_in()
        assert dict(tally.outcomes) == {End.REFUSED: 1}
