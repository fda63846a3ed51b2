"""Files for people and for other programs: what the files target writes beside the settings documents.

One module per family, each with a pure ``write(spec, state)``; :data:`FAMILIES` is all of them. What does not live
here: the formats themselves (:mod:`holofleet.formats`) and writing to a disk (:mod:`holofleet.targets.files`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from holofleet.desired.files import autopilot, browser, cloud, network, packages, people
from holofleet.desired.files.made import Made
from holofleet.resources import State
from holofleet.spec import Spec

FAMILIES: tuple[Callable[[Spec, State], Iterator[Made]], ...] = (
    network.write,
    people.write,
    browser.write,
    autopilot.write,
    packages.write,
    cloud.write,
)


def files(spec: Spec, state: State) -> Iterator[Made]:
    """Yield every file of a fleet, family by family."""
    for write in FAMILIES:
        yield from write(spec, state)


__all__ = ["FAMILIES", "Made", "files"]
