"""Who may join devices to the directory, and how many.

The policy is replaced whole, so it is read just before it is written, and the rest goes back as it came.

Source: 'deviceRegistrationPolicy', Microsoft Graph reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.targets.graph.kinds.tenant_settings.setting import GROUPS, Reading
from holofleet.targets.graph.operations import Operation, Request, Response, tenant
from holofleet.targets.graph.work import Work, ask

SINGLE: Final = "single users"
"""Named in the policy one by one, which the fleet file never does."""
_TYPE: Final = "#microsoft.graph."
_WORDS: Final = {
    "all": "allDeviceRegistrationMembership",
    "none": "noDeviceRegistrationMembership",
    "some": "enumeratedDeviceRegistrationMembership",
}
_KEPT: Final = (
    "userDeviceQuota",
    "multiFactorAuthConfiguration",
    "azureADRegistration",
    "azureADJoin",
    "localAdminPassword",
)


class DeviceJoin:
    """``device-join``."""

    fields: Mapping[str, str] = {"users": "users", "quota": "quota", GROUPS: GROUPS, SINGLE: SINGLE}
    reads: Sequence[Operation] = (tenant.GET_JOIN_POLICY,)
    writes: Sequence[Operation] = (tenant.GET_JOIN_POLICY, tenant.REPLACE_JOIN_POLICY)

    def takes(self, name: str) -> bool:
        """Return whether it is this one."""
        return name == "device-join"

    def requests(self) -> Sequence[Request]:
        """Return the request that reads it."""
        return (tenant.GET_JOIN_POLICY.request(),)

    def read(self, name: str, responses: Sequence[Response]) -> Reading | None:
        """Return who may join, and how many."""
        policy = responses[0].body or {}
        allowed = (policy.get("azureADJoin") or {}).get("allowedToJoin") or {}
        kind = str(allowed.get("@odata.type", "")).removeprefix(_TYPE)
        word = next((word for word, known in _WORDS.items() if known == kind), kind)
        users = [str(user) for user in allowed.get("users") or ()]
        value = {
            "users": word,
            "quota": policy.get("userDeviceQuota"),
            **({SINGLE: users} if users else {}),
        }
        return Reading(value, tuple(str(group) for group in allowed.get("groups") or ()))

    def write(self, name: str, value: Mapping[str, Any], groups: tuple[str, ...]) -> Work[None]:
        """Replace the policy, with the rest of it as it is now."""
        now = (yield from ask(tenant.GET_JOIN_POLICY.request())).body or {}
        policy = {key: now[key] for key in _KEPT if now.get(key) is not None}
        allowed: dict[str, Any] = {"@odata.type": _TYPE + _WORDS[str(value["users"])]}
        if value["users"] == "some":
            allowed |= {"users": [], "groups": list(groups)}
        policy["azureADJoin"] = {**(now.get("azureADJoin") or {}), "allowedToJoin": allowed}
        policy["userDeviceQuota"] = value["quota"]
        yield from ask(tenant.REPLACE_JOIN_POLICY.request(body=policy))
