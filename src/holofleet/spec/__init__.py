"""The fleet file: its model, strict YAML with places, scenarios and their strength, and its JSON Schema.

What lives here: reading one or more YAML texts into a checked, frozen :class:`~holofleet.spec.fleet.Spec`; what
each deployment says once baseline, scenario, defaults and deployment are laid on one another, and where each
word came from. What does not: the guides' rules (:mod:`holofleet.checks`) and what headsets get
(:mod:`holofleet.desired`). Nothing here resolves a secret. Start reading at ``loading.py``.
"""

from holofleet.spec.faults import SpecError
from holofleet.spec.fleet import EffectiveDeployment, KeyOrigin, Layered, Spec
from holofleet.spec.loading import load, parse
from holofleet.spec.model.deployment import DeploymentSettings
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.scenarios import SCENARIOS
from holofleet.spec.schema import schema
from holofleet.spec.values import SecretReference

__all__ = [
    "SCENARIOS",
    "DeploymentSettings",
    "EffectiveDeployment",
    "FleetFile",
    "KeyOrigin",
    "Layered",
    "SecretReference",
    "Spec",
    "SpecError",
    "load",
    "parse",
    "schema",
]
