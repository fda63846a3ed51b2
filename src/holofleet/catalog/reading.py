"""Reads the data files of the catalog, and writes them in their one canonical form.

The data files are plain JSON below ``data/``, made to be reviewed: one field per line, lists of plain values on
one line, keys in a fixed order that the authors chose. :func:`render` is that form; a test holds every file to it,
and ``python -m holofleet.catalog`` rewrites the files after an edit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"


def read(name: str) -> Any:
    """Read one data file, named without its suffix (``apps``, ``statements/EXT``)."""
    return json.loads((_DATA / f"{name}.json").read_bytes())


def names(folder: str = "") -> list[str]:
    """List the data files below a folder, sorted, in the spelling that :func:`read` takes."""
    return sorted(path.relative_to(_DATA).with_suffix("").as_posix() for path in (_DATA / folder).rglob("*.json"))


def text(name: str) -> str:
    """Return a data file as it stands, for comparison with its canonical form."""
    return (_DATA / f"{name}.json").read_text(encoding="utf-8")


def render(value: Any) -> str:
    """Render a data file in its canonical form."""
    return _render(value, "") + "\n"


def rewrite() -> None:
    """Put every data file into its canonical form."""
    for name in names():
        (_DATA / f"{name}.json").write_text(render(read(name)), encoding="utf-8")


def _render(value: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, dict) and value:
        rows = [f"{inner}{_plain(key)}: {_render(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return "[\n" + ",\n".join(f"{inner}{_render(item, inner)}" for item in value) + f"\n{indent}]"
    return _plain(value)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
