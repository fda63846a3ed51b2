"""An emulated tenant, the clock that tests move, and a client without a network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from holofleet.clock import SetClock
from holofleet.emulator import Emulator, Tenant

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass
class World:
    """What a test talks to."""

    clock: SetClock
    tenant: Tenant
    emulator: Emulator
    client: httpx2.Client

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        return self._answered(self.client.get(path, headers=headers), status)

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        return self._answered(self.client.post(path, json=body), status)

    def patch(self, path: str, body: Any, status: int = 204) -> Any:
        return self._answered(self.client.patch(path, json=body), status)

    def delete(self, path: str, status: int = 204) -> Any:
        return self._answered(self.client.delete(path), status)

    def batch(self, *steps: dict[str, Any], version: str = "v1.0") -> dict[str, Any]:
        """Send a batch and return the answers by id."""
        answer = self.post(f"/{version}/$batch", {"requests": list(steps)}, 200)
        return {item["id"]: item for item in answer["responses"]}

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def message(self, answer: Any) -> str:
        return str(answer["error"]["message"])

    @staticmethod
    def _answered(response: httpx2.Response, status: int) -> Any:
        assert response.status_code == status, response.text
        return response.json() if response.content else None


def user_body(serial: str, **more: Any) -> dict[str, Any]:
    return {
        "accountEnabled": True,
        "displayName": f"HL {serial}",
        "mailNickname": f"HL-{serial}",
        "userPrincipalName": f"HL-{serial}@contoso.com",
        "passwordProfile": {"password": "aB3$" * 10, "forceChangePasswordNextSignIn": False},
        "passwordPolicies": "DisablePasswordExpiration",
        "usageLocation": "US",
        **more,
    }


def group_body(name: str, **more: Any) -> dict[str, Any]:
    return {
        "displayName": name,
        "mailEnabled": False,
        "mailNickname": name.replace(" ", "-"),
        "securityEnabled": True,
        **more,
    }
