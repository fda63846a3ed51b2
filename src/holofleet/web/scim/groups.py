"""``/scim/v2/Groups``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from holofleet.protocols.scim import GroupData, apply_patch, group_resource, parse_filter, read_group
from holofleet.server.directory import Group, NewGroup
from holofleet.web.scim.call import Call, page


def listed(call: Call) -> tuple[int, Mapping[str, Any]]:
    """List groups, those of the fleet file too: a provider may read them."""
    text = call.query.get("filter", "")
    found = [_resource(call, group) for group in call.provisioning.groups(call.principal)]
    if text:
        meant = parse_filter(text)
        found = [item for item in found if meant(item)]
    return HTTPStatus.OK, page(call, found)


def add(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Add a group."""
    data = read_group(call.body)
    new = NewGroup("", data.display_name, external_id=data.external_id, members=data.members)
    return HTTPStatus.CREATED, _resource(call, call.provisioning.add_group(call.principal, new))


def show(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Return a group."""
    return HTTPStatus.OK, _resource(call, call.provisioning.group(call.principal, call.id))


def put(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Replace name and members."""
    return HTTPStatus.OK, _changed(call, read_group(call.body))


def patch(call: Call) -> tuple[int, Mapping[str, Any]]:
    """Change name and members, all operations or none."""
    now = _resource(call, call.provisioning.group(call.principal, call.id))
    return HTTPStatus.OK, _changed(call, read_group(apply_patch(now, call.body)))


def remove(call: Call) -> tuple[int, None]:
    """Remove a group; its members stay."""
    call.provisioning.remove_group(call.principal, call.id)
    return HTTPStatus.NO_CONTENT, None


def _changed(call: Call, data: GroupData) -> Mapping[str, Any]:
    return _resource(
        call, call.provisioning.change_group(call.principal, call.id, data.display_name, data.members)
    )


def _resource(call: Call, group: Group) -> dict[str, Any]:
    data = GroupData(group.display_name, group.external_id, group.members)
    return group_resource(group.id, data, location=f"{call.base}/Groups/{group.id}", changed=group.changed_at)
