"""EXT-12: experts are online where they sit."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import experts
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    sites = {site.name: site for site in case.spec.model.sites}
    for upn in experts.everybody(case):
        if upn not in case.directory.people:
            continue
        index, person = case.directory.people[upn]
        if person.site is None:
            yield Fault(
                f"nothing says where the expert {upn} sits",
                case.at("people", index),
                "Write `site` with a site whose network is declared.",
                "A call is as good as the worse of its two ends, and only a declared network can be judged.",
                subject=f"user:{upn}",
            )
        elif sites[person.site].connectivity in ("offline", "near-offline"):
            yield Fault(
                f"the expert {upn} sits at {person.site}, which is {sites[person.site].connectivity}",
                case.at("people", index, "site"),
                "Name a site that is online.",
                "An expert has to be reachable whenever a client calls.",
                subject=f"user:{upn}",
            )


RULE = Rule(
    id="EXT-12",
    title="Experts are online where they sit",
    why="The client's end is looked at by everybody, the expert's end by nobody; a bad line there spoils every "
    "call.",
    how="Everybody who may be called has a `site` among the sites of the file, and that site is not offline or "
    "near-offline. Whether they are there when somebody calls, calls tell.",
    mend="Declare the place where your experts sit under `sites`, and name it in `people[].site`.",
    check=_check,
    verification="experts answer a test call from where they sit",
)
