"""Gives out the sample texts by scenario."""

from __future__ import annotations

import re
from datetime import date
from importlib import resources

SAMPLES = ("cloud-connected", "external-clients", "shared-identity", "near-offline")
"""Scenarios that have a sample."""

WRITTEN_ON = date(2026, 11, 16)
"""The day on which the samples were written: their loans and attestations lie around it."""

_ENCLOSED = {"shared-identity": ("contoso-devices-root.pem",)}
_DAY = re.compile(r"(?<=: )(\d{4}-\d{2}-\d{2})(?=[,}\s]|$)")


def text(scenario: str, *, today: date | None = None) -> dict[str, str]:
    """Return the sample of a scenario: file names and their texts, ready to be written beside one another.

    Args:
        scenario: One of :data:`SAMPLES`.
        today: Moves every day that stands as a value (shipping, attestations) by the time since
            :data:`WRITTEN_ON`, so that a sample written later is not out of date; left out, the text is as
            it was written. Days in comments stay.

    Raises:
        KeyError: no such scenario.
    """
    if scenario not in SAMPLES:
        raise KeyError(scenario)
    written = (resources.files(__package__) / f"{scenario}.yaml").read_text(encoding="utf-8")
    if today is None or today == WRITTEN_ON:
        return {"fleet.yaml": written}
    step = today - WRITTEN_ON

    def moved(match: re.Match[str]) -> str:
        return (date.fromisoformat(match.group(1)) + step).isoformat()

    lines = []
    for line in written.splitlines(keepends=True):
        code, mark, comment = line.partition(" #")
        lines.append(_DAY.sub(moved, code) + mark + comment)
    return {"fleet.yaml": "".join(lines)}


def enclosures(scenario: str) -> dict[str, str]:
    """Return the other files that a sample names, to be written beside it: file names and their texts.

    The root certificate is an example: nobody has its private key, and it may sign for ``contoso.invalid`` only.

    Raises:
        KeyError: no such scenario.
    """
    if scenario not in SAMPLES:
        raise KeyError(scenario)
    folder = resources.files(__package__)
    return {name: (folder / name).read_text(encoding="utf-8") for name in _ENCLOSED.get(scenario, ())}
