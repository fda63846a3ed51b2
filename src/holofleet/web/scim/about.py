"""What our SCIM service can do, as providers ask (RFC 7643, sections 5 to 7)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from holofleet.errors import NotFoundError
from holofleet.protocols.scim import GROUP, USER
from holofleet.web.scim.call import MOST_LISTED, Call, page

_META = "urn:ietf:params:scim:schemas:core:2.0:"


def service_provider_config(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Say what is supported."""
    call.provisioning.groups(call.principal)  # whoever may not push people is told nothing here either
    return HTTPStatus.OK, {
        "schemas": [_META + "ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_LISTED},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": False},
        "authenticationSchemes": [
            {"type": "oauthbearertoken", "name": "Bearer token", "description": "A token of the role provisioner."}
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{call.base}/ServiceProviderConfig"},
    }


def resource_types(call: Call) -> tuple[int, Mapping[str, Any]]:
    """List what can be pushed."""
    call.provisioning.groups(call.principal)
    return HTTPStatus.OK, page(call, _types(call))


def resource_type(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Return one of them."""
    call.provisioning.groups(call.principal)
    return HTTPStatus.OK, _one(_types(call), call.id)


def schemas(call: Call) -> tuple[int, Mapping[str, Any]]:
    """List the attributes that we hold."""
    call.provisioning.groups(call.principal)
    return HTTPStatus.OK, page(call, _schemas(call))


def schema(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Return the attributes of one kind."""
    call.provisioning.groups(call.principal)
    return HTTPStatus.OK, _one(_schemas(call), call.id)


def _one(listed: list[dict[str, Any]], id_: str) -> dict[str, Any]:
    found = next((item for item in listed if item["id"] == id_), None)
    if found is None:
        raise NotFoundError("there is no such thing here")
    return found


def _types(call: Call) -> list[dict[str, Any]]:
    return [
        {
            "schemas": [_META + "ResourceType"],
            "id": name,
            "name": name,
            "endpoint": f"/{name}s",
            "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": f"{call.base}/ResourceTypes/{name}"},
        }
        for name, schema in (("User", USER), ("Group", GROUP))
    ]


def _schemas(call: Call) -> list[dict[str, Any]]:
    user = [
        _attribute("userName", required=True, unique=True),
        _attribute("displayName"),
        _attribute("externalId", exact=True),
        _attribute("active", kind="boolean"),
        _attribute("emails", kind="complex", many=True, parts=[_attribute("value"), _attribute("type")]),
    ]
    group = [
        _attribute("displayName", required=True),
        _attribute("externalId", exact=True),
        _attribute("members", kind="complex", many=True, parts=[_attribute("value", exact=True)]),
    ]
    return [
        {
            "schemas": [_META + "Schema"],
            "id": schema,
            "name": name,
            "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": f"{call.base}/Schemas/{schema}"},
        }
        for schema, name, attributes in ((USER, "User", user), (GROUP, "Group", group))
    ]


def _attribute(
    name: str,
    *,
    kind: str = "string",
    many: bool = False,
    required: bool = False,
    unique: bool = False,
    exact: bool = False,
    parts: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "type": kind,
        "multiValued": many,
        "required": required,
        "caseExact": exact,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "server" if unique else "none",
    }
    return found if parts is None else {**found, "subAttributes": parts}
