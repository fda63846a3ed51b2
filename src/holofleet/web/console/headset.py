"""One headset: is it right, and if not, why? Its settings, its timeline, one setting in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from holofleet import catalog
from holofleet.errors import NotFoundError
from holofleet.server.authorization import Action
from holofleet.server.compliance import Compliance, SettingStatus
from holofleet.server.events import Event, EventKind
from holofleet.server.fleet.views import HeadsetDetail, SettingView
from holofleet.web.console.happenings import by_day, told
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import SETTING_WORDS, Word, count, reasons_of, sentence, setting_name
from holofleet.web.declaration import declares

SHOWN_COMPLIANT = 4
SHOWN_EVENTS = 12
_DIFFERS = (SettingStatus.DRIFTED, SettingStatus.REFUSED, SettingStatus.LEFT_BEHIND)


@dataclass(frozen=True, slots=True)
class Answer:
    """The banner: the answer to "is it right?" in a sentence, and whether a sync would help."""

    key: str
    headline: str
    text: str
    correct: bool = False
    decide: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: a text, or a moment (``None``: never) in one of the forms of :func:`words.time_tag`."""

    name: str
    text: str = ""
    at: datetime | None = None
    form: str = "when"
    more: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Settings under one heading; ``hidden`` is how many more there are."""

    title: str
    settings: tuple[SettingView, ...]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class StatusChip:
    """A status of settings with its count, as a link."""

    word: Word | None
    label: str
    number: int
    key: str
    on: bool


@declares(Action.READ_HEADSETS)
def headset_page(visit: Visit) -> Response:
    """``/headsets/SERIAL``: the settings."""
    headset = read_headset(visit)
    return visit.render("headset.html", **settings_tab(visit, headset))


def settings_tab(visit: Visit, headset: HeadsetDetail) -> dict[str, Any]:
    """Return what the page with the settings shows, filtered as the address says."""
    status, find, every = visit.asked("status"), visit.asked("find")[:100], visit.asked("all")
    status = status if status in SETTING_WORDS else ""
    shown = [setting for setting in headset.settings if matches(setting, status, find)]
    context = frame(visit, headset, tab="settings")
    asked = {"status": status, "find": find, "all": every}
    context["view_query"] += "".join(f"&{key}={quote(text)}" for key, text in asked.items() if text)
    return {
        **context,
        "groups": groups_of(shown, every=bool(status or find or every)),
        "chips": status_chips(headset.settings, status),
        "status": status,
        "find": find,
        "days": by_day(told(headset.timeline)[:SHOWN_EVENTS], visit.now),
    }


@declares(Action.READ_HEADSETS)
def timeline_page(visit: Visit) -> Response:
    """``/headsets/SERIAL/timeline``: what happened to it."""
    headset = read_headset(visit)
    kinds = sorted({str(event.kind) for event in headset.timeline})
    kind = visit.asked("kind")
    events = [event for event in headset.timeline if kind not in kinds or str(event.kind) == kind]
    context = frame(visit, headset, tab="timeline")
    return visit.render("timeline.html", **context, days=by_day(told(events), visit.now), kinds=kinds, kind=kind)


@declares(Action.READ_HEADSETS)
def setting_page(visit: Visit) -> Response:
    """``/headsets/SERIAL/settings/URI``: one setting, whole."""
    headset = read_headset(visit)
    oma_uri = "./" + visit.path("uri")
    setting = next((setting for setting in headset.settings if setting.oma_uri == oma_uri), None)
    if setting is None:
        raise NotFoundError("this headset has no such setting")
    node = catalog.nodes().find(oma_uri)
    rules = [origin["rule"] for origin in setting.origins if origin.get("rule")]
    statements = catalog.statements()
    return visit.render(
        "setting.html",
        **frame(visit, headset, tab="settings"),
        setting=setting,
        node=node,
        named=setting_name(oma_uri),
        statements=[statements[rule] for rule in dict.fromkeys(rules) if rule in statements],
        days=by_day(told(changes_of(headset.timeline, oma_uri)), visit.now),
    )


def read_headset(visit: Visit, serial: str | None = None) -> HeadsetDetail:
    """Read the headset of the address (or a named one), which must be one that the person may see."""
    visit.require(Action.READ_HEADSETS)
    headset: HeadsetDetail = visit.services.fleet.headset(visit.scope, serial or visit.path("serial"))
    return headset


def frame(visit: Visit, headset: HeadsetDetail, *, tab: str) -> dict[str, Any]:
    """Return what every page of a headset shows above its own part."""
    summary = headset.summary
    newest = max((event.sequence for event in headset.timeline), default=0)
    return {
        "here": "headsets",
        "headset": headset,
        "summary": summary,
        "base": f"/headsets/{quote(summary.serial, safe='')}",
        "tab": tab,
        "answer": answer_of(headset),
        "facts": facts_of(headset),
        "done": DONE.get(visit.asked("done"), ""),
        "view": "headset",
        "after": newest,
        "view_query": f"&serial={quote(summary.serial, safe='')}&tab={tab}",
    }


DONE: Mapping[str, str] = {
    "sync": "Sync ordered. At its next check-in every setting is read back, and what differs is mended.",
    "reboot": "Restart ordered. It goes out with the next check-in.",
    "wipe": "Wipe ordered. The tenant lock is released and confirmed first, then the wipe goes out.",
    "unenroll": "Unenrollment ordered. The tenant lock is released and confirmed first.",
    "retire": "Retirement ordered. The tenant lock is released and confirmed first.",
    "found": "Found again. It is served as before from its next check-in on.",
    "lost": "Marked as lost. From now on it gets nothing but a wipe.",
    "cancel": "Order cancelled. Nothing of it was sent.",
}
"""What is said after an act, by a word in the address, so that no text of the address is ever shown."""


def answer_of(headset: HeadsetDetail) -> Answer:
    """Say whether a headset is right, and if not, why; the word decides which sentence."""
    summary, total = headset.summary, count(len(headset.settings), "setting")
    reasons = sentence(reasons_of(summary.reasons))
    match summary.compliance:
        case Compliance.COMPLIANT:
            return _right(headset, total)
        case Compliance.DRIFTED:
            number = _number(headset, SettingStatus.DRIFTED)
            headline = f"{number} of {total} {'differs' if number == 1 else 'differ'} from the fleet file."
            return Answer("drifted", headline, "The correction goes out with the next check-in.", correct=True)
        case Compliance.REFUSED:
            headline = f"The headset refuses {_number(headset, SettingStatus.REFUSED)} of {total}."
            text = "It keeps what it had. The code stands beside each; sending the same again changes nothing."
            return Answer("refused", headline, text)
        case Compliance.PENDING:
            return _under_way(headset, total, reasons)
        case Compliance.LATE:
            text = f"{reasons} What it runs now is not known.".strip()
            return Answer("late", "It missed its reconnect window.", text)
        case Compliance.QUARANTINED:
            decide = f"/enrollments/{summary.enrollment}" if summary.enrollment else "/enrollments"
            return Answer("quarantined", "Its identity is in doubt, so it gets nothing.", reasons, decide=decide)
        case Compliance.EXPECTED:
            text = f"Enroll it with a credential: holofleet credentials issue --deployment {summary.deployment}"
            return Answer("expected", "It is in the fleet file and was never seen.", text)
        case _:
            return Answer("retired", "It is no longer managed. This record is kept.", reasons)


def _number(headset: HeadsetDetail, status: SettingStatus) -> int:
    return sum(1 for setting in headset.settings if setting.status is status)


def _right(headset: HeadsetDetail, total: str) -> Answer:
    apart = _number(headset, SettingStatus.NOT_APPLICABLE)
    unread = sum(1 for setting in headset.settings if not setting.readable)
    text = "The headset itself reported them."
    if unread:
        text = f"The headset reported them; {count(unread)} of them it accepted and cannot read back."
    if apart:
        text += f" {count(apart, 'setting does', 'settings do')} not apply to its build."
    return Answer("compliant", f"All {total} are as the fleet file says.", text)


def _under_way(headset: HeadsetDetail, total: str, reasons: str) -> Answer:
    number = _number(headset, SettingStatus.PENDING)
    if not number:
        return Answer("pending", "Not everything in the fleet file is proved on this headset.", reasons)
    headline = f"{number} of {total} {'is' if number == 1 else 'are'} under way."
    return Answer("pending", headline, "They count once the headset itself has reported them.", correct=True)


def facts_of(headset: HeadsetDetail) -> tuple[Fact, ...]:
    """List the facts under the banner; what is not known says so."""
    proved = _number(headset, SettingStatus.COMPLIANT)
    lock = LOCKS.get(headset.tenant_lock, headset.tenant_lock)
    return (
        Fact("Last check-in", at=headset.summary.last_seen_at),
        Fact("Proved", text=f"{proved} of {len(headset.settings)}", more="settings, by its own report"),
        Fact("Read back", at=headset.verified_at, more="every setting" if headset.verified_at else ""),
        Fact("Certificate", at=headset.certificate_not_after, form="day", more="its end"),
        Fact("Tenant lock", text=lock if headset.summary.enrollment else "not known"),
        Fact("Enrolled", at=headset.enrolled_at),
    )


LOCKS = {"never": "off", "locked": "on", "released": "released"}


def matches(setting: SettingView, status: str, find: str) -> bool:
    """Whether a setting is asked for."""
    if status and setting.status != status:
        return False
    if not find:
        return True
    named = setting_name(setting.oma_uri)
    return find.casefold() in f"{setting.oma_uri} {named.title}".casefold()


def groups_of(settings: Sequence[SettingView], *, every: bool) -> tuple[Group, ...]:
    """Order settings: differing first, then under way, then compliant (folded), then what does not apply."""
    differ = [setting for setting in settings if setting.status in _DIFFERS]
    differ.sort(key=lambda setting: (_DIFFERS.index(setting.status), setting.oma_uri))
    under_way = [setting for setting in settings if setting.status is SettingStatus.PENDING]
    compliant = [setting for setting in settings if setting.status is SettingStatus.COMPLIANT]
    apart = [setting for setting in settings if setting.status is SettingStatus.NOT_APPLICABLE]
    shown = compliant if every else compliant[:SHOWN_COMPLIANT]
    groups = (
        Group("Differ from the fleet file", tuple(differ)),
        Group("Under way", tuple(under_way)),
        Group("Compliant", tuple(shown), len(compliant) - len(shown)),
        Group("Do not apply to this headset", tuple(apart)),
    )
    return tuple(group for group in groups if group.settings)


def status_chips(settings: Sequence[SettingView], status: str) -> tuple[StatusChip, ...]:
    """Return the statuses that occur, with their counts."""
    chips = [StatusChip(None, "All", len(settings), "", not status)]
    for key, word in SETTING_WORDS.items():
        number = sum(1 for setting in settings if setting.status == key)
        if number or key == status:
            chips.append(StatusChip(word, word.label, number, key, key == status))
    return tuple(chips)


def changes_of(events: Sequence[Event], oma_uri: str) -> list[Event]:
    """Return the events about one setting, and those about all of them."""
    return [event for event in events if event.data.get("oma_uri") == oma_uri or event.kind is EventKind.CONVERGED]
