"""What stands beside people in a list, for a page of them at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from holofleet.server.authorization import Scope
from holofleet.server.custody import Status
from holofleet.server.directory.beside import Beside
from holofleet.storage.moments import from_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.custody import CUSTODY_STATE
from holofleet.storage.tables.licenses import LICENSE_GRANT
from holofleet.storage.tables.management import HEADSET
from holofleet.storage.tables.sign_in import LINKED_IDENTITY, PASSKEY, RECOVERY_CODE, SESSION_PERSON


def read_beside(connection: Connection, scope: Scope, people: Sequence[str]) -> Mapping[str, Beside]:
    """Return what stands beside some people; headsets and licenses only as far as ``scope`` sees them."""
    holds = _holds(connection, scope, people)
    seats, missing = _licenses(connection, scope, people)
    signed_in = _signed_in(connection, people)
    return {one: Beside(holds[one], len(seats[one]), len(missing[one]), signed_in.get(one)) for one in people}


def _holds(connection: Connection, scope: Scope, people: Sequence[str]) -> Counter[str]:
    state = CUSTODY_STATE.c
    # Where a headset went to another client, its former state is nobody's business any more.
    here = (HEADSET.c.serial == state.serial) & (HEADSET.c.client_id == state.client_id)
    statement = (
        select(state.person_id, func.count())
        .join(HEADSET, here)
        .where(state.person_id.in_(people), state.status == str(Status.OUT), *within(state.client_id, scope))
        .group_by(state.person_id)
    )
    found: Counter[str] = Counter()
    for person, number in connection.execute(statement):
        found[person] = number
    return found


def _licenses(
    connection: Connection, scope: Scope, people: Sequence[str]
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    grant = LICENSE_GRANT.c
    statement = select(grant.person_id, grant.sku, grant.error).where(
        grant.person_id.in_(people), *within(grant.client_id, scope)
    )
    seats: dict[str, set[str]] = defaultdict(set)
    missing: dict[str, set[str]] = defaultdict(set)
    for person, sku, error in connection.execute(statement):
        (missing if error else seats)[person].add(sku)
    for person, skus in missing.items():
        skus -= seats[person]
    return seats, missing


def _signed_in(connection: Connection, people: Sequence[str]) -> dict[str, datetime]:
    """Return when people last showed who they are; what they showed remembers it longer than their sessions."""
    newest: dict[str, int] = {}
    for table, at in (
        (SESSION_PERSON, SESSION_PERSON.c.proved_at),
        (PASSKEY, PASSKEY.c.used_at),
        (LINKED_IDENTITY, LINKED_IDENTITY.c.used_at),
        (RECOVERY_CODE, RECOVERY_CODE.c.used_at),
    ):
        whose = table.c.person_id
        for person, moment in connection.execute(
            select(whose, func.max(at)).where(whose.in_(people), at.is_not(None)).group_by(whose)
        ):
            newest[person] = max(moment, newest.get(person, 0))
    return {person: from_micros(moment) for person, moment in newest.items()}
