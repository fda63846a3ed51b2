"""Whether users may register applications.

Source: 'authorizationPolicy', Microsoft Graph reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holofleet.targets.graph.kinds.tenant_settings.setting import Reading
from holofleet.targets.graph.operations import Operation, Request, Response, tenant
from holofleet.targets.graph.work import Work, ask


class UserAppRegistration:
    """``user-app-registration``."""

    fields: Mapping[str, str] = {"allowed": "allowed"}
    reads: Sequence[Operation] = (tenant.GET_AUTHORIZATION_POLICY,)
    writes: Sequence[Operation] = (tenant.UPDATE_AUTHORIZATION_POLICY,)

    def takes(self, name: str) -> bool:
        """Return whether it is this one."""
        return name == "user-app-registration"

    def requests(self) -> Sequence[Request]:
        """Return the request that reads it."""
        return (tenant.GET_AUTHORIZATION_POLICY.request(),)

    def read(self, name: str, responses: Sequence[Response]) -> Reading | None:
        """Return whether they may."""
        permissions = (responses[0].body or {}).get("defaultUserRolePermissions") or {}
        return Reading({"allowed": permissions.get("allowedToCreateApps")})

    def write(self, name: str, value: Mapping[str, Any], groups: tuple[str, ...]) -> Work[None]:
        """Change that and nothing else."""
        body = {"defaultUserRolePermissions": {"allowedToCreateApps": value["allowed"]}}
        yield from ask(tenant.UPDATE_AUTHORIZATION_POLICY.request(body=body))
