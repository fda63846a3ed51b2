"""Taking over the loans of a published fleet file."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from holofleet.server.loans import PublishedLoan
from holofleet.storage.tables.loans import LOAN, LOAN_HEADSET


def take_over_loans(connection: Connection, loans: Sequence[PublishedLoan], *, at: int) -> None:
    """Make the loans what the file says; what was done about them stays.

    A loan whose day changed in the file is the same loan, where client and headsets are the same.
    """
    before: dict[str, Any] = {row.name: row for row in connection.execute(select(LOAN))}
    lent: dict[str, set[str]] = defaultdict(set)
    for one in connection.execute(select(LOAN_HEADSET)):
        lent[one.loan_id].add(one.serial)
    named = {loan.name for loan in loans}
    gone = {name: row for name, row in before.items() if name not in named and row.removed_at is None}
    for loan in loans:
        row: Any = before.get(loan.name)
        if row is None:
            same = (name for name, old in gone.items() if _same(old, lent[old.id], loan))
            row = gone.pop(name) if (name := next(same, None)) is not None else None
        if row is None:
            made = uuid.uuid4().hex
            connection.execute(insert(LOAN).values(id=made, client_id=loan.client, **_values(loan)))
            _lend(connection, made, loan)
            continue
        values = _values(loan)
        if any(row._mapping[key] != value for key, value in values.items()):
            connection.execute(update(LOAN).where(LOAN.c.id == row.id).values(values))
        if lent[row.id] != set(loan.serials):
            connection.execute(delete(LOAN_HEADSET).where(LOAN_HEADSET.c.loan_id == row.id))
            _lend(connection, row.id, loan)
    for left in gone.values():
        connection.execute(update(LOAN).where(LOAN.c.id == left.id).values(removed_at=at))


def _same(old: Any, serials: set[str], loan: PublishedLoan) -> bool:
    return bool(old.client_id == loan.client and serials == set(loan.serials))


def _values(loan: PublishedLoan) -> dict[str, Any]:
    return {
        "name": loan.name,
        "site": loan.site,
        "ships": loan.ships.isoformat(),
        "returns": None if loan.returns is None else loan.returns.isoformat(),
        "declared": json.dumps(dict(loan.declared), sort_keys=True),
        "removed_at": None,
    }


def _lend(connection: Connection, loan_id: str, loan: PublishedLoan) -> None:
    rows = [{"loan_id": loan_id, "serial": serial, "client_id": loan.client} for serial in loan.serials]
    if rows:
        connection.execute(insert(LOAN_HEADSET), rows)
