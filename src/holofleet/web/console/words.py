"""The words and numbers of the console: how a count, a moment, an age, a state and a setting are written.

Pure: the present moment is given. Times leave the server in UTC as ``<time datetime>``; the script of the page
writes them in the viewer's zone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

from holofleet import catalog
from holofleet.clock import render_utc
from holofleet.errors import HolofleetError


@dataclass(frozen=True, slots=True)
class Word:
    """A status as people meet it: the word, the icon, and the class that gives it its colour."""

    key: str
    label: str
    icon: str
    tone: str


def _word(key: str, *, icon: str = "", tone: str = "", label: str = "") -> Word:
    return Word(key, label or key.capitalize(), icon or key, tone or key)


HEADSET_WORDS: dict[str, Word] = {
    word.key: word
    for word in (
        _word("compliant"),
        _word("pending"),
        _word("drifted"),
        _word("refused"),
        _word("late"),
        _word("quarantined"),
        _word("expected", tone="retired"),
        _word("retired"),
    )
}
"""Of a headset, in the order of the legend; ``retired`` stands apart and is in no denominator."""

SETTING_WORDS: dict[str, Word] = {
    **{key: HEADSET_WORDS[key] for key in ("drifted", "refused", "pending", "compliant")},
    "left behind": _word("left behind", icon="retired", tone="retired"),
    "not applicable": _word("not applicable", icon="neutral", tone="retired"),
}
"""Of a setting, in the order in which they are listed."""

ORDER_WORDS: dict[str, Word] = {
    "queued": _word("queued", icon="pending", tone="pending"),
    "sent": _word("sent", icon="pending", tone="pending"),
    "done": _word("done", icon="compliant", tone="compliant"),
    "failed": _word("failed", icon="refused", tone="refused"),
    "outcome-unknown": _word("outcome-unknown", icon="drifted", tone="drifted", label="Outcome unknown"),
    "cancelled": _word("cancelled", icon="retired", tone="retired"),
    "expired": _word("expired", icon="late", tone="late"),
}


def word(key: object) -> Word:
    """Return the word for a status of a headset, a setting or an order; an unknown one stays readable."""
    text = str(key)
    return (
        HEADSET_WORDS.get(text) or SETTING_WORDS.get(text) or ORDER_WORDS.get(text) or _word(text, tone="retired")
    )


def count(number: int, noun: str = "", plural: str = "") -> str:
    """Write a number with thousands commas and its noun in the right form: ``1 headset``, ``4,312 headsets``."""
    figure = f"{number:,}"
    if not noun:
        return figure
    return f"{figure} {noun}" if number == 1 else f"{figure} {plural or noun + 's'}"


def percent(part: int, whole: int) -> str:
    """Write a share in whole percent: never 100 % while one is missing, never 0 % while one is there."""
    if not whole:
        return "–"
    share = round(100 * part / whole)
    if part < whole:
        share = min(share, 99)
    if part:
        share = max(share, 1)
    return f"{share} %"


def day_of(moment: datetime, now: datetime) -> str:
    """Write a day: ``today``, ``yesterday``, ``2 Nov``, or ``2 Nov 2025`` in another year."""
    day, today = moment.astimezone(UTC).date(), now.astimezone(UTC).date()
    if day == today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    text = f"{day.day} {day:%b}"
    return text if day.year == today.year else f"{text} {day.year}"


def when(moment: datetime, now: datetime) -> str:
    """Write a moment: ``12 min ago`` under an hour, ``today 10:10``, ``2 Nov``, ``2 Nov 2025``. In UTC."""
    passed = now - moment
    if timedelta(0) <= passed < timedelta(minutes=1):
        return "just now"
    if timedelta(0) <= passed < timedelta(hours=1):
        return f"{int(passed.total_seconds() // 60)} min ago"
    day = day_of(moment, now)
    return f"{day} {moment.astimezone(UTC):%H:%M}" if day in ("today", "yesterday") else day


def since(moment: datetime, now: datetime) -> str:
    """Write a moment as it stands after "since": ``10:10``, ``yesterday 10:10``, ``2 Nov``. In UTC."""
    day = day_of(moment, now)
    clock = f"{moment.astimezone(UTC):%H:%M}"
    return {"today": clock, "yesterday": f"{day} {clock}"}.get(day, day)


def full_moment(moment: datetime) -> str:
    """Write a moment whole, to the second: for titles and for the record."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M:%S} UTC"


def time_tag(moment: datetime | None, now: datetime, form: str = "when") -> Markup:
    """Return the element for a moment.

    Args:
        moment: ``None`` gives ``never``.
        now: The present.
        form: ``when`` (age, then time, then day), ``since``, ``clock`` (hour and minute), ``day``, ``at`` (day and
            time) or ``exact`` (as sentences of the server have it).
    """
    if moment is None:
        return Markup('<span class="quiet">never</span>')
    texts = {
        "when": when(moment, now),
        "since": since(moment, now),
        "clock": f"{moment.astimezone(UTC):%H:%M}",
        "day": day_of(moment, now),
        "at": f"{day_of(moment, now)} {moment.astimezone(UTC):%H:%M} UTC",
        "exact": f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
    }
    return Markup('<time datetime="{}" data-form="{}" title="{}">{}</time>').format(
        render_utc(moment), form, full_moment(moment), texts[form]
    )


def with_times(text: str, now: datetime) -> Markup:
    """Return a sentence of the server with its moments as elements, so that they are read in the viewer's zone."""
    parts: list[Markup] = []
    last = 0
    for found in _MOMENT.finditer(text):
        try:
            moment = datetime.fromisoformat(f"{found[1]}T{found[2]}+00:00")
        except ValueError:  # digits that are no day
            continue
        parts += [escape(text[last : found.start()]), time_tag(moment, now, "exact")]
        last = found.end()
    return Markup("").join([*parts, escape(text[last:])])


_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}) UTC")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_SPELT = {
    "bluetooth": "Bluetooth",
    "cortana": "Cortana",
    "dm": "DM",
    "fi": "Fi",
    "os": "OS",
    "wi": "Wi",
    "wlan": "WLAN",
    "oem": "OEM",
    "mac": "MAC",
}


def title_of_name(name: str) -> str:
    """Turn a node's published name into words: ``AllowUSBConnection`` becomes ``Allow USB connection``."""
    parts = [part for part in _CAMEL.split(name) if part]
    words = [
        part if len(part) > 1 and part.isupper() else _SPELT.get(part.lower(), part.lower()) for part in parts
    ]
    text = " ".join(words).replace("Wi Fi", "Wi-Fi")
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class SettingName:
    """How a setting is called: in words, by its area and node, and whole."""

    title: str
    short: str
    uri: str

    @property
    def anchor(self) -> str:
        """An id for elements: the LocURI with everything but letters and digits as hyphens."""
        return "s-" + re.sub(r"[^A-Za-z0-9]+", "-", self.uri).strip("-")


def setting_name(oma_uri: str) -> SettingName:
    """Name a setting from its LocURI: the words of its last segment, and the last two segments as they stand."""
    node = catalog.nodes().find(oma_uri)
    segments = oma_uri.split("/")
    last = segments[-1]
    name = last if node is None or "{" in node.name else node.name
    area = node.area if node is not None else (segments[-2] if len(segments) > 1 else "")
    short = f"{area}/{last}" if area and area != last else last
    return SettingName(title_of_name(name), short, oma_uri)


def short_hash(text: str) -> str:
    """Return the first and last four digits of a hash, enough to tell two apart."""
    return text if len(text) <= 9 else f"{text[:4]}…{text[-4:]}"


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a table: a text that fits, what it means, and whether it stands for a longer one."""

    text: str
    meaning: str = ""
    whole: str = ""


_FITS = 40


def value_of(oma_uri: str, data: str | None, form: str = "", *, missing: str = "not set") -> Value:
    """Write a value of a setting as it fits into a table; a long one becomes its digest and its length.

    A value that may be a secret is never shown.
    """
    if data is None:
        return Value("–", missing)
    node = catalog.nodes().find(oma_uri)
    if node is not None and node.secret:
        return Value("•••", "a secret, not shown")
    meaning = node.meaning(data) if node is not None else ""
    if len(data) <= _FITS and "\n" not in data:
        return Value(data if data else "(empty)", meaning, data)
    digest = hashlib.sha256(data.encode(errors="surrogatepass")).hexdigest()
    kind = {"xml": "XML", "b64": "base64"}.get(form, "text")
    return Value(short_hash(digest), meaning or f"{kind}, {count(len(data), 'character')}", data)


def breakable(text: str) -> Markup:
    """Return text that may break after slashes, colons and semicolons, and where a word begins inside a name."""
    return Markup("<wbr>").join(re.split(r"(?<=[/;:])(?=.)|(?<=[a-z]{2})(?=[A-Z])", text))


def sentence(text: str) -> str:
    """Return a text as a sentence: a capital first, a stop last; nothing for nothing."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}" if text else ""


def problem_of(error: HolofleetError) -> str:
    """Return what was refused, and how to mend it where that is known, as sentences of a page."""
    return f"{error.summary[:1].upper()}{error.summary[1:]}. {error.mend}".strip()


_UNDELIVERED = "undelivered: "
_NAMED = 3


def reasons_of(reasons: Sequence[str]) -> str:
    """Join the reasons for a word; many keys that are not delivered become one part of it."""
    keys = [reason.removeprefix(_UNDELIVERED) for reason in reasons if reason.startswith(_UNDELIVERED)]
    parts = [reason for reason in reasons if not reason.startswith(_UNDELIVERED)]
    if keys:
        more = f" and {count(len(keys) - _NAMED)} more" if len(keys) > _NAMED else ""
        parts.append(f"not delivered: {', '.join(keys[:_NAMED])}{more}")
    return "; ".join(parts)
