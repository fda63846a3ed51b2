"""The one stacked bar: counts as rectangles, their lengths as SVG attributes (no style, no script)."""

from __future__ import annotations

from collections.abc import Mapping
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
    shown = [share for share in shares(words) if share.number and share.word.key != "retired"]
    if not shown:
        return Bar((), "no headsets")
    total = sum(share.number for share in shown)
    room = WIDTH - GAP * (len(shown) - 1)
    widths = [max(LEAST, room * share.number / total) for share in shown]
    scale = room / sum(widths)
    parts, x = [], 0.0
    for share, width in zip(shown, widths, strict=True):
        parts.append(
            Part(
                share.word.tone if share.word.key != "expected" else "expected",
                round(x, 1),
                round(width * scale, 1),
            )
        )
        x += width * scale + GAP
    sentence = ", ".join(f"{count(share.number)} {share.word.key}" for share in shown)
    return Bar(tuple(parts), sentence)
