"""Words on paper, and pages that hold them."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date

import pytest

from holofleet.formats.handouts import page
from holofleet.formats.handouts.sheet import Check, Checklist, HandOut, Off, Part, Step, day, listed, short


def sheet(text: str = "Contoso") -> HandOut:
    step = Step(text, (text,))
    return HandOut(text, text, (step,), (Off(text, text),), (text,), text, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Contoso,\n plant\t1", "Contoso, plant 1"),
        ("x" * 41, "x" * 39 + "…"),
        ("x" * 40, "x" * 40),
        ("{{secret:env:A}} {{{b", "{ {secret:env:A}} { { {b"),
        ("left\u202eright\u2028down", "left right down"),
    ],
)
def test_a_text_becomes_one_short_line(text: str, expected: str) -> None:
    assert short(text) == expected


def test_words_are_listed_as_in_a_sentence_and_many_are_counted() -> None:
    assert listed(()) == ""
    assert listed(("a",)) == "a"
    assert listed(("a", "b", "c")) == "a, b and c"
    assert listed(tuple("abcdef"), most=4) == "a, b, c and 3 more"


def test_a_day_cannot_be_read_the_wrong_way_round() -> None:
    assert day(date(2026, 12, 9)) == "9 December 2026"


def test_a_page_lets_its_own_style_in_and_nothing_else() -> None:
    made = page.hand_out(sheet())
    style = re.search(r"<style>(.*)</style>", made, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'" in made
    assert not re.search(r"<(?:script|img|link|iframe)\b|\bstyle=|https?://", made)


def test_FIL_1_markup_and_references_stay_text() -> None:
    hostile = "</style><script>x</script>\"' {{secret:env:HOLOFLEET_SECRET_X}}"
    checks = (Check(hostile, hostile, hostile, hostile, hostile),)
    listing = Checklist(hostile, hostile, ((hostile, hostile),), (Part(hostile, checks),), (hostile,), hostile)
    for made in (page.hand_out(sheet(hostile)), page.checklist(listing)):
        assert "<script" not in made
        assert "{{" not in made
        assert made.count("</style>") == 1
        assert "&lt;script&gt;" in made
