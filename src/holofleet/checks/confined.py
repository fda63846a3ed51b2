"""Calls in a browser that opens our page and nothing else.

The guide asks that app control blocks the browser. Our call page needs one, so a deployment may confine it
instead (``assist: {runs_in: browser, origin: https://...}``): the kiosk shows no browser beside the call, policies
of the browser refuse every other address, and the accounts hold nothing that a browser could show. That a headset
obeys those policies no vendor document promises, so a person has to look at one and attest it.
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import apps, calls, kiosk, lockdown
from holofleet.checks.case import Case
from holofleet.checks.products import BEYOND_CALLS, FOR_CALLS, assigned
from holofleet.checks.rule import Fault

BROWSERS = ("edge", "edge-old")
ATTESTATION = (
    "tried on a headset of this deployment: the browser opens the call page and refuses every other address "
    "(edge://policy lists URLBlocklist and URLAllowlist as of this file)"
)
_DETAIL = "Whatever the browser may open, the account on the headset is signed in there."


def meant(case: Case) -> bool:
    """Tell whether a deployment confines the browser to our page instead of blocking it."""
    return (
        not calls.vendor(case) and case.value("assist.runs_in") == "browser" and bool(case.value("assist.origin"))
    )


def faults(case: Case) -> Iterator[Fault]:
    """Yield what is missing for that, as far as the file can tell."""
    if not lockdown.has_kiosk(case):
        yield Fault(
            f"the browser of {case.name} is confined to calls, and no kiosk keeps people from other apps",
            case.place("kiosk"),
            "Write `kiosk: {for: everyone, apps: [assist, settings]}`.",
            _DETAIL,
        )
    for name, position in kiosk.shown(case):
        if any(apps.named([name], browser) for browser in BROWSERS):
            yield Fault(
                f"the kiosk of {case.name} shows a browser ({name}) beside the call",
                position,
                f"Take `{name}` out of the kiosk: `assist` opens the call page.",
                _DETAIL,
            )
    for path, product in assigned(case).items():
        if product.sku not in FOR_CALLS and product.sku not in BEYOND_CALLS:
            yield Fault(
                f"accounts of {case.name} get {product.sku}, and are signed in to the browser that calls run in",
                case.at(*path),
                "Give them products for calls, management and sign-in only, or let calls run in an app.",
                _DETAIL,
            )
