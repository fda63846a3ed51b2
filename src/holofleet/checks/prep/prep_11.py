"""PREP-11: whoever is signed in on the headset is the caller."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import apps, calls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    caller = calls.app(case) or "edge"
    for profile, position in case.entries("kiosk.profiles"):
        if profile.visitors and apps.named(profile.apps, caller):
            yield Fault(
                f"the kiosk of {case.name} shows visitors the app for calls ({caller}), and they have no account",
                position,
                f"Take `{caller}` out of the profile, or write `user` or `group` instead of `visitors`.",
                "A call takes the identity of whoever is signed in. A visitor has none, so the app asks for a "
                "second sign-in that a visitor cannot pass.",
            )


RULE = Rule(
    id="PREP-11",
    title="Whoever is signed in on the headset is the caller",
    why="One sign-in serves both: people put the headset on and call, and the expert sees who it is. The other "
    "side of it is that the account's chats are signed in as well, which EXT-39 is about.",
    how="The file has no identity for calls beside that of the headset, so it can contradict only by showing "
    "visitors, who have no account, what calls run in (`assist.runs_in`: the app, or the browser). We keep single "
    "sign-on and close its other side with app control (EXT-39). That callers are those who are signed in, calls "
    "tell.",
    mend="Show the app for calls to people with an account.",
    check=_check,
    verification="each call names the account that was signed in on the headset",
)
