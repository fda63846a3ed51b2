"""EXT-39: app control keeps the browser from running."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import app_control, apps, confined, lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_DETAIL = (
    "Single sign-on opens the account's chats, files and people in a browser, so that one client could read what "
    "concerns another. A kiosk only hides the browser: an app that is allowed may start it."
)


def _check(case: Case) -> Iterator[Fault]:
    if app_control.own_policy(case):
        return
    if confined.meant(case):
        yield from confined.faults(case)
        return
    denied, allowed = case.value("app_control.deny"), case.value("app_control.allow")
    if not denied and not allowed:
        yield Fault(
            f"nothing keeps the browser of {case.name} from running",
            case.place("app_control"),
            "Write `app_control: {deny: [edge, edge-old]}`.",
            _DETAIL,
        )
        return
    for browser in confined.BROWSERS:
        if allowed and apps.named(allowed, browser):
            position = next(
                place for name, place in case.entries("app_control.allow") if apps.named([name], browser)
            )
            yield Fault(
                f"{case.name} allows the browser ({browser}) to run",
                position,
                f"Take `{browser}` out of `app_control.allow`.",
                _DETAIL,
            )
        elif not allowed and not apps.named(denied, browser):
            yield Fault(
                f"{case.name} does not deny the browser {browser}",
                case.place("app_control.deny"),
                f"Add `{browser}` to `app_control.deny`.",
                _DETAIL,
            )


RULE = Rule(
    id="EXT-39",
    title="App control keeps the browser from running",
    why="A headset's account is signed in everywhere. In a browser, the chats, files and contacts of that "
    "account are one page away, and with them those of other clients.",
    how="`app_control.deny` names both browsers (`edge`, `edge-old`), or `app_control.allow` lists what may "
    "run and neither browser is in it. A kiosk is not enough, because it hides and does not block. A policy "
    "of your own (`app_control.policy_file`) is not read: a person attests that it denies msedge.exe. It is "
    "met once the policy is on the headsets. Where calls run in the browser (`assist: {runs_in: browser, origin: "
    "https://...}`), it is confined instead: no browser in the kiosk beside the call, no product on the accounts "
    "beyond calls, management and sign-in, and Edge policies that refuse every address but the call page. No "
    "vendor document promises that a headset obeys those, so a person attests that one was seen to.",
    mend="Write `app_control: {deny: [edge, edge-old]}` and let calls run in an app (`assist: {runs_in: app}`), "
    "or confine the browser to the call page.",
    check=_check,
    nodes=(lockdown.CONTROL_NODE,),
    attestation="read the policy of app_control.policy_file: it has to deny msedge.exe and the old browser; or, "
    f"with a confined browser, {confined.ATTESTATION}",
    attestable=lambda case: app_control.own_policy(case) or confined.meant(case),
)
