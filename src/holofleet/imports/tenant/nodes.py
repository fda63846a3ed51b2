"""The settings of equal headsets, taken one after another by what can say them in a fleet file.

:class:`Nodes` is what is left to say; whoever takes a node says it by a key, so that at the end only those remain
that have no key of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from holofleet.imports.tenant.remark import Remark
from holofleet.resources import Format, Setting
from holofleet.spec import DeploymentSettings
from holofleet.spec.model.site import SiteNetwork


@dataclass(slots=True)
class Said:
    """What a deployment says.

    Args:
        keys: Dotted key and value, in the order of taking.
        network: Keys below ``network`` of its site.
        raw: Entries of ``settings``.
        files: Contents by file name, below the folder of the fleet file.
        groups: Groups of people that a kiosk names: name by object id.
        people: Accounts that a kiosk names.
        told: Nodes whose absence was told already.
    """

    keys: dict[str, Any] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)
    raw: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def nested(self) -> dict[str, Any]:
        """Return the keys as a tree."""
        return nested(self.keys) | ({"settings": self.raw} if self.raw else {})


class Nodes:
    """Settings by node that nothing has taken yet."""

    def __init__(self, settings: Iterable[Setting], tenant: str, about: str) -> None:
        self._left = {setting.oma_uri: setting for setting in settings}
        self._tenant = tenant
        self.about = about
        self.said = Said()

    def get(self, uri: str) -> str | None:
        """Return the data of a node that is left."""
        setting = self._left.get(uri.replace("{TenantId}", self._tenant))
        return None if setting is None else setting.data

    def below(self, start: str) -> list[Setting]:
        """Return the settings that are left below a path."""
        return [setting for uri, setting in sorted(self._left.items()) if uri.startswith(start)]

    def left(self) -> Iterator[Setting]:
        """Yield what is left, ordered by node."""
        for uri in sorted(self._left):
            yield self._left[uri]

    def drop(self, *uris: str) -> None:
        """Take nodes without saying anything: they follow from what was said."""
        for uri in uris:
            self._left.pop(uri.replace("{TenantId}", self._tenant), None)

    def say(self, key: str, value: Any, *uris: str) -> bool:
        """Say nodes by a key, if the fleet file accepts it."""
        try:
            DeploymentSettings.model_validate(nested({key: value}))
        except ValidationError:
            return False
        self.said.keys[key] = value
        self.drop(*uris)
        return True

    def say_network(self, key: str, value: Any, *uris: str) -> bool:
        """Say nodes by a key of the site's network, if the fleet file accepts it."""
        try:
            SiteNetwork.model_validate({key: value})
        except ValidationError:
            return False
        self.said.network[key] = value
        self.drop(*uris)
        return True

    def file(self, name: str, content: bytes) -> str:
        """Put a file beside the fleet file; return its name."""
        self.said.files[name] = content
        return name

    def leave_out(self, uri: str, text: str) -> None:
        """Take a node and say that the draft does not bring it."""
        self.drop(uri)
        self.said.told.add(uri)
        self.remark(text)

    def remark(self, text: str, *, lost: bool = True) -> None:
        """Say something about these headsets."""
        self.said.remarks.append(Remark(self.about, text, lost))


def typed(setting: Setting, form: Format) -> Any:
    """Return the data of a setting as a value of the fleet file."""
    if form is Format.INT:
        return int(setting.data) if setting.data.lstrip("-").isdecimal() else setting.data
    if form is Format.BOOL:
        return {"true": True, "false": False}.get(setting.data.lower(), setting.data)
    return setting.data


def nested(keys: dict[str, Any]) -> dict[str, Any]:
    """Return dotted keys as a tree."""
    tree: dict[str, Any] = {}
    for key, value in keys.items():
        *parents, last = key.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return tree
