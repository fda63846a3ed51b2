"""Members of groups: added 20 at a time, removed one by one, always by reference.

Adding is all or nothing for each 20; when one of them is a member already, or one is refused, the 20 are added
singly, so that one person does not keep 19 out. Removing names the reference: without ``/$ref`` the directory
would delete the member itself (SECURITY GRA-2; such an operation cannot even be declared).

Source: 'Add members' and 'Remove member' of groups, Microsoft Graph reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from holofleet.targets.graph.errors import GraphError, Trouble
from holofleet.targets.graph.operations import Operation, Request, Response, directory
from holofleet.targets.graph.work import Work, together

AT_ONCE: Final = 20
_BIND: Final = "members@odata.bind"


def add(group: str, members: Sequence[str], *, root: str, devices: bool = False) -> Work[None]:
    """Make objects members of a group; who is one already stays one.

    Args:
        group: Id of the group.
        members: Ids of the objects.
        root: Address of the Graph, which the references name.
        devices: They are devices, not users: another permission.

    Raises:
        GraphError: some could not be added; the others are.
    """
    chunks = [members[start : start + AT_ONCE] for start in range(0, len(members), AT_ONCE)]
    yield from together([_add_chunk(group, chunk, root, devices) for chunk in chunks])


def remove(group: str, members: Iterable[str]) -> Work[None]:
    """End memberships; who is none already is fine.

    Raises:
        GraphError: some could not be removed; the others are.
    """
    requests = [directory.REMOVE_MEMBER.request(id=group, member=member, accept={404}) for member in members]
    if requests:
        yield requests


def _add_chunk(group: str, members: Sequence[str], root: str, devices: bool) -> Work[None]:
    many = directory.ADD_DEVICE_MEMBERS if devices else directory.ADD_MEMBERS
    body = {_BIND: [_reference(root, member) for member in members]}
    try:
        yield [many.request(id=group, body=body)]
    except GraphError as error:
        if error.trouble is not Trouble.INVALID or len(members) == 0:
            raise
        one = directory.ADD_DEVICE_MEMBER if devices else directory.ADD_MEMBER
        yield [_single(one, group, member, root) for member in members]


def _single(operation: Operation, group: str, member: str, root: str) -> Request:
    return operation.request(id=group, body={"@odata.id": _reference(root, member)})


def _reference(root: str, member: str) -> str:
    return f"{root}/v1.0/directoryObjects/{member}"


def ids(response: Response) -> frozenset[str]:
    """Return the ids in a list of members."""
    return frozenset(str(member["id"]) for member in response.value)
