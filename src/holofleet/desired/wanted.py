"""What one variant is compiled from: the effective deployment, its place, its build and its target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from holofleet import catalog
from holofleet.desired.statement import Layer
from holofleet.diagnostics import Position
from holofleet.spec import DeploymentSettings, EffectiveDeployment, Spec
from holofleet.spec.model.site import Site


@dataclass(frozen=True, slots=True)
class Source:
    """Where the value of a key comes from: who says it, the key, its rule and its place."""

    layer: Layer
    key: str
    rule: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One variant: headsets of one deployment that are equal in everything that settings depend on.

    Args:
        spec: The whole file.
        deployment: What holds for the deployment.
        site_index: Place of their site among the file's sites, or ``None``.
        autopilot: The file declares their Autopilot registration.
        account: An account of their own signs in on them (``{{account}}`` has a value).
        build: The build that they have.
        target: Who delivers: ``server``, ``graph`` or ``files``.
    """

    spec: Spec
    deployment: EffectiveDeployment
    site_index: int | None
    autopilot: bool
    account: bool
    build: catalog.Build
    target: str

    @property
    def name(self) -> str:
        """Name of the deployment."""
        return self.deployment.name

    @property
    def settings(self) -> DeploymentSettings:
        """What holds for the deployment, layers merged."""
        return self.deployment.settings

    @property
    def site(self) -> Site | None:
        """Where the headsets are, or ``None``."""
        return None if self.site_index is None else self.spec.model.sites[self.site_index]

    def value(self, key: str) -> Any:
        """Return what a dotted key holds, or ``None`` where nobody said anything."""
        value: Any = self.settings
        for part in key.split("."):
            if value is None:
                return None
            value = getattr(value, _ATTRIBUTES.get(part, part))
        return value

    def origin(self, key: str | tuple[str, ...]) -> Source:
        """Return where a key's value comes from; of several keys, the strongest that says anything.

        Among equally strong ones the first counts.
        """
        keys = (key,) if isinstance(key, str) else key
        said = [self._source(one) for one in keys if self.value(one) is not None]
        return max(said, key=lambda source: source.layer.rank) if said else Source(Layer.HOLOFLEET, keys[0])

    def _source(self, key: str) -> Source:
        origin = self.deployment.origin(key)
        return Source(Layer(origin.layer), key, origin.rule or rule_of(key), origin.position)

    def entry(self, key: str, index: int) -> Position | None:
        """Return the place of one entry of a list; ``None`` where a preset says the list."""
        said = self.deployment.leaves.get(key, ())
        return self.place(*said[-1].path, index) if said and said[-1].path else None

    def place(self, *path: str | int) -> Position:
        """Return the place of anything in the file, by its path from the root."""
        return self.spec.positions.of(path)


_ATTRIBUTES = {"for": "for_", "except": "except_"}
"""Keys that cannot be Python names."""


@lru_cache(maxsize=512)
def rule_of(key: str) -> str:
    """Return the guide statement that the model names for a dotted key, or an empty text."""
    model: Any = DeploymentSettings
    field: Any = None
    for part in key.split("."):
        field = model.model_fields[_ATTRIBUTES.get(part, part)]
        model = _model_of(field.annotation)
    extra = field.json_schema_extra if field is not None else None
    return str(extra.get("x-rule", "")) if isinstance(extra, dict) else ""


def _model_of(annotation: Any) -> Any:
    """Find the model inside ``Optional[...]`` and ``Annotated[...]``; else return the annotation itself."""
    pending = [annotation]
    while pending:
        one = pending.pop()
        if hasattr(one, "model_fields"):
            return one
        pending.extend(getattr(one, "__args__", ()))
        if hasattr(one, "__origin__") and hasattr(one, "__metadata__"):
            pending.append(one.__origin__)
    return annotation
