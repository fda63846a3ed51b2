"""Signing in, and what a token says of itself."""

from __future__ import annotations

import base64
import json
import sys
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from tests.unit.targets.graph.wire import START

from holofleet.clock import SetClock
from holofleet.errors import InputError
from holofleet.targets.graph import azure
from holofleet.targets.graph.credentials import ClientCertificate, ClientCredentials, ClientSecret, Proof
from holofleet.targets.graph.operations import OPERATIONS, Effect
from holofleet.targets.graph.tokens import SignInError, Token, missing
from holofleet.targets.graph.waiting import Waiting

SECRET = "s3cret-canary"


def jwt(claims: dict[str, Any]) -> str:
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)]
    return ".".join([*coded, "sig"])


def test_a_token_names_its_permissions_and_never_shows_itself() -> None:
    token = Token(jwt({"roles": ["User.Read.All"]}), 0)
    assert token.permissions == {"User.Read.All"}
    assert not token.delegated
    person = Token(jwt({"scp": "User.Read Group.Read.All"}), 0)
    assert person.delegated
    assert person.permissions == {"User.Read", "Group.Read.All"}
    assert token.value not in repr(token)


@pytest.mark.parametrize("value", ["opaque", "a.b.c", "a." + base64.b64encode(b"[1]").decode() + ".c", ""])
def test_a_token_that_says_nothing_is_no_error(value: str) -> None:
    assert Token(value, 0).permissions is None


def test_wider_permissions_cover_narrower_ones() -> None:
    assert (
        missing(["User.Read.All", "Group.Create"], frozenset({"User.ReadWrite.All", "Group.ReadWrite.All"})) == ()
    )
    assert missing(["User.ReadWrite.All"], frozenset({"User.Read.All"})) == ("User.ReadWrite.All",)
    assert missing(
        ["DeviceManagementManagedDevices.PrivilegedOperations.All"],
        frozenset({"DeviceManagementManagedDevices.ReadWrite.All"}),
    )


def test_the_permissions_of_all_operations_are_covered_by_themselves() -> None:
    needed = [p for o in OPERATIONS.values() for p in o.permissions]
    assert missing(needed, frozenset(needed)) == ()
    reads = [p for o in OPERATIONS.values() if o.effect is Effect.READ for p in o.permissions]
    assert missing(reads, frozenset()) == tuple(sorted(set(reads)))


class SignIn:
    """A sign-in service."""

    def __init__(self, status: int = 200, **answer: Any) -> None:
        self.forms: list[dict[str, list[str]]] = []
        self.urls: list[str] = []
        self.status = status
        self.answer = answer or {"access_token": "t", "expires_in": 3600}

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.urls.append(str(request.url))
        self.forms.append(parse_qs(request.content.decode()))
        return httpx2.Response(self.status, json=self.answer)

    def source(self, proof: Proof, clock: SetClock | None = None, **changed: str) -> ClientCredentials:
        options = {"authority": "https://login.example.com", "tenant": "contoso.com"} | changed
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.handle))
        return ClientCredentials(
            http,
            client_id="app",
            proof=proof,
            scope="https://graph.example.com/.default",
            waiting=Waiting.of(clock or SetClock(START)),
            **options,
        )


async def test_a_secret_is_sent_to_the_authority_of_the_tenant_only() -> None:
    service = SignIn()
    token = await service.source(ClientSecret(lambda: SECRET)).token()
    assert token.value == "t"
    assert service.urls == ["https://login.example.com/contoso.com/oauth2/v2.0/token"]
    assert service.forms[0]["client_secret"] == [SECRET]
    assert service.forms[0]["scope"] == ["https://graph.example.com/.default"]


async def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    service, clock = SignIn(), SetClock(START)
    source = service.source(ClientSecret(lambda: SECRET), clock)
    await source.token()
    clock.advance(timedelta(minutes=50))
    await source.token()
    assert len(service.forms) == 1
    clock.advance(timedelta(minutes=6))
    await source.token()
    assert len(service.forms) == 2
    await source.token(fresh=True)
    assert len(service.forms) == 3


@pytest.mark.parametrize("said", [None, "soon", -5, "1e400", "nan", 10**12, [3600], {"s": 1}])
async def test_a_lifetime_that_makes_no_sense_is_an_hour(said: Any) -> None:
    service, clock = SignIn(access_token="t", expires_in=said), SetClock(START)
    token = await service.source(ClientSecret(lambda: SECRET), clock).token()
    assert token.expires_at == START.timestamp() + 3600


async def test_LOG_1_a_refused_sign_in_says_the_vendors_number_and_not_what_was_sent() -> None:
    text = f"AADSTS7000215: Invalid client secret provided: {SECRET}. Trace ID: x"
    service = SignIn(401, error="invalid_client", error_description=text)
    with pytest.raises(SignInError) as caught:
        await service.source(ClientSecret(lambda: SECRET)).token()
    assert "AADSTS7000215" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "changed", [{"authority": "http://login.example.com"}, {"tenant": "a/../b"}, {"tenant": ""}]
)
def test_GRA_1_a_credential_is_never_sent_in_the_clear_or_to_a_crafted_path(changed: dict[str, str]) -> None:
    with pytest.raises(InputError):
        SignIn().source(ClientSecret(lambda: SECRET), **changed)


def certificate() -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "holofleet")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made, key


async def test_a_certificate_proves_itself_by_a_short_lived_signature() -> None:
    made, key = certificate()
    service = SignIn()
    await service.source(ClientCertificate(made, key)).token()
    form = service.forms[0]
    assert "client_secret" not in form
    signed, _, signature = form["client_assertion"][0].rpartition(".")
    made.public_key().verify(  # type: ignore[union-attr, call-arg]
        base64.urlsafe_b64decode(signature + "=="),
        signed.encode(),
        padding.PSS(padding.MGF1(hashes.SHA256()), 32),
        hashes.SHA256(),  # type: ignore[arg-type]
    )
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in signed.split("."))
    assert header["alg"] == "PS256"
    assert base64.urlsafe_b64decode(header["x5t#S256"] + "==") == made.fingerprint(hashes.SHA256())
    assert claims["aud"] == service.urls[0]
    assert claims["iss"] == claims["sub"] == "app"
    assert claims["exp"] - claims["nbf"] == 300


def test_a_key_that_is_not_of_the_certificate_is_refused() -> None:
    made, _ = certificate()
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(InputError):
        ClientCertificate.from_pem(made.public_bytes(serialization.Encoding.PEM), pem)
    with pytest.raises(InputError):
        ClientCertificate.from_pem(b"no certificate", pem)


def test_without_azure_identity_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(InputError, match="azure-identity") as caught:
        azure.managed_identity(scope="s")
    assert "holofleet[azure]" in caught.value.mend


async def test_a_person_signs_in_with_a_code_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class DeviceCodeCredential:
        def __init__(self, *, client_id: str, tenant_id: str, authority: str, prompt_callback: Any) -> None:
            prompt_callback("https://login.example.com/device", "ABCD", None)

        def get_token(self, scope: str, **_: Any) -> Any:
            return SimpleNamespace(token=jwt({"scp": "x"}), expires_on=5)

    module = ModuleType("azure.identity")
    module.DeviceCodeCredential = DeviceCodeCredential  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "azure", ModuleType("azure"))
    monkeypatch.setitem(sys.modules, "azure.identity", module)
    source = azure.device_code(scope="s", tenant="t", client_id="c", authority="https://a", show=shown.append)
    assert (await source.token()).delegated
    assert "ABCD" in shown[0]


async def test_a_person_is_asked_once_and_again_only_when_the_token_ends_or_was_refused() -> None:
    clock, asked = SetClock(START), []

    class Person:
        def get_token(self, scope: str, **_: Any) -> Any:
            asked.append(scope)
            return SimpleNamespace(token="t", expires_on=clock.now().timestamp() + 3600)

    source = azure.AzureTokens(Person(), scope="s", waiting=Waiting.of(clock))
    await source.token()
    clock.advance(timedelta(minutes=54))
    await source.token()
    assert len(asked) == 1
    clock.advance(timedelta(minutes=2))
    await source.token()
    assert len(asked) == 2
    await source.token(fresh=True)
    assert len(asked) == 3


async def test_a_failure_of_azure_identity_is_no_token() -> None:
    class Broken:
        def get_token(self, scope: str, **_: Any) -> Any:
            raise RuntimeError(SECRET)

    with pytest.raises(SignInError) as caught:
        await azure.AzureTokens(Broken(), scope="s").token()
    assert SECRET not in str(caught.value)
