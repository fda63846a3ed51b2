"""What people vouch for and what they put up with: attestations and waivers, each with an end."""

from __future__ import annotations

from holofleet.spec.model.base import Model, key
from holofleet.spec.values import UPN, Day, Name, RuleId, Serial, Text


class Attestation(Model):
    """Somebody looked where no interface tells."""

    rule: RuleId = key("Statement of a guide.", example="EXT-37", default=...)
    deployment: Name | None = key("The one deployment that it is about.", example="field-service")
    by: UPN = key("Who looked.", example="admin1@contoso.com", default=...)
    on: Day = key("Day on which they looked.", example="2026-11-16", default=...)
    until: Day = key("Last day on which it counts.", example="2027-05-16", default=...)
    seen: Text = key("What was seen.", example="no information barriers bought", default=...)


class Waiver(Model):
    """A finding that is accepted for a time."""

    rule: RuleId = key("Statement of a guide.", example="EXT-30", default=...)
    deployment: Name | None = key("The one deployment that it is about.", example="northwind-dock")
    headset: Serial | None = key("The one headset that it is about.", example="003421800204")
    by: UPN = key("Who accepts it.", example="admin1@contoso.com", default=...)
    until: Day = key("Last day on which it counts.", example="2027-01-29", default=...)
    reason: Text = key("Why.", example="no power at the dock", default=...)
