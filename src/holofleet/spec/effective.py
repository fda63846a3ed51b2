"""What each deployment says in the end: its scenarios, the file's defaults, its own keys, and its headsets."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice, takewhile
from typing import Any

from pydantic import ValidationError

from holofleet.spec.faults import Faults
from holofleet.spec.fleet import EffectiveDeployment
from holofleet.spec.layers import Layers
from holofleet.spec.model.deployment import Deployment, DeploymentSettings, HeadsetChoice
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
    stock = _Stock(model.headsets)
    found = []
    for index, deployment in enumerate(model.deployments):
        headsets = stock.chosen(deployment.headsets)
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


class _Stock:
    """The headsets of the file, in the order of their serial numbers, found without a walk through all of them."""

    def __init__(self, headsets: Iterable[Headset]) -> None:
        self.all = tuple(sorted(headsets, key=lambda headset: headset.serial))
        self.serials = [headset.serial for headset in self.all]
        self.by_serial = dict(zip(self.serials, self.all, strict=True))
        self.by_site: dict[str | None, list[Headset]] = defaultdict(list)
        self.by_tag: dict[str | None, list[Headset]] = defaultdict(list)
        for headset in self.all:
            self.by_site[headset.site].append(headset)
            self.by_tag[headset.group_tag].append(headset)

    def chosen(self, choice: HeadsetChoice) -> tuple[Headset, ...]:
        """Return the headsets that a deployment names; unknown serial numbers were reported before."""
        if choice.everything:
            return self.all
        if choice.serials is not None:
            return tuple(self.by_serial[s] for s in sorted(set(choice.serials)) if s in self.by_serial)
        if choice.prefix is not None:
            start = bisect.bisect_left(self.serials, choice.prefix)
            return tuple(
                takewhile(lambda h: h.serial.startswith(choice.prefix or ""), islice(self.all, start, None))
            )
        return tuple(self.by_site[choice.site] if choice.site is not None else self.by_tag[choice.group_tag])


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
