"""OFF-26: apps of your own are complete: a signed package for ARM64, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule
from holofleet.diagnostics import Position
from holofleet.spec.model.lockdown import RequiredApp

_ENDINGS = (".appx", ".appxbundle", ".msix", ".msixbundle")


def _packaged(case: Case) -> Iterator[tuple[RequiredApp, Position]]:
    """Yield the required apps that come as a package, each with its place."""
    for entry, position in case.entries("apps.required"):
        if entry.source == "package" or entry.package is not None:
            yield entry, position


def _excused(case: Case) -> NotApplicable | None:
    if any(_packaged(case)):
        return None
    return NotApplicable("no app comes as a package (apps.required)")


def _check(case: Case) -> Iterator[Fault]:
    for entry, position in _packaged(case):
        if entry.package is None:
            yield Fault(
                f"the app {entry.app} of {case.name} comes as a package, and none is named",
                position,
                f"Write `{{app: {entry.app}, package: apps/app.msixbundle}}` with your own file.",
                "Nothing can be installed from a package that the file does not name.",
            )
        for file in (entry.package, *entry.dependencies):
            if file is not None and not file.lower().endswith(_ENDINGS):
                yield Fault(
                    f"{file} of the app {entry.app} is no package that a HoloLens 2 installs",
                    position,
                    f"Name a package that ends with {', '.join(_ENDINGS)}, made for ARM64.",
                    "A HoloLens 2 installs apps of the Universal Windows Platform for ARM64, and no other "
                    "programs.",
                )
    if case.value("restrictions.side_loading") is False:
        yield Fault(
            f"{case.name} requires apps from packages, and allows none that do not come from the Store",
            case.place("restrictions.side_loading"),
            "Write `restrictions: {side_loading: true}`.",
            "A package of your own does not come from the Store, so the headset refuses it.",
        )


RULE = Rule(
    id="OFF-26",
    title="Apps of your own are complete before the headset leaves",
    why="An app that lacks its package, a library or a trusted signature cannot be installed, and away from the "
    "network nobody can send what is missing.",
    how="A required app that comes as a package names it; package and dependencies are app packages; and "
    "`restrictions.side_loading` is not false. Whether a package is made for ARM64 and signed by somebody whom "
    "the headset trusts, and whether it is installed, is the headset's to tell.",
    mend="Name the package and its dependencies in `apps.required`, and the signing certificate in "
    "`certificates`.",
    check=_check,
    verification="every headset lists the app as installed",
    excused=_excused,
)
