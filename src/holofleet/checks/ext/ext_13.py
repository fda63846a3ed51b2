"""EXT-13: a headset leaves with the newest system."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import loans
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_DETAIL = "What is mended in later builds stays open on a headset that left with an older one."


def _check(case: Case) -> Iterator[Fault]:
    newest = catalog.builds().newest()
    wanted = case.value("updates.build")
    if wanted is None or (wanted != "newest-known" and catalog.Build.parse(wanted) < newest):
        yield Fault(
            f"{case.name} ships with {wanted or 'any build'} instead of the newest known one",
            case.place("updates.build"),
            "Write `updates: {build: newest-known}`.",
            _DETAIL,
        )
    if case.value("updates.automatic") == "off":
        yield Fault(
            f"headsets of {case.name} install no updates by themselves",
            case.place("updates.automatic"),
            "Write `updates: {automatic: install-and-restart}`.",
            _DETAIL,
        )
    if case.value("updates.preview_builds") is True:
        yield Fault(
            f"headsets of {case.name} get preview builds",
            case.place("updates.preview_builds"),
            "Write `updates: {preview_builds: false}`.",
            "A preview is newer and is no release: what it breaks, the client finds out.",
        )
    yield from _headsets(case, newest)


def _headsets(case: Case, newest: catalog.Build) -> Iterator[Fault]:
    known = [(h, catalog.Build.parse(h.build)) for h in case.deployment.headsets if h.build is not None]
    gone = {serial for _, loan in loans.of(case) if loans.away(loan, case.today) for serial in loan.headsets}
    old = [(headset, build) for headset, build in known if build < newest and headset.serial not in gone]
    index = {headset.serial: place for place, headset in enumerate(case.spec.model.headsets)} if old else {}
    for headset, build in old:
        yield Fault(
            f"headset {headset.serial} is at hand with build {build}, and {newest} is known",
            case.at("headsets", index[headset.serial], "build"),
            "Update or flash it before it ships, and write the new build.",
            _DETAIL,
            subject=f"headset:{headset.serial}",
            headset=headset.serial,
        )


RULE = Rule(
    id="EXT-13",
    title="A headset leaves with the newest system",
    why="A client's network is slow or strange, and nobody of yours is there. What a headset does not have when "
    "it leaves, it may not get for months.",
    how="`updates.build` is `newest-known`, or a build that is not older; updates are not `off` and no "
    "previews. A headset that is at hand and is known to run an older build (`headsets[].build`) is found. "
    "Holding updates back (EXT-33) pulls the other way. We decide: on the day of shipping a headset has the "
    "newest build; while it is away, the deferral of its ring counts, and an older build is no finding.",
    mend="Write `updates: {build: newest-known}`, and update headsets before they ship.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate", ("updates.automatic",)),),
    verification="each headset reports the newest known build when it ships",
)
