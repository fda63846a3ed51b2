"""Identity in the database: audit chain, credentials, access, and the transaction that issues a certificate.

What lives here: the implementations of the ports of ``server.credentials``, ``server.access``,
``server.sign_in`` and ``server.enrollment``, and the audit chain that they and others append to.
What does not: what is decided. Start reading at ``audit.py``: every other module writes through it.
"""

from holofleet.storage.identity.access import StoredAccess
from holofleet.storage.identity.audit import StoredAudit, append_audit
from holofleet.storage.identity.credentials import StoredCredentials
from holofleet.storage.identity.issuing import StoredIssuing
from holofleet.storage.identity.privacy import StoredPrivacy
from holofleet.storage.identity.retention import StoredRetention
from holofleet.storage.identity.sign_in import StoredSignIn

__all__ = [
    "StoredAccess",
    "StoredAudit",
    "StoredCredentials",
    "StoredIssuing",
    "StoredPrivacy",
    "StoredRetention",
    "StoredSignIn",
    "append_audit",
]
