"""Where a check-out is required, calls ask for a holder too, unless the file says otherwise (rule SHR-37)."""

from __future__ import annotations

import pytest

from holofleet import desired, spec
from holofleet.resources import CallRules

FLEET = """
holofleet: "1"
organization: {name: Contoso, country: US, timezone: Europe/Berlin}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
headsets: [{serial: "100"}]
deployments:
  - name: line
    scenario: %s
    headsets: ["100"]
    accounts: {kind: shared-certificate, users: per-headset%s}
%s
"""


@pytest.mark.parametrize(
    ("scenario", "custody", "assist", "holder"),
    [
        ("shared-identity", "", "", "required"),
        ("shared-identity", ", custody: {check_out: offered}", "", "shown"),
        ("shared-identity", "", "    assist: {holder: shown}", "shown"),
        ("cloud-connected", "", "", "shown"),
        ("cloud-connected", ", custody: {check_out: required}", "", "required"),
        ("cloud-connected", "", "    assist: {holder: required}", "required"),
    ],
)
def test_a_call_needs_a_holder_where_a_check_out_is_required(
    scenario: str, custody: str, assist: str, holder: str
) -> None:
    state = desired.compile(spec.parse({"fleet.yaml": FLEET % (scenario, custody, assist)}))
    rules = [one for one in state.resources.values() if isinstance(one, CallRules)]
    assert [one.holder for one in rules] == [holder]
