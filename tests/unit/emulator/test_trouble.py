"""What goes wrong on the way: quotas, faults, cuts, tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from tests.unit.emulator.world import START, World, group_body, user_body

from holofleet.emulator import (
    Access,
    Application,
    Delays,
    Emulator,
    Fault,
    FaultPlan,
    Quotas,
    duplicates,
    new_tenant,
    snapshot,
)
from holofleet.emulator.faults import parse_faults
from holofleet.emulator.http import bind, serving
from holofleet.emulator.routing import Quota
from holofleet.emulator.tenant import load_tenant
from holofleet.errors import InputError

PROFILES = "/v1.0/deviceManagement/deviceConfigurations"


# Quotas


def test_the_directory_says_how_long_to_wait(make_world: Callable[..., World]) -> None:
    world = make_world(quotas=Quotas({(Quota.IDENTITY, True): ((2, 150),)}))
    for n in range(2):
        world.post("/v1.0/groups", group_body(f"group {n}"))
    refused = world.client.post("/v1.0/groups", json=group_body("group 3"))
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "TooManyRequests"
    assert refused.headers["x-ms-throttle-information"] == "WriteLimitExceeded"
    world.get("/v1.0/groups")  # reads are counted apart
    world.pass_time(int(refused.headers["Retry-After"]))
    world.post("/v1.0/groups", group_body("group 3"))


def test_intune_does_not_say_how_long_to_wait(make_world: Callable[..., World]) -> None:
    world = make_world(quotas=Quotas({(Quota.CONFIGURATION, False): ((1, 20),)}))
    world.get(PROFILES)
    refused = world.client.get(PROFILES)
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    assert "_version" in refused.json()["error"]["message"]


def test_every_item_of_a_batch_counts(make_world: Callable[..., World]) -> None:
    world = make_world(quotas=Quotas({(Quota.IDENTITY, True): ((5, 150),)}))
    answers = world.batch(
        *(
            {
                "id": str(n),
                "method": "POST",
                "url": "/users",
                "headers": {"Content-Type": "application/json"},
                "body": user_body(str(n)),
            }
            for n in range(8)
        )
    )
    statuses = sorted(a["status"] for a in answers.values())
    assert statuses == [201] * 5 + [429] * 3
    assert all("Retry-After" in a["headers"] for a in answers.values() if a["status"] == 429)


def test_reads_cost_resource_units_and_warn_before_the_limit(make_world: Callable[..., World]) -> None:
    world = make_world(quotas=Quotas({(Quota.IDENTITY, False): ((10, 10),)}))
    assert world.client.get("/v1.0/subscribedSkus").headers["x-ms-resource-unit"] == "3"
    assert world.client.get("/v1.0/subscribedSkus?$select=skuId").headers["x-ms-resource-unit"] == "2"
    last = world.client.get("/v1.0/groups?$expand=members")
    assert "x-ms-throttle-limit-percentage" not in last.headers
    last = world.client.get("/v1.0/users")
    assert float(last.headers["x-ms-throttle-limit-percentage"]) > 0.8


def test_logs_take_five_requests_in_ten_seconds(make_world: Callable[..., World]) -> None:
    world = make_world(quotas=Quotas())
    for _ in range(5):
        world.get("/v1.0/auditLogs/signIns")
    world.get("/v1.0/auditLogs/signIns", 429)


# Faults


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [
        (Fault.THROTTLED, 429, False),
        (Fault.THROTTLED_SILENTLY, 429, False),
        (Fault.UNAVAILABLE, 503, False),
        (Fault.TIMED_OUT_DONE, 504, True),
    ],
)
def test_a_planned_fault_strikes_the_request_that_it_is_for(
    make_world: Callable[..., World], fault: Fault, status: int, done: bool
) -> None:
    world = make_world(faults=FaultPlan(planned={2: fault}))
    world.get("/v1.0/organization")
    answer = world.client.post("/v1.0/users", json=user_body("1"))
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (fault is Fault.THROTTLED)
    assert bool(world.tenant.collection("users")) is done
    world.get("/v1.0/organization")


@pytest.mark.parametrize(("fault", "done"), [(Fault.CUT_BEFORE, False), (Fault.CUT_AFTER, True)])
def test_a_cut_leaves_no_answer(make_world: Callable[..., World], fault: Fault, done: bool) -> None:
    world = make_world(faults=FaultPlan(planned={1: fault}))
    with pytest.raises(httpx2.RemoteProtocolError):
        world.client.post("/v1.0/users", json=user_body("1"))
    assert bool(world.tenant.collection("users")) is done


def test_an_answer_may_not_come_in_time_although_it_was_done(make_world: Callable[..., World]) -> None:
    world = make_world(faults=FaultPlan(planned={1: Fault.SILENT_DONE}))
    with pytest.raises(httpx2.ReadTimeout):
        world.client.post("/v1.0/users", json=user_body("1"))
    assert world.tenant.collection("users")


def test_blind_retries_make_duplicates_and_they_are_counted(make_world: Callable[..., World]) -> None:
    world = make_world(faults=FaultPlan(planned={1: Fault.TIMED_OUT_DONE}))
    world.post("/v1.0/groups", group_body("one"), 504)
    assert not duplicates(world.tenant)
    world.post("/v1.0/groups", group_body("one"))
    assert duplicates(world.tenant) == {("groups", "group:one"): 2}


def test_the_same_seed_strikes_the_same_requests(make_world: Callable[..., World]) -> None:
    def statuses(seed: int) -> list[int]:
        kinds = (Fault.THROTTLED, Fault.UNAVAILABLE)
        world = make_world(faults=FaultPlan(seed=seed, rate=0.3, kinds=kinds))
        return [world.client.get("/v1.0/organization").status_code for _ in range(40)]

    assert statuses(1) == statuses(1)
    assert statuses(1) != statuses(2)
    assert set(statuses(1)) == {200, 429, 503}


def test_random_faults_end_when_the_plan_says_so(make_world: Callable[..., World]) -> None:
    world = make_world(faults=FaultPlan(rate=1.0, kinds=(Fault.UNAVAILABLE,), most=3))
    assert [world.client.get("/v1.0/organization").status_code for _ in range(5)] == [503, 503, 503, 200, 200]


def test_items_of_a_batch_fail_on_their_own(make_world: Callable[..., World]) -> None:
    world = make_world(faults=FaultPlan(seed=3, rate=0.4, kinds=(Fault.UNAVAILABLE,)))
    steps = [{"id": str(n), "method": "GET", "url": "/organization"} for n in range(20)]
    for _ in range(20):
        answer = world.client.post("/v1.0/$batch", json={"requests": steps})
        if answer.status_code == 200:
            assert {item["status"] for item in answer.json()["responses"]} == {200, 503}
            return
    pytest.fail("no batch came through")


@pytest.mark.parametrize("text", ["x", "1:x", "1:2", "1:-1"])
def test_a_fault_plan_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--faults"):
        parse_faults(text)


# Tokens


def test_without_a_token_nothing_is_told_when_one_is_required(make_world: Callable[..., World]) -> None:
    access = Access(require=True)
    world = make_world(access=access)
    assert world.get("/v1.0/users", 401)["error"]["code"] == "InvalidAuthenticationToken"
    world.get("/v1.0/users", 401, Authorization="Bearer a.b.c")
    old = access.token(["User.Read.All"], now=START - timedelta(hours=2))
    world.get("/v1.0/users", 401, Authorization=f"Bearer {old}")
    world.post("/v1.0/$batch", {"requests": [{"id": "1", "method": "GET", "url": "/users"}]}, 401)


def test_a_missing_permission_is_named_by_intune_and_not_by_the_directory(
    make_world: Callable[..., World],
) -> None:
    access = Access(require=True)
    world = make_world(access=access)
    header = f"Bearer {access.token(['User.Read.All'], now=START)}"
    world.get("/v1.0/users", 200, Authorization=header)
    denied = world.get("/v1.0/groups", 403, Authorization=header)
    assert denied["error"]["code"] == "Authorization_RequestDenied"
    assert "Group" not in denied["error"]["message"]
    denied = world.get(PROFILES, 403, Authorization=header)
    assert "DeviceManagementConfiguration.Read.All" in denied["error"]["message"]
    assert world.client.post("/v1.0/users", json={}, headers={"Authorization": header}).status_code == 403


def test_some_acts_need_several_permissions_together(make_world: Callable[..., World]) -> None:
    access = Access(require=True)
    world = make_world(access=access)

    def status(method: str, path: str, body: object, *roles: str) -> int:
        header = {"Authorization": f"Bearer {access.token(roles, now=START)}"}
        return world.client.request(method, path, json=body, headers=header).status_code

    policies = "/v1.0/identity/conditionalAccess/policies"
    assert status("POST", policies, {}, "Policy.ReadWrite.ConditionalAccess") == 403
    assert status("POST", policies, {}, "Policy.ReadWrite.ConditionalAccess", "Policy.Read.All") == 400
    user = world.tenant.create("users", "user", {"displayName": "x"})
    group = world.tenant.create("groups", "group", {"displayName": "y"})
    path = f"/v1.0/groups/{group.id}/members/$ref"
    body = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{user.id}"}
    assert status("POST", path, body, "User.ReadWrite.All") == 403
    assert status("POST", path, body, "GroupMember.ReadWrite.All") == 204
    device = world.tenant.create("devices", "device", {"displayName": "z"})
    body = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{device.id}"}
    assert status("POST", path, body, "GroupMember.ReadWrite.All") == 403
    assert status("POST", path, body, "GroupMember.ReadWrite.All", "Device.ReadWrite.All") == 204


def test_the_token_of_a_batch_holds_for_its_items(make_world: Callable[..., World]) -> None:
    access = Access(require=True)
    world = make_world(access=access)
    header = {"Authorization": f"Bearer {access.token(['User.Read.All'], now=START)}"}
    steps = [{"id": "1", "method": "GET", "url": "/users"}, {"id": "2", "method": "GET", "url": "/groups"}]
    answers = world.client.post("/v1.0/$batch", json={"requests": steps}, headers=header).json()["responses"]
    assert {a["id"]: a["status"] for a in answers} == {"1": 200, "2": 403}


def test_an_application_signs_in_with_its_secret(make_world: Callable[..., World]) -> None:
    secret = "an emulated secret"
    application = Application("app-1", "planner", secret, ("User.Read.All",))
    world = make_world(access=Access(require=True, applications={"app-1": application}))
    form = {
        "grant_type": "client_credentials",
        "client_id": "app-1",
        "client_secret": secret,
        "scope": "https://graph.microsoft.com/.default",
    }
    answer = world.client.post("/contoso.com/oauth2/v2.0/token", data=form)
    world.get("/v1.0/users", 200, Authorization=f"Bearer {answer.json()['access_token']}")
    assert (
        world.client.post("/contoso.com/oauth2/v2.0/token", data={**form, "client_secret": "x"}).status_code == 401
    )


def test_tokens_are_counted_although_none_is_asked_for(world: World) -> None:
    world.get("/v1.0/users")
    assert world.emulator.tokens_seen == 0
    world.get("/v1.0/users", 200, Authorization="Bearer x")
    assert world.emulator.tokens_seen == 1


# Sockets


def test_it_serves_over_a_socket_and_cuts_the_connection_for_real() -> None:
    emulator = Emulator(new_tenant(), faults=FaultPlan(planned={2: Fault.CUT_AFTER}))
    with serving(emulator) as address, httpx2.Client(base_url=address) as client:
        assert client.get("/v1.0/domains").json()["value"][0]["id"] == "contoso.com"
        with pytest.raises(httpx2.RemoteProtocolError):
            client.post("/v1.0/groups", json=group_body("one"))
        listed = client.get("/v1.0/groups?$top=1").json()
    assert listed["value"][0]["displayName"] == "one"
    assert listed["@odata.context"].startswith(address)


def test_a_client_that_waits_for_nothing_is_let_go() -> None:
    emulator = Emulator(new_tenant(), faults=FaultPlan(planned={1: Fault.SILENT_DONE}))
    with serving(emulator) as address, httpx2.Client(base_url=address) as client:
        with pytest.raises(httpx2.ReadTimeout):
            client.get("/v1.0/domains", timeout=0.2)
        assert client.get("/v1.0/domains").status_code == 200


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(InputError, match="loopback"):
        bind("0.0.0.0", 0)


# What a tenant amounts to


def test_two_tenants_in_the_same_state_have_equal_snapshots(make_world: Callable[..., World]) -> None:
    def built(serials: list[str]) -> World:
        world = make_world()
        ids = [world.post("/v1.0/users", user_body(serial))["id"] for serial in serials]
        root = "https://graph.microsoft.com/v1.0/directoryObjects/"
        world.post("/v1.0/groups", group_body("one", **{"members@odata.bind": [root + i for i in ids]}))
        return world

    one, other, less = built(["1", "2"]), built(["2", "1"]), built(["1"])
    assert snapshot(one.tenant) == snapshot(other.tenant)
    assert snapshot(one.tenant) != snapshot(less.tenant)


def test_a_test_can_move_the_clock_to_what_happens_next(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(dynamic=timedelta(minutes=2), visible=timedelta(0)))
    assert world.tenant.next_due() is None
    world.post("/v1.0/users", user_body("1"))
    due = world.tenant.next_due()
    assert due is not None
    world.clock.moment = due
    world.get("/v1.0/organization")


def test_a_tenant_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "tenant.json"
    path.write_text(
        '{"domains": ["fabrikam.com"], "skus": {"INTUNE_A": 3}, "registered_elsewhere": ["9"],'
        ' "managed_devices": [{"serial": "0001", "osVersion": "10.0.20348.1432"}]}'
    )
    tenant = load_tenant(path)
    assert list(tenant.collection("domains")) == ["fabrikam.com"]
    assert [i.properties["osVersion"] for i in tenant.collection("managedDevices").values()] == ["10.0.20348.1432"]
    for wrong in ('{"invented": 1}', "[", '{"managed_devices": [{"serial": "1", "shoeSize": 4}]}'):
        path.write_text(wrong)
        with pytest.raises(InputError, match=r"tenant\.json"):
            load_tenant(path)
