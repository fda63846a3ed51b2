"""A fleet file with mistakes that people make: all are found, at their lines, and nothing else is."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from holofleet import checks, spec
from holofleet.diagnostics import Severity

FILE = Path(__file__).with_name("seeded_mistakes.yaml")
TODAY = date(2026, 11, 25)
_MARK = re.compile(r"\s*# finding: (?P<rules>[^|]+) \| mended: (?P<mended>.*)$")
TEXT = FILE.read_text(encoding="utf-8")
MISTAKES = {
    number: match for number, line in enumerate(TEXT.splitlines(), 1) for match in [_MARK.search(line)] if match
}


def marked(*numbers: int) -> set[tuple[str, int]]:
    """Rules and lines of mistakes; rules of several guides may find the same one."""
    return {(rule, number) for number in numbers for rule in MISTAKES[number]["rules"].split()}


def found(text: str, *, at_least: Severity = Severity.RECOMMENDED) -> set[tuple[str, int]]:
    """Rule and line of what the checks find; several deployments may share one mistake."""
    report = checks.run(spec.parse({"fleet.yaml": text}), today=TODAY, target="server")
    findings = report.at_least(at_least)
    return {(f.rule, f.position.line if f.position else 0) for f in findings}


def mended(*numbers: int) -> str:
    """The file with some mistakes mended, without a change of its lines."""
    lines = TEXT.splitlines()
    for number in numbers:
        line = lines[number - 1]
        lines[number - 1] = line[: len(line) - len(line.lstrip())] + MISTAKES[number]["mended"]
    return "\n".join(lines) + "\n"


def test_the_file_is_long_and_holds_many_mistakes() -> None:
    assert len(TEXT.splitlines()) >= 300
    assert len(MISTAKES) >= 20
    assert len({rule for number in MISTAKES for rule, _ in marked(number)}) >= 20


def test_every_mistake_is_found_at_its_line_and_nothing_else() -> None:
    assert found(TEXT) == marked(*MISTAKES)


def test_the_mended_file_has_no_finding() -> None:
    assert found(mended(*MISTAKES)) == set()


@pytest.mark.parametrize("number", MISTAKES, ids=lambda number: MISTAKES[number]["rules"])
def test_each_mistake_is_found_for_itself(number: int) -> None:
    others = [other for other in MISTAKES if other != number]
    assert found(mended(*others)) == marked(number)
