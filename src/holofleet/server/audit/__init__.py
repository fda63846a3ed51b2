"""What people and tokens did, as a chain of hashes that shows what was changed in it.

What lives here: the record, the chain (pure), and what a verification proves. What does not: events (what headsets
did, :mod:`holofleet.server.events`), which are never chained; signed checkpoints sent outside, which are not built
yet, so that today a cut tail is proven only by an anchor that somebody noted elsewhere. Start reading at
``chain.py``.
"""

from holofleet.server.audit.chain import GENESIS, Anchor, Link, Verification, link_hash, verify_chain
from holofleet.server.audit.record import AuditRecord, commitment

__all__ = [
    "GENESIS",
    "Anchor",
    "AuditRecord",
    "Link",
    "Verification",
    "commitment",
    "link_hash",
    "verify_chain",
]
