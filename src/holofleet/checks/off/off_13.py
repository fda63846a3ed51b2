"""OFF-13: calls and Guides only where headsets are connected while they are worn."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import apps, kiosk
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule
from holofleet.diagnostics import Position

_NEED_A_NETWORK = ("assist", "remote-assist", "guides")


def _offered(case: Case) -> Iterator[tuple[str, Position]]:
    """Yield the apps that the deployment shows or requires and that need a network, each with its place."""
    required = ((entry.app, position) for entry, position in case.entries("apps.required"))
    for app, position in (*kiosk.shown(case), *required):
        if any(apps.named([app], short) for short in _NEED_A_NETWORK):
            yield app, position


def _check(case: Case) -> Iterator[Fault]:
    apart = [site.name for _, site in case.sites if site.connected_in_use is False]
    if not apart:
        return
    for app, position in _offered(case):
        yield Fault(
            f"{case.name} offers {app}, and headsets are not connected while they are worn at {', '.join(apart)}",
            position,
            f"Take `{app}` out, or write `connected_in_use: true` where headsets are connected.",
            "Calls and Guides need a network all the time. Without one the app opens and nothing in it works.",
        )


RULE = Rule(
    id="OFF-13",
    title="Calls and Guides are offered only where headsets are connected in use",
    why="Remote Assist, our own calls and Guides need a network while the headset is worn. An app that cannot "
    "work costs its wearer time and trust.",
    how="Where a site of the deployment says `connected_in_use: false`, neither the kiosk shows nor "
    "`apps.required` names `assist`, `remote-assist` or `guides`. The scenario's choice of a call product is not "
    "held against a deployment that shows no such app.",
    mend="Leave these apps out where headsets are not connected, in a deployment of its own if other sites are.",
    check=_check,
)
