"""EXT-30: headsets stay plugged in and awake, so that apps update."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_KEY = "power.standby_plugged_in_s"
_LEAST_S = 900
"""Our reading: a quarter of an hour lets the headset begin; the guide gives no number."""


def _check(case: Case) -> Iterator[Fault]:
    for index, site in case.sites:
        if site.charging is True:
            continue
        yield Fault(
            f"headsets at {site.name} are not kept plugged in"
            if site.charging is False
            else f"nothing says whether headsets at {site.name} are kept plugged in",
            case.at("sites", index, "charging") if site.charging is False else case.at("sites", index),
            "Have them plugged in when nobody wears them, and write `charging: true`.",
            "Apps update while a headset is plugged in and idle. One that lies on a shelf falls behind.",
            subject=f"site:{site.name}",
        )
    standby = case.value(_KEY)
    if standby is not None and 0 < standby < _LEAST_S:
        yield Fault(
            f"headsets of {case.name} sleep after {standby} seconds although they are plugged in",
            case.place(_KEY),
            f"Write `power: {{standby_plugged_in_s: 1800}}`, at least {_LEAST_S}.",
            "A headset that sleeps gets no updates of apps. What the display does is no matter here.",
        )


RULE = Rule(
    id="EXT-30",
    title="Headsets stay plugged in and awake, so that apps update",
    why="Automatic updates of apps (EXT-29) take a headset that has power and does not sleep. At a client, both "
    "are in the hands of people who have to be told.",
    how="Every site of the deployment says `charging: true`, and `power.standby_plugged_in_s` is at least 900 "
    "seconds where it is said (our reading: the guide gives no number). Headsets have to report it; that they "
    "are plugged in at night, their battery tells.",
    mend="Write `charging: true` once the site has agreed, and `power: {standby_plugged_in_s: 1800}`.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/Power/StandbyTimeoutPluggedIn", (_KEY,)),),
    verification="headsets report at night that they charge",
)
