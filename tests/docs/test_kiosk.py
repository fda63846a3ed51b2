"""The example of docs/kiosk.md is a kiosk that headsets can use, and its table of forms is complete."""

from __future__ import annotations

import re
from pathlib import Path

from holofleet import desired, spec
from holofleet.formats import assigned_access

PAGE = (Path(__file__).parents[2] / "docs/kiosk.md").read_text(encoding="utf-8")
NODE = "./Device/Vendor/MSFT/AssignedAccess/Configuration"
FLEET = """\
holofleet: 1
organization: {name: Contoso, country: US}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
people: [{upn: technician1@contoso.com}]
groups: [{name: maintainers, object_id: 22222222-2222-4222-8222-222222222222}]
headsets: [{serial: "003421800101"}]
deployments: [{name: line, scenario: cloud-connected, headsets: all}]
"""


def test_the_example_compiles_to_what_it_says() -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
    state = desired.compile(spec.parse({"fleet.yaml": FLEET, "kiosk.yaml": example}))
    (document,) = state.documents.values()
    found = assigned_access.parse(document.by_uri[NODE].data)
    assert found.except_device_owners
    assert [str(a.principal).split(" ")[0] for a in found.assignments] == ["entra-group", "account", "visitor"]
