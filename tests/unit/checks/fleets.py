"""Small fleets for the tests of this folder."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from datetime import date

import pytest

from holofleet import checks, desired, spec
from holofleet.checks import RULES, Report, Standing, engine
from holofleet.diagnostics import Finding
from holofleet.resources import Document, Headset, Setting, State

TODAY = date(2026, 11, 25)
TENANT = "11111111-1111-4111-8111-111111111111"
PAGES = "./Device/Vendor/MSFT/Policy/Config/Settings/PageVisibilityList"
IRIS = "./Device/Vendor/MSFT/PassportForWork/Biometrics/UseBiometrics"
# fmt: off
LOOKED_AT = frozenset({
    "PREP-04", "PREP-07", "PREP-16", "PREP-19",
    "EXT-22", "EXT-31", "EXT-37", "EXT-39",
    "SHR-02", "SHR-19", "SHR-24", "SHR-44",
    "OFF-12", "OFF-16", "OFF-17", "OFF-42",
})
# fmt: on
"""Rules of each form: the fleets below are small, and what other rules think of them is not looked at."""
_HEAD = f"""\
holofleet: 1
organization: {{name: Contoso, country: US, timezone: America/Chicago}}
tenant: {{id: {TENANT}, domain: contoso.com, edition: P1}}
people:
  - {{upn: admin1@contoso.com, roles: [administrator]}}
  - {{upn: deployer1@contoso.com, roles: [deployer]}}
clients: [{{name: fabrikam}}]
headsets:
  - {{serial: "0101"}}
  - {{serial: "0102"}}
  - {{serial: "0201"}}
"""


def fleet(first: str = "", second: str = "", *, more: str = "") -> spec.Spec:
    """Return a fleet of two deployments, `field` with 0101 and 0102 and `line` with 0201.

    The texts are YAML: keys of the one, keys of the other, keys of the file. A deployment without a scenario of
    its own is cloud-connected.
    """
    text = _HEAD + _block(more, 0) + "deployments:\n"
    for name, prefix, body in (("field", "01", first), ("line", "02", second)):
        scenario = "" if "scenario:" in body else "    scenario: cloud-connected\n"
        headsets = "" if "headsets:" in body else f'    headsets: {{prefix: "{prefix}"}}\n'
        first_account = "" if "enrollment:" in body else "    enrollment: {first_account: deployer1@contoso.com}\n"
        text += f"  - name: {name}\n" + scenario + headsets + first_account + _block(body, 4)
    return spec.parse({"fleet.yaml": text})


def _block(text: str, indent: int) -> str:
    return textwrap.indent(textwrap.dedent(text).strip() + "\n", " " * indent) if text.strip() else ""


def checked(fleet_spec: spec.Spec, *, target: str = "server", today: date = TODAY) -> Report:
    """Check a fleet without a state; findings of the rules looked at, and what is no rule's."""
    return _looked_at(checks.run(fleet_spec, today=today, target=target))


def _looked_at(report: Report) -> Report:
    def kept(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return tuple(f for f in findings if f.rule in LOOKED_AT or f.rule not in engine.RULES)

    return replace(report, findings=kept(report.findings), waived=kept(report.waived))


def forget(monkeypatch: pytest.MonkeyPatch, *ids: str) -> None:
    """Leave statements without a rule, as a version of the guides that is newer than the rules would."""
    monkeypatch.setattr(engine, "RULES", {id_: rule for id_, rule in RULES.items() if id_ not in ids})


def rules(report: Report) -> list[str]:
    """Return the rule of each finding."""
    return [finding.rule for finding in report.findings]


def standing(report: Report, rule: str, deployment: str = "field") -> Standing:
    """Return the one standing of a rule for a deployment."""
    found = [item for item in report.standings if (item.rule, item.deployment) == (rule, deployment)]
    assert len(found) == 1, found
    return found[0]


def reports(state: State, **changed: dict[str, str | None]) -> State:
    """Return what headsets would report: what they were told, variables filled in.

    Args:
        state: The desired State.
        changed: Per `sSERIAL`, data by node that is reported instead; `None` leaves the node out.
    """
    headsets, documents = [], []
    for serial, headset in state.headsets.items():
        other = changed.get(f"s{serial}", {})
        settings = []
        for setting in state.documents[headset.document].settings:
            data: str | None = setting.data
            for name, value in headset.variables.items():
                data = (data or "").replace("{{" + name + "}}", value)
            data = other.get(setting.oma_uri, data)
            if data is not None:
                settings.append(Setting(setting.oma_uri, setting.format, data))
        document = Document(tuple(settings))
        documents.append(document)
        headsets.append(Headset(serial=serial, deployment=headset.deployment, document=document.hash))
    return State(headsets, {document.hash: document for document in documents}.values())


def without(state: State, *serials: str) -> State:
    """Return a State in which some headsets never reported."""
    kept = [headset for serial, headset in state.headsets.items() if serial not in serials]
    return State(kept, state.documents.values())


def proved(fleet_spec: spec.Spec, reported: State | None, *, target: str = "server") -> Report:
    """Check a fleet with its desired State and reports."""
    state = desired.compile(fleet_spec, target=target)
    return _looked_at(checks.run(fleet_spec, today=TODAY, target=target, state=state, reported=reported))
