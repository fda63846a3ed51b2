"""How a command reaches a tenant and signs in there: the flags that every command of a tenant has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holofleet.errors import InputError

if TYPE_CHECKING:
    import httpx2

    from holofleet.cli.progress import ProgressLine
    from holofleet.desired.cloud.tenancy import Tenancy
    from holofleet.targets.graph.engine import Engine
    from holofleet.targets.graph.journal import Journal
    from holofleet.targets.graph.origin import Origin
    from holofleet.targets.graph.tokens import TokenSource

WORLD_WIDE = "https://graph.microsoft.com"


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class GraphSignIn:
    """How to reach a tenant and to sign in there."""

    graph_url: Annotated[
        str, Parameter(help="Root of the Graph: of a national cloud, or of an emulator on this machine.")
    ] = WORLD_WIDE
    client_id: Annotated[str | None, Parameter(help="Application id of the app registration.")] = None
    client_certificate: Annotated[
        Path | None, Parameter(help="PEM file with certificate and RSA key of the app registration.")
    ] = None
    client_secret: Annotated[
        str | None, Parameter(help="Reference to its secret, env:NAME or file:NAME; never the secret itself.")
    ] = None
    managed_identity: Annotated[
        bool, Parameter(negative="", help="Sign in as the identity that this machine has in Azure.")
    ] = False
    device_code: Annotated[
        bool, Parameter(negative="", help="Sign in as a person, on another device with a code.")
    ] = False
    secrets: Annotated[Path | None, Parameter(help="Folder of the file: references of the fleet file.")] = None
    record: Annotated[Path | None, Parameter(help="Write every request to this file, one JSON line each.")] = None

    @property
    def named(self) -> bool:
        """Whether the caller said where a tenant is or how to sign in, so that one can be asked."""
        return self.graph_url != WORLD_WIDE or any(self._ways().values())

    @contextmanager
    def engine(self, origin: Origin, tenancy: Tenancy, journal: Journal | None = None) -> Iterator[Engine]:
        """Yield what sends requests to a tenant, signed in; ``journal`` where something may be made."""
        from holofleet.targets.graph.client import GraphClient, http_client
        from holofleet.targets.graph.engine import Engine
        from holofleet.targets.graph.recorder import FileRecorder

        http = http_client(origin)
        with ExitStack() as stack:
            recorder = None if self.record is None else stack.enter_context(FileRecorder(self.record))
            client = GraphClient(origin, http, self._tokens(origin, tenancy, http))
            yield Engine(client, journal=journal, recorder=recorder, progress=_Progress().show)

    def _ways(self) -> dict[str, bool]:
        return {
            "--client-certificate": self.client_certificate is not None,
            "--client-secret": self.client_secret is not None,
            "--managed-identity": self.managed_identity,
            "--device-code": self.device_code,
        }

    def _tokens(self, origin: Origin, tenancy: Tenancy, http: httpx2.AsyncClient) -> TokenSource | None:
        """Return where tokens come from; ``None`` for an emulator, which never gets one.

        Raises:
            InputError: no way to sign in was named, or several.
        """
        ways = self._ways()
        named = [flag for flag, given in ways.items() if given]
        if not origin.carries_token:
            return None
        if len(named) != 1:
            what = f"named were {' and '.join(named)}" if named else "none was named"
            raise InputError(f"one way to sign in is needed; {what}", mend=f"Say one of {', '.join(ways)}.")
        if self.managed_identity:
            from holofleet.targets.graph import azure

            return azure.managed_identity(scope=origin.scope, client_id=self.client_id or "")
        if self.client_id is None:
            raise InputError(f"{named[0]} needs --client-id", mend="It stands on the app registration's page.")
        if self.device_code:
            from holofleet.cli.output import note
            from holofleet.targets.graph import azure

            return azure.device_code(
                scope=origin.scope,
                tenant=tenancy.id,
                client_id=self.client_id,
                authority=origin.authority,
                show=note,
            )
        return self._application(origin, tenancy, http, self.client_id)

    def _application(
        self, origin: Origin, tenancy: Tenancy, http: httpx2.AsyncClient, client_id: str
    ) -> TokenSource:
        from holofleet.targets.graph.credentials import ClientCertificate, ClientCredentials, ClientSecret, Proof

        proof: Proof
        if self.client_certificate is not None:
            from holofleet.server.installation.private import read_private

            pem = read_private(self.client_certificate)
            proof = ClientCertificate.from_pem(pem, pem)
        else:
            reference, resolve = self.client_secret or "", self.resolver()
            if not re.fullmatch(r"(env|file):\S+", reference):
                raise InputError(
                    "--client-secret is a reference, not a secret: others can see a command line",
                    mend="Write env:HOLOFLEET_SECRET_NAME, or file:NAME with --secrets DIR.",
                )
            proof = ClientSecret(lambda: resolve(reference))
        return ClientCredentials(
            http,
            tenant=tenancy.id,
            client_id=client_id,
            proof=proof,
            authority=origin.authority,
            scope=origin.scope,
        )

    def resolver(self) -> Callable[[str], str]:
        """Return what looks references to secrets up; an InputError where one is not there."""
        from holofleet.cli.secrets import resolver

        look_up = resolver(self.secrets)

        def resolve(reference: str) -> str:
            value = look_up(reference)
            if value is None:
                raise InputError(
                    f"the secret {reference} is not there",
                    mend="Names in the environment begin with HOLOFLEET_SECRET_; file:NAME needs --secrets DIR.",
                )
            return value

        return resolve


class _Progress:
    """Says how far a run of the engine is; its time counts from the end of the run before."""

    def __init__(self) -> None:
        self._line = self._begun()

    def show(self, done: int, total: int, waits: str = "") -> None:
        self._line.show(done, total, waits)
        if done >= total:
            self._line = self._begun()

    @staticmethod
    def _begun() -> ProgressLine:
        from holofleet.cli.progress import ProgressLine

        return ProgressLine("Parts of the tenant")
