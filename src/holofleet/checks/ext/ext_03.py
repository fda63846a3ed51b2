"""EXT-03: it is known which headset is at which client, since when, and until when."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import loans
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule
from holofleet.spec.model.headset import Headset, Loan

_DETAIL = "Resetting passwords, wiping, and missing a headset all start from knowing who has it and until when."


def _check(case: Case) -> Iterator[Fault]:
    client = case.deployment.client
    if client == "own":
        yield Fault(
            f"{case.name} is for external clients and names no client",
            case.deployment.position,
            "Declare the client under `clients` and name it in `client`.",
            _DETAIL,
        )
    lent = {serial for _, loan in loans.of(case) for serial in loan.headsets}
    missing = [headset.serial for headset in case.deployment.headsets if headset.serial not in lent]
    if missing:
        alone = len(missing) == 1
        which = f"headset {missing[0]}" if alone else f"{len(missing)} headsets ({missing[0]} is one)"
        yield Fault(
            f"{which} of {case.name} {'stands' if alone else 'stand'} in no loan",
            case.deployment.position,
            "Write a loan under `loans` with client, site, headsets, ships and returns.",
            _DETAIL,
        )
    for index, loan in loans.of(case):
        yield from _loan(case, index, loan)


def _loan(case: Case, index: int, loan: Loan) -> Iterator[Fault]:
    if case.deployment.client not in ("own", loan.client):
        yield Fault(
            f"{loans.name(loan)} takes headsets of {case.name}, which is for {case.deployment.client}",
            case.at("loans", index, "client"),
            "Correct the client of the loan, or move the headsets to a deployment of that client.",
            _DETAIL,
        )
    if loan.returned is not None:
        return
    if loan.site is None and any(case.deployment.site_of(h) is None for h in _lent(case, loan)):
        yield Fault(
            f"{loans.name(loan)} does not say where the headsets go",
            case.at("loans", index),
            "Write `site` with a site of the client.",
            _DETAIL,
        )
    if loan.returns is None:
        yield Fault(
            f"{loans.name(loan)} has no day of return",
            case.at("loans", index),
            "Write `returns` with the day on which the headsets are expected back.",
            _DETAIL,
        )
    elif loan.returns < case.today:
        yield Fault(
            f"{loans.name(loan)} was to end on {loan.returns}, and nothing says that the headsets are back",
            case.at("loans", index, "returns"),
            "Write `returned` with the day on which they came back, or a later `returns`.",
            _DETAIL,
        )


def _lent(case: Case, loan: Loan) -> list[Headset]:
    serials = set(loan.headsets)
    return [headset for headset in case.deployment.headsets if headset.serial in serials]


RULE = Rule(
    id="EXT-03",
    title="It is known which headset is at which client, and until when",
    why="A headset may be away for days or for months. Its password, its reset and its loss are all judged by who "
    "has it since when; without that, none of the rules about time can be kept.",
    how="The deployment names its `client`; every headset stands in a loan; a loan that has not ended names the "
    "deployment's client, a site (its own, or that of the headsets) and the day of `returns`. A day of return "
    "that has passed without `returned` is found. Whether headsets are where they should be, check-ins tell.",
    mend="Write each loan: `{client: fabrikam, site: fabrikam-plant-2, headsets: [...], ships: DAY, returns: "
    "DAY}`, and `returned` when they are back.",
    check=_check,
    verification="headsets check in from the network of their client's site while they are lent",
)
