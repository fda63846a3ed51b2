"""Enrollment status pages: how long the first set-up may take, and what people may do when it fails.

Source: 'windows10EnrollmentCompletionPageConfiguration', Microsoft Graph reference (beta); 'Windows Autopilot for
HoloLens 2' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from holofleet.resources import Address, DeviceGroup, StatusPage
from holofleet.targets.graph.kinds.assigned import GROUPS, OTHERS
from holofleet.targets.graph.kinds.enrollment_configurations import EnrollmentConfigurations
from holofleet.targets.graph.reconcile import Scope, Wanted

TYPE: Final = "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration"


class StatusPages(EnrollmentConfigurations):
    """The status pages of groups of headsets."""

    name = StatusPage.kind
    after: Sequence[str] = (DeviceGroup.kind,)
    type = TYPE

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all pages of the file."""
        return [_wanted(page, scope) for page in scope.state.of_kind(StatusPage).values()]


def _wanted(page: StatusPage, scope: Scope) -> Wanted:
    properties: dict[str, Any] = {
        "@odata.type": TYPE,
        "displayName": page.display_name,
        "description": scope.marker.described("From the fleet file; changes here are undone.", page.address),
        "showInstallationProgress": True,
        "installProgressTimeoutInMinutes": page.timeout_min,
        "allowDeviceResetOnInstallFailure": page.reset_button,
        "blockDeviceSetupRetryByUser": not page.reset_button,
        "allowLogCollectionOnInstallFailure": True,
        "allowDeviceUseOnInstallFailure": False,
        "trackInstallProgressForAutopilotOnly": True,
        "disableUserStatusTrackingAfterFirstUser": True,
        OTHERS: [],
    }
    groups = tuple(Address(DeviceGroup.kind, name) for name in page.groups)
    return Wanted(page.address, page.display_name, properties, {GROUPS: groups})
