"""OFF-10: Windows Update updates the headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    source = case.value("updates.source")
    if source != "windows-update":
        yield Fault(
            f"{case.name} takes system updates from {source}",
            case.place("updates.source"),
            "Write `updates: {source: windows-update}`.",
            "A HoloLens 2 does not take updates from a server of yours: pointed at one, it gets none.",
        )


RULE = Rule(
    id="OFF-10",
    title="Windows Update updates the headsets",
    why="A HoloLens 2 knows no other source of system updates, so a restricted site has to let it reach this one.",
    how="`updates.source` is `windows-update`. Headsets have to report that they may use the service; that they "
    "looked for updates, the time of their last search tells.",
    mend="Write `updates: {source: windows-update}`. To spare a thin line, name a cache at the site "
    "(`network.update_cache`).",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/Update/AllowUpdateService", ("updates.source",)),),
    verification="each headset has looked for updates with success since its last visit",
)
