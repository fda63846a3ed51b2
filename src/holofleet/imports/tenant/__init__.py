"""A tenant that exists as a fleet file.

What lives here: from a :class:`TenantSnapshot` to a :class:`Draft`, pure. What does not: reading a tenant
(:mod:`holofleet.targets.graph.import_reading`) and writing to disk (:mod:`holofleet.cli`). Nothing of a tenant is
trusted: names of files are made here, texts are quoted, secrets are left out. Start reading at ``draft.py``.
"""

from holofleet.imports.tenant.draft import Draft, draft
from holofleet.imports.tenant.remark import Remark
from holofleet.resources.tenant_snapshot import TenantSnapshot

__all__ = ["Draft", "Remark", "TenantSnapshot", "draft"]
