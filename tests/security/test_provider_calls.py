"""CON-2, for what is asked of an OpenID provider: TLS with a checked name, no redirects, little and soon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from tests.served_console import served
from tests.web_server import trust

from holofleet.errors import InputError, PeerError
from holofleet.server.sign_in.https import MOST_BYTES, HttpsCalls
from holofleet.server.sign_in.provider import OpenIDProvider, ProviderSettings

ASKED: list[str] = []


def _answer(request: Request) -> Response:
    ASKED.append(request.url.path)
    match request.path_params["name"]:
        case "moved":
            return RedirectResponse("/keys", 302)
        case "long":
            return JSONResponse({"keys": "x" * MOST_BYTES})
        case "list":
            return JSONResponse([])
        case _:
            return JSONResponse({"keys": []})


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with served(Starlette(routes=[Route("/{name}", _answer)])) as address:
        yield address


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> HttpsCalls:
    file = tmp_path_factory.mktemp("provider") / "ca.pem"
    file.write_text(trust().server_ca.certificate.pem, encoding="utf-8")
    return HttpsCalls(file)


def test_CON_2_keys_are_read_from_a_provider_that_proves_its_name(calls: HttpsCalls, origin: str) -> None:
    assert calls.get(f"{origin}/keys") == {"keys": []}
    with pytest.raises(PeerError):
        HttpsCalls().get(f"{origin}/keys")


@pytest.mark.parametrize("name", ["moved", "long", "list"])
def test_CON_2_a_redirect_too_much_and_what_is_no_object_are_not_taken(
    calls: HttpsCalls, origin: str, name: str
) -> None:
    ASKED.clear()
    with pytest.raises(PeerError):
        calls.get(f"{origin}/{name}")
    assert [f"/{name}"] == ASKED


@pytest.mark.parametrize("issuer", ["http://login.contoso.com", "ldap://login.contoso.com", "login.contoso.com"])
def test_CON_2_a_provider_without_tls_is_not_one(calls: HttpsCalls, issuer: str) -> None:
    with pytest.raises(InputError):
        OpenIDProvider(ProviderSettings(issuer, "us"), None, calls, None)  # type: ignore[arg-type]  # never asked
