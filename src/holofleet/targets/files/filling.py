"""Secrets in files: filled in only where the operator asked for it, escaped as the file's format needs it.

A reference stands as ``{{secret:REFERENCE}}``. Formats without an escaping rule here are never filled.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape

from holofleet.errors import InputError
from holofleet.resources.document import VARIABLE
from holofleet.targets.files.contents import Written

Resolve = Callable[[str], str | None]
"""From a reference to its value; ``None`` where there is none."""

_ESCAPES: dict[str, Callable[[str], str]] = {
    "application/xml": lambda text: escape(text, quote=True),
    "text/html": lambda text: escape(text, quote=True),
    "application/json": lambda text: json.dumps(text)[1:-1],
    "text/plain": lambda text: text,
}


def filled(file: Written, resolve: Resolve) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes with secrets in the place of their references, and which references they were.

    Settings as JSON or CSV keep their references: programs read them, and send nothing by themselves.

    Raises:
        InputError: a secret is not there.
    """
    escaped = _ESCAPES.get(file.media_type)
    if escaped is None or file.path.endswith(("state.json", "settings.json")) or b"{{" not in file.content:
        return file.content, ()
    found: dict[str, None] = {}
    parts: list[str] = []
    text = file.content.decode()
    end = 0
    for match in VARIABLE.finditer(text):
        if match.group(1) != "secret":
            continue
        reference = match.group(2) or ""
        value = resolve(reference)
        if value is None:
            raise InputError(
                f"{file.path}: the secret {reference} is not there",
                detail="Nothing was written.",
                mend="Set it in the environment, name the folder with --secrets, or leave --with-secrets out.",
            )
        parts += [text[end : match.start()], escaped(value)]
        end = match.end()
        found[reference] = None
    return "".join([*parts, text[end:]]).encode(), tuple(found)
