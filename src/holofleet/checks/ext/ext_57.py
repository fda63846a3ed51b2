"""EXT-57: the client reaches experts of yours."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import experts, loans
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_DETAIL = "The headset is lent so that people at the client can ask somebody."


def _check(case: Case) -> Iterator[Fault]:
    named = list(experts.named(case))
    if not named:
        yield Fault(
            f"headsets of {case.name} can call nobody",
            case.place("assist.experts"),
            "Write `experts` at the client with a group or people of yours.",
            _DETAIL,
        )
    groups = {group.name: group for group in case.spec.model.groups}
    for name, position in named:
        group = groups.get(name)
        if group is not None and group.object_id is None and not experts.upns(case, name):
            yield Fault(
                f"headsets of {case.name} may call the group {name}, in which there is nobody",
                position,
                "Write its `members`, or name another group.",
                _DETAIL,
            )
    for index, loan in loans.of(case):
        if loans.away(loan, case.today) and (loan.test_call is None or loan.test_call > loan.ships):
            yield Fault(
                f"{loans.name(loan)} shipped without a test call to an expert",
                case.at("loans", index) if loan.test_call is None else case.at("loans", index, "test_call"),
                "Write `test_call` with its day; if there was none, have the client call, and waive this rule "
                "until the headsets are back.",
                "What does not work is easy to mend on the desk and hard at the client.",
            )


RULE = Rule(
    id="EXT-57",
    title="The client reaches experts of yours",
    why="All of this is for one thing: somebody at the client puts the headset on and reaches a person of yours "
    "who knows.",
    how="The client has `experts`, or the deployment `assist.experts`, and no group of them is empty (one with "
    "an `object_id` may have members that the file does not say). A loan that is out had a `test_call` on or "
    "before the day of shipping. That calls go on working, calls tell.",
    mend="Write `clients: [{name: fabrikam, experts: [pump-experts]}]`, make the test call, and write its day.",
    check=_check,
    verification="calls from the headsets reach an expert during the loan",
)
