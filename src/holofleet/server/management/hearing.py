"""Hearing: what a message of a headset says, matched with what was sent to it, goes into the draft.

A Status or Results counts only for a command that was sent to this enrollment, in this session, and has no
answer yet; whatever else comes is counted and changes nothing (SECURITY MGT-3). Answers are matched by CmdRef
and LocURI, never by position or count: real clients differ in both.
"""

from __future__ import annotations

from holofleet.protocols.syncml import (
    Alert,
    Alerts,
    Item,
    Message,
    Outcome,
    Replace,
    Results,
    Status,
    StatusCode,
    outcome,
)
from holofleet.resources import normal_uri
from holofleet.server.compliance import SettingStatus
from holofleet.server.events import EventKind
from holofleet.server.management import inventory
from holofleet.server.management.cursor import Sent
from holofleet.server.management.draft import OUTCOME_OF, Draft
from holofleet.server.management.prepared import TENANT_LOCK, is_on
from holofleet.server.management.row import TenantLock
from holofleet.server.orders import OrderKind, OrderStatus
from holofleet.server.standing import Standing

LOGIN_STATUS = "com.microsoft/MDM/LoginStatus"
UNENROLLMENT = "com.microsoft:mdm.unenrollment.userrequest"
_FOR_NOW = (Outcome.RETRY, Outcome.GROUP, Outcome.CHALLENGE, Outcome.UNKNOWN)
"""Outcomes that may be another one next time, so that nothing is concluded from them."""
MAX_REPORTS = 5
"""Other notices of one message that are kept as events. Ours."""


def hear(draft: Draft, message: Message) -> bool:
    """Take everything that a message says.

    Returns:
        Whether the headset ended the session itself (alert 1223, or it left).
    """
    ended = False
    reports = 0
    for command in message.commands:
        if isinstance(command, Status):
            if command.cmd_ref != "0":
                _status(draft, command)
        elif isinstance(command, Results):
            _results(draft, command)
        elif isinstance(command, Alert):
            reports += _alert(draft, command, keep=reports < MAX_REPORTS)
            ended = ended or command.code == Alerts.SESSION_ABORT or draft.standing is Standing.RETIRED
        elif isinstance(command, Replace):
            _told(draft, command.items)
    return ended


def close_unanswered(draft: Draft) -> None:
    """Close what the headset gave no answer to although its message was the last of the package.

    A write stays pending and is sent in a later session; an Exec may have run, so that its outcome is unknown.
    """
    for sent in draft.cursor.sent.values():
        if sent[0] == "g":
            for item in sent[1]:
                if isinstance(item, int):
                    draft.ledger.unanswered(_uri(draft, item))
        elif sent[0] == "o" and sent[2] == OrderKind.UNENROLL and draft.standing is Standing.RETIRED:
            draft.move_order(sent[1], sent[2], OrderStatus.SENT, OrderStatus.DONE, "the headset left")
        elif sent[0] == "o":
            draft.move_order(
                sent[1], sent[2], OrderStatus.SENT, OrderStatus.OUTCOME_UNKNOWN, "the headset said nothing"
            )
    draft.cursor.sent = {}


def abandon(draft: Draft, message: Message) -> None:
    """Close the session before: the headset has begun a new one in the middle of it.

    An unenrollment that was sent and is followed by the notice of leaving has run.
    """
    left = any(_leaves(command) for command in message.alerts)
    for sent in draft.cursor.sent.values():
        if sent[0] == "o" and left and sent[2] == OrderKind.UNENROLL:
            draft.move_order(sent[1], sent[2], OrderStatus.SENT, OrderStatus.DONE, "the headset left")
        elif sent[0] == "o":
            draft.move_order(
                sent[1], sent[2], OrderStatus.SENT, OrderStatus.OUTCOME_UNKNOWN, "the session was lost"
            )


def _status(draft: Draft, status: Status) -> None:
    cursor = draft.cursor
    sent = cursor.sent.get(status.cmd_ref)
    if sent is None or status.msg_ref != cursor.sent_in:
        draft.strays += 1
        return
    match sent[0]:
        case "g":
            _status_of_get(draft, sent, status)
            return
        case "w":
            _status_of_write(draft, sent[1], status.code)
        case "d":
            draft.ledger.deleted(sent[1], status.code)
        case "o":
            _status_of_order(draft, sent[1], sent[2], status.code)
    del cursor.sent[status.cmd_ref]


def _status_of_write(draft: Draft, index: int, code: int) -> None:
    setting = draft.ledger.document.settings[index]
    again = draft.ledger.wrote(setting.uri, code)
    if again and draft.cursor.written.get(setting.uri) == 1:
        draft.cursor.written[setting.uri] = 0
    if outcome(code) in (Outcome.GOOD, Outcome.VERIFY_LATER):
        for need in setting.needs:
            left = draft.cursor.fingerprints.get(need)
            if left is not None:
                draft.fingerprints[need] = left


def _status_of_get(draft: Draft, sent: Sent, status: Status) -> None:
    good = outcome(status.code) in (Outcome.GOOD, Outcome.VERIFY_LATER)
    if status.target_refs:
        for ref in status.target_refs:
            item = _asked(draft, sent, ref)
            if item is not None and not good:
                _cannot_read(draft, sent, item, status.code)
    elif not good and len(sent[1]) == 1:
        _cannot_read(draft, sent, sent[1][0], status.code)


def _status_of_order(draft: Draft, order: str, kind: str, code: int) -> None:
    match outcome(code):
        case Outcome.GOOD | Outcome.VERIFY_LATER:
            draft.move_order(order, kind, OrderStatus.SENT, OrderStatus.DONE, OUTCOME_OF[OrderKind(kind)])
            if kind == OrderKind.WIPE:
                draft.release("wipe accepted")
        case Outcome.GROUP if code == StatusCode.NOT_EXECUTED:
            draft.move_order(order, kind, OrderStatus.SENT, OrderStatus.QUEUED, f"not run (status {code})")
        case Outcome.GROUP:  # a group failed that we did not send: it may have run or not
            draft.move_order(order, kind, OrderStatus.SENT, OrderStatus.OUTCOME_UNKNOWN, f"status {code}")
        case _:
            draft.move_order(order, kind, OrderStatus.SENT, OrderStatus.FAILED, f"refused (status {code})")


def _results(draft: Draft, results: Results) -> None:
    cursor = draft.cursor
    sent = cursor.sent.get(results.cmd_ref)
    if sent is None or sent[0] != "g" or results.msg_ref != cursor.sent_in:
        draft.strays += 1
        return
    for found in results.items:
        item = _asked(draft, sent, found.source or found.target)
        if item is None or found.more_data:
            draft.strays += 1
            continue
        sent[1].remove(item)
        value = found.data or ""
        if isinstance(item, int):
            uri = _uri(draft, item)
            draft.ledger.read(uri, value)
            _learn_lock(draft, uri, value)
        elif item == TENANT_LOCK:
            _learn_lock(draft, item, value)
        else:
            _learn(draft, inventory.ASKED[item], value)


def _cannot_read(draft: Draft, sent: Sent, item: int | str, code: int) -> None:
    sent[1].remove(item)
    if isinstance(item, int):
        uri = _uri(draft, item)
        draft.ledger.unreadable(uri, code)
    else:
        uri = item
    if uri == TENANT_LOCK and outcome(code) is Outcome.NOT_FOUND:
        _learn_lock(draft, uri, "false")
    elif uri == inventory.SERIAL and outcome(code) not in _FOR_NOW:
        _learn(draft, "serial", "")


def _learn(draft: Draft, name: str, value: str) -> None:
    value = inventory.clean(value)
    draft.inventory[name] = value
    if name == "os_build":
        before = draft.build
        draft.set_build(value)
        if draft.build != before:
            draft.ledger.give_another_chance(SettingStatus.NOT_APPLICABLE, said=before is not None)
    elif name == "serial":
        draft.serial_said = value


def _learn_lock(draft: Draft, uri: str, value: str) -> None:
    """Take what a headset says of its tenant lock; one that it did not get from us strands it just the same."""
    if uri != TENANT_LOCK:
        return
    if is_on(value):
        draft.lock = TenantLock.LOCKED
    elif draft.lock is TenantLock.LOCKED:
        draft.tell(EventKind.LOCK_RELEASED)
        draft.lock = TenantLock.RELEASED


def _told(draft: Draft, items: tuple[Item, ...]) -> None:
    for item in items:
        name = inventory.told(item.source or item.target)
        if name is not None and item.data is not None:
            draft.inventory[name] = inventory.clean(item.data)


def _alert(draft: Draft, alert: Alert, *, keep: bool) -> int:
    if alert.code == Alerts.CLIENT_EVENT:
        for item in alert.items:
            if item.type == LOGIN_STATUS:
                draft.cursor.user = (item.data or "").strip() == "user"
    elif _leaves(alert):
        draft.release("the headset left")
        draft.standing = Standing.RETIRED
        draft.values["ended_at"] = draft.now
        draft.tell(EventKind.LEFT)
    elif alert.code == Alerts.GENERIC and keep:
        kinds = [inventory.clean(item.type) for item in alert.items[:MAX_REPORTS]]
        draft.tell(EventKind.REPORTED, types=kinds)
        return 1
    return 0


def _leaves(alert: Alert) -> bool:
    return alert.code == Alerts.GENERIC and any(item.type.strip() == UNENROLLMENT for item in alert.items)


def _asked(draft: Draft, sent: Sent, uri: str) -> int | str | None:
    """Return the item of a Get that a LocURI means, if it was asked for and has no answer yet."""
    known = draft.ledger.document.by_uri
    normal = uri if uri in known else f"./{uri}"
    setting = known.get(normal)
    if setting is None:
        try:
            normal = normal_uri(uri)
        except ValueError:
            return None
        setting = known.get(normal)
    if normal in sent[1]:
        return normal
    return setting.index if setting is not None and setting.index in sent[1] else None


def _uri(draft: Draft, index: int) -> str:
    return draft.ledger.document.settings[index].uri
