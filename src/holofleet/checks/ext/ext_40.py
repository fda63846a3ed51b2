"""EXT-40: nobody at the client can open a browser, and with it chats and calls of the account."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import app_control, apps, calls, confined, kiosk, lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_DETAIL = (
    "In Teams on the web, the account on the headset sees its chats and the history of its calls, those with "
    "earlier clients among them. Teams cannot be blocked on the network: calls need it."
)


def _check(case: Case) -> Iterator[Fault]:
    if app_control.own_policy(case) or confined.meant(case):  # EXT-39 judges both
        return
    reachable = [browser for browser in confined.BROWSERS if not app_control.blocks(case, browser)]
    if not reachable:
        return
    if not lockdown.has_kiosk(case):
        yield Fault(
            f"people of {case.name} can open the browser from the start menu",
            case.place("kiosk"),
            "Write `app_control: {deny: [edge, edge-old]}`, and a kiosk without them.",
            _DETAIL,
        )
    for name, position in kiosk.shown(case):
        if any(apps.named([name], browser) for browser in reachable):
            yield Fault(
                f"the kiosk of {case.name} shows a browser ({name}), and app control lets it run",
                position,
                f"Take `{name}` out of the kiosk, and write `app_control: {{deny: [edge, edge-old]}}`.",
                _DETAIL,
            )
        elif name == "assist" and not calls.app(case) and "edge" in reachable:
            yield Fault(
                f"calls of {case.name} run in the browser, which people can leave for other pages",
                position,
                "Let calls run in an app: `assist: {runs_in: app, app: {...}}`, and deny the browsers; or name "
                "the call page (`assist: {origin: https://...}`), so that the browser can be confined to it.",
                _DETAIL,
            )


RULE = Rule(
    id="EXT-40",
    title="No browser leads to chats and calls of the account",
    why="Single sign-on makes every page of the account one tap away. What the expert wrote to the last client, "
    "the next one could read.",
    how="EXT-39 asks that app control blocks the browsers. Where it does not, each way to a browser is found "
    "here: no kiosk, a kiosk that shows one, or calls that run in one. A policy of your own, and a browser that "
    "is confined to the call page, are attested in EXT-39. Headsets have to report the policy; sign-ins from a "
    "browser the directory's records show.",
    mend="Write `app_control: {deny: [edge, edge-old]}` and let calls run in an app.",
    check=_check,
    nodes=(lockdown.CONTROL_NODE,),
    verification="no sign-in of a headset's account comes from a browser",
)
