"""The organization and its domains."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Mode
from holofleet.emulator.message import Response, bad
from holofleet.emulator.routing import NO_CONTENT, Route
from holofleet.emulator.services.directory.areas import DOMAINS, ORGANIZATION

_ORGANIZATION = Listing("organization", "organization")
_DOMAINS = Listing("domains", "domain")
_PASSWORDS = frozenset({"passwordValidityPeriodInDays", "passwordNotificationWindowInDays"})
_NEVER = 2147483647


def routes() -> Iterator[Route]:
    """Return the routes of the organization and its domains."""
    yield Route("GET", "/organization", _organizations, ORGANIZATION, ORGANIZATION.read)
    yield Route("GET", "/organization/{id}", _organization, ORGANIZATION, ORGANIZATION.read)
    yield Route("GET", "/domains", _domains, DOMAINS, DOMAINS.read)
    yield Route("GET", "/domains/{id}", _domain, DOMAINS, DOMAINS.read)
    yield Route("PATCH", "/domains/{id}", _update_domain, DOMAINS, DOMAINS.write)


def _organizations(call: Call) -> Response:
    return _ORGANIZATION.many(call, call.tenant.seen("organization"))


def _organization(call: Call) -> Response:
    return _ORGANIZATION.one(call, call.tenant.find("organization", call.id()))


def _domains(call: Call) -> Response:
    return _DOMAINS.many(call, call.tenant.seen("domains"))


def _domain(call: Call) -> Response:
    return _DOMAINS.one(call, call.tenant.find("domains", call.id().casefold()))


def _update_domain(call: Call) -> Response:
    item = call.tenant.find("domains", call.id().casefold())
    properties = call.body("domain", Mode.UPDATE).properties
    if not properties or set(properties) - {*_PASSWORDS, "isDefault", "supportedServices"}:
        raise bad("These properties of a domain cannot be updated.")
    validity = properties.get("passwordValidityPeriodInDays", 90)
    notice = properties.get("passwordNotificationWindowInDays", 14)
    if not 14 <= validity <= 730 and validity != _NEVER:
        raise bad("'passwordValidityPeriodInDays' has to be between 14 and 730, or 2147483647.")
    if not 1 <= notice <= 30:
        raise bad("'passwordNotificationWindowInDays' has to be between 1 and 30.")
    call.tenant.update("domains", item, properties)
    return NO_CONTENT
