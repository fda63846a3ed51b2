"""Small fleet files for these tests."""

from __future__ import annotations

import pytest

from holofleet import spec
from holofleet.diagnostics import Finding

HEAD = """\
holofleet: 1
organization: {name: Contoso, country: US, timezone: America/Chicago}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
"""
SMALL = (
    HEAD
    + """\
people:
  - {upn: admin@contoso.com, roles: [administrator]}
headsets:
  - {serial: 003421700101}
  - {serial: 003421700102}
deployments:
  - name: field-service
    scenario: cloud-connected
    headsets: all
"""
)


def findings_of(text: str, attachments: dict[str, bytes] | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with a text; it must be wrong."""
    with pytest.raises(spec.SpecError) as caught:
        spec.parse({"fleet.yaml": text}, attachments or {})
    return caught.value.findings


def only(text: str) -> Finding:
    """Return the one thing that is wrong with a text."""
    findings = findings_of(text)
    assert len(findings) == 1, [finding.summary for finding in findings]
    return findings[0]
