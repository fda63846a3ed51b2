"""Licenses: does everyone have what the job needs, and until when?"""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from holofleet.server.authorization import Action
from holofleet.server.licenses import Report
from holofleet.web.console.slices import page_of
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import count
from holofleet.web.declaration import declares

ERRORS = {
    "CountViolation": "No seat is left.",
    "MutuallyExclusiveViolation": "Two of its service plans cannot be on together with what they have.",
    "DependencyViolation": "A service plan lacks the one that it needs.",
    "ProhibitedInUsageLocationViolation": "It is not sold where they are, or nobody said where that is.",
    "Other": "Another product of the same group could not be assigned, so none of the group was.",
}
"""What the directory's words for a license that did not arrive mean."""


@declares(Action.READ_LICENSES)
def licenses_page(visit: Visit) -> Response:
    """``/licenses``: seats by product, who lacks what, what did not arrive, and what serves nobody."""
    visit.require(Action.READ_LICENSES)
    report = visit.services.licenses.report(visit.principal)
    groups = Counter(lack.need.plan for lack in report.lacking).most_common()
    plan = next((known for known, _ in groups if known == visit.asked("plan")), "")
    return visit.render(
        "licenses.html",
        here="licenses",
        report=report,
        errors_in_words=ERRORS,
        groups=groups,
        asked_plan=plan,
        lacking=page_of(visit, [lack for lack in report.lacking if plan in ("", lack.need.plan)], "lacking"),
        problems=page_of(visit, report.problems, "problems"),
        wasted=page_of(visit, report.wasted, "wasted"),
        sees_seats=visit.scope.is_every,
        paged=True,
        answer=answer_of_report(report),
    )


def answer_of_report(report: Report) -> str:
    """Answer the page's question for a report."""
    return answer_of(
        len({lack.upn for lack in report.lacking if lack.need.required}),
        len(report.problems),
        sum(pool.short for pool in report.pools),
        [pool.title for pool in report.pools if pool.expiring],
    )


def answer_of(lacking: int, problems: int, short: int, expiring: list[str]) -> str:
    """Answer the page's question in a sentence."""
    parts = []
    if lacking:
        parts.append(f"{count(lacking, 'person lacks', 'people lack')} what the job needs")
    if problems:
        parts.append(f"{count(problems, 'license')} did not arrive")
    if short:
        parts.append(f"{count(short, 'seat is', 'seats are')} short")
    if expiring:
        parts.append(f"{', '.join(expiring)} ended or {'ends' if len(expiring) == 1 else 'end'} within 30 days")
    return f"{'; '.join(parts)}." if parts else "Everyone has what the job needs."
