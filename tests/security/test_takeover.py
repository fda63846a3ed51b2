"""Taking over a headset by claiming its ids, against the whole server (SECURITY ENR-4, MGT-1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.identity import MANAGEMENT, request_of
from tests.web_server import trust
from tests.web_services import Bench, bench, small_state, whole_server

from holofleet.protocols.mde2 import provisioning
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.credentials import IssuedCredential
from holofleet.server.management.service import Identity, Refusal
from holofleet.simulator import Credential, Fleet, HeadsetPlan
from holofleet.storage.tables.management import ENROLLMENT


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        made.publish(small_state())
        yield made


def _credential(served: Bench, uses: int = 1) -> IssuedCredential:
    return served.services.credentials.issue(LOCAL_ADMIN, "loans", uses=uses, expires=timedelta(hours=1))


def _claim(served: Bench, credential: IssuedCredential, hardware_id: str) -> bytes:
    """Enroll with a victim's hardware id and return the certificate."""
    request = request_of(credential, hardware_id=hardware_id)
    answer = served.services.enrollment.issue(request, management_url=MANAGEMENT, peer="192.0.2.66")
    return provisioning.parse(answer.provisioning).certificate


def _rows(served: Bench) -> dict[str, dict[str, object]]:
    with served.database.read() as connection:
        return {row.certificate_sha256: dict(row._mapping) for row in connection.execute(select(ENROLLMENT))}


@pytest.mark.parametrize("check_ins", [1, 2])
@pytest.mark.parametrize("shared", [False, True])
async def test_ENR_4_a_thief_with_a_valid_credential_changes_nothing_for_the_victim(
    served: Bench, shared: bool, check_ins: int
) -> None:
    credential = _credential(served, uses=2)
    ca_file = trust().folder / "ca.pem"
    ca_file.write_text(trust().server_ca.certificate.pem)
    async with whole_server(served) as server:
        fleet = Fleet(
            server_url=f"https://localhost:{server.listener('people').port}",
            ca_file=str(ca_file),
            headsets=[HeadsetPlan("F-1", Credential(credential.username, credential.password))],
        )
        assert not (await fleet.enroll()).problems
        for _ in range(check_ins):
            assert not (await fleet.check_in()).problems
        ((victim, before),) = _rows(served).items()
        stolen = _claim(served, credential if shared else _credential(served), str(before["hardware_id"]))
        rows = _rows(served)
        assert {**rows[victim], "last_seen_at": None} == {**before, "last_seen_at": None}
        assert sorted(str(row["standing"]) for row in rows.values()) == ["active", "conflict"]
        assert not (await fleet.check_in()).problems
        found = served.services.fleet.headset(LOCAL_ADMIN.scope, "F-1")
        assert (found.summary.compliance, found.certificate_sha256) == ("compliant", victim)
        thief = served.management.authenticate(stolen)
        assert isinstance(thief, Identity)
        assert thief.row.serial is None
        assert not fleet.violations


def test_ENR_3_the_identity_of_a_lost_answer_gets_nothing_once_it_was_replaced(served: Bench) -> None:
    credential = _credential(served)
    lost = _claim(served, credential, "HW-1")
    assert isinstance(served.management.authenticate(lost), Identity)
    kept = _claim(served, credential, "HW-1")
    assert isinstance(served.management.authenticate(lost), Refusal)
    assert isinstance(served.management.authenticate(kept), Identity)
    assert len(_rows(served)) == 1
