"""Counting what was destroyed, and closing the request that is carried out, in the transaction of the orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text, update

from holofleet.errors import ConflictError
from holofleet.server.authorization import Principal, PrincipalKind
from holofleet.server.orders import OPEN, OrderStatus
from holofleet.server.orders.limits import Answerable, Tally
from holofleet.server.orders.service import NewOrder
from holofleet.storage.identity.makers import LOCAL, origin
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.approvals import APPROVAL, DESTRUCTION
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.identity import TOKEN
from holofleet.storage.tables.management import HEADSET, ORDER

_TURN = 0x686F6C6F
_HARMLESS = (str(OrderStatus.CANCELLED), str(OrderStatus.EXPIRED))
_D = DESTRUCTION.c


def person_behind(connection: Connection, principal: Principal) -> str:
    """Return who answers for a principal: ``person:UPN`` or ``local-admin``.

    A token stands for its maker, so that nobody is two people by making one. Whoever holds the one-time link,
    or a name that the directory does not know, is whoever can read the data folder.
    """
    actor = principal.actor
    if principal.kind is PrincipalKind.TOKEN:
        made = connection.execute(select(TOKEN.c.maker, TOKEN.c.created_at).where(TOKEN.c.id == principal.id))
        row = made.one_or_none()
        actor = LOCAL if row is None else origin(connection, row.maker, from_micros(row.created_at)).actor
    kind, _, name = actor.partition(":")
    if kind != PrincipalKind.PERSON:
        return LOCAL
    known = connection.execute(select(PERSON.c.id).where(PERSON.c.upn == name)).scalar_one_or_none()
    return actor if known is not None else LOCAL


def tally(connection: Connection, person: str, since: datetime) -> Tally:
    """Count headsets destroyed since a moment without a second person."""
    joined = DESTRUCTION.join(ORDER, ORDER.c.id == _D.order_id)
    alone = (_D.at > to_micros(since), _D.approval_id.is_(None), ORDER.c.status.not_in(_HARMLESS))
    own = select(_D.enrollment_id).distinct().select_from(joined).where(_D.person == person)
    number = select(func.count(_D.enrollment_id.distinct())).select_from(joined)
    fleet = select(func.count()).select_from(HEADSET).where(HEADSET.c.removed_at.is_(None))
    under_way = number.where(_D.person == person, ORDER.c.status.in_([str(status) for status in OPEN]))
    return Tally(
        connection.execute(fleet).scalar_one(),
        frozenset(connection.execute(own.where(*alone)).scalars()),
        connection.execute(number.where(*alone)).scalar_one(),
        connection.execute(under_way).scalar_one(),
    )


def take_turn(connection: Connection) -> None:
    """Let one transaction at a time count and add, so that two cannot both take what is left of a day."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def answer_for(connection: Connection, new: Sequence[NewOrder], who: Answerable, since: datetime) -> None:
    """Write down who answers for orders that destroy, or refuse them all.

    Raises:
        SecondPersonError: they are more than one person may order alone.
    """
    if not new:
        return
    tally(connection, who.person, since).require((one.order.enrollment for one in new), who)
    rows = [
        {
            "order_id": one.order.id,
            "client_id": one.order.client,
            "enrollment_id": one.order.enrollment,
            "person": who.person,
            "at": to_micros(one.order.created_at),
            "approval_id": who.request or None,
        }
        for one in new
    ]
    connection.execute(insert(DESTRUCTION), rows)


def close_request(connection: Connection, request: str, actor: str, at: datetime) -> None:
    """Mark an approved request as carried out.

    Raises:
        ConflictError: it was closed in between.
    """
    done = connection.execute(
        update(APPROVAL)
        .where(APPROVAL.c.id == request, APPROVAL.c.status == "approved")
        .values(status="done", carrier=actor, carried_at=to_micros(at), proposal="")
    )
    if done.rowcount != 1:
        raise ConflictError("this request was closed in between", mend="Look at it again.")
