"""EXT-01: what is asked of headsets at clients comes on top of the cloud-connected guide."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_SCENARIO = "external-clients"


def _check(case: Case) -> Iterator[Fault]:
    if _SCENARIO in case.deployment.all_scenarios:
        return
    others = [name for name in case.deployment.scenarios if name != "cloud-connected"]
    named = f"[{', '.join((_SCENARIO, *others))}]" if others else _SCENARIO
    yield Fault(
        f"{case.name} is for the client {case.deployment.client} and does not name the scenario {_SCENARIO}",
        case.at("deployments", case.deployment.index, "scenario"),
        f"Write `scenario: {named}`.",
        "The client brings the rules of both guides; only the scenario brings their settings, which lay those for "
        "clients over the cloud-connected ones.",
    )


RULE = Rule(
    id="EXT-01",
    title="Headsets at clients follow the cloud-connected guide as well",
    why="The guide for external clients changes and adds; enrollment, network and licenses stand in the "
    "cloud-connected guide. Whoever follows only one of the two leaves half of it out.",
    how="The rules of the cloud-connected guide are judged for every deployment. A deployment with a `client` "
    "names the scenario `external-clients`, which lays its settings over those of `cloud-connected`; it may "
    "name further scenarios beside it.",
    mend="Write `scenario: external-clients`, or a list that has it.",
    check=_check,
)
