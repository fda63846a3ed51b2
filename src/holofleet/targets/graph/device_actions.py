"""Orders to enrolled headsets through Intune: sync, restart, wipe, retire, diagnostics, and what became of them.

An order goes to many headsets in one request, a hundred at most. It is queued, not done: a headset carries it out
when it checks in, and says so in its action results. A restart or wipe is sent at most once; when the answer is
lost the outcome is unknown, is said, and nothing is repeated.

Which of these HoloLens supports: sync, restart, wipe, retire, diagnostics (vendor documentation of HoloLens
management); not tried on a headset. Source: 'managedDevice: executeAction', Microsoft Graph reference (beta).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from holofleet.errors import HolofleetError, InputError
from holofleet.targets.graph.errors import GraphError, Trouble
from holofleet.targets.graph.operations import Request, autopilot, reports
from holofleet.targets.graph.reports import Enrolled, enrolled
from holofleet.targets.graph.work import Work, ask, together

AT_ONCE: Final = 100
"""Headsets of one request (assumed: the limit that the portal shows)."""


class Order(StrEnum):
    """What a headset is told."""

    SYNC = "sync"
    REBOOT = "reboot"
    WIPE = "wipe"
    RETIRE = "retire"
    COLLECT_LOGS = "collect-logs"


_NAMES: Final[Mapping[Order, str]] = {
    Order.SYNC: "syncDevice",
    Order.REBOOT: "rebootNow",
    Order.WIPE: "wipe",
    Order.RETIRE: "retire",
}
_RESULTS: Final[Mapping[Order, str]] = {**_NAMES, Order.WIPE: "factoryReset"}
"""The name of an order in the action results of a device."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of sending an order.

    Args:
        queued: Serials that the service took it for.
        unknown: Serials for which the answer was lost: it may be queued.
        refused: Why the service did not take it, by serial.
    """

    queued: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the newest order of a kind stands on one headset: ``pending``, ``done``, ``failed`` and others."""

    serial: str
    state: str
    at: str


def find(serials: Sequence[str]) -> Work[tuple[Enrolled, ...]]:
    """Return the enrolled headsets of some serials.

    Raises:
        InputError: one is not enrolled, or two devices claim one serial: nobody acts on a guess.
    """
    listed = yield from enrolled()
    found: dict[str, list[Enrolled]] = {}
    for one in listed:
        found.setdefault(one.serial, []).append(one)
    missing = [serial for serial in serials if serial not in found]
    doubled = [serial for serial in serials if len(found.get(serial, ())) > 1]
    if missing:
        raise InputError(
            f"not enrolled in this tenant: {', '.join(missing[:5])}", mend="Look at the serial numbers."
        )
    if doubled:
        raise InputError(
            f"several devices have the serial {', '.join(doubled[:5])}",
            mend="Delete the stale records in Intune, and order again.",
        )
    return tuple(found[serial][0] for serial in dict.fromkeys(serials))


def registered() -> Work[frozenset[str]]:
    """Return the serials that Autopilot knows in this tenant."""
    response = yield from ask(autopilot.LIST_IDENTITIES.request())
    return frozenset(str(item.get("serialNumber")) for item in response.value)


def give(order: Order, devices: Sequence[Enrolled]) -> Work[Sent]:
    """Send an order to headsets."""
    if order is Order.COLLECT_LOGS:
        return _sent((yield from together([_one(device, _collect(device)) for device in devices])))
    groups = [devices[start : start + AT_ONCE] for start in range(0, len(devices), AT_ONCE)]
    found = yield from together([_many(order, group) for group in groups])
    return _sent(found)


def outcomes(order: Order, devices: Iterable[Enrolled]) -> Work[tuple[Outcome, ...]]:
    """Read how the newest order of a kind stands on each headset: one request a headset, in batches."""
    listed = list(devices)
    if not listed:
        return ()
    if order is Order.COLLECT_LOGS:
        answers = yield [reports.LIST_LOG_REQUESTS.request(id=device.id) for device in listed]
        return tuple(_newest_log(device, answer.value) for device, answer in zip(listed, answers, strict=True))
    answers = yield [
        reports.GET_MANAGED.request(id=device.id, query={"$select": "id,deviceActionResults"}, accept={404})
        for device in listed
    ]
    return tuple(
        _result(device, order, answer.body if answer.status < 400 else None)
        for device, answer in zip(listed, answers, strict=True)
    )


def _many(order: Order, devices: Sequence[Enrolled]) -> Work[Sent]:
    body: dict[str, Any] = {"actionName": _NAMES[order], "deviceIds": [device.id for device in devices]}
    if order is Order.WIPE:
        body |= {"keepEnrollmentData": False, "keepUserData": False}
    return (yield from _request(devices, reports.EXECUTE_ACTION.request(body=body)))


def _collect(device: Enrolled) -> Request:
    body = {"templateType": {"templateType": "predefined"}}
    return reports.COLLECT_LOGS.request(id=device.id, body=body)


def _one(device: Enrolled, request: Request) -> Work[Sent]:
    return (yield from _request([device], request))


def _request(devices: Sequence[Enrolled], request: Request) -> Work[Sent]:
    serials = tuple(device.serial for device in devices)
    try:
        yield from ask(request)
    except GraphError as error:
        if error.trouble is Trouble.UNKNOWN_OUTCOME:
            return Sent(unknown=serials)
        return Sent(refused=dict.fromkeys(serials, str(error)))
    except HolofleetError as error:
        return Sent(refused=dict.fromkeys(serials, str(error)))
    return Sent(queued=serials)


def _sent(parts: Iterable[Sent]) -> Sent:
    listed = list(parts)
    refused = {serial: why for part in listed for serial, why in part.refused.items()}
    return Sent(
        tuple(serial for part in listed for serial in part.queued),
        tuple(serial for part in listed for serial in part.unknown),
        refused,
    )


def _result(device: Enrolled, order: Order, item: Any) -> Outcome:
    if item is None:
        return Outcome(device.serial, "gone", "")
    results = [one for one in item.get("deviceActionResults") or () if one.get("actionName") == _RESULTS[order]]
    if not results:
        return Outcome(device.serial, "never ordered", "")
    newest = max(results, key=lambda one: str(one.get("startDateTime")))
    return Outcome(device.serial, str(newest.get("actionState")), str(newest.get("lastUpdatedDateTime") or ""))


def _newest_log(device: Enrolled, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    if not rows:
        return Outcome(device.serial, "never ordered", "")
    newest = max(rows, key=lambda one: str(one.get("requestedDateTimeUTC")))
    return Outcome(device.serial, str(newest.get("status")), str(newest.get("receivedDateTimeUTC") or ""))
