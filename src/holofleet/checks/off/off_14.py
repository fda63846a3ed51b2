"""OFF-14: your own apps keep their data on the headset or on a server of the site."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.value("apps.data") is not None:
        return None
    return NotApplicable("the file names no place where apps of your own keep data (apps.data)")


def _on_a_server(case: Case) -> bool:
    return bool(case.value("apps.data") == "internal-server")


def _check(case: Case) -> Iterator[Fault]:
    kept = case.value("apps.data")
    for index, site in case.sites:
        if kept == "cloud" and site.connected_in_use is False:
            yield Fault(
                f"apps of {case.name} keep data in the cloud, and headsets at {site.name} are not connected in "
                "use",
                case.place("apps.data"),
                "Write `apps: {data: headset}`, or `internal-server` with a server at the site.",
                "What the app writes while the headset is away has nowhere to go.",
                subject=f"site:{site.name}",
            )
        if kept == "internal-server" and not site.network.internal_servers:
            yield Fault(
                f"apps of {case.name} keep data on an internal server, and site {site.name} names none",
                case.at("sites", index, "network"),
                "Write `network: {internal_servers: [parts.contoso.com]}` with your own server at the site.",
                "Nobody can open the way to a server, or try it out, that the site does not name.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-14",
    title="Your own apps keep their data where the headset can reach it",
    why="An app of your own may keep data on the headset or on a server inside the site. Both work without the "
    "Internet; the cloud does not.",
    how="Where `apps.data` is `internal-server`, each site names its `network.internal_servers`; it is not "
    "`cloud` where a site says `connected_in_use: false`. Where nothing is said, the statement does not apply. "
    "That a server can be reached from the site, somebody who tried it attests.",
    mend="Choose `headset`, or name the server at each site.",
    check=_check,
    attestation="try from each site whether its internal servers answer",
    attestable=_on_a_server,
    excused=_excused,
)
