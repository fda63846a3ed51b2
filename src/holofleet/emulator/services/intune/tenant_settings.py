"""Settings of Intune for the whole tenant."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.call import Call
from holofleet.emulator.collection import visible_value
from holofleet.emulator.edm import Mode
from holofleet.emulator.message import Response, bad
from holofleet.emulator.routing import Route, ok
from holofleet.emulator.services.intune.areas import CONFIGURATION, ENROLLMENT

_MOST_DAYS = 120


def routes() -> Iterator[Route]:
    """Return the routes of the settings."""
    read, write = (*CONFIGURATION.read, *ENROLLMENT.read), (*CONFIGURATION.write, *ENROLLMENT.write)
    yield Route("GET", "/deviceManagement", _get, CONFIGURATION, read)
    yield Route("PATCH", "/deviceManagement", _update, CONFIGURATION, write)


def _get(call: Call) -> Response:
    value = visible_value(call, "deviceManagement", call.tenant.singletons["deviceManagement"])
    known = call.tenant.schema.properties("deviceManagement", call.version)
    for name in call.query.select:
        if name not in known:
            raise bad(f"Could not find a property named '{name}' on type 'microsoft.graph.deviceManagement'.")
    chosen = {name: member for name, member in value.items() if not call.query.select or name in call.query.select}
    return ok({"@odata.context": call.context("deviceManagement"), **chosen})


def _update(call: Call) -> Response:
    properties = call.body("deviceManagement", Mode.UPDATE).properties
    settings = properties.get("settings")
    if set(properties) != {"settings"} or settings is None:
        raise bad("Only 'settings' of the device management can be updated.")
    if not 1 <= settings.get("deviceComplianceCheckinThresholdDays", 30) <= _MOST_DAYS:
        raise bad(f"'deviceComplianceCheckinThresholdDays' has to be between 1 and {_MOST_DAYS}.")
    # The settings are one value: what is not said falls back to its default.
    defaults = {
        "deviceComplianceCheckinThresholdDays": 30,
        "isScheduledActionEnabled": True,
        "secureByDefault": False,
    }
    call.tenant.singletons["deviceManagement"]["settings"] = {**defaults, **settings}
    return ok({"@odata.context": call.context("deviceManagement"), **call.tenant.singletons["deviceManagement"]})
