"""OFF-44: the private store is gone; apps of your own come as packages."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.value("apps.required"):
        return None
    return NotApplicable("no app is required (apps.required)")


def _check(case: Case) -> Iterator[Fault]:
    for entry, position in case.entries("apps.required"):
        if entry.source == "store-for-business":
            yield Fault(
                f"the app {entry.app} of {case.name} comes from the private store, which has been closed",
                position,
                f"Write `{{app: {entry.app}, source: package, package: apps/app.msixbundle}}` with your own file.",
                "The guide updates such apps in the Store app. The Microsoft Store for Business was retired "
                "since, so no update comes from there any more.",
            )


RULE = Rule(
    id="OFF-44",
    title="No app comes from the private store, which has been closed",
    why="The guide allows apps from the private store of an organization. The service behind it has been "
    "retired, so an app that is meant to come from there never does.",
    how="No entry of `apps.required` has `source: store-for-business`. The guide says that such apps can be "
    "updated; we decide for the service's end and ask for a package. What is installed, headsets tell.",
    mend="Take the app as a package (`source: package`), delivered by the management, or from the public Store.",
    check=_check,
    verification="headsets list the required apps in the version that is asked for",
    excused=_excused,
)
