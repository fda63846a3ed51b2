"""Conditional access, certificate sign-in and the policies that a tenant has one of."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.unit.emulator.world import World, group_body

from holofleet.emulator import Quotas
from holofleet.emulator.tenant.seed import INTUNE_APP

ACCESS = "/v1.0/identity/conditionalAccess/policies"
CBA = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/x509Certificate"
CBA_TYPE = {"@odata.type": "#microsoft.graph.x509CertificateAuthenticationMethodConfiguration"}
PKI = "/v1.0/directory/publicKeyInfrastructure/certificateBasedAuthConfigurations"


def _policy(**users: Any) -> dict[str, Any]:
    return {
        "displayName": "shared accounts",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "clientAppTypes": ["all"],
            "users": users or {"includeUsers": ["All"]},
            "applications": {"includeApplications": ["All"]},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }


def test_conditional_access_takes_one_request_a_second_and_does_not_say_when(
    make_world: Callable[..., World],
) -> None:
    world = make_world(quotas=Quotas())
    world.post(ACCESS, _policy())
    refused = world.client.get(ACCESS)
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    world.pass_time(1)
    world.get(ACCESS)


def test_in_a_batch_only_the_first_request_to_conditional_access_is_answered(
    make_world: Callable[..., World],
) -> None:
    world = make_world(quotas=Quotas())
    url = "/identity/conditionalAccess/policies"
    answers = world.batch(*({"id": n, "method": "GET", "url": url} for n in "abc"))
    assert sorted(a["status"] for a in answers.values()) == [200, 429, 429]


def test_a_change_replaces_blocks_whole(world: World) -> None:
    group = world.post("/v1.0/groups", group_body("emergency"))["id"]
    made = world.post(ACCESS, _policy(includeUsers=["All"], excludeGroups=[group]))["id"]
    world.patch(f"{ACCESS}/{made}", {"conditions": _policy()["conditions"]})
    assert not world.get(f"{ACCESS}/{made}")["conditions"]["users"].get("excludeGroups")


def test_conditions_that_nobody_gave_are_read_as_empty(world: World) -> None:
    read = world.get(f"{ACCESS}/{world.post(ACCESS, _policy())['id']}")
    assert read["conditions"]["users"]["excludeGroups"] == []
    assert read["conditions"]["platforms"] is None
    assert read["conditions"]["signInRiskLevels"] == []
    assert read["grantControls"]["customAuthenticationFactors"] == []
    assert read["sessionControls"] is None


def test_locking_everybody_out_is_noticed(world: World) -> None:
    group = world.post("/v1.0/groups", group_body("emergency"))["id"]
    world.post(ACCESS, {**_policy(includeUsers=["All"], excludeGroups=[group]), "state": "enabled"})
    assert world.tenant.lock_outs == 0
    made = world.post(ACCESS, _policy())["id"]
    assert world.tenant.lock_outs == 0
    world.patch(f"{ACCESS}/{made}", {"state": "enabled"})
    assert world.tenant.lock_outs == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "on"},
        {"conditions": {}},
        {"grantControls": None},
        {"grantControls": {"operator": "XOR", "builtInControls": ["mfa"]}},
        {"grantControls": {"operator": "OR", "builtInControls": ["block", "mfa"]}},
        {"grantControls": {"operator": "OR", "builtInControls": ["invented"]}},
        {"createdDateTime": "2026-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_policy_that_the_directory_would_not_take_is_refused(world: World, wrong: dict[str, Any]) -> None:
    world.post(ACCESS, {**_policy(), **wrong}, 400)


def test_a_policy_about_a_group_that_is_not_there_is_refused(world: World) -> None:
    world.post(ACCESS, _policy(includeGroups=["11111111-2222-4333-8444-555555555555"]), 404)


def test_certificate_sign_in_replaces_its_lists_whole(world: World) -> None:
    group = world.post("/v1.0/groups", group_body("accounts"))["id"]
    target = {"targetType": "group", "id": group, "isRegistrationRequired": False}
    world.patch(CBA, {**CBA_TYPE, "state": "enabled", "includeTargets": [target]})
    assert [t["id"] for t in world.get(CBA)["includeTargets"]] == [group]
    world.patch(CBA, {**CBA_TYPE, "includeTargets": []})
    assert world.get(CBA)["includeTargets"] == []
    assert world.get(CBA)["state"] == "enabled"


@pytest.mark.parametrize(
    "body",
    [
        {"state": "enabled"},
        {**CBA_TYPE, "state": "on"},
        {**CBA_TYPE},
        {**CBA_TYPE, "includeTargets": [{"targetType": "group"}]},
        {
            **CBA_TYPE,
            "certificateUserBindings": [{"x509CertificateField": "Invented", "userProperty": "x", "priority": 1}],
        },
        {**CBA_TYPE, "authenticationModeConfiguration": {"rules": [{"x509CertificateRuleType": "issuerSubject"}]}},
    ],
    ids=str,
)
def test_a_sign_in_that_the_directory_would_not_take_is_refused(world: World, body: dict[str, Any]) -> None:
    world.patch(CBA, body, 400)


def _certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso Headsets")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


def test_an_authority_is_a_certificate_and_is_known_once(world: World) -> None:
    store = world.post(PKI, {"displayName": "headsets"})["id"]
    path = f"{PKI}/{store}/certificateAuthorities"
    body = {
        "displayName": "root",
        "certificateAuthorityType": "root",
        "certificate": _certificate(),
        "certificateRevocationListUrl": "http://crl.contoso.com/root.crl",
    }
    made = world.post(path, body)
    assert made["issuer"] == "CN=Contoso Headsets"
    assert made["expirationDateTime"].startswith("2027-01-01")
    world.post(path, body, 400)
    world.post(path, {**body, "certificate": "AAEC"}, 400)
    world.delete(f"{path}/{made['id']}")


def test_the_registration_policy_is_replaced_whole(world: World) -> None:
    path = "/v1.0/policies/deviceRegistrationPolicy"
    policy = world.get(path)
    policy["userDeviceQuota"] = 20
    assert world.client.put(path, json={"userDeviceQuota": 20}).status_code == 400
    assert world.client.put(path, json=policy).status_code == 200
    assert world.get(path)["userDeviceQuota"] == 20


def test_what_users_may_do_is_merged(world: World) -> None:
    path = "/v1.0/policies/authorizationPolicy"
    world.patch(path, {"defaultUserRolePermissions": {"allowedToCreateApps": False}})
    permissions = world.get(path)["defaultUserRolePermissions"]
    assert (permissions["allowedToCreateApps"], permissions["allowedToReadOtherUsers"]) == (False, True)


def test_the_scope_of_management_is_for_people_only(make_world: Callable[..., World]) -> None:
    path = f"/beta/policies/mobileDeviceManagementPolicies/{INTUNE_APP}"
    alone = make_world()
    alone.get(path, 403)
    alone.patch(path, {"appliesTo": "all"}, 403)
    world = make_world(delegated=True)
    group = world.post("/v1.0/groups", group_body("headset users"))["id"]
    world.patch(path, {"appliesTo": "selected"})
    world.post(
        f"{path}/includedGroups/$ref", {"@odata.id": f"https://graph.microsoft.com/beta/groups/{group}"}, 204
    )
    assert world.get(path)["appliesTo"] == "selected"
    assert [g["id"] for g in world.get(f"{path}/includedGroups")["value"]] == [group]
    world.delete(f"{path}/includedGroups/{group}/$ref")
