"""Enrollment restrictions: who may enroll Windows devices, which headsets are.

One restriction holds for one platform and some groups of people; what it does not say stays open, whatever the
tenant's default says for others.

Source: 'deviceEnrollmentPlatformRestrictionConfiguration', Microsoft Graph reference (beta).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from holofleet.resources import Address, EnrollmentRestriction, Group
from holofleet.targets.graph.kinds.assigned import GROUPS, OTHERS
from holofleet.targets.graph.kinds.enrollment_configurations import EnrollmentConfigurations
from holofleet.targets.graph.reconcile import Scope, Wanted

TYPE: Final = "#microsoft.graph.deviceEnrollmentPlatformRestrictionConfiguration"


class Restrictions(EnrollmentConfigurations):
    """The restrictions of groups of people."""

    name = EnrollmentRestriction.kind
    after: Sequence[str] = (Group.kind,)
    type = TYPE
    once = frozenset({"platformType"})

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all restrictions of the file."""
        return [_wanted(one, scope) for one in scope.state.of_kind(EnrollmentRestriction).values()]


def _wanted(restriction: EnrollmentRestriction, scope: Scope) -> Wanted:
    sentence = "From the fleet file; changes here are undone."
    properties: dict[str, Any] = {
        "@odata.type": TYPE,
        "displayName": restriction.display_name,
        "description": scope.marker.described(sentence, restriction.address),
        "platformType": restriction.platform,
        "platformRestriction": {
            "platformBlocked": restriction.blocked,
            "personalDeviceEnrollmentBlocked": restriction.personal_blocked,
            "osMinimumVersion": None,
            "osMaximumVersion": None,
            "blockedManufacturers": [],
            "blockedSkus": [],
        },
        OTHERS: [],
    }
    groups = tuple(Address(Group.kind, name) for name in restriction.accounts)
    return Wanted(restriction.address, restriction.display_name, properties, {GROUPS: groups})
