"""A restored backup is an old truth (SECURITY D6): a data folder whose database went back in time."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.identity import MANAGEMENT, request_of
from tests.web_services import small_state

from holofleet.cli.services import wire
from holofleet.clock import SetClock
from holofleet.protocols.mde2 import provisioning
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.enrollment import EnrollmentFaultError
from holofleet.server.installation import Installation
from holofleet.server.management.service import Identity, Refusal
from holofleet.server.pki import Certificate


async def test_D6_after_a_restore_nothing_that_was_taken_back_works_again(tmp_path: Path) -> None:
    clock, backup = SetClock(datetime(2026, 3, 2, 9, tzinfo=UTC)), tmp_path / "backup.sqlite"
    with wire(tmp_path / "data", clock=clock) as wired:
        services = wired.services
        services.fleet.publish(LOCAL_ADMIN, small_state().to_json(), {}, plan_hash="", expect_told_hash=None)  # type: ignore[arg-type]  # nothing was told yet
        credential = services.credentials.issue(LOCAL_ADMIN, "loans", uses=5)
        certificates = []
        for hardware in ("HW-kept", "HW-revoked"):
            request = request_of(credential, hardware_id=hardware)
            answer = services.enrollment.issue(request, management_url=MANAGEMENT, peer="")
            certificates.append(provisioning.parse(answer.provisioning).certificate)
        token = services.access.issue_token(LOCAL_ADMIN, "ci", [Role.VIEWER])
        kept = services.access.issue_token(LOCAL_ADMIN, "kept", [Role.VIEWER])
        opened = services.access.redeem(services.access.one_time_link().token)
        link = services.access.one_time_link()
        assert opened is not None
    shutil.copy(wired.installation.database_path, backup)

    clock.advance(timedelta(hours=1))
    with wire(tmp_path / "data", clock=clock) as wired:
        wired.services.access.revoke_token(LOCAL_ADMIN, token.id)
        revoked = Certificate(certificates[1]).sha256
        wired.installation.revocations.revoke_certificate(revoked, at=clock.now(), reason="lost")

    shutil.copy(backup, wired.installation.database_path)
    with Installation.open(tmp_path / "data", now=clock.now()) as installation:
        assert installation.raise_epoch() == 2
    with wire(tmp_path / "data", clock=clock) as wired:
        services = wired.services
        async with wired.management as management:
            assert isinstance(await management.authenticate(certificates[0]), Identity)
            assert isinstance(await management.authenticate(certificates[1]), Refusal)
        assert services.access.principal_of_token(token.token) is None
        assert services.access.principal_of_token(kept.token) is not None
        assert services.access.session(opened.cookie) is None
        assert services.access.redeem(link.token) is None
        with pytest.raises(EnrollmentFaultError, match="restored"):
            services.enrollment.issue(
                request_of(credential, hardware_id="HW-3"), management_url=MANAGEMENT, peer=""
            )
