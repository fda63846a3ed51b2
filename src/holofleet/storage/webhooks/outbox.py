"""Deliveries: taken by one process at a time, and settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time

from sqlalchemy import delete, exists, insert, select, update

from holofleet.server.authorization import Scope
from holofleet.server.loans.values import Done, Loan, Stage, stage_of
from holofleet.server.webhooks import DeliveryState, Due, Notice, Secrets, Settled, notice_of_loan
from holofleet.storage.database import Database
from holofleet.storage.loans import StoredLoans
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.webhooks import WEBHOOK, WEBHOOK_DELIVERY, WEBHOOK_TIME
from holofleet.storage.webhooks.posting import post

_D = WEBHOOK_DELIVERY.c
_LOANS = "loans"
_WAITING = _D.state == str(DeliveryState.WAITING)


class StoredOutbox:
    """Implements :class:`holofleet.server.webhooks.store.Outbox`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._loans = StoredLoans(database, epoch=epoch)

    def lanes(self, now: datetime) -> Sequence[str]:
        due = exists().where(_D.webhook_id == WEBHOOK.c.id, _WAITING, _D.due_at <= to_micros(now))
        with self._database.read() as connection:
            return tuple(connection.execute(select(WEBHOOK.c.id).where(WEBHOOK.c.why_off == "", due)).scalars())

    def claim(self, webhook: str, *, now: datetime, until: datetime, limit: int) -> Sequence[Due]:
        oldest = (
            select(WEBHOOK_DELIVERY)
            .where(_D.webhook_id == webhook, _WAITING, _D.due_at <= to_micros(now))
            .order_by(_D.due_at, _D.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with self._database.transaction() as connection:
            of = connection.execute(
                select(WEBHOOK).where(WEBHOOK.c.id == webhook, WEBHOOK.c.why_off == "")
            ).one_or_none()
            if of is None:
                return ()
            rows = connection.execute(oldest).all()
            taken = update(WEBHOOK_DELIVERY).where(_D.id.in_([row.id for row in rows]))
            connection.execute(
                taken.values(attempts=_D.attempts + 1, due_at=to_micros(until), tried_at=to_micros(now))
            )
        sealed = [of.sealed]
        if of.former is not None and of.former_until > to_micros(now):
            sealed.append(of.former)
        secrets = Secrets(tuple(sealed))
        return tuple(
            Due(row.id, webhook, of.url, row.body, from_micros(row.at), row.attempts + 1, secrets) for row in rows
        )

    def settle(self, settled: Iterable[Settled]) -> None:
        with self._database.transaction() as connection:
            for one in settled:
                mine = (_D.id == one.delivery) & (_D.attempts == one.attempt) & _WAITING
                values = {
                    "state": str(one.state),
                    "status": one.answer.status,
                    "trouble": str(one.answer.trouble or ""),
                    "tried_at": to_micros(one.at),
                }
                if one.due_at is not None:
                    values["due_at"] = to_micros(one.due_at)
                connection.execute(update(WEBHOOK_DELIVERY).where(mine).values(values))
                if one.off:
                    here = (WEBHOOK.c.id == one.webhook) & (WEBHOOK.c.why_off == "")
                    connection.execute(update(WEBHOOK).where(here).values(why_off=one.off))
                    rest = (_D.webhook_id == one.webhook) & _WAITING
                    connection.execute(
                        update(WEBHOOK_DELIVERY).where(rest).values(state=str(DeliveryState.GIVEN_UP))
                    )

    def tell_of_time(self, now: datetime) -> int:
        today = to_micros(datetime.combine(now.date(), time.min, UTC))
        mark = select(WEBHOOK_TIME.c.until).where(WEBHOOK_TIME.c.what == _LOANS)
        with self._database.read() as connection:
            if connection.execute(mark).scalar() == today:
                return 0
        late = [
            (loan, missing) for loan in self._loans.loans(Scope.every()) if (missing := self._missing(loan, now))
        ]
        with self._database.transaction() as connection:
            until = connection.execute(mark.with_for_update()).scalar()
            if until is None:
                connection.execute(insert(WEBHOOK_TIME).values(what=_LOANS, until=today))
                return 0
            if until >= today:
                return 0
            connection.execute(update(WEBHOOK_TIME).where(WEBHOOK_TIME.c.what == _LOANS).values(until=today))
            since = from_micros(until).date()
            return post(
                connection,
                (
                    _overdue(loan, missing, now)
                    for loan, missing in late
                    if loan.returns is not None and since <= loan.returns
                ),
            )

    def _missing(self, loan: Loan, now: datetime) -> int:
        """Return how many headsets of a loan are due back."""
        if loan.returns is None or loan.returns >= now.date():
            return 0
        acts = self._loans.acts([loan.id])
        stages = (stage_of(Done(loan, serial, acts), now.date(), stopped=False) for serial in loan.serials)
        return sum(stage is Stage.DUE_BACK for stage in stages)

    def forget(self, *, before: datetime) -> int:
        over = delete(WEBHOOK_DELIVERY).where(~_WAITING, _D.at < to_micros(before))
        with self._database.transaction() as connection:
            return connection.execute(over).rowcount


def _overdue(loan: Loan, missing: int, now: datetime) -> Notice:
    assert loan.returns is not None
    return notice_of_loan(loan.id, loan.name, loan.client, loan.returns, missing, now)
