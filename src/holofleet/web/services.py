"""The services that the HTTP side calls, built by the command line and by nobody else.

Where the concrete class says all there is to say it stands here; a protocol stands where a test gives another
implementation, or where the work is grouped behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from holofleet.clock import Clock

if TYPE_CHECKING:
    from holofleet.protocols.mde2.discovery import DiscoverRequest, DiscoverResponse
    from holofleet.protocols.mde2.enrollment import SecurityTokenRequest, SecurityTokenResponse
    from holofleet.protocols.mde2.policy import CertificatePolicy, GetPoliciesRequest
    from holofleet.server.access import AccessService
    from holofleet.server.approvals import ApprovalRooms
    from holofleet.server.assist import AssistRooms
    from holofleet.server.audit import AuditService, PrivacyService, RetentionService
    from holofleet.server.credentials import CredentialService
    from holofleet.server.custody import CustodyRooms
    from holofleet.server.directory import DirectoryService, ProvisioningService
    from holofleet.server.fleet import DecisionService, FleetService
    from holofleet.server.fleet.history import HistoryService
    from holofleet.server.guides import GuideService
    from holofleet.server.licenses import LicenseService
    from holofleet.server.loans import LoanService
    from holofleet.server.management.service import Answer, Identity, Refusal
    from holofleet.server.orders import OrderService
    from holofleet.server.sign_in import SignInService
    from holofleet.server.visits import VisitService
    from holofleet.server.webhooks import WebhookService


class ManagementPort(Protocol):
    """The hot path: asynchronous, so that reads and writes of many headsets can be grouped."""

    async def authenticate(self, certificate_der: bytes) -> Identity | Refusal:
        """Judge a certificate by its row and by itself; the one read of an idle check-in."""
        ...

    async def handle(self, identity: Identity, body: bytes) -> Answer:
        """Take one message and return the answer, stored before it leaves."""
        ...


class EnrollmentPort(Protocol):
    """Enrollment, called in a thread. A refusal is an exception that carries its fault."""

    def discover(self, request: DiscoverRequest, *, policy_url: str, enrollment_url: str) -> DiscoverResponse:
        """Say where to go on; writes nothing."""
        ...

    def policies(self, request: GetPoliciesRequest, *, peer: str) -> CertificatePolicy:
        """Say which certificate to ask for."""
        ...

    def issue(self, request: SecurityTokenRequest, *, management_url: str, peer: str) -> SecurityTokenResponse:
        """Issue a certificate with its provisioning document."""
        ...


@dataclass(frozen=True)
class Services:
    """Everything that a handler may call."""

    management: ManagementPort
    enrollment: EnrollmentPort
    fleet: FleetService
    orders: OrderService
    decisions: DecisionService
    credentials: CredentialService
    access: AccessService
    sign_in: SignInService
    audit: AuditService
    retention: RetentionService
    privacy: PrivacyService
    directory: DirectoryService
    provisioning: ProvisioningService
    licenses: LicenseService
    custody: CustodyRooms
    loans: LoanService
    approvals: ApprovalRooms
    assist: AssistRooms
    guides: GuideService
    history: HistoryService
    visits: VisitService
    webhooks: WebhookService
    clock: Clock
