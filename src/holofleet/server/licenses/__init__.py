"""Licenses: seats that were bought, who has them, who lacks one, and what a fleet file would come to.

What lives here: pools, the semantics of group-based licensing (pure), what each role needs, reports, the forecast,
and what people may ask and change. What does not: the products and their service plans (``catalog``), and the
directory's own licenses, which the Graph target writes. Start reading at ``settling.py``.
"""

from holofleet.server.licenses.needs import Need, Services, needs_of
from holofleet.server.licenses.published import PublishedLicense, PublishedLicenses, forecast, published_licenses
from holofleet.server.licenses.report import (
    Lack,
    PoolStanding,
    Problem,
    Report,
    Waste,
    plans_of,
    report,
)
from holofleet.server.licenses.rules import PlanRules, rules_of_the_catalog
from holofleet.server.licenses.service import Explained, LicenseService
from holofleet.server.licenses.settling import Seat, settle
from holofleet.server.licenses.store import Assignment, LicenseStore, NewAssignment
from holofleet.server.licenses.values import DIRECT, Demand, Grant, Holder, LicenseError, Pool, Standing

__all__ = [
    "DIRECT",
    "Assignment",
    "Demand",
    "Explained",
    "Grant",
    "Holder",
    "Lack",
    "LicenseError",
    "LicenseService",
    "LicenseStore",
    "Need",
    "NewAssignment",
    "PlanRules",
    "Pool",
    "PoolStanding",
    "Problem",
    "PublishedLicense",
    "PublishedLicenses",
    "Report",
    "Seat",
    "Services",
    "Standing",
    "Waste",
    "forecast",
    "needs_of",
    "plans_of",
    "published_licenses",
    "report",
    "rules_of_the_catalog",
    "settle",
]
