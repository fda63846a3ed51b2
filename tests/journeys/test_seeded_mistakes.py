"""Fleet files with mistakes that people make: all are found, at their lines, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from holofleet import checks, spec
from holofleet.diagnostics import Severity

FOLDER = Path(__file__).parent
TODAY = date(2026, 11, 25)
_MARK = re.compile(r"\s*# finding: (?P<rules>[^|]+) \| mended: (?P<mended>.*)$")


@dataclass(frozen=True)
class Seeded:
    """A fleet file whose mistakes are marked."""

    name: str

    @property
    def lines(self) -> list[str]:
        """The file, line by line."""
        return (FOLDER / self.name).read_text(encoding="utf-8").splitlines()

    @property
    def mistakes(self) -> dict[int, re.Match[str]]:
        """The marks by line."""
        marks = ((number, _MARK.search(line)) for number, line in enumerate(self.lines, 1))
        return {number: mark for number, mark in marks if mark}

    def marked(self, numbers: Collection[int]) -> set[tuple[str, int]]:
        """Rules and lines of mistakes; rules of several guides may find the same one."""
        return {(rule, number) for number in numbers for rule in self.mistakes[number]["rules"].split()}

    def found(self, *, mending: Collection[int] = ()) -> set[tuple[str, int]]:
        """Rule and line of what is found once some mistakes are mended; deployments may share a mistake."""
        lines = self.lines
        for number in mending:
            line = lines[number - 1]
            lines[number - 1] = line[: len(line) - len(line.lstrip())] + self.mistakes[number]["mended"]
        loaded = spec.parse({"fleet.yaml": "\n".join(lines) + "\n"})
        report = checks.run(loaded, today=TODAY, target="server")
        return {
            (finding.rule, finding.position.line if finding.position else 0)
            for finding in report.at_least(Severity.OPTIONAL)
        }


LONG, OFFLINE = Seeded("seeded_mistakes.yaml"), Seeded("seeded_mistakes_offline.yaml")
FILES = (LONG, OFFLINE)
EACH = [(seeded, number) for seeded in FILES for number in seeded.mistakes]


def name_of(value: object) -> str:
    return value.name.removesuffix(".yaml") if isinstance(value, Seeded) else f"line-{value}"


def test_the_files_are_long_and_hold_many_mistakes_for_many_rules() -> None:
    assert len(LONG.lines) >= 300
    assert len(LONG.mistakes) >= 20
    rules = {rule for seeded in FILES for rule, _ in seeded.marked(seeded.mistakes)}
    assert len(rules) >= 30
    assert {rule.partition("-")[0] for rule in rules} >= {"PREP", "EXT", "SHR", "OFF"}


@pytest.mark.parametrize("seeded", FILES, ids=name_of)
def test_every_mistake_is_found_at_its_line_and_nothing_else(seeded: Seeded) -> None:
    assert seeded.found() == seeded.marked(seeded.mistakes)


@pytest.mark.parametrize("seeded", FILES, ids=name_of)
def test_the_mended_file_has_no_finding(seeded: Seeded) -> None:
    assert seeded.found(mending=seeded.mistakes) == set()


@pytest.mark.parametrize(("seeded", "number"), EACH, ids=name_of)
def test_each_mistake_is_found_for_itself(seeded: Seeded, number: int) -> None:
    others = [other for other in seeded.mistakes if other != number]
    assert seeded.found(mending=others) == seeded.marked([number])
