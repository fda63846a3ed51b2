"""The three services of the door, as a headset meets them.

Order of the checks of an enrollment, cheap and unprivileged first: credential, form of the request, key, proof of
possession, then the rules, and the signature last (SECURITY 5.5).
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from holofleet.clock import Clock, render_utc
from holofleet.errors import ConflictError, StorageError
from holofleet.protocols.mde2 import csr
from holofleet.protocols.mde2.credentials import Credentials, UsernameToken
from holofleet.protocols.mde2.discovery import AuthPolicy, DiscoverRequest, DiscoverResponse
from holofleet.protocols.mde2.enrollment import RequestKind, SecurityTokenRequest, SecurityTokenResponse
from holofleet.protocols.mde2.faults import FaultKind
from holofleet.protocols.mde2.policy import CertificatePolicy, GetPoliciesRequest
from holofleet.protocols.mde2.provisioning import (
    Account,
    Application,
    DMClient,
    Poll,
    ProvisioningDocument,
    Store,
    render,
)
from holofleet.resources import PollSchedule
from holofleet.server.credentials import Credential, CredentialRefusedError, CredentialService
from holofleet.server.enrollment.claim import read_claim
from holofleet.server.enrollment.fault import EnrollmentFaultError
from holofleet.server.enrollment.issuing import Claim, Issue, Situation, decide
from holofleet.server.enrollment.store import IssuingStore
from holofleet.server.pki import DEVICE_VALIDITY, DeviceCA, public_key_sha256

PROVIDER_ID = "holofleet"
"""Our name in every headset's account. It can never change: headsets keep it for life."""
NEWEST_VERSION = Decimal("5.0")
OLDEST_VERSION = Decimal("3.0")
_VERSION_UNSAID = Decimal("4.0")
_RENEWAL_WINDOW = timedelta(days=60)
_REPLY_LIFE = timedelta(minutes=5)
_NONCE_BYTES = 16


class EnrollmentService:
    """Answers discovery, policy and certificate requests with user name and password (OnPremise)."""

    def __init__(
        self, store: IssuingStore, credentials: CredentialService, device_ca: DeviceCA, clock: Clock, *, epoch: int
    ) -> None:
        """Take the issuing store, the credentials, the authority for headsets, the clock and the epoch."""
        self._store = store
        self._credentials = credentials
        self._device_ca = device_ca
        self._clock = clock
        self._epoch = epoch

    def discover(self, request: DiscoverRequest, *, policy_url: str, enrollment_url: str) -> DiscoverResponse:
        """Say where to go on. Costs no read and no write.

        A headset that offers nothing at all is taken to know user name and password, the oldest kind.

        Raises:
            EnrollmentFaultError: it offers only kinds of credentials that are not served.
        """
        if request.auth_policies and AuthPolicy.ON_PREMISE not in request.auth_policies:
            raise EnrollmentFaultError(
                FaultKind.NOT_SUPPORTED, "This server enrolls with user name and password (OnPremise) only."
            )
        return DiscoverResponse(
            auth_policy=AuthPolicy.ON_PREMISE,
            enrollment_version=_version(request.request_version),
            policy_url=policy_url,
            enrollment_url=enrollment_url,
        )

    def policies(self, request: GetPoliciesRequest, *, peer: str = "") -> CertificatePolicy:
        """Say which certificate to ask for: a key of 2,048 bits or more, signed with SHA-256.

        Raises:
            EnrollmentFaultError: no credential that opens anything, or the store cannot be used.
        """
        with _told_as_faults():
            self._authenticate(request.credentials)
        return CertificatePolicy(
            policy_id=PROVIDER_ID,
            friendly_name="holofleet headset identity",
            validity_s=int(DEVICE_VALIDITY.total_seconds()),
            renewal_s=int(_RENEWAL_WINDOW.total_seconds()),
        )

    def issue(
        self, request: SecurityTokenRequest, *, management_url: str, peer: str = ""
    ) -> SecurityTokenResponse:
        """Issue an identity and everything that a headset needs to come under management.

        Args:
            request: As parsed.
            management_url: Where the headset will check in.
            peer: The address that the request came from, for the audit.

        Raises:
            EnrollmentFaultError: refused; nothing was stored.
        """
        with _told_as_faults():
            if request.kind is not RequestKind.ISSUE:
                raise EnrollmentFaultError(
                    FaultKind.NOT_ELIGIBLE_TO_RENEW, "This server does not renew certificates."
                )
            credential = self._authenticate(request.credentials)
            wanted = _read_request(request)
            key = public_key_sha256(wanted.public_key)
            claim = read_claim(request, credential_id=credential.id, key_sha256=key, peer=peer)
            issue = self._issue(claim, wanted)
        store = Store.SYSTEM if request.context.get("EnrollmentType") == "Device" else Store.USER
        now = self._clock.now()
        return SecurityTokenResponse(
            provisioning=render(self._document(issue, management_url=management_url, store=store)),
            created=render_utc(now - _REPLY_LIFE),
            expires=render_utc(now + _REPLY_LIFE),
        )

    def _authenticate(self, credentials: Credentials | None) -> Credential:
        if not isinstance(credentials, UsernameToken):
            raise EnrollmentFaultError(FaultKind.AUTHENTICATION, "A user name and a password are needed.")
        try:
            return self._credentials.verify(credentials.username, credentials.password)
        except CredentialRefusedError as error:
            raise EnrollmentFaultError.of_credential(error) from error

    def _issue(self, claim: Claim, wanted: csr.CertificateRequest) -> Issue:
        now, new_id = self._clock.now(), uuid.uuid4().hex

        def judge(situation: Situation) -> Issue:
            return decide(
                claim,
                situation,
                now=now,
                epoch=self._epoch,
                new_id=new_id,
                sign=lambda name: self._device_ca.sign(wanted.public_key, name, now),
            )

        try:
            return self._store.issue(claim, judge, at=now)
        except ConflictError:
            # The same key was stored a moment ago by somebody else; now it can be seen, and is judged.
            return self._store.issue(claim, judge, at=now)

    def _document(self, issue: Issue, *, management_url: str, store: Store) -> ProvisioningDocument:
        enrollment = issue.enrollment
        return ProvisioningDocument(
            root=self._device_ca.certificate.der,
            certificate=issue.certificate.der,
            application=Application(
                provider_id=PROVIDER_ID,
                name="holofleet",
                address=management_url,
                to_client=_account(),
                to_server=_account(enrollment.id),
                certificate_subject=f"CN={enrollment.id}",
            ),
            dm_client=DMClient(device_id=enrollment.id, poll=_poll(issue.deployment.poll), upn=enrollment.upn),
            store=store,
        )


def _read_request(request: SecurityTokenRequest) -> csr.CertificateRequest:
    if request.is_cms:
        raise EnrollmentFaultError(FaultKind.CERTIFICATE_REQUEST, "A first enrollment needs a PKCS#10 request.")
    try:
        wanted = csr.parse(request.request)
        wanted.verify()
    except csr.CSRRefusedError as error:
        raise EnrollmentFaultError.of_request(error) from error
    return wanted


def _account(name: str = "") -> Account:
    """Return a random account. It is stored nowhere: the certificate is what proves a headset."""
    return Account(secret=secrets.token_urlsafe(24), nonce=secrets.token_bytes(_NONCE_BYTES), name=name)


def _poll(schedule: PollSchedule) -> Poll:
    return Poll(
        first_count=schedule.first_count,
        first_interval_min=schedule.first_interval_min,
        second_count=schedule.second_count,
        second_interval_min=schedule.second_interval_min,
        remaining_interval_min=schedule.remaining_interval_min,
        on_login=schedule.on_login,
    )


def _version(asked: str) -> str:
    """Return the version to enroll with: what was asked for, within what we know."""
    try:
        wanted = Decimal(asked) if len(asked) <= 8 else _VERSION_UNSAID
    except InvalidOperation:
        wanted = _VERSION_UNSAID
    if not wanted.is_finite():
        wanted = _VERSION_UNSAID
    return f"{min(max(wanted, OLDEST_VERSION), NEWEST_VERSION):.1f}"


@contextmanager
def _told_as_faults() -> Iterator[None]:
    """Tell a headset of our own trouble in words that make it try again later."""
    try:
        yield
    except ConflictError as error:
        raise EnrollmentFaultError(FaultKind.ENROLLMENT_SERVER, "Please try again.") from error
    except StorageError as error:
        raise EnrollmentFaultError(
            FaultKind.IN_MAINTENANCE, "The server cannot enroll now; please try again later."
        ) from error
