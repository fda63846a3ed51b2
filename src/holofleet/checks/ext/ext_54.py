"""EXT-54: before a headset goes to the next client, its password is reset."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from holofleet.checks import loans, passwords
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule
from holofleet.spec.model.headset import Loan

_DETAIL = (
    "Whoever learned password, PIN or data from the earlier loan would have them of the next client's as well."
)


def _changes(case: Case) -> list[tuple[int, Loan, Loan]]:
    """Return each two loans that follow one another on a headset, for two clients: index, earlier and later."""
    own = {headset.serial for headset in case.deployment.headsets}
    by_serial: dict[str, list[tuple[int, Loan]]] = {}
    for index, loan in loans.of(case):
        for serial in own.intersection(loan.headsets):
            by_serial.setdefault(serial, []).append((index, loan))
    found = {
        (index, later_index): (index, loan, later)
        for series in by_serial.values()
        for (index, loan), (later_index, later) in pairwise(series)
        if loan.client != later.client
    }
    return [found[key] for key in sorted(found)]


def _excused(case: Case) -> NotApplicable | None:
    if _changes(case):
        return None
    return NotApplicable("none of its headsets goes from one client to another")


def _check(case: Case) -> Iterator[Fault]:
    if case.value(passwords.RESET) in (None, "never"):
        yield Fault(
            f"headsets of {case.name} go from client to client, and their passwords are not reset",
            case.place(passwords.RESET),
            "Write `accounts: {password: {reset: on-return}}`.",
            _DETAIL,
        )
    for index, loan, later in _changes(case):
        if loans.away(later, case.today):
            yield from _shipped(case, index, loan, later)


def _shipped(case: Case, index: int, loan: Loan, later: Loan) -> Iterator[Fault]:
    back = loan.returned or loan.ships
    for key, what in (("password_reset", "new passwords"), ("wiped", "a wipe")):
        day = getattr(loan, key)
        if day is None or not back <= day <= later.ships:
            yield Fault(
                f"headsets went from {loan.client} to {later.client} on {later.ships} without {what} in between",
                case.at("loans", index, key) if day is not None else case.at("loans", index),
                f"Write `{key}` with its day; if it was not done, do it when the headsets are back, and waive "
                "this rule until then.",
                _DETAIL,
            )


RULE = Rule(
    id="EXT-54",
    title="Before a headset goes to the next client, its password is reset",
    why="Between two clients a headset has to forget the first one: the password of its account, the PIN and the "
    "profile on it.",
    how="Where a headset stands in loans to two clients one after the other, `accounts.password.reset` is not "
    "`never`; and while the later loan is out, the earlier one has `password_reset` and `wiped` on a day "
    "from its return to that shipping. A wipe takes PIN, profile and what the kiosk remembers. While the later "
    "loan lies ahead, there is still time.",
    mend="Reset and wipe on return, and write both days at the loan.",
    check=_check,
    verification="the directory shows that the password changed after the return",
    excused=_excused,
)
