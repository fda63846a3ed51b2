"""What each deployment says in the end: its scenarios, the file's defaults, its own keys, and its headsets."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from holofleet.spec.faults import Faults
from holofleet.spec.fleet import EffectiveDeployment
from holofleet.spec.layers import Layers
from holofleet.spec.model.deployment import Deployment, DeploymentSettings
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.model.headset import Headset
from holofleet.spec.positions import Positions
from holofleet.spec.scenarios import combined
from holofleet.spec.translation import report
from holofleet.spec.yaml_text import Path

_OWN_KEYS = Deployment.model_fields.keys() - DeploymentSettings.model_fields.keys()


def lay_deployments(
    model: FleetFile, raw: dict[str, Any], positions: Positions, faults: Faults
) -> tuple[EffectiveDeployment, ...]:
    """Lay the layers of every deployment and give each headset to the one that claims it.

    Faults: scenarios that disagree about a key that the file does not say, keys of different layers that do not
    go together, and a headset in two deployments.
    """
    taken: dict[str, str] = {}
    found = []
    for index, deployment in enumerate(model.deployments):
        headsets = _headsets_of(model, deployment)
        for headset in headsets:
            other = taken.setdefault(headset.serial, deployment.name)
            if other != deployment.name:
                faults.add(
                    "file/reference",
                    ("deployments", index, "headsets"),
                    f"headset {headset.serial} stands in two deployments, {other} and {deployment.name}",
                    mend="Leave it in one of the two.",
                    subject=f"headset:{headset.serial}",
                )
        settings, layers = _settings_of(index, deployment, raw, faults)
        leaves = {key: tuple(said) for key, said in layers.leaves.items()}
        found.append(EffectiveDeployment(deployment, index, headsets, settings, leaves, positions))
    return tuple(found)


def _headsets_of(model: FleetFile, deployment: Deployment) -> tuple[Headset, ...]:
    choice = deployment.headsets
    if choice.serials is not None:
        wanted = set(choice.serials)
        chosen = [h for h in model.headsets if h.serial in wanted]
    else:
        chosen = [
            headset
            for headset in model.headsets
            if choice.everything
            or (choice.prefix is not None and headset.serial.startswith(choice.prefix))
            or (choice.site is not None and headset.site == choice.site)
            or (choice.group_tag is not None and headset.group_tag == choice.group_tag)
        ]
    return tuple(sorted(chosen, key=lambda headset: headset.serial))


def _settings_of(
    index: int, deployment: Deployment, raw: dict[str, Any], faults: Faults
) -> tuple[DeploymentSettings, Layers]:
    base: Path = ("deployments", index)
    layers = Layers()
    presets, disagreements = combined(deployment.scenario)
    layers.lay_presets({key: (default.rule, default.value) for key, (default, _) in presets.items()})
    layers.lay("defaults", raw.get("defaults", {}), ("defaults",))
    own = {key: value for key, value in raw["deployments"][index].items() if key not in _OWN_KEYS}
    layers.lay("deployment", own, base)
    for disagreement in disagreements:
        if (
            layers.leaves.get(disagreement.key, [])[-1:]
            and layers.leaves[disagreement.key][-1].layer != "scenario"
        ):
            continue
        first, second = disagreement.scenarios
        faults.add(
            "file/scenario-conflict",
            (*base, "scenario"),
            f"the scenarios {first} and {second} of {deployment.name} disagree about {disagreement.key}",
            detail=f"{first}: {disagreement.values[0]}; {second}: {disagreement.values[1]}.",
            mend=f"Say {disagreement.key} in the deployment.",
            subject=f"deployment:{deployment.name}",
        )
    try:
        return DeploymentSettings.model_validate(layers.merged), layers
    except ValidationError as error:
        merged = Faults(lambda path: faults.place(_written(path, layers, base)))
        report(error, layers.merged, DeploymentSettings, merged)
        faults.findings.extend(merged.findings)
        return DeploymentSettings(), layers


def _written(path: Path, layers: Layers, base: Path) -> Path:
    """Return where the strongest word about a merged key stands."""
    dotted = ".".join(str(part) for part in path)
    for leaf, said in layers.leaves.items():
        written = said[-1].path
        if written and (leaf == dotted or leaf.startswith(dotted + ".") or dotted.startswith(leaf + ".")):
            return written
    return base
