"""Audit records as sentences: who did what to whom, and where the rest of it stands.

Pure. What an act is called in the record never changes; what it is called here may. An act without words here is
written as the record spells it, so that a new one is readable before anybody has described it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from holofleet.server.audit import Link

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
SHORT_ID = 8
_ACTS: Mapping[str, str] = {
    "sign-in": "signed in",
    "sign-out": "signed out",
    "enroll": "enrolled a headset",
    "publish-state": "applied a fleet file",
    "order-sync": "ordered a sync",
    "order-reboot": "ordered a restart",
    "order-lock": "ordered a lock",
    "order-wipe": "ordered a wipe",
    "order-unenroll": "ordered an unenrollment",
    "cancel-order": "cancelled an order",
    "freeze-orders": "froze all orders",
    "unfreeze-orders": "let orders go out again",
    "mark-lost": "marked a headset as lost",
    "mark-found": "marked a headset as found",
    "retire-headset": "retired a headset",
    "revoke-enrollment": "revoked an enrollment",
    "decide-enrollment": "decided about an enrollment",
    "issue-credential": "issued an enrollment credential",
    "revoke-credential": "revoked an enrollment credential",
    "change-people": "changed the directory",
    "change-people add": "added to the directory",
    "change-people change": "changed what is known of",
    "change-people leave": "let leave",
    "change-people members": "changed who is in a group",
    "change-people rename": "renamed a group",
    "change-people remove": "removed a group",
    "change-people first sign-in": "signed in for the first time and was added",
    "grant-role give": "gave a role",
    "grant-role take": "took a role",
    "provision-people add": "pushed into the directory",
    "provision-people back": "pushed back into the directory",
    "provision-people change": "pushed a change of",
    "provision-people leave": "pushed that they left",
    "assign-license": "assigned a license",
    "keep-custody": "recorded custody",
    "correct-custody": "corrected custody",
    "take-headset": "took a headset",
    "pair-headset": "paired a headset's browser",
    "pair-headset confirm": "typed the code of a headset's browser",
    "pair-headset invite": "invited a headset's browser",
    "pair-headset unpair": "unpaired a headset's browser",
    "pairing-copied": "showed a copied secret: the pairing ended",
    "pin-locked": "locked a PIN after wrong tries",
    "set-own-pin": "chose a PIN",
    "void-pin": "voided a PIN",
    "keep-account-secrets": "recorded on an account's secret",
    "keep-account-secrets own": "recorded who owns an account's secret",
    "keep-account-secrets reset": "recorded a reset of an account's secret",
    "place-call call": "placed a call",
    "place-call call-ended": "ended a call",
    "answer-calls call": "placed a call",
    "answer-calls call-ended": "ended a call",
    "keep-loans": "recorded on a loan",
    "issue-token": "issued an API token",
    "revoke-token": "revoked an API token",
    "revoke-session": "ended a session",
    "cut-audit": "cut old audit entries",
    "change-webhooks made": "added a webhook",
    "change-webhooks changed": "changed a webhook",
    "change-webhooks secret": "made a new secret of a webhook",
    "change-webhooks removed": "removed a webhook",
    "change-webhooks test": "sent a test to a webhook",
    "read-recordings read": "looked at a recording",
    "hold-recordings hold": "held a recording",
    "hold-recordings lift": "lifted the hold of a recording",
    "delete-recordings": "deleted a recording",
    "withdraw-guest": "withdrew a guest's link",
    "maintain": "did upkeep",
    "export-person": "exported what is kept of",
    "erase-person": "erased what names",
}
_BY_ACT: Mapping[str, str] = {
    "proved again": "proved again that it is they",
    "invite": "made a link to sign in with for",
    "guest-link": "made a link for a guest",
    "guest-opened": "opened a guest's link",
    "guest-admitted": "let a guest into a call",
    "recording-began": "began a recording, as everybody agreed",
    "recording-ended": "ended a recording",
    "recording-expired": "deleted a recording whose time was over",
    "guest-withdrawn": "withdrew a guest's link",
    "recording-damaged": "found a recording damaged",
    "message-left": "left a message for later",
    "message-taken": "saw to a message that was left",
    "message-deleted": "deleted a message that was left",
    "message-damaged": "found a message damaged",
    "marks-read": "looked at what was drawn in a call",
}
"""Acts that say what was done whatever the action they came under."""
_ASKED: Mapping[str, str] = {
    "publish-state": "a plan",
    "order-wipe": "a wipe",
    "order-unenroll": "an unenrollment",
    "order-reboot": "a restart",
    "order-sync": "a sync",
}
_STEPS: Mapping[str, str] = {
    "asked": "asked for a second person for {}",
    "approved": "approved {} as the second person",
    "refused": "refused {} as the second person",
    "expired": "let the request for {} end",
    "void": "made the request for {} void",
    "done": "carried out {} that a second person approved",
}
"""What becomes of a request: nothing is ordered or published before it is carried out."""
_PROGRAMS = ("token", "headset", "credential", "kiosk", "job")
_QUIET = frozenset({"act", "reason", "personal", "step"})
"""Parts of the data that are said elsewhere in the row, or say nothing to a person."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something in a record, with the page that tells of it; no page, no ``href``."""

    label: str
    href: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A record as a row.

    Args:
        details: What was noted beside, in the order of the names.
        whole: The data as the chain covers it.
    """

    sequence: int
    at: datetime
    actor: Named
    what: str
    subject: Named
    client: str
    reason: str
    details: tuple[tuple[str, str], ...]
    hash: str
    epoch: int
    whole: str


def told(link: Link, name_of: Callable[[str], str]) -> Told:
    """Tell a record; ``name_of`` gives the name of a person by id or UPN, or the key itself."""
    data = link.data
    act = str(data.get("act") or "")
    return Told(
        sequence=link.sequence,
        at=moment(link.at),
        actor=actor_of(link.actor, name_of),
        what=request_in_words(link.action, str(data.get("step") or ""))
        or act_in_words(link.action, act, str(data.get("role") or "")),
        subject=_subject_in(link.subject, data, name_of),
        client=link.client,
        reason=str(data.get("reason") or ""),
        details=tuple((key.replace("_", " "), _text(data[key])) for key in sorted(data) if key not in _QUIET),
        hash=link.hash,
        epoch=link.epoch,
        whole=json.dumps(dict(data), ensure_ascii=False, sort_keys=True, indent=1),
    )


def moment(micros: int) -> datetime:
    """Return the time of a record."""
    return _BEGIN + timedelta(microseconds=micros)


def act_in_words(action: str, act: str = "", role: str = "") -> str:
    """Write what was done, as it stands after the name of whoever did it."""
    if action == "grant-role" and act and role:
        return f"{'took' if act == 'take' else 'gave'} the role {role}"
    known = _ACTS.get(f"{action} {act}") or _BY_ACT.get(act) or _ACTS.get(action)
    return known or f"{action} {act}".strip().replace("-", " ")


def request_in_words(action: str, step: str) -> str:
    """Write what became of a request for a second person; empty for every other record."""
    return _STEPS[step].format(_ASKED.get(action, "an order")) if step in _STEPS else ""


def actor_of(actor: str, name_of: Callable[[str], str]) -> Named:
    """Name whoever did it."""
    kind, _, rest = actor.partition(":")
    if kind == "person" and rest == "one-time-link":
        return Named("One-time link", title="the link that the server prints when it starts")
    if kind == "person" and rest:
        return Named(name_of(rest), f"/people/{quote(rest, safe='')}", rest)
    if kind == "local-admin":
        return Named("Command line on the server", title="whoever can read the data folder")
    if kind in _PROGRAMS and rest:
        return Named(f"{kind.capitalize()} {_short(rest)}", title=rest)
    return Named(actor)


def subject_of(subject: str, name_of: Callable[[str], str]) -> Named:
    """Name what it was done to."""
    kind, _, rest = subject.partition(":")
    if not rest:
        return Named("" if kind in ("person", "orders") else kind)
    if kind == "person":
        return Named(name_of(rest), f"/people/{quote(rest, safe='')}", rest)
    if kind == "headset":
        return Named(rest, f"/headsets/{quote(rest, safe='')}")
    if kind == "approval":
        return Named(f"request {_short(rest)}", f"/plans/{quote(rest, safe='')}", rest)
    return Named(f"{kind} {_short(rest)}", title=rest)


def _subject_in(subject: str, data: Mapping[str, Any], name_of: Callable[[str], str]) -> Named:
    """Name what it was done to, by a serial or name that the record has beside an id."""
    kind, _, rest = subject.partition(":")
    serial, name = data.get("serial"), data.get("name")
    if kind == "enrollment" and isinstance(serial, str) and serial:
        return Named(serial, f"/headsets/{quote(serial, safe='')}", rest)
    if kind == "webhook" and isinstance(name, str) and name:
        return Named(name, f"/settings/webhooks/{quote(rest, safe='')}", rest)
    return subject_of(subject, name_of)


def _short(text: str) -> str:
    long_id = len(text) >= 2 * SHORT_ID and all(c in "0123456789abcdef-" for c in text)
    return text[:SHORT_ID] if long_id else text


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value) or "none"
    return "every client" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
