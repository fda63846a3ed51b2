"""What people and tokens did, as a chain of hashes that shows what was changed in it.

What lives here: the record, the chain (pure), what a verification proves, signed checkpoints, and what people may
ask. What does not: events (what headsets did, :mod:`holofleet.server.events`), which are never chained; sending
checkpoints away, which is the operator's: a line that stays on this machine proves nothing. Start reading at
``chain.py``.
"""

from holofleet.server.audit.chain import GENESIS, Anchor, Link, Verification, link_hash, verify_chain
from holofleet.server.audit.checkpoint import MAX_LINE, Checkpoint
from holofleet.server.audit.record import AuditRecord, commitment
from holofleet.server.audit.service import MAX_CHECKPOINTS, AuditService, Proof
from holofleet.server.audit.store import AuditQuery, AuditStore

__all__ = [
    "GENESIS",
    "MAX_CHECKPOINTS",
    "MAX_LINE",
    "Anchor",
    "AuditQuery",
    "AuditRecord",
    "AuditService",
    "AuditStore",
    "Checkpoint",
    "Link",
    "Proof",
    "Verification",
    "commitment",
    "link_hash",
    "verify_chain",
]
