"""OFF-46: a headset on a visit asks for its orders, by hand if need be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from holofleet.checks import pages
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_PAGE = "workplace"


def _check(case: Case) -> Iterator[Fault]:
    key = pages.keeps_away(case, _PAGE)
    if key:
        yield Fault(
            f"the page {_PAGE} of the Settings app is kept from people of {case.name}",
            case.place(key),
            f"Add `{_PAGE}` to `settings_pages.show`."
            if key.endswith("show")
            else f"Take `{_PAGE}` out of `settings_pages.hide`.",
            "At a visit somebody presses Sync on that page. Without it the headset may leave without its orders.",
        )
    yield from _interval(case)


def _interval(case: Case) -> Iterator[Fault]:
    every, window = case.value("poll.then_every_min"), case.value("reconnect.window")
    if case.target != "server" or every is None or window is None or case.value("poll.on_sign_in") is not False:
        return
    if timedelta(minutes=every) > window:
        yield Fault(
            f"headsets of {case.name} ask for orders every {every} minutes, and a visit is shorter",
            case.place("poll.then_every_min"),
            "Write `poll: {on_sign_in: true}`, or a shorter `then_every_min`.",
            "A headset that asks neither at sign-in nor often enough may pass a whole visit without asking.",
        )


RULE = Rule(
    id="OFF-46",
    title="A headset on a visit asks for its orders",
    why="Orders wait for a headset until it asks. A visit without a question leaves it as it was for another "
    "month.",
    how="`settings_pages` shows the page `workplace`, where people press Sync. On our own server, headsets ask at "
    "sign-in, or within the length of a visit (`poll.then_every_min` against `reconnect.window`). Headsets have "
    "to report the page list; that they asked and took their orders, our server tells.",
    mend="Add `workplace` to `settings_pages.show`, and write `poll: {then_every_min: 60, on_sign_in: true}`.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/Policy/Config/Settings/PageVisibilityList",
            ("settings_pages.show", "settings_pages.hide"),
        ),
    ),
    verification="each headset has asked for orders at its last visit and acknowledged all of them",
)
