"""The registry of operations: all that a tenant can be asked, one file per area.

What lives here: declarations, and the making of requests from them. What does not: sending
(:mod:`holofleet.targets.graph.client`) and deciding. Start reading at ``operation.py``; ``page.py`` renders the
registry as ``docs/graph-requests.md``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from holofleet.targets.graph.operations import autopilot, directory, intune, reports, tenant
from holofleet.targets.graph.operations.operation import (
    Effect,
    Lookup,
    Method,
    Operation,
    Request,
    Response,
    Service,
    Version,
)

AREAS: Mapping[str, tuple[Operation, ...]] = MappingProxyType(
    {
        "Directory": directory.OPERATIONS,
        "Tenant settings": tenant.OPERATIONS,
        "Intune": intune.OPERATIONS,
        "Autopilot": autopilot.OPERATIONS,
        "Managed devices, reports and audit logs": reports.OPERATIONS,
    }
)
OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {operation.name: operation for operations in AREAS.values() for operation in operations}
)
"""Every operation by name."""

__all__ = [
    "AREAS",
    "OPERATIONS",
    "Effect",
    "Lookup",
    "Method",
    "Operation",
    "Request",
    "Response",
    "Service",
    "Version",
    "autopilot",
    "directory",
    "intune",
    "reports",
    "tenant",
]
