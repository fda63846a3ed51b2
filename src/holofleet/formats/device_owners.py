"""Who belongs to the group of device owners: ``Policy/Config/LocalUsersAndGroups/Configure`` (23H2 and newer).

On HoloLens this policy works for the group "Device Owners" only. A group is either *updated* (members are added
and removed) or *restricted* (it has exactly the members that are named).

Source: 'HoloLens 2 release notes', 23H2, and 'Policy CSP - LocalUsersAndGroups' (Microsoft).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from holofleet.errors import InputError
from holofleet.formats.markup import MarkupError, element
from holofleet.formats.markup import parse as parse_markup

GROUP = "Device Owners"
_MEMBER = re.compile(r"(?:AzureAD\\[^@\\\s]+@[^@\\\s]+|S-1-[0-9-]+)\Z")


class DeviceOwnersError(InputError):
    """A membership document that a headset would refuse."""


@dataclass(frozen=True, slots=True)
class DeviceOwners:
    """Members to have (``AzureAD\\user@tenant`` or a SID); ``exactly``: and nobody else."""

    members: tuple[str, ...]
    removed: tuple[str, ...] = ()
    exactly: bool = False


def render(owners: DeviceOwners) -> str:
    """Render the policy value as one line of XML.

    Raises:
        DeviceOwnersError: a member that is neither an Entra user nor a SID, removals from a group that is
            restricted anyway, or a restriction that would leave nobody.
    """
    _check(owners)
    group = element("group", {"action": "R" if owners.exactly else "U"})
    members = [element("add", {"member": member}) for member in owners.members]
    members += [element("remove", {"member": member}) for member in owners.removed]
    return element("GroupConfiguration", None, element("accessgroup", {"desc": GROUP}, group + "".join(members)))


def parse(text: str | bytes) -> DeviceOwners:
    """Read the policy value.

    Raises:
        DeviceOwnersError: not such a document, or another group.
    """
    try:
        root = parse_markup(text)
    except MarkupError as error:
        raise DeviceOwnersError(error.summary) from error
    groups = root.all("accessgroup")
    if root.name != "GroupConfiguration" or len(groups) != 1 or groups[0].attributes.get("desc") != GROUP:
        raise DeviceOwnersError(f'the document must configure the one group "{GROUP}"')
    members: dict[str, list[str]] = {"add": [], "remove": []}
    action = ""
    for child in groups[0].children:
        if child.name == "group":
            action = child.attributes.get("action", "")
        elif child.name in members:
            members[child.name].append(child.attributes.get("member", ""))
        else:
            raise DeviceOwnersError(f"{child.local} at line {child.line} is not allowed in accessgroup")
    if action not in ("R", "U"):
        raise DeviceOwnersError(f"the action of the group is {action!r}, not U (update) or R (restrict)")
    owners = DeviceOwners(tuple(members["add"]), tuple(members["remove"]), exactly=action == "R")
    _check(owners)
    return owners


def _check(owners: DeviceOwners) -> None:
    for member in (*owners.members, *owners.removed):
        if not _MEMBER.match(member):
            raise DeviceOwnersError(f"{member!r} is neither AzureAD\\user@tenant nor a SID")
    if owners.exactly and (owners.removed or not owners.members):
        raise DeviceOwnersError("a restricted group names its members, at least one, and removes nobody")
