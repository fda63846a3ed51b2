"""The console with a strict OpenID provider beside it, and a browser without script that goes to and fro."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from starlette.testclient import TestClient
from tests.console_world import ORIGIN, ConsoleWorld, console_world
from tests.openid_provider import Provider
from tests.served_console import served
from tests.web_server import trust

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.directory import NewPerson
from holofleet.server.sign_in import OpenIDProvider, ProviderSettings
from holofleet.server.sign_in.client_proof import ClientProof, SharedSecret
from holofleet.server.sign_in.https import HttpsCalls

CALLBACK = f"{ORIGIN}/sign-in/callback"


@dataclass
class SignInWorld:
    """Console and provider."""

    console: ConsoleWorld
    provider: Provider

    def browser(self, address: str = "") -> Browser:
        return Browser(self, self.console.client(signed_in=False, address=address))

    def person(self, upn: str, *roles: Role) -> str:
        """Add somebody to the directory; return their invitation."""
        directory = self.console.services.directory
        directory.add(LOCAL_ADMIN, NewPerson(upn))
        for role in roles:
            directory.give_role(LOCAL_ADMIN, upn, role)
        return self.console.services.sign_in.invite(LOCAL_ADMIN, upn)[1]

    def signed_in(self, subject: str, upn: str, *roles: Role) -> Browser:
        """Return a browser in which an invited person has just signed in at the provider."""
        browser = self.browser()
        browser.go_through(subject, purpose="link", token=self.person(upn, *roles))
        return browser


@dataclass
class Browser:
    """One browser: cookies of our console, and the person in front of it."""

    world: SignInWorld
    client: TestClient

    def begin(self, **form: str) -> str:
        """Ask to be sent to the provider; return where."""
        if self.signed_in:
            form["csrf"] = self.world.console.access.csrf_token(self.client.cookies[COOKIE_NAME])
        answer = self.client.post("/sign-in/provider", data=form)
        assert answer.status_code == 200, answer.text
        found = re.search(r'href="(https://localhost:[^"]+)"', answer.text)
        assert found is not None
        address = unescape(found.group(1))
        assert answer.headers["refresh"] == f"0; url={address}"
        return address

    def at_provider(self, address: str, subject: str) -> dict[str, str]:
        """Sign in there; return the query with which the provider sends the browser back."""
        self.world.provider.subject = subject
        with httpx2.Client(verify=trust().client_context()) as client:
            answer = client.get(address)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def back(self, query: dict[str, str]) -> Any:
        return self.client.get("/sign-in/callback", params=query)

    def go_through(self, subject: str, **form: str) -> Any:
        return self.back(self.at_provider(self.begin(**form), subject))

    @property
    def signed_in(self) -> bool:
        return COOKIE_NAME in self.client.cookies

    @property
    def is_in(self) -> bool:
        """Whether the console opens."""
        return self.client.get("/menu").status_code == 200

    def post(self, path: str, **form: str) -> Any:
        token = self.world.console.access.csrf_token(self.client.cookies.get(COOKIE_NAME, ""))
        return self.client.post(path, data={"csrf": token, **form})


@contextmanager
def sign_in_world(folder: Path, *, proof: ClientProof | None = None) -> Iterator[SignInWorld]:
    """Start a provider on loopback and a console that knows it."""
    provider = Provider(redirect_uris={CALLBACK})
    with served(provider.app()) as address:
        provider.issuer = f"{address}/realm"
        calls = HttpsCalls(trust().folder / "ca.pem" if _wrote_ca() else None)
        settings = ProviderSettings(provider.issuer, provider.client_id, "Contoso")

        def made(clock: Any) -> OpenIDProvider:
            provider.now = lambda: clock.now().timestamp()
            return OpenIDProvider(settings, proof or SharedSecret(provider.secret), calls, clock)

        with console_world(folder, make_provider=made) as console:
            yield SignInWorld(console, provider)


def _wrote_ca() -> bool:
    (trust().folder / "ca.pem").write_text(trust().server_ca.certificate.pem)
    return True
