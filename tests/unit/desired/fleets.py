"""Small fleets for the tests of this folder."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from holofleet import desired, spec
from holofleet.resources import Document, State

TENANT = "11111111-1111-4111-8111-111111111111"
POLICY = "./Device/Vendor/MSFT/Policy/Config/"
VENDOR = "./Device/Vendor/MSFT/"
SERIAL = "003421800101"

_HEAD = f"""\
holofleet: 1
organization: {{name: Contoso, country: US, timezone: America/Chicago}}
tenant: {{id: {TENANT}, domain: contoso.com, edition: P1}}
people:
  - {{upn: admin@contoso.com, roles: [administrator]}}
  - {{upn: technician1@contoso.com, roles: [wearer]}}
"""
_HEADSETS = f'headsets:\n  - {{serial: "{SERIAL}", asset: HL-0101}}\n'
_DEPLOYMENT = "  - name: field-service\n    scenario: cloud-connected\n    headsets: all\n"


def fleet(
    deployment: str = "",
    *,
    defaults: str = "",
    headsets: str = _HEADSETS,
    more: str = "",
    other: str = "",
    choice: str = "all",
    enclosures: Mapping[str, bytes] | None = None,
) -> spec.Spec:
    """Return a fleet with one deployment; the texts are YAML of their places, not indented."""
    text = _HEAD + headsets + _block(more, 0)
    if defaults:
        text += "defaults:\n" + _block(defaults, 2)
    text += "deployments:\n" + _DEPLOYMENT.replace("all", choice) + _block(deployment, 4) + _block(other, 2)
    return spec.parse({"fleet.yaml": text}, enclosures=enclosures)


def line_of(fleet_spec: spec.Spec, text: str) -> int:
    """Return the line of the fleet file that holds a text."""
    lines = fleet_spec.texts["fleet.yaml"].splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def _block(text: str, indent: int) -> str:
    return textwrap.indent(textwrap.dedent(text).strip() + "\n", " " * indent) if text.strip() else ""


def document(state: State, serial: str = SERIAL) -> Document:
    """Return the document of a headset."""
    return state.documents[state.headsets[serial].document]


def told(deployment: str = "", *, target: str = "server", serial: str = SERIAL, **places: str) -> dict[str, str]:
    """Compile a fleet and return the data of each node of a headset, by node without its common beginning."""
    state = desired.compile(fleet(deployment, **places), target=target)
    settings = document(state, serial).settings
    return {s.oma_uri.removeprefix(POLICY).removeprefix(VENDOR): s.data for s in settings}
