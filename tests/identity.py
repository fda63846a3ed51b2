"""A server's identity rooms over a real database, and headsets' requests, for the tests of both."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection, insert, select

from holofleet.clock import Clock, SetClock
from holofleet.protocols.mde2 import provisioning
from holofleet.protocols.mde2.credentials import Credentials, UsernameToken
from holofleet.protocols.mde2.enrollment import Context, RequestKind, SecurityTokenRequest
from holofleet.resources import Deployment, PollSchedule
from holofleet.server.access import AccessService
from holofleet.server.audit import AuditService
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.credentials import CredentialService, IssuedCredential
from holofleet.server.enrollment import EnrollmentService
from holofleet.server.pki import DeviceCA, make_device_ca
from holofleet.storage.database import Database
from holofleet.storage.identity import StoredAccess, StoredAudit, StoredCredentials, StoredIssuing
from holofleet.storage.tables.management import CLIENT, DEPLOYMENT, DOCUMENT, ENROLLMENT

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MANAGEMENT = "https://fleet.contoso.com:8444/ManagementServer/Manage.svc"
PrivateKey = ec.EllipticCurvePrivateKey


@cache
def device_ca() -> DeviceCA:
    """Return one device CA for all tests."""
    return make_device_ca(NOW)


def audit_service(database: Database, clock: Clock, *, epoch: int = 1) -> AuditService:
    """Return what people may ask of the log; each year's key is made of the year."""
    return AuditService(
        StoredAudit(database, epoch=epoch),
        clock,
        installation="a" * 32,
        seed_of_year=lambda year: f"{year:04d}".encode() * 8,
    )


@dataclass
class MemoryRevocations:
    """Revoked tokens, in memory."""

    digests: set[str] = field(default_factory=set)

    def token_revoked(self, digest: str) -> bool:
        return digest in self.digests

    def revoke_token(self, digest: str, clock: Clock) -> None:
        self.digests.add(digest)


class Identity:
    """The rooms, wired as the program wires them, at one epoch."""

    def __init__(self, database: Database, *, clock: SetClock | None = None, epoch: int = 1) -> None:
        self.database = database
        self.clock = clock or SetClock(NOW)
        self.local_token = "hf_local_" + secrets.token_urlsafe(32)
        self.revocations = MemoryRevocations()
        self.audit = StoredAudit(database, epoch=epoch)
        self.credentials = CredentialService(
            StoredCredentials(database, epoch=epoch), self.clock, key=b"k" * 32, epoch=epoch
        )
        self.enrollment = EnrollmentService(
            StoredIssuing(database, epoch=epoch), self.credentials, device_ca(), self.clock, epoch=epoch
        )
        self.access = AccessService(
            StoredAccess(database, epoch=epoch),
            self.clock,
            cookie_key=b"c" * 32,
            epoch=epoch,
            revocations=self.revocations,
            local_token=self.local_token,
        )

    def credential(self, deployment: str = "assembly", *, uses: int = 1) -> IssuedCredential:
        """Issue a credential as the local administrator."""
        return self.credentials.issue(LOCAL_ADMIN, deployment, uses=uses)

    def enroll(self, request: SecurityTokenRequest) -> provisioning.ProvisioningDocument:
        """Enroll and read the provisioning document as a headset would."""
        answer = self.enrollment.issue(request, management_url=MANAGEMENT, peer="192.0.2.10")
        return provisioning.parse(answer.provisioning)

    def rows(self) -> list[dict[str, object]]:
        """Return all enrollments in the order of their making."""
        with self.database.read() as connection:
            rows = connection.execute(select(ENROLLMENT).order_by(ENROLLMENT.c.enrolled_at, ENROLLMENT.c.id))
            return [dict(row._mapping) for row in rows]


def seed(database: Database) -> None:
    """Publish two clients with a deployment each: ``assembly`` (own) and ``loans`` (fabrikam)."""
    with database.transaction() as connection:
        connection.execute(insert(DOCUMENT).values(hash="0" * 64, content="[]"))
        for client, name in (("own", "assembly"), ("fabrikam", "loans")):
            connection.execute(insert(CLIENT).values(client_id=client))
            _deploy(connection, client, name)


def _deploy(connection: Connection, client: str, name: str) -> None:
    deployment = Deployment(
        name=name,
        client=client,
        scenarios=("cloud-connected",),
        poll=PollSchedule(first_count=2, first_interval_min=7, remaining_interval_min=1440, on_login=False),
    )
    connection.execute(
        insert(DEPLOYMENT).values(
            name=name, client_id=client, data=deployment.model_dump_json(), common_hash="0" * 64
        )
    )


def make_csr(key: PrivateKey, device_id: str) -> bytes:
    """Return a certificate request in the shape of Windows 11."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{str(uuid.uuid4())[:30]}!{device_id}"[:64])])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def request_of(
    credential: IssuedCredential | None,
    *,
    hardware_id: str = "HW-1",
    device_id: str | None = None,
    key: PrivateKey | None = None,
    der: bytes | None = None,
    credentials: Credentials | None = None,
    items: tuple[tuple[str, str], ...] = (),
) -> SecurityTokenRequest:
    """Return a RequestSecurityToken; what is not given is new and random, as on a real headset."""
    device_id = uuid.uuid4().hex.upper() if device_id is None else device_id
    key = key or ec.generate_private_key(ec.SECP256R1())
    if credential is not None:
        credentials = UsernameToken(credential.username, credential.password)
    return SecurityTokenRequest(
        message_id="urn:uuid:1",
        kind=RequestKind.ISSUE,
        request=make_csr(key, device_id) if der is None else der,
        context=Context((("DeviceID", device_id), ("HWDevID", hardware_id), *items)),
        credentials=credentials,
    )
