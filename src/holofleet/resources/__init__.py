"""The waist: the nouns that both halves share, with stable addresses.

What lives here: settings and settings documents, headsets, deployments, clients, users, groups, licenses, what a
cloud tenant has beyond them (``cloud.py``), and the :class:`State` that holds all of it, with its one JSON form.
What does not: the fleet file (the upper half compiles it *into* a State), protocols and databases (the lower half
moves a State to headsets). Values only: no input or output. Start reading at ``state.py``.
"""

from holofleet.resources.address import Address
from holofleet.resources.calls import Barrier, CallRules, Rota, WeekHours
from holofleet.resources.cloud import (
    App,
    Authority,
    AutopilotProfile,
    CertificateSignIn,
    CompliancePolicy,
    ConditionalAccess,
    DeviceGroup,
    EnrollmentRestriction,
    ManualStep,
    Registration,
    StatusPage,
    TenantSetting,
)
from holofleet.resources.document import Document, Format, Setting, normal_uri
from holofleet.resources.nouns import (
    Client,
    Deployment,
    File,
    Group,
    Headset,
    LicensePool,
    Loan,
    PollSchedule,
    Reconnect,
    Resource,
    Site,
    User,
)
from holofleet.resources.state import KINDS, Origin, State, Undelivered

__all__ = [
    "KINDS",
    "Address",
    "App",
    "Authority",
    "AutopilotProfile",
    "Barrier",
    "CallRules",
    "CertificateSignIn",
    "Client",
    "CompliancePolicy",
    "ConditionalAccess",
    "Deployment",
    "DeviceGroup",
    "Document",
    "EnrollmentRestriction",
    "File",
    "Format",
    "Group",
    "Headset",
    "LicensePool",
    "Loan",
    "ManualStep",
    "Origin",
    "PollSchedule",
    "Reconnect",
    "Registration",
    "Resource",
    "Rota",
    "Setting",
    "Site",
    "State",
    "StatusPage",
    "TenantSetting",
    "Undelivered",
    "User",
    "WeekHours",
    "normal_uri",
]
