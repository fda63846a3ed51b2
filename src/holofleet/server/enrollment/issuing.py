"""The rules of issuing: who gets a certificate, and as what (SECURITY ENR-3, ENR-4, ENR-5).

:func:`decide` is pure but for the signature, which comes last. It runs inside the transaction that stores what it
returns, on facts that were read in it:

- A use of a credential is a headset. The hardware that comes again within the credential's life costs nothing; if
  it never spoke with the identity that it got before (the answer was lost), that identity is replaced and nothing
  is doubled.
- Hardware id and serial are claims. A claim on a living enrollment retires nothing: the newcomer gets an identity
  that stands in *conflict*, which reads inventory only, until an operator decides.
- A key that is known already gets no second certificate, unless it is the same headset coming again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from holofleet.protocols.mde2.faults import FaultKind
from holofleet.resources import Deployment
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action
from holofleet.server.credentials import Credential, CredentialRefusedError, Refusal
from holofleet.server.enrollment.fault import EnrollmentFaultError
from holofleet.server.pki import Certificate
from holofleet.server.ports import NewEnrollment
from holofleet.server.standing import Standing


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of itself. Only the key is proven.

    Args:
        credential_id: The credential that was verified.
        device_id: Names the enrollment on the wire: Source of every later message.
        hardware_id: Survives re-enrollment; may be empty.
        key_sha256: SHA-256 of the SubjectPublicKeyInfo, lower-case hex.
        device_name: As the headset calls itself; may be empty.
        items: Other claims worth showing, by name.
        peer: The address that it came from.
    """

    credential_id: str
    device_id: str
    hardware_id: str
    key_sha256: str
    device_name: str = ""
    items: Mapping[str, str] = field(default_factory=dict)
    peer: str = ""

    @property
    def hardware_key(self) -> str:
        """By what the same hardware is known again when uses are counted."""
        return f"hardware:{self.hardware_id}" if self.hardware_id else f"device:{self.device_id}"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The newest enrollment that this credential gave this hardware. ``replaceable``: living and never used."""

    enrollment: str
    replaceable: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """What stands in the store, read under the locks of the issuing transaction.

    Args:
        credential: The credential, with the uses that are left.
        deployment: What it is bound to; ``None`` if that was removed.
        earlier: What it gave this hardware before.
        claimed: Ids of living enrollments with the claimed hardware id, the strongest holder first.
        key_owner: Id of the enrollment that has, or had, this key.
    """

    credential: Credential
    deployment: Deployment | None
    earlier: Earlier | None
    claimed: tuple[str, ...]
    key_owner: str | None


@dataclass(frozen=True, slots=True)
class Issue:
    """What to store, all of it or nothing.

    ``replaces_unused``: ``enrollment.id`` is that of an enrollment that was never used; its identity is replaced.
    ``costs_use``: whether a use of the credential is counted down.
    """

    enrollment: NewEnrollment
    certificate: Certificate
    deployment: Deployment
    replaces_unused: bool
    costs_use: bool
    audit: AuditRecord


def decide(
    claim: Claim,
    situation: Situation,
    *,
    now: datetime,
    epoch: int,
    new_id: str,
    sign: Callable[[str], Certificate],
) -> Issue:
    """Decide a request, and sign if nothing speaks against it.

    Args:
        claim: The request.
        situation: What stands in the store.
        now: The present moment.
        epoch: Of the installation.
        new_id: The id to use if this is a new enrollment.
        sign: Signs the certificate for an enrollment id.

    Raises:
        EnrollmentFaultError: no certificate for this one.
    """
    credential, deployment = situation.credential, situation.deployment
    _require_open(credential, situation.earlier, now, epoch)
    if deployment is None:
        raise EnrollmentFaultError(
            FaultKind.AUTHORIZATION, "The deployment of this credential does not exist any more."
        )
    replaced = situation.earlier.enrollment if situation.earlier and situation.earlier.replaceable else None
    if situation.key_owner is not None and situation.key_owner != replaced:
        raise EnrollmentFaultError(
            FaultKind.CERTIFICATE_REQUEST, "The key of the certificate request is known already."
        )
    holders = [enrollment for enrollment in situation.claimed if enrollment != replaced]
    standing, reason = Standing.ACTIVE, ""
    if holders:
        standing, reason = (
            Standing.CONFLICT,
            f"claims the hardware of enrollment {holders[0]}, which is still living",
        )
    enrollment_id = replaced or new_id
    certificate = sign(enrollment_id)
    enrollment = NewEnrollment(
        id=enrollment_id,
        client=credential.client,
        deployment=credential.deployment,
        device_id=claim.device_id,
        hardware_id=claim.hardware_id,
        certificate_sha256=certificate.sha256,
        public_key_sha256=claim.key_sha256,
        certificate_not_after=certificate.not_after,
        epoch=epoch,
        credential_id=credential.id,
        upn=credential.username,
        device_name=claim.device_name,
        standing=standing,
        standing_reason=reason,
        claims=claim.items,
    )
    return Issue(
        enrollment=enrollment,
        certificate=certificate,
        deployment=deployment,
        replaces_unused=replaced is not None,
        costs_use=situation.earlier is None,
        audit=_audit(claim, enrollment, situation.earlier),
    )


def _require_open(credential: Credential, earlier: Earlier | None, now: datetime, epoch: int) -> None:
    refusal = credential.refusal(now, epoch)
    if refusal is None and earlier is None and credential.uses_left < 1:
        refusal = Refusal.SPENT
    if refusal is not None:
        raise EnrollmentFaultError.of_credential(CredentialRefusedError(refusal))


def _audit(claim: Claim, enrollment: NewEnrollment, earlier: Earlier | None) -> AuditRecord:
    data = {
        "deployment": enrollment.deployment,
        "certificate_sha256": enrollment.certificate_sha256,
        "standing": str(enrollment.standing),
        "use": "first" if earlier is None else "again",
        "earlier": earlier.enrollment if earlier is not None else "",
    }
    return AuditRecord(
        actor=f"credential:{claim.credential_id}",
        action=str(Action.ENROLL),
        subject=f"enrollment:{enrollment.id}",
        client=enrollment.client,
        data=data,
        personal={"peer": claim.peer} if claim.peer else {},
    )
