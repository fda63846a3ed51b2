"""What a package would do: every setting of ``customizations.xml``, ours or anybody's, as a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from holofleet.errors import InputError
from holofleet.formats.markup import Element, MarkupError, parse
from holofleet.formats.provisioning_package.render import CONFIG, SETTINGS

_SECRET = re.compile(r"password|secret|securitykey|bprt|token|passphrase|privatekey|\bpin\b", re.IGNORECASE)
_KEY_MATERIAL = re.compile(r"<(\w*:?keyMaterial)>[^<]*</\1>")
_SPOKEN = ("Policies/", "Policy/Config/")
"""Policies say how passwords have to be; they hold none."""
MASK = "********"


class PackageError(InputError):
    """This is no package, or not one that may be read here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting: its path, with the names of named things in brackets, and its value."""

    path: str
    value: str = field(repr=False)

    @property
    def secret(self) -> bool:
        """True when the value is, or holds, a secret."""
        return self.masked != self.value

    @property
    def masked(self) -> str:
        """The value with what is secret in it covered. A reference to a secret is none."""
        leaf = self.path.rpartition("/")[2].partition("[")[0]
        if not self.value or self.value.startswith("{{secret:"):
            return self.value
        if _SECRET.search(leaf) and not self.path.startswith(_SPOKEN):
            return MASK
        return _KEY_MATERIAL.sub(lambda found: f"<{found.group(1)}>{MASK}</{found.group(1)}>", self.value)


@dataclass(frozen=True, slots=True)
class Contents:
    """A package as it was read; what it does not say is empty."""

    id: str
    name: str
    version: str
    owner: str
    rank: str
    entries: tuple[Entry, ...]


def read(data: bytes | str) -> Contents:
    """Read ``customizations.xml``.

    Raises:
        PackageError: no XML that may be read, another document, or one without settings.
    """
    try:
        root = parse(data)
    except MarkupError as error:
        raise PackageError(error.summary) from error
    if root.name != "WindowsCustomizations":
        raise PackageError(f"the root is {root.local}, not WindowsCustomizations")
    configs, settings = root.all(f"{{{CONFIG}}}PackageConfig"), root.all(f"{{{SETTINGS}}}Settings")
    if len(configs) != 1 or len(settings) != 1:
        raise PackageError(
            "it needs PackageConfig and Settings, once each, in the vendor's namespaces",
            mend="The namespaces differ in one letter: schemas-Microsoft-com and schemas-microsoft-com.",
        )
    said = {child.local: child.text.strip() for child in configs[0].children}
    return Contents(
        id=said.get("ID", "").strip("{}"),
        name=said.get("Name", ""),
        version=said.get("Version", ""),
        owner=said.get("OwnerType", ""),
        rank=said.get("Rank", ""),
        entries=tuple(_entries(settings[0])),
    )


def _entries(settings: Element) -> Iterator[Entry]:
    for customizations in settings.all(f"{{{SETTINGS}}}Customizations"):
        for part in customizations.children:
            if part.local == "Common":
                for group in part.children:
                    yield from walk(group, "")
            else:  # settings under a condition: shown with it
                yield from walk(part, "")


def walk(element: Element, above: str) -> Iterator[Entry]:
    """Yield the leaves below an element, each with its path."""
    named = {value: None for value in element.attributes.values() if value}
    path = f"{above}{element.local}" + "".join(f"[{name}]" for name in named)
    if not element.children:
        yield Entry(path, element.text.strip())
    for child in element.children:
        yield from walk(child, f"{path}/")
