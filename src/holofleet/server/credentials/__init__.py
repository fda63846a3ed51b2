"""Enrollment credentials: user name and password for the on-premise door, bound to one deployment.

What lives here: making, listing, revoking and verifying them. What does not: counting a use, which happens in the
transaction that issues a certificate (:mod:`holofleet.server.enrollment`), and passwords that people choose: there
are none. Start reading at ``service.py``.
"""

from holofleet.server.credentials.credential import (
    Credential,
    CredentialRefusedError,
    IssuedCredential,
    NewCredential,
    Refusal,
)
from holofleet.server.credentials.service import CredentialService
from holofleet.server.credentials.store import CredentialStore

__all__ = [
    "Credential",
    "CredentialRefusedError",
    "CredentialService",
    "CredentialStore",
    "IssuedCredential",
    "NewCredential",
    "Refusal",
]
