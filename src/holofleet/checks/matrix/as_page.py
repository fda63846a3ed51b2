"""The matrix as one HTML file that needs nothing else: no server, no script for reading, no other file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import Environment
from markupsafe import Markup, escape

from holofleet.checks.matrix import wording
from holofleet.checks.matrix.matrix import Group, Mark, Matrix, Part, Row
from holofleet.clock import render_utc
from holofleet.diagnostics import Severity
from holofleet.formats import single_page

_PACKAGE = "holofleet.checks.matrix"
_CODE = re.compile(r"`([^`]+)`")
_FIRST = 10
"""Statements that are not met which the head of the page names. Ours."""
_ICONS = {
    "met": '<circle cx="8" cy="8" r="6.2"/><path d="m5.3 8.2 1.9 1.9 3.6-4"/>',
    "not-met": '<circle cx="8" cy="8" r="6.2"/><path d="m5.6 5.6 4.8 4.8M10.4 5.6l-4.8 4.8"/>',
    "waiting": '<circle cx="8" cy="8" r="6.2" stroke-dasharray="2.6 2.27"/><path d="M8 4.8V8l2.2 1.4"/>',
    "waived": '<path d="M3.6 14V2.4M3.6 3h8.8l-2 3 2 3H3.6"/>',
    "attested": '<circle cx="8" cy="5.4" r="2.6"/><path d="M3 13.8c.3-2.9 2.2-4.4 5-4.4s4.7 1.5 5 4.4"/>',
    "not-applicable": '<circle cx="8" cy="8" r="6.2"/><path d="m4.4 11.6 7.2-7.2"/>',
    "not-judged": '<circle cx="8" cy="8" r="6.2" stroke-dasharray="0.1 3.15"/>',
}


@dataclass(frozen=True, slots=True)
class Share:
    """A piece of a bar, in hundredths of its length."""

    mark: Mark
    start: float
    width: float


def as_page(matrix: Matrix) -> str:
    """Render the page."""
    about = matrix.about
    unmet = matrix.unmet(Severity.OPTIONAL)
    return (
        _environment()
        .get_template("report.html")
        .render(
            about=about,
            answer=_answer(matrix),
            first=unmet[:_FIRST],
            more=len(unmet[_FIRST:]),
            target=wording.TARGETS[about.target],
            made_at=render_utc(about.made_at),
            made=wording.moment(about.made_at),
            reports=wording.reports(about),
            parts=matrix.parts,
            counts=matrix.counts,
            total=len(matrix.rows),
            kinds=list(Severity),
            deployments=matrix.deployments,
            others=matrix.others,
            icons={name: Markup(drawing) for name, drawing in _ICONS.items()},  # noqa: S704 - our own drawings
            **single_page.inline("style", single_page.asset(_PACKAGE, "page/report.css") + _foot(matrix)),
            **single_page.inline("script", single_page.asset(_PACKAGE, "page/report.js")),
        )
    )


def _environment() -> Environment:
    made = single_page.environment(_PACKAGE, "page")
    made.globals |= {
        "at": wording.at,
        "capital": _capital,
        "counted": wording.counted,
        "lines": _lines,
        "names": _names,
        "place": wording.place,
        "proof": wording.proof,
        "prose": _prose,
        "sections": _sections,
        "shares": _shares,
        "slug": _slug,
        "whom": wording.whom,
    }
    return made


def _foot(matrix: Matrix) -> str:
    """Return the foot of printed pages: which file, when, which page. Digits and letters only."""
    about = matrix.about
    left = f"Fleet file {about.digest[:16]}, {wording.moment(about.made_at)}"
    return (
        "@page { size: A4 landscape; margin: 14mm 12mm 16mm; "
        f'@bottom-left {{ content: "{left}"; font: 8pt sans-serif; color: #46525f; }} '
        '@bottom-right { content: "Page " counter(page) " of " counter(pages); font: 8pt sans-serif; '
        "color: #46525f; } }\n"
    )


def _answer(matrix: Matrix) -> str:
    """Say in one sentence how it stands."""
    counts, total = matrix.counts, len(matrix.rows)
    bound = total - counts[Mark.NOT_APPLICABLE]
    unmet = counts[Mark.NOT_MET]
    verb = "is" if unmet == 1 else "are"
    head = f"{unmet or 'None'} of the {bound} statements that apply {verb if unmet else 'is'} not met."
    rest: dict[Mark, int] = {
        mark: count for mark, count in counts.items() if mark not in (Mark.NOT_MET, Mark.NOT_APPLICABLE)
    }
    return f"{head} The others: {wording.counted(rest)}." if any(rest.values()) else head


def _shares(counts: Mapping[Mark, int]) -> Iterator[Share]:
    total = sum(counts.values())
    start = 0.0
    for mark, count in counts.items():
        if count:
            width = 100 * count / total
            yield Share(mark, round(start, 3), round(width, 3))
            start += width


def _sections(part: Part) -> Mapping[str, list[Row]]:
    """Return the statements by section, in the order in which the guide's sections come up."""
    found: dict[str, list[Row]] = {}
    for row in part.rows:
        found.setdefault(row.statement.section, []).append(row)
    return found


def _lines(row: Row) -> str:
    lines = row.statement.lines
    return f"{'lines' if len(lines) > 1 else 'line'} {', '.join(str(line) for line in lines)}"


def _names(group: Group) -> str:
    return json.dumps([name for name in group.deployments if name])


def _slug(mark: Mark) -> str:
    return mark.replace(" ", "-")


def _prose(text: str) -> Markup:
    """Return a text with what stands between backticks as code; everything is escaped."""
    parts = (
        escape(part) if index % 2 == 0 else Markup("<code>{}</code>").format(part)
        for index, part in enumerate(_CODE.split(text))
    )
    return Markup("").join(parts)


def _capital(text: str) -> str:
    """Return a sentence with a capital, unless a name begins it; the page writes the full stop itself."""
    first = text.partition(" ")[0]
    return (text[:1].upper() + text[1:] if first.isalpha() else text).rstrip(".")
