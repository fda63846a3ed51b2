"""How many days a password of a domain is valid.

Source: 'domain', Microsoft Graph reference: 2147483647 means that passwords do not expire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.targets.graph.kinds.tenant_settings.setting import Reading
from holofleet.targets.graph.operations import Operation, Request, Response, directory
from holofleet.targets.graph.work import Work, ask

PREFIX: Final = "password-validity."
NEVER: Final = 2_147_483_647
_DEFAULT: Final = 90
"""Days, where a domain says nothing."""


class PasswordValidity:
    """``password-validity.DOMAIN``."""

    fields: Mapping[str, str] = {"domain": "domain", "days": "days"}
    reads: Sequence[Operation] = (directory.LIST_DOMAINS,)
    writes: Sequence[Operation] = (directory.UPDATE_DOMAIN,)

    def takes(self, name: str) -> bool:
        """Return whether it is one of these."""
        return name.startswith(PREFIX)

    def requests(self) -> Sequence[Request]:
        """Return the request that reads them."""
        return (directory.LIST_DOMAINS.request(),)

    def read(self, name: str, responses: Sequence[Response]) -> Reading | None:
        """Return the days of a domain; ``None`` where the tenant has no such domain."""
        domain = name.removeprefix(PREFIX)
        for item in responses[0].value:
            if str(item.get("id")).casefold() == domain.casefold():
                days = item.get("passwordValidityPeriodInDays")
                return Reading({"domain": domain, "days": _DEFAULT if days is None else days})
        return None

    def write(self, name: str, value: Mapping[str, Any], groups: tuple[str, ...]) -> Work[None]:
        """Change the days; when people are told before stays as it is."""
        body = {"passwordValidityPeriodInDays": value["days"]}
        yield from ask(directory.UPDATE_DOMAIN.request(name=str(value["domain"]), body=body))
