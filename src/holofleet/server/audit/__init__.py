"""What people and tokens did, as a chain of hashes that shows what was changed in it.

What lives here: the record, the chain (pure), what a verification proves, signed checkpoints and where they go,
cutting old records with a proof, what is known about a person and erasing it, and what people may ask. What does
not: events (what headsets did, :mod:`holofleet.server.events`), which are never chained. Start reading at
``chain.py``.
"""

from holofleet.server.audit.chain import GENESIS, Anchor, Cut, Link, Verification, link_hash, verify_chain
from holofleet.server.audit.checkpoint import MAX_LINE, Checkpoint
from holofleet.server.audit.outside import Outside, OutsideFile, OutsideSyslog, outside
from holofleet.server.audit.privacy import Erased, PersonalData, PrivacyService, PrivacyStore
from holofleet.server.audit.record import AuditRecord, commitment, done_at_the_machine, os_user
from holofleet.server.audit.retention import (
    CheckpointKeeper,
    KeptCheckpoint,
    Retention,
    RetentionService,
    RetentionStore,
)
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
    "CheckpointKeeper",
    "Cut",
    "Erased",
    "KeptCheckpoint",
    "Link",
    "Outside",
    "OutsideFile",
    "OutsideSyslog",
    "PersonalData",
    "PrivacyService",
    "PrivacyStore",
    "Proof",
    "Retention",
    "RetentionService",
    "RetentionStore",
    "Verification",
    "commitment",
    "done_at_the_machine",
    "link_hash",
    "os_user",
    "outside",
    "verify_chain",
]
