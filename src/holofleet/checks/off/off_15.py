"""OFF-15: everybody signs in once while the headset is connected, before it goes away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule
from holofleet.spec.model.headset import Headset

_DETAIL = (
    "The first sign-in of a person on a headset asks the directory. Without a network it fails, and so does "
    "setting up the PIN that would sign them in later."
)


def _apart(case: Case) -> frozenset[str]:
    """Return the sites at which headsets are not connected while they are worn."""
    return frozenset(site.name for _, site in case.sites if site.connected_in_use is False)


def _excused(case: Case) -> NotApplicable | None:
    if _apart(case):
        return None
    return NotApplicable("headsets are not used without a connection at any site (connected_in_use)")


def _check(case: Case) -> Iterator[Fault]:
    leaves: date | None = case.value("reconnect.offline_from")
    if leaves is None:
        yield Fault(
            f"nothing says from which day headsets of {case.name} are away",
            case.place("reconnect.offline_from"),
            "Write `reconnect: {offline_from: 2026-12-07}` with the day on which they leave.",
            _DETAIL,
        )
        return
    until: date | None = case.value("enrollment.online_sign_in_by")
    if until is not None and until >= leaves:
        yield Fault(
            f"people of {case.name} have until {until} to sign in online, and the headsets leave on {leaves}",
            case.place("enrollment.online_sign_in_by"),
            "Write a day in `enrollment.online_sign_in_by` that is before `reconnect.offline_from`.",
            _DETAIL,
        )
    yield from _headsets(case, leaves, min(until or date.max, leaves - timedelta(days=1)))


def _headsets(case: Case, leaves: date, last: date) -> Iterator[Fault]:
    """Yield the headsets on which the first sign-in came too late, or is overdue."""
    apart = _apart(case)
    for headset in case.deployment.headsets:
        if case.deployment.site_of(headset) not in apart:
            continue
        what = _late(headset, leaves, last, case.today)
        if what:
            yield Fault(
                f"headset {headset.serial} {what}",
                case.at("headsets", case.directory.place_of[headset.serial], "first_sign_in"),
                "Let its user sign in on a network before it leaves, and write the day in `first_sign_in`.",
                _DETAIL,
                subject=f"headset:{headset.serial}",
                headset=headset.serial,
            )


def _late(headset: Headset, leaves: date, last: date, today: date) -> str:
    first = headset.first_sign_in
    if first is not None and first >= leaves:
        return f"was first signed in on {first}, and was away from {leaves}"
    if (first is None or first > today) and today > last:
        return f"has no first sign-in, which was due on {last}"
    return ""


RULE = Rule(
    id="OFF-15",
    title="Everybody signs in once on a network before the headset goes away",
    why="A person's first sign-in on a headset asks the directory, sets up the PIN and makes the profile. Whoever "
    "meets the headset for the first time on board cannot use it at all.",
    how="It is about headsets at sites with `connected_in_use: false`. The deployment says from when they are "
    "away (`reconnect.offline_from`); a day for signing in (`enrollment.online_sign_in_by`) lies before it. A "
    "headset whose `first_sign_in` is missing is found from the day after the one for signing in (without one, "
    "from the day on which it leaves); one that was first signed in after it left is found at any time. The file "
    "keeps one day for each headset; that each of its people signed in, the directory tells.",
    mend="Let each person sign in on a network and set up the PIN, then write the day in `first_sign_in` of the "
    "headset. Where it is too late, bring the headset back to a network.",
    check=_check,
    verification="each headset holds a profile of each of its people that is older than its last time online",
    excused=_excused,
)
