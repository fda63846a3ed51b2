"""``/scim/v2/Users``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from holofleet.errors import NotFoundError
from holofleet.protocols.scim import UserData, apply_patch, equality, parse_filter, read_user, user_resource
from holofleet.server.directory import NewPerson, Person, PersonChange
from holofleet.web.scim.call import Call, page


def listed(call: Call) -> tuple[int, Mapping[str, Any]]:
    """List; ``userName eq``, ``externalId eq`` and ``id eq`` are looked up, other filters walk all people."""
    text = call.query.get("filter", "")
    if not text:
        return HTTPStatus.OK, page(
            call, [_resource(call, one) for one in call.provisioning.people(call.principal)]
        )
    meant = parse_filter(text)
    found = [_resource(call, one) for one in _candidates(call, text)]
    return HTTPStatus.OK, page(call, [item for item in found if meant(item)])


def _candidates(call: Call, text: str) -> Iterable[Person]:
    asked = equality(text)
    if asked is None or asked[0] not in ("username", "externalid", "id"):
        return call.provisioning.people(call.principal)
    if asked[0] == "externalid":
        one = call.provisioning.by_external_id(call.principal, asked[1])
        return () if one is None else (one,)
    try:
        return (call.provisioning.person(call.principal, asked[1]),)
    except NotFoundError:
        return ()


def add(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Add somebody."""
    data = read_user(call.body)
    new = NewPerson(data.user_name, data.display_name, email=data.email, external_id=data.external_id)
    made = call.provisioning.add(call.principal, new, active=data.active)
    return HTTPStatus.CREATED, _resource(call, made)


def show(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Return somebody."""
    return HTTPStatus.OK, _resource(call, call.provisioning.person(call.principal, call.id))


def put(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Replace what is said of somebody."""
    return HTTPStatus.OK, _changed(call, read_user(call.body))


def patch(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Change what is said of somebody, all operations or none."""
    now = _resource(call, call.provisioning.person(call.principal, call.id))
    return HTTPStatus.OK, _changed(call, read_user(apply_patch(now, call.body)))


def remove(call: Call) -> tuple[int, None]:
    """Let somebody leave; their record stays, and the provider sees them as gone."""
    call.provisioning.leave(call.principal, call.id)
    return HTTPStatus.NO_CONTENT, None


def _changed(call: Call, data: UserData) -> Mapping[str, Any]:
    change = PersonChange(
        upn=data.user_name, display_name=data.display_name, email=data.email, external_id=data.external_id
    )
    return _resource(call, call.provisioning.change(call.principal, call.id, change, active=data.active))


def _resource(call: Call, person: Person) -> dict[str, Any]:
    data = UserData(person.upn, person.display_name, person.email, person.external_id, person.active)
    where = f"{call.base}/Users/{person.id}"
    return user_resource(person.id, data, location=where, created=person.created_at, changed=person.changed_at)
