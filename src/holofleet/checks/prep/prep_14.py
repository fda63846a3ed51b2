"""PREP-14: another management service than Intune supports headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    return NotApplicable("Intune manages the headsets of this target") if case.target == "graph" else None


def _check(case: Case) -> Iterator[Fault]:
    if case.target == "server" and case.value("enrollment.autopilot") is not None and _unregistered(case):
        yield Fault(
            f"{case.name} names an Autopilot profile for headsets of which none is registered, and our own server "
            "makes none",
            case.place("enrollment.autopilot"),
            "Take `autopilot` out of `enrollment`, or register the headsets and apply the profile through Intune.",
            "Our own server supports headsets and enrolls them; registrations and profiles of Autopilot live in "
            "Intune. Without both, the profile in the file does nothing.",
        )


def _unregistered(case: Case) -> bool:
    """Tell whether there are headsets and nobody has registered any of them."""
    headsets = case.deployment.headsets
    return bool(headsets) and not any(headset.autopilot for headset in headsets)


def _by_others(case: Case) -> bool:
    return case.target == "files"


RULE = Rule(
    id="PREP-14",
    title="Another management service than Intune supports headsets",
    why="Headsets can be managed by other services. Each has to know Windows Holographic and to work together "
    "with the directory, else headsets join and are never enrolled. The guide names AirWatch, now Workspace ONE "
    "UEM, and MobileIron, now Ivanti Neurons for MDM.",
    how="The target of the check says who manages. With Intune (`graph`) the statement does not apply. Our own "
    "server supports headsets; it makes no Autopilot profiles, so a profile for headsets of which none is "
    "registered is found. Registered headsets may have their profile from Intune, and PREP-07 shows what is lost "
    "here. Which service takes `files` we cannot know: a person attests that it supports Windows Holographic and "
    "enrolls together with Entra ID. The service that manages, a headset reports itself.",
    mend="Choose a service that supports both, or write no Autopilot where it has none.",
    check=_check,
    verification="headsets report the provider that manages them",
    attestation="look whether the service that takes the files supports Windows Holographic, automatic enrollment "
    "from Entra ID, and Autopilot where the file names a profile",
    attestable=_by_others,
    excused=_excused,
)
