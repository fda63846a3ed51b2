"""OFF-16: people can sign in, and keep their kiosk, for as long as the headset is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from holofleet import catalog
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_FIVE_WEEKS = timedelta(days=35)
"""The longest time between the second Wednesdays of two months, or any such weekday."""


def _check(case: Case) -> Iterator[Fault]:
    yield from _pin(case)
    yield from _cache(case)


def _pin(case: Case) -> Iterator[Fault]:
    if case.value("accounts.kind") == "shared-certificate" or case.value("sign_in.auto_logon"):
        return  # nobody types a PIN on these
    for key in ("sign_in.hello", "sign_in.pin.required"):
        if case.value(key) is not True:
            yield Fault(
                f"people of {case.name} may go offline without a PIN",
                case.place(key),
                "Write `sign_in: {hello: true, pin: {required: true}}`.",
                "Without a network a headset accepts only a PIN or iris that was set up before; a password "
                "needs the directory.",
            )
            return


def _cache(case: Case) -> Iterator[Fault]:
    if not any(profile.group for profile in case.value("kiosk.profiles") or ()):
        return
    away = _longest_absence(case)
    if away is None:
        return
    days = -(-away // timedelta(days=1))
    most = catalog.statements()["OFF-16"].params["group_cache_max_days"]
    known = case.value("kiosk.group_cache_days") or 0
    if known > days:
        return
    mend = (
        f"Write `kiosk: {{group_cache_days: {min(days + 1, most)}}}`."
        if days < most
        else f"A headset keeps groups for {most} days at most: visit sooner, or write `kiosk: {{for: everyone}}`."
    )
    yield Fault(
        f"headsets of {case.name} may be away for {days} days and know groups for {known}",
        case.place("kiosk.group_cache_days"),
        mend,
        "The kiosk of this deployment depends on groups. When their membership is forgotten, people see the "
        "kiosk of nobody, or the whole start menu.",
    )


def _longest_absence(case: Case) -> timedelta | None:
    """Return the longest planned time without a network: as stated, else what the reconnect rule leaves open."""
    stated: timedelta | None = case.value("reconnect.longest_absence")
    if stated is not None:
        return stated
    grace: timedelta = case.value("reconnect.grace") or timedelta()
    if case.value("reconnect.rule") == "monthly":
        return _FIVE_WEEKS + grace
    every: timedelta | None = case.value("reconnect.every")
    return every + grace if every is not None else None


RULE = Rule(
    id="OFF-16",
    title="People can sign in, and keep their kiosk, while the headset is away",
    why="Away from a network a headset knows only what it learned before: a PIN or iris, and who belongs to "
    "which group for as long as it may remember. By default it does not remember groups at all.",
    how="`sign_in.hello` and `sign_in.pin.required` are true, unless nobody types a PIN (shared certificates, "
    "auto-logon). Where the kiosk depends on a group, `kiosk.group_cache_days` (60 at most) is longer than "
    "the longest planned absence: `reconnect.longest_absence`, else five weeks for a monthly visit, or "
    "`reconnect.every`, with `grace`. Headsets have to report the values; that each person has set up a PIN "
    "only sign-ins can tell.",
    mend="Require the PIN, set the days, or show one kiosk to everyone, which needs no groups.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/UsePassportForWork", ("sign_in.hello",)
        ),
        Enforced(
            "./Device/Vendor/MSFT/Policy/Config/MixedReality/AADGroupMembershipCacheValidityInDays",
            ("kiosk.group_cache_days",),
        ),
    ),
    verification="the directory shows a Windows Hello key of each person on the headset",
)
