"""The one place where a scope becomes a condition: which rows of which table a principal may see (SECURITY ISO-2).

Every table with a client's data has a column of clients. Where a scope is narrowed to sites or deployments, a row
must also stand within them, and how a table's rows stand somewhere is said once, in :data:`PLACES`. A table that
is not there has nothing for a narrowed scope. Where a barrier keeps whoever asks from somebody, the tables of
:data:`SIDES` have nothing in which those took part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, false, func, literal, or_, select

from holofleet.server.authorization import Scope
from holofleet.storage.tables.approvals import APPROVAL, APPROVAL_HEADSET
from holofleet.storage.tables.assist import CALL, CALL_MEDIA, CALL_SIDE, GUEST_LINK, GUEST_LINK_SIDE
from holofleet.storage.tables.custody import ACCOUNT_SECRET, CUSTODY, CUSTODY_STATE
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.guides import STANDING_TURN
from holofleet.storage.tables.identity import AUDIT, CREDENTIAL
from holofleet.storage.tables.left import CALL_LEFT, CALL_LEFT_SIDE
from holofleet.storage.tables.licenses import LICENSE_ASSIGNMENT, LICENSE_GRANT
from holofleet.storage.tables.loans import LOAN, LOAN_HEADSET
from holofleet.storage.tables.management import DEPLOYMENT, ENROLLMENT, EVENT, HEADSET, ORDER, ORIGIN
from holofleet.storage.tables.recordings import CALL_CONSENT, CALL_RECORDING
from holofleet.storage.tables.visits import SITE

# Under names of their own, so that a statement around them may read the same tables.
_H, _E, _P = HEADSET.alias("placed"), ENROLLMENT.alias("placed_enrollment"), PERSON.alias("placed_person")
_AH, _LH = APPROVAL_HEADSET.alias("placed_request"), LOAN_HEADSET.alias("placed_loan")


def within(column: ColumnElement[Any], scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions that keep the rows of a table inside a scope; none where nothing is left out.

    Args:
        column: The column of the table that names the client.
        scope: What is seen.
    """
    conditions: list[ColumnElement[bool]] = []
    if scope.clients is not None:
        conditions.append(column.in_(sorted(scope.clients)))
    if scope.is_narrowed:
        place = PLACES.get(column.table)
        conditions.append(false() if place is None else place(scope))
    conditions += not_apart(column, scope)
    return conditions


def not_apart(column: ColumnElement[Any], scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions that keep out what barriers hide; :func:`within` has them already.

    By itself it is for statements that are limited to a scope by another table, such as sums by site.
    """
    sides = SIDES.get(column.table) if scope.apart else None
    if sides is None:
        return []
    theirs, key, of = sides
    names = sorted(scope.apart)
    return [
        column.not_in(names),
        ~_there(theirs, column.table, theirs.c[key] == column.table.c[of], theirs.c.name.in_(names)),
    ]


def in_scope(statement: Any, column: Any, scope: Scope) -> Any:
    """Limit a statement to a scope."""
    conditions = within(column, scope)
    return statement.where(*conditions) if conditions else statement


def _headset(headset: FromClause, scope: Scope) -> ColumnElement[bool]:
    limits = []
    if scope.sites is not None:
        limits.append(headset.c.site.in_(sorted(scope.sites)))
    if scope.deployments is not None:
        limits.append(headset.c.deployment.in_(sorted(scope.deployments)))
    return and_(*limits)


def _there(found: FromClause, around: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(literal(1)).select_from(found).where(*conditions).correlate(around).exists()


def _of_headset(table: FromClause, scope: Scope) -> ColumnElement[bool]:
    """Rows about a headset, by its serial."""
    same = (_H.c.serial == table.c.serial, _H.c.client_id == table.c.client_id)
    return _there(_H, table, *same, _headset(_H, scope))


def _enrollment(enrollment: FromClause, scope: Scope) -> ColumnElement[bool]:
    """Until it has said which headset it is, an enrollment is of its deployment, and at no site."""
    limits = []
    if scope.sites is not None:
        limits.append(_of_headset(enrollment, Scope(None, scope.sites)))
    if scope.deployments is not None:
        limits.append(enrollment.c.deployment.in_(sorted(scope.deployments)))
    return and_(*limits)


def _of_enrollment(table: FromClause, scope: Scope) -> ColumnElement[bool]:
    """Rows about an enrollment, by its id."""
    same = (_E.c.id == table.c.enrollment_id, _E.c.client_id == table.c.client_id)
    return _there(_E, table, *same, _enrollment(_E, scope))


def _deployment(name: ColumnElement[str], table: FromClause, scope: Scope) -> ColumnElement[bool]:
    """Deployments that a scope names, and for sites those that have headsets there."""
    limits = []
    if scope.sites is not None:
        limits.append(_there(_H, table, _H.c.deployment == name, _headset(_H, Scope(None, scope.sites))))
    if scope.deployments is not None:
        limits.append(name.in_(sorted(scope.deployments)))
    return and_(*limits)


def _whole_deployment(table: FromClause, scope: Scope) -> ColumnElement[bool]:
    """What counts for every headset of a deployment, for whoever sees all of it."""
    if scope.sites is not None or scope.deployments is None:
        return false()
    return table.c.deployment.in_(sorted(scope.deployments))


def _event(scope: Scope) -> ColumnElement[bool]:
    event = EVENT.c
    return or_(
        and_(event.serial != "", _of_headset(EVENT, scope)),
        and_(event.serial == "", event.enrollment_id != "", _of_enrollment(EVENT, scope)),
        and_(event.serial == "", event.enrollment_id == "", _whole_deployment(EVENT, scope)),
    )


def _audit(scope: Scope) -> ColumnElement[bool]:
    """Records about a headset or an enrollment, by their subject."""

    def named(kind: str, key: ColumnElement[str], found: FromClause) -> tuple[ColumnElement[bool], ...]:
        rest = func.substr(AUDIT.c.subject, len(kind) + 1)
        return AUDIT.c.subject.startswith(kind), key == rest, found.c.client_id == AUDIT.c.client_id

    return or_(
        _there(_H, AUDIT, *named("headset:", _H.c.serial, _H), _headset(_H, scope)),
        _there(_E, AUDIT, *named("enrollment:", _E.c.id, _E), _enrollment(_E, scope)),
    )


def _site(name: ColumnElement[str], scope: Scope) -> ColumnElement[bool]:
    """Sites that a scope names, and for deployments those where they have headsets."""
    limits = []
    if scope.sites is not None:
        limits.append(name.in_(sorted(scope.sites)))
    if scope.deployments is not None:
        limits.append(name.in_(select(_H.c.site).where(_headset(_H, scope), _H.c.site.is_not(None))))
    return and_(*limits)


def _of_person(table: FromClause, scope: Scope) -> ColumnElement[bool]:
    return _there(_P, table, _P.c.id == table.c.person_id, _site(_P.c.site, scope))


def _approval(scope: Scope) -> ColumnElement[bool]:
    """Requests of which every headset is within; a proposal of a plan has none."""
    theirs = _AH.c.approval_id == APPROVAL.c.id
    return and_(
        _there(_AH, APPROVAL, theirs),
        ~_there(_AH, APPROVAL, theirs, ~_of_enrollment(_AH, scope)),
    )


def _loan(scope: Scope) -> ColumnElement[bool]:
    """Loans of which every headset is within."""
    theirs = _LH.c.loan_id == LOAN.c.id
    return and_(
        _there(_LH, LOAN, theirs),
        ~_there(_LH, LOAN, theirs, ~_there(_H, _LH, _H.c.serial == _LH.c.serial, _headset(_H, scope))),
    )


def _by(
    place: Callable[[FromClause, Scope], ColumnElement[bool]], tables: Iterable[FromClause]
) -> dict[FromClause, Callable[[Scope], ColumnElement[bool]]]:
    def of(table: FromClause) -> Callable[[Scope], ColumnElement[bool]]:
        return lambda scope: place(table, scope)

    return {table: of(table) for table in tables}


PLACES: Mapping[FromClause, Callable[[Scope], ColumnElement[bool]]] = {
    **_by(_headset, (HEADSET,)),
    **_by(_of_headset, (CUSTODY, CUSTODY_STATE, CALL, CALL_LEFT, CALL_RECORDING, GUEST_LINK)),
    **_by(_enrollment, (ENROLLMENT,)),
    **_by(_of_enrollment, (ORDER,)),
    **_by(_of_person, (ACCOUNT_SECRET, LICENSE_ASSIGNMENT, LICENSE_GRANT)),
    **_by(_whole_deployment, (CREDENTIAL, STANDING_TURN)),
    DEPLOYMENT: lambda scope: _deployment(DEPLOYMENT.c.name, DEPLOYMENT, scope),
    ORIGIN: lambda scope: _deployment(ORIGIN.c.deployment, ORIGIN, scope),
    EVENT: _event,
    AUDIT: _audit,
    SITE: lambda scope: _site(SITE.c.name, scope),
    PERSON: lambda scope: _site(PERSON.c.site, scope),
    APPROVAL: _approval,
    LOAN: _loan,
}
"""How rows of a table stand at sites and in deployments. People are of the site where they work; for a deployment
that is each site where it has headsets."""

SIDES: Mapping[FromClause, tuple[Table, str, str]] = {
    CALL: (CALL_SIDE, "call_id", "id"),
    CALL_CONSENT: (CALL_SIDE, "call_id", "call_id"),
    CALL_MEDIA: (CALL_SIDE, "call_id", "call_id"),
    CALL_RECORDING: (CALL_SIDE, "call_id", "call_id"),
    CALL_LEFT: (CALL_LEFT_SIDE, "message_id", "id"),
    GUEST_LINK: (GUEST_LINK_SIDE, "link_id", "id"),
}
"""Tables that barriers hold for: where the sides of a row stand, by which column there and by which one here."""
