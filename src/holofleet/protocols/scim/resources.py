"""Users and groups, as they are sent and read (RFC 7643, sections 3, 4.1, 4.2).

Only what we hold is kept: user name, display name, one address, whether somebody is active, the provider's id.
What else a provider sends is passed over, and our schemas say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from holofleet.clock import render_utc
from holofleet.protocols.scim.errors import ScimError, ScimType

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
MOST_MEMBERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class UserData:
    """A user as a provider says it."""

    user_name: str
    display_name: str = ""
    email: str = ""
    external_id: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class GroupData:
    """A group as a provider says it; ``members`` are ids of ours."""

    display_name: str
    external_id: str = ""
    members: frozenset[str] = frozenset()


def user_resource(
    id_: str, data: UserData, *, location: str, created: datetime, changed: datetime
) -> dict[str, Any]:
    """Return a user as JSON."""
    found: dict[str, Any] = {
        "schemas": [USER],
        "id": id_,
        "userName": data.user_name,
        "displayName": data.display_name,
        "active": data.active,
        "meta": _meta("User", location, created, changed),
    }
    if data.external_id:
        found["externalId"] = data.external_id
    if data.email:
        found["emails"] = [{"value": data.email, "type": "work", "primary": True}]
    return found


def group_resource(id_: str, data: GroupData, *, location: str, changed: datetime) -> dict[str, Any]:
    """Return a group as JSON."""
    found: dict[str, Any] = {
        "schemas": [GROUP],
        "id": id_,
        "displayName": data.display_name,
        "members": [{"value": member, "type": "User"} for member in sorted(data.members)],
        "meta": _meta("Group", location, changed, changed),
    }
    if data.external_id:
        found["externalId"] = data.external_id
    return found


def read_user(resource: Mapping[str, Any]) -> UserData:
    """Read a user.

    Raises:
        ScimError: no user name, or values of a wrong type.
    """
    _require_schema(resource, USER)
    name = resource_member(resource, "name")
    display = _text(resource, "displayName") or _formatted(name)
    user_name = _text(resource, "userName")
    if not user_name:
        raise ScimError(ScimType.INVALID_VALUE, "userName is missing")
    return UserData(user_name, display, _email(resource), _text(resource, "externalId"), _active(resource))


def read_group(resource: Mapping[str, Any]) -> GroupData:
    """Read a group.

    Raises:
        ScimError: no name, too many members, or values of a wrong type.
    """
    _require_schema(resource, GROUP)
    display = _text(resource, "displayName")
    if not display:
        raise ScimError(ScimType.INVALID_VALUE, "displayName is missing")
    members = resource_member(resource, "members") or []
    if not isinstance(members, list) or not all(isinstance(member, Mapping) for member in members):
        raise ScimError(ScimType.INVALID_VALUE, "members is a list of objects")
    if len(members) > MOST_MEMBERS:
        raise ScimError(ScimType.TOO_MANY, f"more than {MOST_MEMBERS} members")
    ids = [resource_member(member, "value") for member in members]
    if not all(isinstance(member, str) and member for member in ids):
        raise ScimError(ScimType.INVALID_VALUE, "a member has the id of a user as its value")
    return GroupData(display, _text(resource, "externalId"), frozenset(str(member) for member in ids))


def resource_member(resource: Mapping[str, Any], name: str) -> Any:
    """Return an attribute; names mean the same in any case (RFC 7643, section 2.1)."""
    folded = name.lower()
    return next((value for key, value in resource.items() if key.lower() == folded), None)


def _require_schema(resource: Mapping[str, Any], schema: str) -> None:
    listed = resource_member(resource, "schemas")
    if not isinstance(listed, list) or schema.lower() not in [str(one).lower() for one in listed]:
        raise ScimError(ScimType.INVALID_SYNTAX, f"schemas has to list {schema}")


def _text(resource: Mapping[str, Any], name: str) -> str:
    value = resource_member(resource, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ScimError(ScimType.INVALID_VALUE, f"{name} is a text")
    return value.strip()


def _formatted(name: Any) -> str:
    if not isinstance(name, Mapping):
        return ""
    whole = _text(name, "formatted")
    return whole or " ".join(part for part in (_text(name, "givenName"), _text(name, "familyName")) if part)


def _email(resource: Mapping[str, Any]) -> str:
    listed = resource_member(resource, "emails") or []
    if not isinstance(listed, list) or not all(isinstance(item, Mapping) for item in listed):
        raise ScimError(ScimType.INVALID_VALUE, "emails is a list of objects")
    chosen = _preferred(listed)
    return _text(chosen, "value") if chosen is not None else ""


def _preferred(listed: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the primary address, else the one of work, else the first."""
    ranked = sorted(
        listed,
        key=lambda item: (
            resource_member(item, "primary") is not True,
            str(resource_member(item, "type")).lower() != "work",
        ),
    )
    return ranked[0] if ranked else None


def _active(resource: Mapping[str, Any]) -> bool:
    value = resource_member(resource, "active")
    if value is None or isinstance(value, bool):
        return value is not False
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ScimError(ScimType.INVALID_VALUE, "active is true or false")


def _meta(kind: str, location: str, created: datetime, changed: datetime) -> dict[str, str]:
    return {
        "resourceType": kind,
        "location": location,
        "created": render_utc(created),
        "lastModified": render_utc(changed),
    }
