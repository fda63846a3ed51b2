"""What a person writes to filter headsets: ``compliance:drifted site:plant-3 build:<22621.1244 HL-LOAN``.

Words with a colon are filters, all others are looked for in names and serials. The text and the filter are the
same thing: each can be made from the other, so that it can stand in an address, in a field and on a chip.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches

from holofleet.errors import InputError
from holofleet.server.compliance import Compliance
from holofleet.server.fleet.views import (
    NOBODY,
    Between,
    BuildBound,
    HeadsetQuery,
    SettingSaid,
    Sorting,
)

ME = "me"
NEVER = "never"
EXAMPLES: Mapping[str, str] = {
    "compliance": "compliance:drifted",
    "deployment": "deployment:client-loans",
    "site": "site:plant-3",
    "client": "client:contoso",
    "build": "build:<22621.1244",
    "held-by": "held-by:me, held-by:nobody or held-by:isaiah@contoso.com",
    "seen": "seen:>30d, seen:<1h or seen:never",
    "cert": "cert:<30d",
    "setting": 'setting:"AllowUSBConnection=1"',
}
"""Every filter, as it is written."""
_TOKEN = re.compile(
    r"(?P<bare>[A-Za-z][A-Za-z-]*):(?=\s|$)"
    r'|(?:(?P<key>[A-Za-z][A-Za-z-]*):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))|(?P<odd>\S)'
)
_AGE = re.compile(r"(?P<sign>[<>])(?P<number>[0-9]{1,4})(?P<unit>min|h|d|w)\Z")
_BUILD = re.compile(r"(?P<sign><=|>=|<|>|=)?(?:10\.0\.)?(?P<parts>[0-9]{1,8}(?:\.[0-9]{1,8})?)\Z")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_UNIT_WORDS = {"min": "minute", "h": "hour", "d": "day", "w": "week"}
_SIGN_WORDS = {"<": "before ", "<=": "up to ", "=": "", ">=": "from ", ">": "after "}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a part of the text, and what would be right."""

    part: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Asking:
    """A filter as it is written.

    Args:
        values: What is asked for, by the word before the colon.
        words: The rest, looked for in names and serials.
        faults: Parts that mean nothing; whoever has some filters nothing with the rest.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    faults: tuple[Fault, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Asking:
        """Read what was written; never fails, faults stand beside what was understood."""
        values: dict[str, str] = {}
        words: list[str] = []
        faults: list[Fault] = []
        for token in _TOKEN.finditer(text):
            key = (token["key"] or token["bare"] or "").lower()
            said = token["quoted"] if token["quoted"] is not None else token["plain"] or ""
            if token["odd"]:
                faults.append(Fault(token["odd"], "a quotation mark is open", "Close it, or take it out."))
            elif not key:
                words.append(said)
            elif key not in EXAMPLES:
                faults.append(Fault(token[0], f"there is no filter {key}", _near(key)))
            elif values.get(key, said) != said:
                faults.append(Fault(token[0], f"{key} stands there twice", "A list has one of each."))
            else:
                values[key] = said
        asked = cls(values, " ".join(words), tuple(faults))
        return cls(values, asked.words, (*faults, *asked._meaningless()))

    def _meaningless(self) -> list[Fault]:
        found = []
        for key, said in self.values.items():
            why = _WRONG[key](said) if key in _WRONG else ("" if said else "nothing stands after the colon")
            if why:
                found.append(Fault(_written(key, said), why, f"Write {EXAMPLES[key]}."))
        return found

    def require(self) -> None:
        """Go on if everything was understood.

        Raises:
            InputError: a part means nothing; it says which, and what would be right.
        """
        if self.faults:
            first = self.faults[0]
            raise InputError(f"filter: {first.part}: {first.why}", mend=first.mend)

    def but(self, key: str, value: str = "") -> Asking:
        """Return it with one filter set, or taken away."""
        values = {name: said for name, said in self.values.items() if name != key}
        if value:
            values[key] = value
        return Asking(values, self.words)

    @property
    def text(self) -> str:
        """What it is as one text: filters in their usual order, then the words."""
        parts = [_written(key, self.values[key]) for key in EXAMPLES if key in self.values]
        return " ".join([*parts, *([self.words] if self.words else [])])

    def query(self, *, now: datetime, me: str = "", sort: Sorting = Sorting.SERIAL) -> HeadsetQuery:
        """Return the filter as the service takes it; without faults.

        Args:
            now: From when ages are counted.
            me: UPN of whoever asks.
            sort: What the list is sorted by.
        """
        said = self.values.get
        build = _BUILD.match(said("build", ""))
        name, _, value = said("setting", "").partition("=")
        holder = said("held-by", "")
        return HeadsetQuery(
            compliance=Compliance(said("compliance", "")) if said("compliance") else None,
            deployment=said("deployment"),
            client=said("client"),
            site=said("site"),
            text=self.words,
            build=_bound(build) if build else None,
            held_by=(me or NOBODY + "@") if holder == ME else holder,
            seen=_ago(said("seen", ""), now),
            never_seen=said("seen") == NEVER,
            certificate=_ahead(said("cert", ""), now),
            setting=SettingSaid(name.strip(), value.strip()) if name else None,
            sort=sort,
        )

    def in_words(self, labels: Mapping[str, str]) -> str:
        """Repeat it as a part of a sentence: ``drifted, in plant-assist, not seen for 30 days``.

        Args:
            labels: Words of compliance as the page writes them.
        """
        parts = [_SAYS[key](self.values[key]) for key in EXAMPLES if key in self.values and key in _SAYS]
        if word := self.values.get("compliance"):
            parts.insert(0, labels.get(word, word).lower())
        if self.words:
            parts.append(f'with "{self.words}" in name or serial')
        return ", ".join(parts)


def _near(key: str) -> str:
    near = get_close_matches(key, EXAMPLES, n=1)
    meant = f"Is {near[0]} meant? " if near else ""
    return f"{meant}Filters are {', '.join(EXAMPLES)}; put a text with a colon in it into quotation marks."


def _written(key: str, said: str) -> str:
    return f'{key}:"{said}"' if not said or re.search(r"[\s=]", said) else f"{key}:{said}"


def _bound(found: re.Match[str]) -> BuildBound:
    return BuildBound(found["sign"] or "=", tuple(int(part) for part in found["parts"].split(".")))


def _ago(said: str, now: datetime) -> Between | None:
    age = _AGE.match(said)
    if age is None:
        return None
    then = now - _span(age)
    return Between(before=then) if age["sign"] == ">" else Between(after=then)


def _ahead(said: str, now: datetime) -> Between | None:
    age = _AGE.match(said)
    if age is None:
        return None
    then = now + _span(age)
    return Between(after=then) if age["sign"] == ">" else Between(before=then)


def _span(age: re.Match[str]) -> timedelta:
    return int(age["number"]) * _UNITS[age["unit"]]


def _span_in_words(said: str) -> str:
    age = _AGE.match(said)
    if age is None:
        return said
    return f"{int(age['number']):,} {_UNIT_WORDS[age['unit']]}{'s' if int(age['number']) != 1 else ''}"


def _wrong_age(said: str) -> str:
    return "" if _AGE.match(said) else "an age is < or >, a number, and min, h, d or w"


def _wrong_build(said: str) -> str:
    return "" if _BUILD.match(said) else "a build is one or two numbers, as 22621.1244, with <, <=, >= or > before"


def _wrong_word(said: str) -> str:
    return "" if said in list(Compliance) else f"no headset is ever that; the words are {', '.join(Compliance)}"


def _wrong_setting(said: str) -> str:
    name, is_, _ = said.partition("=")
    return "" if name.strip() and is_ else "a setting has a name, =, and the value that headsets report"


_WRONG: Mapping[str, Callable[[str], str]] = {
    "compliance": _wrong_word,
    "build": _wrong_build,
    "cert": _wrong_age,
    "seen": lambda said: "" if said == NEVER else _wrong_age(said),
    "setting": _wrong_setting,
}
_SAYS: Mapping[str, Callable[[str], str]] = {
    "deployment": lambda said: f"in {said}",
    "site": lambda said: f"at {said}",
    "client": lambda said: "our own" if said == "own" else f"of {said}",
    "build": lambda said: "with build " + _SIGN_WORDS[_sign(said)] + said.lstrip("<>="),
    "held-by": lambda said: {ME: "held by you", NOBODY: "held by nobody"}.get(said, f"held by {said}"),
    "seen": lambda said: (
        "never seen"
        if said == NEVER
        else f"{'not seen for' if said.startswith('>') else 'seen within'} {_span_in_words(said)}"
    ),
    "cert": lambda said: (
        f"with a certificate that ends {'after' if said.startswith('>') else 'within'} {_span_in_words(said)}"
    ),
    "setting": lambda said: f"that report {said}",
}


def _sign(said: str) -> str:
    found = _BUILD.match(said)
    return (found["sign"] if found else None) or "="
