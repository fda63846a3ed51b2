"""The gate before shipping: what of the loan before must be done first; pure.

'Common scenarios: external clients' (Microsoft, 2024-06-27) wants the password reset before a headset goes to the
next client. Ours in addition: a wipe that is confirmed, and a tenant lock that is released, because a headset that
is wiped while locked can be stuck in its first start.

A wipe that a headset accepted is not yet a wipe: the headset says so of itself and falls silent. It is proved by
what follows, a new enrollment, or attested by somebody who saw the first start (SECURITY MGT-6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from holofleet.server.loans.values import (
    Act,
    ActKind,
    Done,
    HeadsetFact,
    Line,
    LineState,
    Loan,
)

OWN = "own"
Naming = Callable[[str], str]
"""Names a client to the reader, or hides a foreign one."""


def checklist(
    loan: Loan,
    fact: HeadsetFact,
    *,
    loans: Sequence[Loan],
    acts: Sequence[Act],
    today: date,
    name: Naming,
) -> tuple[Line, ...]:
    """Return the lines for one headset of a loan that has not left.

    Args:
        loan: The loan that is to be shipped.
        fact: What the server knows of the headset.
        loans: All loans of that headset, of whatever client.
        acts: Their acts.
        today: The present day, UTC.
        name: How the reader may hear of a client.
    """
    done = Done(loan, fact.serial, acts)
    lines = [*_headset(loan, fact, name)]
    last = last_before(loan, fact.serial, loans=loans, acts=acts, today=today)
    if last is None:
        lines.append(Line("back", LineState.NOT_NEEDED, "it was never lent before", blocks=True))
    else:
        lines += clearing(last, fact, name=name, to=loan.client)
    lines.append(_test_call(done))
    return tuple(lines)


def last_before(
    loan: Loan, serial: str, *, loans: Sequence[Loan], acts: Sequence[Act], today: date
) -> Done | None:
    """Return the loan from which a headset comes: the one that left last, or should have by its plan."""
    found: list[tuple[datetime, str, Done]] = []
    for other in loans:
        if other.id == loan.id or serial not in other.serials:
            continue
        done = Done(other, serial, acts)
        planned = datetime.fromisoformat(f"{other.ships.isoformat()}T00:00:00+00:00")
        if done.shipped_at is not None:
            found.append((done.shipped_at, other.id, done))
        elif other.in_file and other.ships <= today and (other.ships, other.name) < (loan.ships, loan.name):
            found.append((planned, other.id, done))
    return max(found, key=lambda one: one[:2])[2] if found else None


def clearing(last: Done, fact: HeadsetFact, *, name: Naming, to: str | None = None) -> Iterator[Line]:
    """Yield what must be done after a loan: back, passwords, wipe, tenant lock.

    Args:
        to: The next client; between two loans to the same client nothing has to be forgotten.
    """
    whose = name(last.loan.client)
    back = last.returned_at
    if back is None:
        why = f"it is not back from {whose}, where it was to go on {last.loan.ships}"
        yield Line("back", LineState.OPEN, why, blocks=True)
        return
    yield Line("back", LineState.ATTESTED, f"back from {whose} since {back:%Y-%m-%d}", blocks=True)
    if to == last.loan.client:
        yield Line("password", LineState.NOT_NEEDED, "it goes to the same client again", blocks=True)
        yield Line("wipe", LineState.NOT_NEEDED, "it goes to the same client again", blocks=True)
        yield Line("tenant lock", LineState.NOT_NEEDED, "it goes to the same client again", blocks=True)
        return
    yield _password(last, back, whose)
    yield _wipe(last, fact, back, whose)
    yield _lock(last, fact, back, whose)


def _password(last: Done, back: datetime, whose: str) -> Line:
    when = _latest(last.at(ActKind.PASSWORD_RESET), last.declared("password_reset"))
    if when is not None and when >= back:
        return Line("password", LineState.ATTESTED, f"reset on {when:%Y-%m-%d}", blocks=True)
    said = (
        f"the last reset, on {when:%Y-%m-%d}, was before it came back" if when is not None else "it was not reset"
    )
    return Line("password", LineState.OPEN, f"{said} since {whose} had it", blocks=True)


def _wipe(last: Done, fact: HeadsetFact, back: datetime, whose: str) -> Line:
    accepted = [moment for moment in fact.wiped_at if moment >= back]
    for moment in accepted:
        again = [one.enrolled_at for one in fact.enrollments if one.enrolled_at > moment]
        if again:
            why = f"wiped on {moment:%Y-%m-%d}, enrolled anew on {min(again):%Y-%m-%d}"
            return Line("wipe", LineState.PROVED, why, blocks=True)
    when = _latest(last.at(ActKind.WIPED), last.declared("wiped"))
    if when is not None and when >= back:
        return Line("wipe", LineState.ATTESTED, f"wiped on {when:%Y-%m-%d}", blocks=True)
    if accepted:
        why = (
            f"it accepted a wipe on {max(accepted):%Y-%m-%d}, and nothing proves that it ran: enroll it anew, or "
            "attest that you saw its first start"
        )
        return Line("wipe", LineState.OPEN, why, blocks=True)
    return Line("wipe", LineState.OPEN, f"it was not wiped since {whose} had it", blocks=True)


def _lock(last: Done, fact: HeadsetFact, back: datetime, whose: str) -> Line:
    there = [one for one in fact.enrollments if one.client == last.loan.client]
    newest = max(there, key=lambda one: one.enrolled_at, default=None)
    if newest is None or newest.lock == "never":
        return Line("tenant lock", LineState.NOT_NEEDED, f"it was never locked at {whose}", blocks=True)
    if newest.lock == "released":
        return Line("tenant lock", LineState.PROVED, "the headset confirmed that the lock is off", blocks=True)
    when = last.at(ActKind.LOCK_RELEASED)
    if when is not None and when >= back:
        return Line("tenant lock", LineState.ATTESTED, f"released on {when:%Y-%m-%d}", blocks=True)
    return Line("tenant lock", LineState.OPEN, f"the lock that it had at {whose} was not released", blocks=True)


def _headset(loan: Loan, fact: HeadsetFact, name: Naming) -> Iterator[Line]:
    if fact.lost:
        yield Line("headset", LineState.OPEN, "it is marked or reported lost", blocks=True)
    elif not fact.client:
        yield Line("headset", LineState.OPEN, "the published fleet does not have it", blocks=True)
    elif fact.client not in (OWN, loan.client):
        why = f"it is set up for {name(fact.client)}: move it to a deployment of this client and apply"
        yield Line("headset", LineState.OPEN, why, blocks=True)
    elif not fact.enrollments:
        yield Line("headset", LineState.OPEN, "it has not enrolled yet", blocks=False)
    else:
        yield Line("headset", LineState.PROVED, "it is in the published fleet and enrolled", blocks=True)
    if fact.holder:
        yield Line("custody", LineState.OPEN, f"{fact.holder} has it on record: check it in", blocks=False)


def _test_call(done: Done) -> Line:
    when = _latest(done.at(ActKind.TEST_CALL), done.declared("test_call"))
    if when is not None:
        return Line("test call", LineState.ATTESTED, f"made on {when:%Y-%m-%d}", blocks=False)
    return Line("test call", LineState.OPEN, "no call to an expert was tried", blocks=False)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
