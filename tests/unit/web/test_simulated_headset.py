"""A simulated headset, which shares no code with the server, against both listeners over TLS."""

from __future__ import annotations

from datetime import timedelta

from tests.web_server import trust
from tests.web_services import Bench, whole_server

from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.simulator import Credential, Fleet, HeadsetPlan


async def test_a_headset_enrolls_with_address_ca_and_credential_and_becomes_compliant(served: Bench) -> None:
    issued = served.services.credentials.issue(LOCAL_ADMIN, "loans", expires=timedelta(hours=1))
    ca_file = trust().folder / "ca.pem"
    ca_file.write_text(trust().server_ca.certificate.pem)
    async with whole_server(served) as server:
        fleet = Fleet(
            server_url=f"https://localhost:{server.listener('people').port}",
            ca_file=str(ca_file),
            headsets=[HeadsetPlan("F-1", Credential(issued.username, issued.password))],
        )
        enrolled = await fleet.enroll()
        assert not enrolled.problems
        for _ in range(3):
            checked_in = await fleet.check_in()
            assert not checked_in.problems
        assert not fleet.violations
    found = served.services.fleet.headset(LOCAL_ADMIN.scope, "F-1")
    assert found.summary.compliance == "compliant", found.summary.reasons
