"""What is told: each notice made of what happened, with as little in it as a program needs to ask for more.

Nothing that was said in a call is here, no name of a person, and no value of a setting: whoever may know them asks
the API by the ids that are here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from holofleet.clock import render_utc
from holofleet.protocols.signaling import Call
from holofleet.server.events import EventKind, NewEvent
from holofleet.server.webhooks.values import NoticeKind

OF_EVENTS: Final[Mapping[EventKind, NoticeKind]] = MappingProxyType(
    {
        EventKind.ENROLLED: NoticeKind.HEADSET_ENROLLED,
        EventKind.CONFLICT: NoticeKind.HEADSET_DOUBTED,
        EventKind.QUARANTINED: NoticeKind.HEADSET_DOUBTED,
        EventKind.DRIFTED: NoticeKind.HEADSET_DRIFTED,
        EventKind.MENDED: NoticeKind.HEADSET_MENDED,
        EventKind.LOST: NoticeKind.HEADSET_LOST,
        EventKind.LEFT: NoticeKind.HEADSET_LEFT,
        EventKind.RETIRED: NoticeKind.HEADSET_RETIRED,
        EventKind.ORDER_FAILED: NoticeKind.ORDER_FAILED,
        EventKind.ORDER_UNKNOWN: NoticeKind.ORDER_UNKNOWN,
        EventKind.ORDERS_FROZEN: NoticeKind.ORDERS_FROZEN,
        EventKind.APPROVAL_ASKED: NoticeKind.APPROVAL_ASKED,
    }
)
_TOLD: Final = {"oma_uri": "setting", "order": "order", "order_kind": "order_kind", "approval": "approval"}
"""What is told of the data of an event, under which name."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened, about to be told."""

    kind: NoticeKind
    client: str
    at: datetime
    data: Mapping[str, Any]

    @property
    def body(self) -> str:
        """The message as it is signed and sent: the form of Standard Webhooks."""
        message = {
            "type": str(self.kind),
            "timestamp": render_utc(self.at),
            "data": {"client": self.client, **self.data},
        }
        return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def notice_of_event(event: NewEvent, at: datetime) -> Notice | None:
    """Return what is told of an event, if anything is."""
    kind = OF_EVENTS.get(event.kind)
    if kind is None:
        return None
    data: dict[str, Any] = {
        "serial": event.serial,
        "deployment": event.deployment,
        "enrollment": event.enrollment,
        **{_TOLD[name]: value for name, value in event.data.items() if name in _TOLD},
    }
    return Notice(kind, event.client, at, {name: value for name, value in data.items() if value})


def notice_of_call(before: Call | None, after: Call) -> Notice | None:
    """Return what is told of a change of a call, if anything is: that two were connected, or that it is over."""
    data: dict[str, Any] = {"call": after.id, "serial": after.serial}
    if after.ending is not None:
        if before is not None and before.ending is not None:
            return None
        data |= {"ended_at": render_utc(after.ending.at), "reason": after.ending.reason}
        if after.started_at is None:
            return Notice(NoticeKind.CALL_MISSED, after.client, after.ending.at, data)
        seconds = round((after.ending.at - after.started_at).total_seconds())
        data |= {"started_at": render_utc(after.started_at), "seconds": seconds}
        return Notice(NoticeKind.CALL_ENDED, after.client, after.ending.at, data)
    if after.started_at is None or (before is not None and before.started_at is not None):
        return None
    data["started_at"] = render_utc(after.started_at)
    return Notice(NoticeKind.CALL_STARTED, after.client, after.started_at, data)


def notice_of_loan(loan: str, name: str, client: str, returns: date, missing: int, at: datetime) -> Notice:
    """Return what is told of a loan whose day of return has passed while headsets of it are not back."""
    data = {"loan": loan, "name": name, "returns": returns.isoformat(), "missing": missing}
    return Notice(NoticeKind.LOAN_OVERDUE, client, at, data)
