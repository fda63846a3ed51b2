"""The one stacked bar: counts as rectangles, their lengths as SVG attributes (no style, no script)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from holofleet.web.console.words import HEADSET_WORDS, Word, count

WIDTH = 1000.0
GAP = 2.5
LEAST = 4.0
"""Nothing that is there is too thin to be seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangle."""

    tone: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar and the sentence that says the same."""

    parts: tuple[Part, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Share:
    """One entry of the legend."""

    word: Word
    number: int


def shares(words: Mapping[str, int]) -> tuple[Share, ...]:
    """Return every word with its count, in the order of the legend."""
    return tuple(Share(word, words.get(key, 0)) for key, word in HEADSET_WORDS.items())


def bar(words: Mapping[str, int]) -> Bar:
    """Lay out the counts of the headsets that count: retired ones are in no denominator."""
    shown = [share for share in shares(words) if share.word.key != "retired"]
    laid = lay_out(
        [(s.word.tone if s.word.key != "expected" else "expected", s.number, s.word.key) for s in shown]
    )
    return laid if laid.parts else Bar((), "no headsets")


def lay_out(counts: Sequence[tuple[str, int, str]]) -> Bar:
    """Lay out counts (tone, number, word) beside each other; those that are nothing are left out."""
    shown = [entry for entry in counts if entry[1]]
    if not shown:
        return Bar((), "nothing")
    total = sum(number for _, number, _ in shown)
    room = WIDTH - GAP * (len(shown) - 1)
    widths = [max(LEAST, room * number / total) for _, number, _ in shown]
    scale = room / sum(widths)
    parts, x = [], 0.0
    for (tone, _, _), width in zip(shown, widths, strict=True):
        parts.append(Part(tone, round(x, 1), round(width * scale, 1)))
        x += width * scale + GAP
    sentence = ", ".join(f"{count(number)} {word}" for _, number, word in shown)
    return Bar(tuple(parts), sentence)
