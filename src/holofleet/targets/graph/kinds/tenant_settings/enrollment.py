"""Whose devices are enrolled when they join: only a signed-in person may read or write it.

Source: 'mobilityManagementPolicy', Microsoft Graph reference (beta only); the application id is that of Intune.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.targets.graph.kinds.tenant_settings.setting import GROUPS, Reading
from holofleet.targets.graph.operations import Operation, Request, Response, tenant
from holofleet.targets.graph.work import Work, ask

INTUNE: Final = "0000000a-0000-0000-c000-000000000000"
_WORDS: Final = {"all": "all", "none": "none", "some": "selected"}


class AutomaticEnrollment:
    """``automatic-enrollment``.

    Args:
        root: Address of the Graph, which references to groups name.
    """

    fields: Mapping[str, str] = {"users": "enrolled users", GROUPS: "enrolled groups"}
    reads: Sequence[Operation] = (tenant.LIST_MDM_SCOPE, tenant.LIST_MDM_GROUPS)
    writes: Sequence[Operation] = (
        tenant.LIST_MDM_GROUPS,
        tenant.UPDATE_MDM_SCOPE,
        tenant.ADD_MDM_GROUP,
        tenant.REMOVE_MDM_GROUP,
    )

    def __init__(self, root: str) -> None:
        self._root = root

    def takes(self, name: str) -> bool:
        """Return whether it is this one."""
        return name == "automatic-enrollment"

    def requests(self) -> Sequence[Request]:
        """Return the requests that read it."""
        return tenant.LIST_MDM_SCOPE.request(), tenant.LIST_MDM_GROUPS.request(id=INTUNE)

    def read(self, name: str, responses: Sequence[Response]) -> Reading | None:
        """Return whose are; groups count only where selected groups are meant."""
        scopes, groups = responses
        policy = next((item for item in scopes.value if str(item.get("id")).casefold() == INTUNE), None)
        if policy is None:
            return None
        applies = policy.get("appliesTo")
        word = next((word for word, known in _WORDS.items() if known == applies), applies)
        included = tuple(str(item["id"]) for item in groups.value) if word == "some" else ()
        return Reading({"users": word}, included)

    def write(self, name: str, value: Mapping[str, Any], groups: tuple[str, ...]) -> Work[None]:
        """Add groups, say whom it takes, and only then take other groups out."""
        there: set[str] = set()
        if value["users"] == "some":
            listed = yield from ask(tenant.LIST_MDM_GROUPS.request(id=INTUNE))
            there = {str(item["id"]) for item in listed.value}
            missing = [group for group in groups if group not in there]
            if missing:
                yield [
                    tenant.ADD_MDM_GROUP.request(
                        id=INTUNE, body={"@odata.id": f"{self._root}/beta/groups/{group}"}
                    )
                    for group in missing
                ]
        body = {"appliesTo": _WORDS[str(value["users"])]}
        yield from ask(tenant.UPDATE_MDM_SCOPE.request(id=INTUNE, body=body))
        surplus = sorted(there - set(groups))
        if surplus:
            yield [tenant.REMOVE_MDM_GROUP.request(id=INTUNE, group=group, accept={404}) for group in surplus]
