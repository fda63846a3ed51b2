"""State: a set of resources, desired or reported, with one canonical JSON form.

The same State gives the same bytes. Origins (path, line, rule) and what could not be delivered stand beside
the resources, not in them: a comment line in a fleet file changes no plan. So do bytes that are only referred
to by their SHA-256 (files, hardware hashes): they travel with a State in memory, not in its JSON form.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from holofleet.errors import InputError
from holofleet.resources.address import Address
from holofleet.resources.calls import CALLS
from holofleet.resources.cloud import CLOUD
from holofleet.resources.document import Document
from holofleet.resources.nouns import (
    Client,
    Deployment,
    File,
    Group,
    Headset,
    LicensePool,
    Loan,
    Resource,
    Site,
    User,
)

STATE_FORMAT = 1
_R = TypeVar("_R", bound=Resource)
_NOUNS: tuple[type[Resource], ...] = (
    Client,
    Site,
    LicensePool,
    User,
    Group,
    Deployment,
    Headset,
    Loan,
    File,
    *CALLS,
    *CLOUD,
)
KINDS: dict[str, type[Resource]] = {noun.kind: noun for noun in _NOUNS}
"""All kinds in the order in which a target has to create them (what is referred to comes first)."""
_ALWAYS_SHOWN = frozenset({"client", "site", "license", "user", "group", "deployment", "headset"})
"""Kinds that every target knows; the others stand in the JSON form only where a State has them."""


class Origin(BaseModel):
    """Where the value of a setting came from.

    Args:
        deployment: Whose document; equal documents of two deployments may have different origins.
        oma_uri: The setting.
        layer: Which strength said it: ``baseline``, ``scenario``, ``defaults``, ``deployment`` or ``holofleet``.
        key: Path of the typed key in the fleet file (``restrictions.usb_data``) or ``settings``.
        path, line: Where it is written; empty and 0 where the file is silent and a preset speaks.
        rule: Guide statement that wants it (``EXT-24``), or the source of the preset; may be empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    deployment: str
    oma_uri: str
    layer: Literal["baseline", "scenario", "defaults", "deployment", "holofleet"]
    key: str
    path: str = ""
    line: int = 0
    rule: str = ""


class Undelivered(BaseModel):
    """Something that the file says and no document carries (yet): shown everywhere, never silent.

    Args:
        deployment: Where it is said.
        key: Path of the key (``app_control``).
        reason: Why it is not delivered, in a sentence.
        target: ``all``, or the one target that cannot deliver it.
        path, line: Where it is written; empty and 0 for a preset.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    deployment: str
    key: str
    reason: str
    target: Literal["all", "server", "graph", "files"] = "all"
    path: str = ""
    line: int = 0


class State:
    """Resources by address, the documents they share, and what stands beside them. A value: do not change it."""

    __slots__ = ("_by_address", "contents", "documents", "origins", "undelivered")

    def __init__(
        self,
        resources: Iterable[Resource] = (),
        documents: Iterable[Document] = (),
        *,
        origins: Iterable[Origin] = (),
        undelivered: Iterable[Undelivered] = (),
        contents: Mapping[str, bytes] | None = None,
    ) -> None:
        order = {kind: index for index, kind in enumerate(KINDS)}
        listed = sorted(resources, key=lambda r: (order[r.kind], r.key))
        self._by_address: dict[Address, Resource] = {resource.address: resource for resource in listed}
        if len(self._by_address) != len(listed):
            raise ValueError("two resources with one address in a State")
        self.documents: dict[str, Document] = {d.hash: d for d in sorted(documents, key=lambda d: d.hash)}
        self.origins = tuple(sorted(origins, key=lambda o: (o.deployment, o.oma_uri, o.layer, o.line)))
        self.undelivered = tuple(sorted(undelivered, key=lambda u: (u.deployment, u.key, u.target)))
        self.contents: Mapping[str, bytes] = dict(contents or {})
        missing = {h.document for h in self.headsets.values()} - self.documents.keys()
        if missing:
            raise ValueError(f"headsets refer to documents that are not there: {sorted(missing)[:3]}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    @property
    def resources(self) -> Mapping[Address, Resource]:
        """All resources, ordered by kind and name."""
        return self._by_address

    def of_kind(self, noun: type[_R]) -> dict[str, _R]:
        """Return the resources of one kind by name."""
        return {a.name: r for a, r in self._by_address.items() if isinstance(r, noun)}

    @property
    def headsets(self) -> dict[str, Headset]:
        """Headsets by serial."""
        return self.of_kind(Headset)

    @property
    def deployments(self) -> dict[str, Deployment]:
        """Deployments by name."""
        return self.of_kind(Deployment)

    @property
    def files(self) -> dict[str, File]:
        """Files for the files target, by path."""
        return self.of_kind(File)

    @property
    def hash(self) -> str:
        """SHA-256 (hex) over resources and documents only: origins and comments do not count."""
        value = self.to_json()
        bare = {"resources": value["resources"], "documents": value["documents"]}
        return hashlib.sha256(_canonical(bare).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; the same State gives the same value in the same order."""
        resources: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS if kind in _ALWAYS_SHOWN}
        for address, resource in self._by_address.items():
            resources.setdefault(address.kind, []).append(resource.model_dump(mode="json"))
        return {
            "format": STATE_FORMAT,
            "resources": resources,
            "documents": {key: document.to_json() for key, document in self.documents.items()},
            "origins": [origin.model_dump(mode="json") for origin in self.origins],
            "undelivered": [item.model_dump(mode="json") for item in self.undelivered],
        }

    def render(self) -> str:
        """Render as JSON text, one line a key level of two, ending in a newline."""
        return json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, value: object) -> State:
        """Read the JSON form.

        Raises:
            InputError: another format version, an unknown kind or key, a document whose hash is not that of
                its content, or a reference to a document that is not there.
        """
        try:
            if not isinstance(value, dict) or value.get("format") != STATE_FORMAT:
                raise ValueError(f"a State of format {STATE_FORMAT} is expected")
            unknown = value.keys() - {"format", "resources", "documents", "origins", "undelivered"}
            if unknown:
                raise ValueError(f"unknown keys {sorted(unknown)}")
            resources = [
                KINDS[kind].model_validate(item) for kind, items in value["resources"].items() for item in items
            ]
            documents = []
            for key, content in value["documents"].items():
                document = Document.from_json(content)
                if document.hash != key:
                    raise ValueError(f"document {key} has the content of {document.hash}")
                documents.append(document)
            return cls(
                resources,
                documents,
                origins=[Origin.model_validate(item) for item in value.get("origins", [])],
                undelivered=[Undelivered.model_validate(item) for item in value.get("undelivered", [])],
            )
        except (ValidationError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise InputError("this is not a State of holofleet", detail=str(error)) from error


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
