"""What the target manages in a tenant: one module per kind of object.

A kind says what is wanted (from the nouns of the waist), how it is read back, and which requests make, change and
delete it; it sends nothing itself and decides nothing (:class:`~holofleet.targets.graph.reconcile.kind.Kind`).
What kinds share stands in ``marked.py`` and ``assigned.py``. Start reading at ``assigned.py``.
"""

from __future__ import annotations

from holofleet.targets.graph.kinds.accounts import Accounts
from holofleet.targets.graph.kinds.apps import Apps
from holofleet.targets.graph.kinds.autopilot import AutopilotProfiles, Registrations
from holofleet.targets.graph.kinds.compliance import CompliancePolicies
from holofleet.targets.graph.kinds.conditional_access import ConditionalAccessPolicies
from holofleet.targets.graph.kinds.device_groups import DeviceGroups, DeviceMembers
from holofleet.targets.graph.kinds.domains import Domains
from holofleet.targets.graph.kinds.group_licenses import GroupLicenses
from holofleet.targets.graph.kinds.groups import Groups
from holofleet.targets.graph.kinds.products import Products, ServicePlans
from holofleet.targets.graph.kinds.profiles import Profiles
from holofleet.targets.graph.kinds.restrictions import Restrictions
from holofleet.targets.graph.kinds.sign_in import Authorities, CertificateMethod
from holofleet.targets.graph.kinds.status_pages import StatusPages
from holofleet.targets.graph.kinds.tenant_settings import TenantSettings
from holofleet.targets.graph.kinds.user_licenses import UserLicenses
from holofleet.targets.graph.reconcile import Kind


def every(root: str) -> tuple[Kind, ...]:
    """Return all kinds, in the order in which their objects are made.

    Args:
        root: Address of the Graph, which references of bodies name.
    """
    return (
        Products(),
        ServicePlans(),
        Domains(),
        Accounts(),
        UserLicenses(),
        Groups(root),
        GroupLicenses(),
        DeviceGroups(),
        Registrations(),
        DeviceMembers(root),
        Profiles(root),
        CompliancePolicies(),
        Restrictions(),
        StatusPages(),
        Apps(),
        AutopilotProfiles(),
        Authorities(),
        CertificateMethod(),
        TenantSettings(root),
        ConditionalAccessPolicies(),
    )
