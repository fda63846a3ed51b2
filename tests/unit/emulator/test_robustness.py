"""Whatever is sent to whatever path: an answer of Graph, never a fault of the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.emulator.test_autopilot import PROFILES, _profile, _row
from tests.unit.emulator.test_policies import ACCESS, PKI, _policy
from tests.unit.emulator.world import World, group_body, user_body

from holofleet.emulator import snapshot
from holofleet.emulator.edm import Version, load
from holofleet.emulator.emulator import routes
from holofleet.emulator.routing import Route
from holofleet.emulator.tenant.seed import INTUNE_APP, add_managed_device

SCHEMA = load()
NAMES = sorted({p.name for kind in SCHEMA.types.values() for p in kind.properties})
ROUTES = [(version, route) for route in routes().routes for version in sorted(route.versions)]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(NAMES),
)
words = [
    *NAMES,
    "assignments",
    "addLicenses",
    "removeLicenses",
    "ids",
    "deviceIds",
    "target",
    "@odata.type",
    "@odata.id",
]
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(words), inner, max_size=4)
    ),
    max_leaves=8,
)
queries = st.one_of(
    st.just(""),
    st.text(alphabet="abc$&=()',;/ %-", max_size=20),
    st.builds(
        "${}={}".format,
        st.sampled_from(["filter", "select", "expand", "orderby", "top", "skiptoken", "count"]),
        st.text(alphabet="abcdisplayName ,eqnot()':/;$=0123", max_size=24),
    ),
)


def _populated(world: World) -> dict[str, str]:
    """Make one object of most kinds, and return an id for each path that needs one."""
    user = world.post("/v1.0/users", user_body("1"))["id"]
    root = "https://graph.microsoft.com/v1.0/directoryObjects/"
    group = world.post("/v1.0/groups", group_body("one", **{"members@odata.bind": [root + user]}))["id"]
    kind = "#microsoft.graph.sharedPCConfiguration"
    configurations = "/v1.0/deviceManagement/deviceConfigurations"
    configuration = world.post(configurations, {"@odata.type": kind, "displayName": "x", "enabled": True})["id"]
    rows = {"importedWindowsAutopilotDeviceIdentities": [_row("0001")]}
    ticket = world.post("/v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities/import", rows, 200)[
        "value"
    ][0]["id"]
    world.post("/beta/deviceManagement/windowsAutopilotSettings/sync", {}, 204)
    device = world.get("/v1.0/deviceManagement/windowsAutopilotDeviceIdentities")["value"][0]["id"]
    return {
        "users": user,
        "groups": group,
        "devices": world.get("/v1.0/devices")["value"][0]["id"],
        "deviceConfigurations": configuration,
        "windowsAutopilotDeploymentProfiles": world.post(PROFILES, _profile())["id"],
        "importedWindowsAutopilotDeviceIdentities": ticket,
        "windowsAutopilotDeviceIdentities": device,
        "managedDevices": add_managed_device(world.tenant, "0001"),
        "policies": world.post(ACCESS, _policy())["id"],
        "certificateBasedAuthConfigurations": world.post(PKI, {"displayName": "x"})["id"],
        "mobileDeviceManagementPolicies": INTUNE_APP,
        "domains": "contoso.com",
        "member": user,
    }


def _path(route: Route, ids: dict[str, str]) -> str:
    segments: list[str] = []
    for segment in route.pattern.strip("/").split("/"):
        if segment.startswith("{"):
            name = segment[1:-1]
            segments.append(ids.get(name) or ids.get(segments[-1]) or "nobody")
        else:
            segments.append(segment)
    return "/" + "/".join(segments)


ODD_BODIES: list[Any] = [
    None,
    [],
    {},
    "text",
    7,
    True,
    [{}],
    {"invented": 1},
    {"@odata.type": 1},
    {"@odata.type": []},
]


@pytest.mark.parametrize(
    ("version", "route"),
    ROUTES,
    ids=lambda value: f"{value.method} {value.pattern}" if isinstance(value, Route) else value,
)
def test_odd_bodies_are_refused_or_taken_on_every_path(world: World, version: Version, route: Route) -> None:
    path = f"/{version}{_path(route, _populated(world))}"
    for body in ODD_BODIES:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        answer = world.client.request(route.method, path, content=content, headers=headers)
        assert answer.status_code < 500, answer.text
        assert answer.status_code < 300 or "error" in answer.json()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ROUTES), values, queries), min_size=1, max_size=15))
def test_random_bodies_and_queries_are_answered(
    make_world: Callable[..., World], sent: list[tuple[tuple[Version, Route], Any, str]]
) -> None:
    world = make_world()
    ids = _populated(world)
    for (version, route), body, query in sent:
        step = {"id": "1", "method": route.method, "url": f"{_path(route, ids)}?{query}"}
        if route.method not in ("GET", "DELETE"):
            step |= {"headers": {"Content-Type": "application/json"}, "body": body}
        answer = world.client.post(f"/{version}/$batch", json={"requests": [step]})
        assert answer.status_code == 200, answer.text
        assert all(item["status"] < 500 for item in answer.json()["responses"])
    snapshot(world.tenant)
