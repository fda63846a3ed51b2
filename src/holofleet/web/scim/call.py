"""One call of a provider, and what its lists look like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from holofleet.protocols.scim import LIST, ScimError, ScimType
from holofleet.server.authorization import Principal
from holofleet.server.directory import ProvisioningService

PREFIX: Final = "/scim/v2"
MEDIA_TYPE: Final = "application/scim+json"
MOST_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler is given.

    Args:
        base: Address of our SCIM service, as the provider reached it.
        query: Of the address.
        id: Of the resource in the path.
        body: JSON object; empty where there is none.
    """

    principal: Principal
    provisioning: ProvisioningService
    base: str
    query: Mapping[str, str]
    id: str
    body: Mapping[str, Any]


def page(call: Call, resources: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return a page of what was found (RFC 7644, section 3.4.2.4): ``startIndex`` counts from 1.

    Raises:
        ScimError: ``startIndex`` or ``count`` is no number.
    """
    start = max(1, _number(call, "startIndex", 1))
    count = min(MOST_LISTED, max(0, _number(call, "count", MOST_LISTED)))
    left_out = {name.strip().lower() for name in call.query.get("excludedAttributes", "").split(",")}
    found = list(resources)
    return {
        "schemas": [LIST],
        "totalResults": len(found),
        "startIndex": start,
        "itemsPerPage": len(found[start - 1 : start - 1 + count]),
        "Resources": [
            {key: value for key, value in item.items() if key.lower() not in left_out}
            for item in islice(found, start - 1, start - 1 + count)
        ],
    }


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, "")
    try:
        return int(text) if text else default
    except ValueError as error:
        raise ScimError(ScimType.INVALID_VALUE, f"{name} is a number") from error
