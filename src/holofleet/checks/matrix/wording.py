"""Sentences that the text form and the page share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from holofleet.checks.matrix.matrix import About, Group, Mark, Place
from holofleet.diagnostics import Position

TARGETS = {"server": "this server", "graph": "Microsoft Intune", "files": "files"}


def counted(counts: Mapping[Mark, int]) -> str:
    """Say how many statements have which word; words that nothing has are left out."""
    return ", ".join(f"{count:,} {mark}" for mark, count in counts.items() if count)


def headsets(number: int) -> str:
    """Count headsets."""
    return "1 headset" if number == 1 else f"{number:,} headsets"


def reports(about: About) -> str:
    """Say what headsets reported, or that nobody asked them."""
    heard = about.heard
    if heard is None:
        return "No reports of headsets were read, so that nothing they have to carry is called met."
    if heard.oldest is None or heard.latest is None:
        return (
            f"No headset of the file has reported to {heard.server} yet; there are {heard.headsets:,} in the file."
        )
    said = f"{heard.reported:,} of {headsets(heard.headsets)} have reported to {heard.server}"
    latest, oldest = moment(heard.latest), moment(heard.oldest)
    if latest == oldest:
        return f"{said}, last at {latest}."
    return f"{said}, the last at {latest}, the one not heard for longest at {oldest}."


def moment(at: datetime) -> str:
    """Return a moment to the minute, in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def proof(mark: Mark) -> str:
    """Name what evidence is: a proof, or as far as it goes."""
    return "Proof" if mark in (Mark.MET, Mark.ATTESTED) else "So far"


def whom(group: Group, all_deployments: int) -> str:
    """Name the deployments of a group; an empty text where it goes without saying."""
    names = [name for name in group.deployments if name]
    if not names or (all_deployments == 1 and len(names) == 1):
        return ""
    if len(names) == all_deployments:
        return f"all {len(names)} deployments"
    return ", ".join(names)


def at(position: Position, about: About) -> str:
    """Say where something stands: the line alone where there is one file."""
    if about.files == (position.path,):
        return f"line {position.line}"
    return f"{position.path}:{position.line}"


def place(item: Place, about: About) -> str:
    """Say where a key is written, or which preset says it."""
    if item.position is not None:
        return at(item.position, about)
    return f"{item.layer} preset" + (f", after {item.rule}" if item.rule else "")
