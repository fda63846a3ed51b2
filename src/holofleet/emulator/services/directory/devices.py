"""Entra devices: they come from Autopilot and enrollment, not from requests."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Mode
from holofleet.emulator.message import Response, bad
from holofleet.emulator.routing import NO_CONTENT, Route
from holofleet.emulator.services.directory import dynamic
from holofleet.emulator.services.directory.areas import DEVICES
from holofleet.emulator.services.directory.members import leave_all

LISTING = Listing(
    "devices",
    "device",
    filters={
        "id": "eq",
        "deviceId": "eq",
        "displayName": "eq ne startswith",
        "operatingSystem": "eq ne startswith",
        "physicalIds": "any",
        "model": "eq ne",
    },
    orders=("displayName",),
    consistency=True,
)


def routes() -> Iterator[Route]:
    """Return the routes of devices."""
    yield Route("GET", "/devices", _list, DEVICES, DEVICES.read)
    yield Route("GET", "/devices/{id}", _get, DEVICES, DEVICES.read)
    yield Route("PATCH", "/devices/{id}", _update, DEVICES, DEVICES.write)
    yield Route("DELETE", "/devices/{id}", _delete, DEVICES, DEVICES.write)


def _list(call: Call) -> Response:
    return LISTING.many(call, call.tenant.seen("devices"))


def _get(call: Call) -> Response:
    return LISTING.one(call, call.tenant.find("devices", call.id()))


def _update(call: Call) -> Response:
    item = call.tenant.find("devices", call.id())
    properties = call.body("device", Mode.UPDATE).properties
    if set(properties) - {"accountEnabled", "extensionAttributes"}:
        raise bad("Only 'accountEnabled' and 'extensionAttributes' of a managed device can be updated.")
    call.tenant.update("devices", item, properties, delay=call.tenant.settings.delays.visible)
    dynamic.object_changed(call.tenant, item.id)
    return NO_CONTENT


def _delete(call: Call) -> Response:
    tenant = call.tenant
    item = tenant.find("devices", call.id())
    if any(str(value).startswith("[ZTDID]") for value in item.properties.get("physicalIds", ())):
        raise bad("Deletion of the device failed: it is registered with Windows Autopilot.")
    leave_all(tenant, item.id)
    tenant.delete("devices", item)
    return NO_CONTENT
