"""What a demonstration may do in the console: break one simulated headset, to be seen mended.

``serve`` never has it. The command that simulates a fleet gives its own :class:`DemoActions`; without one there is
no strip, no button and no route.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from starlette.responses import Response

from holofleet.server.assist.records import Came, RecordQuery
from holofleet.server.authorization import Action
from holofleet.server.compliance import Compliance
from holofleet.server.events import EventKind
from holofleet.server.fleet.views import Overview
from holofleet.web.console.names import names_of
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares


class DemoActions(Protocol):
    """What the command that simulates the fleet offers. Called from any thread."""

    def headset_to_break(self) -> str | None:
        """Return the serial of a headset that is compliant and can be broken, or ``None`` while there is none."""
        ...

    def break_headset(self, serial: str) -> None:
        """Do to a simulated headset what somebody with a cable would: turn USB on.

        Raises:
            NotFoundError: no such simulated headset.
        """
        ...


class Demonstration:
    """A running demonstration: its actions, which headset was broken, and since which event."""

    def __init__(self, actions: DemoActions) -> None:
        self.actions = actions
        self.broken: str | None = None
        self.after = 0
        self.dismissed = False


@dataclass(frozen=True, slots=True)
class DemoStrip:
    """How far a demonstration is. Every step is ticked by the fleet's own events and the records of calls.

    Args:
        caller: The serial of a headset that a browser can be paired as; empty while there is none.
        called: Whether two parties were ever connected.
    """

    total: int
    compliant: int
    broken: str | None
    noticed: bool
    mended: bool
    target: str | None
    name: str
    caller: str
    called: bool

    @property
    def converged(self) -> bool:
        """Whether the whole fleet became compliant, or a headset was broken already."""
        return self.broken is not None or (self.total > 0 and self.compliant == self.total)


def strip_of(visit: Visit, overview: Overview) -> DemoStrip | None:
    """Return how far the demonstration is, or ``None`` where there is none (any more)."""
    demo = visit.console.demo
    if demo is None or demo.dismissed:
        return None
    kinds: list[EventKind] = []
    if demo.broken is not None:
        events = visit.services.fleet.events_after(visit.scope, demo.after, 500)
        kinds = [event.kind for event in events if event.serial == demo.broken]
    mended = EventKind.MENDED in kinds
    target = demo.actions.headset_to_break() if demo.broken is None else None
    serial = target or demo.broken or ""
    connected = RecordQuery(came=Came.CONNECTED)
    calls = visit.services.assist.records if visit.may(Action.READ_CALLS) else None
    return DemoStrip(
        total=overview.total,
        compliant=overview.counts.get(Compliance.COMPLIANT, 0),
        broken=demo.broken,
        noticed=EventKind.DRIFTED in kinds or mended,
        mended=mended,
        target=target,
        name=names_of(visit, {serial}).get(serial, serial) if serial else "",
        caller=serial,
        called=calls is not None and bool(calls.listed(visit.principal, connected, limit=1)[0]),
    )


@declares(Action.READ_SELF)
def break_page(visit: Visit) -> Response:
    """``POST /demo/break``: break the simulated headset that the form names."""
    visit.require(Action.READ_SELF)
    demo = visit.console.demo
    assert demo is not None
    serial = visit.form.get("serial", "")
    newest = visit.services.fleet.overview(visit.scope).newest_event
    demo.actions.break_headset(serial)
    demo.broken, demo.after = serial, newest
    return visit.go("/")


@declares(Action.READ_SELF)
def dismiss_page(visit: Visit) -> Response:
    """``POST /demo/dismiss``: take the strip away."""
    visit.require(Action.READ_SELF)
    demo = visit.console.demo
    assert demo is not None
    demo.dismissed = True
    return visit.go("/")
