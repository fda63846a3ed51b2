"""The rules' samples: fleet files that carry what is to be found in comments.

`# finding: RULE` stands on a line with a finding; `# mended: TEXT` says what to write there instead of the line's
own text, so that the finding is gone (`\\n` begins a further line with the same indent). `# target: NAME` in the
head names the target, else it is our own server. Files whose name begins with `passes` have no finding. A
statement that repeats others has no finding of its own for theirs: its sample says `# stands: not met` in the
head. A sample is small, so that other rules may find it wanting: only its own rule is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from holofleet import checks, spec

FOLDER = Path(__file__).parent
TODAY = date(2026, 11, 25)
_FINDING = re.compile(r"# finding: ([A-Z]+-\d+)")
_MENDED = re.compile(r"[#|] mended: (.*)$")
_TARGET = re.compile(r"^# target: (\w+)$", re.MULTILINE)
_NOT_MET = re.compile(r"^# stands: not met$", re.MULTILINE)


@dataclass(frozen=True)
class Sample:
    """One fleet file of a rule."""

    path: Path

    @property
    def rule(self) -> str:
        """Id of the rule that it is about."""
        return self.path.parent.name

    @property
    def text(self) -> str:
        """The fleet file."""
        return self.path.read_text(encoding="utf-8")

    @property
    def target(self) -> str:
        """Where the fleet is run."""
        named = _TARGET.search(self.text)
        return named[1] if named else "server"

    @property
    def expected(self) -> list[tuple[str, int]]:
        """The marked findings: rule and line."""
        return [
            (match[1], number)
            for number, line in enumerate(self.text.splitlines(), start=1)
            for match in [_FINDING.search(line)]
            if match and match[1] == self.rule
        ]

    @property
    def only_stands(self) -> bool:
        """It fails by its standing alone."""
        return _NOT_MET.search(self.text) is not None

    @property
    def mended(self) -> str:
        """The same fleet with what is marked as its mending."""
        return "\n".join(_mended(line) for line in self.text.splitlines()) + "\n"

    def found(self, text: str | None = None) -> list[tuple[str, int]]:
        """Return rule and line of the findings of its own rule, in the file or in another text in its place."""
        report = self.report(text)
        return [(f.rule, f.position.line if f.position else 0) for f in report.findings if f.rule == self.rule]

    def report(self, text: str | None = None) -> checks.Report:
        """Check the file, or another text in its place."""
        return checks.run(read(text or self.text), today=TODAY, target=self.target)


def _mended(line: str) -> str:
    match = _MENDED.search(line)
    if match is None:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return "\n".join(indent + part for part in match[1].split("\\n"))


def read(text: str) -> spec.Spec:
    """Read a fleet file."""
    return spec.parse({"fleet.yaml": text})


def samples(*, passing: bool) -> list[Sample]:
    """Return the samples that pass, or those that fail, of all rules."""
    found = sorted(FOLDER.glob("*/*.yaml"))
    return [Sample(path) for path in found if path.stem.startswith("passes") is passing]


def name_of(sample: Sample) -> str:
    """Name a sample in the test report."""
    return f"{sample.rule}/{sample.path.stem}"
