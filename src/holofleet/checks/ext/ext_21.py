"""EXT-21: only your tenant can set the headset up again."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.target != "server":
        return None
    return NotApplicable(
        "needs Intune: our own server gives no Autopilot profiles, and a locked headset without one is stuck",
        lost=bool(case.value("tenant_lock")),
    )


def _check(case: Case) -> Iterator[Fault]:
    if not case.value("tenant_lock"):
        yield Fault(
            f"whoever resets a headset of {case.name} can join it to another tenant",
            case.place("tenant_lock"),
            "Register the headsets for Autopilot first, then write `tenant_lock: true`.",
            "A headset that is lost at a client would be anybody's.",
        )
        return
    unready = [headset.serial for headset in case.deployment.headsets if not headset.autopilot]
    index = {headset.serial: place for place, headset in enumerate(case.spec.model.headsets)} if unready else {}
    for serial in unready:
        yield Fault(
            f"headset {serial} shall be locked to the tenant and is not registered for Autopilot",
            case.at("headsets", index[serial]),
            "Register it, assign the profile, and write `autopilot: true` then.",
            "A locked headset whose first start finds no profile waits for ever; so the lock is not sent to it.",
            subject=f"headset:{serial}",
            headset=serial,
        )


RULE = Rule(
    id="EXT-21",
    title="Only your tenant can set the headset up again",
    why="A reset takes every setting away, and with it everything that ties a headset to you. The tenant lock "
    "is the one thing that outlives it.",
    how="`tenant_lock` is true, and every headset is registered for Autopilot (`autopilot: true`): without a "
    "profile a locked headset could not be set up by anybody. Headsets have to report the lock. On our own "
    "server the statement does not apply, and the loss is shown: it gives no Autopilot profiles, so it never "
    "locks.",
    mend="Register the headsets and assign the profile; write `autopilot: true` at them; then `tenant_lock: "
    "true`.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE", ("tenant_lock",)),),
    excused=_excused,
)
