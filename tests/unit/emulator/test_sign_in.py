"""The token endpoint refuses what the service refuses."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from tests.cloud_stand_in import signed
from tests.unit.emulator.world import START, World

from holofleet.emulator import Access, Application

OURS, OTHER = signed("ours"), signed("other")
SECRET = "an emulated secret"
ADDRESS = "http://127.0.0.1/contoso.com/oauth2/v2.0/token"
NOW = int(START.timestamp())
CLAIMS = {"aud": ADDRESS, "iss": "app-1", "sub": "app-1", "jti": "1", "nbf": NOW, "exp": NOW + 300}


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    known = Application("app-1", "planner", SECRET, ("User.Read.All",), (OURS[0],))
    return make_world(access=Access(require=True, applications={"app-1": known}))


def coded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def assertion(by: Any = OURS, alg: str = "PS256", named: Any = OURS, **claims: Any) -> str:
    header = {"alg": alg, "typ": "JWT", "x5t#S256": coded(named[0].fingerprint(hashes.SHA256()))}
    text = ".".join(coded(json.dumps(part).encode()) for part in (header, {**CLAIMS, **claims}))
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
    return f"{text}.{coded(by[1].sign(text.encode(), pss, hashes.SHA256()))}"


def asked(world: World, path: str = "/contoso.com/oauth2/v2.0/token", **changed: str | None) -> tuple[int, Any]:
    form = {
        "grant_type": "client_credentials",
        "client_id": "app-1",
        "scope": "https://graph.microsoft.com/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        **changed,
    }
    answer = world.client.post(path, data={name: value for name, value in form.items() if value is not None})
    return answer.status_code, answer.json()


def test_an_assertion_of_a_registered_certificate_is_good_once(world: World) -> None:
    proof = assertion()
    status, told = asked(world, client_assertion=proof)
    assert status == 200
    world.get("/v1.0/users", 200, Authorization=f"Bearer {told['access_token']}")
    status, told = asked(world, client_assertion=proof)
    assert (status, told["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("proof", "number"),
    [
        (assertion(by=OTHER), 700027),
        (assertion(by=OTHER, named=OTHER), 700027),
        (assertion(alg="RS256"), 700027),
        (assertion(aud=ADDRESS.replace("contoso", "fabrikam")), 50027),
        (assertion(iss="app-2"), 50027),
        (assertion(exp=NOW - 1, nbf=NOW - 300), 700024),
        (assertion(nbf=NOW + 900, exp=NOW + 1200), 700024),
        (assertion(exp=NOW + 3600), 700024),
        (assertion(jti=None), 50027),
        ("no.assertion", 50027),
    ],
)
def test_an_assertion_that_proves_nothing_is_refused(world: World, proof: str, number: int) -> None:
    status, told = asked(world, client_assertion=proof)
    assert (status, told["error_codes"]) == (401, [number])


@pytest.mark.parametrize(
    ("path", "changed", "number"),
    [
        ("/fabrikam.com/oauth2/v2.0/token", {"client_secret": SECRET}, 90002),
        ("", {"client_secret": "another"}, 7000215),
        ("", {"client_secret": SECRET, "client_assertion": "x.y.z"}, 7000216),
        ("", {}, 7000216),
        ("", {"client_secret": SECRET, "scope": "User.Read.All"}, 1002012),
        ("", {"client_secret": SECRET, "client_id": "app-2"}, 700016),
        ("", {"client_secret": SECRET, "grant_type": "password"}, 70003),
        ("", {"client_secret": "", "scope": ""}, 900144),
    ],
)
def test_a_request_of_another_form_is_refused(
    world: World, path: str, changed: dict[str, str], number: int
) -> None:
    status, told = asked(world, **({"path": path} if path else {}), **changed)
    assert status in (400, 401)
    assert told["error_codes"] == [number]


def test_a_person_signs_in_on_another_device_and_may_do_what_no_application_may(world: World) -> None:
    status, begun = asked(world, "/contoso.com/oauth2/v2.0/devicecode", grant_type=None)
    assert status == 200
    poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun["device_code"]}
    assert asked(world, **poll)[1]["error"] == "authorization_pending"
    world.emulator.sign_in.enter(begun["user_code"], person="megan@contoso.com", scopes=("Policy.Read.All",))
    status, told = asked(world, **poll)
    assert status == 200
    person = f"Bearer {told['access_token']}"
    app = f"Bearer {world.emulator.access.token(['Policy.Read.All'], now=START)}"
    where = "/beta/policies/mobileDeviceManagementPolicies"
    world.get(where, 403, Authorization=app)
    world.get(where, 200, Authorization=person)
    assert asked(world, **poll)[1]["error"] == "bad_verification_code"


def test_a_code_ends(world: World) -> None:
    _, begun = asked(world, "/contoso.com/oauth2/v2.0/devicecode", grant_type=None)
    world.pass_time(begun["expires_in"])
    poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun["device_code"]}
    assert asked(world, **poll)[1]["error"] == "expired_token"
