"""Refusals of the door, in the words of the protocol."""

from __future__ import annotations

from holofleet.errors import RefusedError
from holofleet.protocols.mde2.csr import CSRRefusedError
from holofleet.protocols.mde2.faults import Fault, FaultKind
from holofleet.server.credentials import CredentialRefusedError, Refusal

_OF_CREDENTIAL = {
    Refusal.WRONG: FaultKind.AUTHENTICATION,
    Refusal.PAUSED: FaultKind.AUTHENTICATION,
    Refusal.REVOKED: FaultKind.AUTHORIZATION,
    Refusal.VOID: FaultKind.AUTHORIZATION,
    Refusal.EXPIRED: FaultKind.AUTHORIZATION,
    Refusal.SPENT: FaultKind.DEVICE_CAP_REACHED,
}


class EnrollmentFaultError(RefusedError):
    """The request was understood and is refused; ``fault`` is what the headset is told."""

    def __init__(self, kind: FaultKind, reason: str) -> None:
        super().__init__(reason)
        self.fault = Fault(kind, reason)

    @classmethod
    def of_credential(cls, error: CredentialRefusedError) -> EnrollmentFaultError:
        """Return the fault for a credential that opens nothing."""
        return cls(_OF_CREDENTIAL[error.refusal], error.summary)

    @classmethod
    def of_request(cls, error: CSRRefusedError) -> EnrollmentFaultError:
        """Return the fault for a certificate request that gets no certificate."""
        return cls(FaultKind.CERTIFICATE_REQUEST, error.summary)
