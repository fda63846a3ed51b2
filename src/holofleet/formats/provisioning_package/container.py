"""A ``.ppkg``: made (EXPERIMENTAL, not tried on a headset) and looked into, whoever made it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from holofleet.formats.markup import Element, MarkupError, parse
from holofleet.formats.provisioning_package import wimlib
from holofleet.formats.provisioning_package.model import RANK, Package
from holofleet.formats.provisioning_package.reader import Contents, Entry, PackageError, read
from holofleet.formats.provisioning_package.render import NOTES
from holofleet.formats.provisioning_package.tree import tree

_READ = re.compile(r"(?i:multivariant/[^/]+/(customizations\.xml|prov/.+\.provxml))")
_IT_ADMIN = 5000
"""Base of the rank among packages of different owners, for IT administrators."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A package file that was looked into.

    Args:
        contents: What its ``customizations.xml`` says; ``None`` where it holds none.
        compiled: What its provisioning documents say, by their path: this is what a headset does.
        files: Every file in it.
    """

    contents: Contents | None
    compiled: dict[str, tuple[Entry, ...]]
    files: tuple[wimlib.Held, ...]


def build(package: Package) -> bytes:
    """Return the package file, secrets and all.

    Raises:
        ValueError: it says something that the container cannot hold.
        InputError: wimlib is not installed, or failed.
    """
    notes = (
        f"VERSION={package.version};Source=Classic;;EncryptPackage=False;SignPackage=False;PackageID={package.id};"
    )
    properties = {
        "NOTES": notes,
        "VERSION": package.version,
        "ALTITUDE": str(_IT_ADMIN + RANK),
        "RESETCLEAR": "0",
        "PACKAGEID": f"{{{package.id}}}",
    }
    return wimlib.pack(tree(package), name=package.name, description=NOTES, properties=properties)


def look(path: Path) -> Opened:
    """Look into a package file; nothing of it is applied or run.

    Raises:
        PackageError: no package, one that is cut short, over a limit, or with something unreadable in it.
        InputError: wimlib is not installed.
    """
    held, texts = wimlib.taken(path, _READ)
    contents, compiled = None, {}
    for name, text in sorted(texts.items()):
        try:
            if name.lower().endswith(".provxml"):
                compiled[name] = tuple(_compiled(parse(text)))
            elif contents is None:
                contents = read(text)
        except (MarkupError, PackageError) as error:
            raise PackageError(f"{name} in the package: {error.summary}") from error
    return Opened(contents, compiled, held)


def _compiled(root: Element, above: str = "") -> Iterator[Entry]:
    for child in root.children:
        if child.local == "characteristic":
            scope = f"{child.attributes['scope']}: " if "scope" in child.attributes else ""
            yield from _compiled(child, f"{above}{scope}{child.attributes.get('type', '')}/")
        elif child.local == "parm":
            name = child.attributes.get("name", "").replace("/", "%2F")
            yield Entry(above + name, child.attributes.get("value", ""))
