"""What status pages and enrollment restrictions have in common: one collection, one way to assign.

The tenant's defaults (priority 0) and the order of priorities are somebody else's and never touched.

Source: 'deviceEnrollmentConfiguration', Microsoft Graph reference (beta).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.targets.graph.kinds.assigned import GROUPS, OTHERS, Assigned, targets
from holofleet.targets.graph.kinds.rest import AtRest
from holofleet.targets.graph.operations import intune
from holofleet.targets.graph.reconcile import Ids, Scope, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer

_TARGET: Final = "#microsoft.graph.enrollmentConfigurationAssignment"
_REST: Final = AtRest(
    service=frozenset(
        {
            "id",
            "assignments",
            "createdDateTime",
            "deviceEnrollmentConfigurationType",
            "lastModifiedDateTime",
            "priority",
            "roleScopeTagIds",
            "version",
        }
    )
)


class EnrollmentConfigurations(Assigned):
    """A kind in that collection.

    Attributes:
        type: Its ``@odata.type``.
    """

    comparers: Mapping[str, Comparer] = _REST
    closed: Sequence[str] = ("",)
    rest = _REST
    listing = intune.LIST_RESTRICTIONS
    making = intune.CREATE_RESTRICTION
    changing = intune.UPDATE_RESTRICTION
    deleting = intune.DELETE_RESTRICTION
    assigning = intune.ASSIGN_RESTRICTION
    type: str

    def holds(self, item: Mapping[str, Any]) -> bool:
        """Return whether it is of this kind, and not the tenant's default."""
        return item.get("@odata.type") == self.type and item.get("priority") != 0

    def properties(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is set."""
        kept = {name: item.get(name) for name in ("@odata.type", "displayName", "description")}
        return kept | _REST.set_by_somebody(item)

    def body(self, wanted: Wanted, scope: Scope, ids: Ids) -> dict[str, Any]:
        """Return the whole body."""
        return {name: value for name, value in wanted.properties.items() if name != OTHERS}

    def assignments(self, wanted: Wanted, ids: Ids) -> dict[str, Any]:
        """Return the body of the assigning request."""
        groups = ids.of(wanted.references.get(GROUPS, ()))
        return {"enrollmentConfigurationAssignments": targets(groups, **{"@odata.type": _TARGET})}
