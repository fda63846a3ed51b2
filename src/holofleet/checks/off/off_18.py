"""OFF-18: a visit lasts long enough for policies and updates to finish."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from holofleet.checks import visits
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_LARGE_UPDATE_MBIT = 4 * 8 * 1000
"""Four gigabytes for each headset: assumed, for a large system update with its apps."""
_UPDATE = "./Device/Vendor/MSFT/Policy/Config/Update/"


def _check(case: Case) -> Iterator[Fault]:
    window: timedelta | None = case.value("reconnect.window")
    if window is None:
        yield Fault(
            f"nothing says how long a visit of {case.name} lasts",
            case.place("reconnect.window"),
            "Write `reconnect: {window: 1d}`.",
            "Whoever takes the headset along after ten minutes leaves with half of an update, and with it again "
            "next month.",
        )
        return
    yield from _forced(case, window)
    yield from _held_back(case, window)
    yield from _downloaded(case, window)


def _forced(case: Case, window: timedelta) -> Iterator[Fault]:
    deadline, grace = case.value("updates.deadline.quality_days"), case.value("updates.deadline.grace_days") or 0
    if deadline is not None and deadline + grace > window.days:
        yield Fault(
            f"updates of {case.name} are forced after {deadline + grace} days, when a visit is over",
            case.place("updates.deadline.quality_days"),
            "Write `updates: {deadline: {quality_days: 0, grace_days: 1}}`, or a longer `reconnect.window`.",
            "A deadline that ends when the headset is away again restarts it there, or leaves the update to "
            "chance.",
        )


def _held_back(case: Case, window: timedelta) -> Iterator[Fault]:
    held, since = case.value("updates.deferral.quality_days"), visits.days_after_updates(case)
    if held and since is not None and held >= since + window.days:
        yield Fault(
            f"{case.name} holds monthly updates back for {held} days, and visits may end {since + window.days} "
            "days after they come out",
            case.place("updates.deferral.quality_days"),
            "Leave `updates.deferral.quality_days` out, or visit later in the month.",
            "The month's update is not offered while the headset is there, so each headset stays a month behind. "
            "Where visits are rare, the visit itself is the ring: let the first headsets come earlier.",
        )


def _downloaded(case: Case, window: timedelta) -> Iterator[Fault]:
    for _, site in case.sites:
        rate = site.network.downlink_mbps
        count = sum(case.deployment.site_of(headset) == site.name for headset in case.deployment.headsets)
        if rate is None or not count:
            continue
        fetched = 1 if site.network.update_cache is not None else count
        needed = timedelta(seconds=fetched * _LARGE_UPDATE_MBIT / rate)
        if needed > window:
            yield Fault(
                f"{_headsets(count, site.name)} {needed // timedelta(hours=1)} hours to download a "
                f"large update, and a visit lasts {window // timedelta(hours=1)}",
                case.place("reconnect.window"),
                "Write a longer `reconnect.window`, get a faster line, or name a cache in `network.update_cache`.",
                "It is reckoned with 4 GB for each headset, our own assumption for a large update; a cache at the "
                "site fetches it once for all.",
                subject=f"site:{site.name}",
            )


def _headsets(count: int, site: str) -> str:
    return f"{count} headsets at site {site} take" if count > 1 else f"one headset at site {site} takes"


RULE = Rule(
    id="OFF-18",
    title="A visit lasts until policies and updates are done",
    why="A visit is the only chance of a month. An update that is cut short begins again at the next one, and "
    "the headset goes away with what it had.",
    how="`reconnect.window` says how long a visit lasts, and three times fit into it. The deadline of monthly "
    "updates with its grace is not longer than the window. A deferral of monthly updates ends within the visit: "
    "near-offline headsets follow the newest baseline (EXT-13) at each visit, so a deferral (EXT-33) that "
    "outlasts it is a fault here, and rings are made by visiting earlier or later. A large update, assumed as 4 "
    "GB, reaches every headset of a site over its `downlink_mbps`. Headsets have to report the deadline and the "
    "active hours; that a visit was enough, acknowledged settings and the build tell.",
    mend="Write `reconnect: {window: 1d}`, `updates: {deadline: {quality_days: 0, grace_days: 1}}`, and no "
    "deferral of monthly updates.",
    check=_check,
    nodes=(
        Enforced(_UPDATE + "ConfigureDeadlineForQualityUpdates", ("updates.deadline.quality_days",)),
        Enforced(_UPDATE + "ActiveHoursStart", ("updates.active_hours.start",)),
        Enforced(_UPDATE + "ActiveHoursEnd", ("updates.active_hours.end",)),
    ),
    verification="after each visit every setting is acknowledged and the headset runs the build it shall have",
    excused=visits.unplanned,
)
