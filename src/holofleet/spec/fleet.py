"""A fleet file that was read: its model, the places in it, and what each deployment says in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from holofleet.diagnostics import Position
from holofleet.spec.layers import LayerName, Said
from holofleet.spec.model.deployment import Deployment, DeploymentSettings
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.model.headset import Headset
from holofleet.spec.positions import Positions
from holofleet.spec.scenarios import with_bases


@dataclass(frozen=True, slots=True)
class KeyOrigin:
    """Where the value of a key comes from.

    Args:
        layer: ``scenario``, ``defaults`` or ``deployment``; ``holofleet`` where nobody said anything.
        position: Place in the file; ``None`` for a preset.
        rule: Guide statement (or source) of a preset; empty where the file speaks.
    """

    layer: str
    position: Position | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Layered:
    """One layer's word about a key: its value as it was written, and its origin."""

    value: Any
    origin: KeyOrigin


@dataclass(frozen=True)
class EffectiveDeployment:
    """A deployment once its layers are laid on one another.

    Args:
        declared: As the file writes it.
        index: Its place among the file's deployments.
        headsets: Its headsets, by serial number.
        settings: The merged settings; ``None`` where no layer said anything.
        leaves: Per dotted key, who said what, weakest first; only keys that still count.
    """

    declared: Deployment
    index: int
    headsets: tuple[Headset, ...]
    settings: DeploymentSettings
    leaves: Mapping[str, tuple[Said, ...]] = field(repr=False)
    positions: Positions = field(repr=False)

    @property
    def name(self) -> str:
        """Name of the deployment."""
        return self.declared.name

    @property
    def client(self) -> str:
        """Client whose people use the headsets; ``own`` for the organization itself."""
        return self.declared.client or "own"

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios that the file lists."""
        return self.declared.scenario

    @property
    def all_scenarios(self) -> tuple[str, ...]:
        """The scenarios that the file lists and those that they build on, bases first."""
        return with_bases(self.declared.scenario)

    @property
    def position(self) -> Position:
        """Where the deployment stands."""
        return self.positions.of(("deployments", self.index))

    def site_of(self, headset: Headset) -> str | None:
        """Return the site of one of its headsets: its own, else the deployment's."""
        return headset.site or self.declared.site

    def says(self, key: str) -> bool:
        """Tell whether any layer says ``key`` or something below it."""
        return key in self.leaves or any(leaf.startswith(key + ".") for leaf in self.leaves)

    def origin(self, key: str) -> KeyOrigin:
        """Return where the value of a dotted key comes from.

        A key that holds other keys has the origin of the strongest word below it; a key inside a list
        (``kiosk.apps.0``) that of the list. A key that nobody said comes from ``holofleet``.
        """
        said = self._strongest(key)
        return self._origin(said) if said else KeyOrigin("holofleet")

    def chain(self, key: str) -> tuple[Layered, ...]:
        """Return every layer's word about a leaf key, weakest first; the last one counts."""
        return tuple(Layered(said.value, self._origin(said)) for said in self.leaves.get(key, ()))

    def _strongest(self, key: str) -> Said | None:
        parts = key.split(".")
        for length in range(len(parts), 0, -1):
            dotted = ".".join(parts[:length])
            if dotted in self.leaves:
                return self.leaves[dotted][-1]
        below = [said[-1] for leaf, said in self.leaves.items() if leaf.startswith(key + ".")]
        order: dict[LayerName, int] = {"scenario": 0, "defaults": 1, "deployment": 2}
        return max(below, key=lambda said: order[said.layer], default=None)

    def _origin(self, said: Said) -> KeyOrigin:
        return KeyOrigin(said.layer, self.positions.of(said.path) if said.path else None, said.rule)


@dataclass(frozen=True)
class Spec:
    """A fleet file without faults.

    Args:
        model: What it says.
        positions: Where it says it.
        texts: The YAML texts by name, as they were read.
        enclosures: Bytes of the other files that it names, by their path in it; never of tables or app packages.
    """

    model: FleetFile
    positions: Positions
    texts: Mapping[str, str]
    effective: tuple[EffectiveDeployment, ...] = field(repr=False)
    enclosures: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def attachment(self, name: str) -> bytes | None:
        """Return the bytes of a file that the fleet file names; ``None`` where only texts were parsed.

        A Spec that was loaded from a disk has every one of them: loading fails otherwise.
        """
        return self.enclosures.get(name)

    def deployments(self) -> tuple[EffectiveDeployment, ...]:
        """Return the deployments in the order of the file, each with its merged settings."""
        return self.effective

    @cached_property
    def deployment_of(self) -> Mapping[str, EffectiveDeployment]:
        """The deployment of each headset, by serial number; headsets in stock have none."""
        return {headset.serial: item for item in self.effective for headset in item.headsets}
