"""A tenant as the target of a command: which Graph, which tenant, how to sign in, what is kept between runs."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from holofleet.errors import InputError

if TYPE_CHECKING:
    import httpx2

    from holofleet.cli.progress import ProgressLine
    from holofleet.desired.cloud.tenancy import Tenancy
    from holofleet.resources import Address, State
    from holofleet.spec import Spec
    from holofleet.targets.graph.engine import Engine
    from holofleet.targets.graph.origin import Origin
    from holofleet.targets.graph.target import GraphTarget
    from holofleet.targets.graph.tokens import TokenSource

DEFAULT_URL = "https://graph.microsoft.com"
WORLD_WIDE = "https://graph.microsoft.com"
_INSTALLATION = re.compile(r"[A-Za-z0-9-]{1,40}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class GraphOptions:
    """How to reach the tenant; for --target graph."""

    graph_url: Annotated[
        str, Parameter(help="Root of the Graph: of a national cloud, or of an emulator on this machine.")
    ] = DEFAULT_URL
    tenant: Annotated[
        Literal["owning", "service"] | None, Parameter(help="Which tenant, where the fleet file has two.")
    ] = None
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
    adopt: Annotated[
        bool, Parameter(negative="", help="Take over objects of the tenant that the plan names as not ours.")
    ] = False
    write_tenant_setting: Annotated[
        tuple[str, ...],
        Parameter(negative_iterable="", help="Write this setting of the whole tenant too; may be repeated."),
    ] = ()
    installation: Annotated[
        str | None, Parameter(help="Name in the markers of our objects; else made from organization and tenant.")
    ] = None
    graph_state: Annotated[Path | None, Parameter(help="Folder that remembers recent creations between runs.")] = (
        None
    )
    record: Annotated[Path | None, Parameter(help="Write every request to this file, one JSON line each.")] = None

    @property
    def named(self) -> bool:
        """Whether the caller said where a tenant is or how to sign in, so that one can be asked."""
        return self.graph_url != WORLD_WIDE or any(self._ways().values())

    def refuse_elsewhere(self, target: str) -> None:
        """Refuse flags that say how to get into a tenant beside another target: they would do nothing.

        Raises:
            InputError: there are such flags.
        """
        if self.named:
            raise InputError(
                f"the flags of a tenant say nothing about the target {target}",
                mend="Say --target graph, or leave --graph-url and the sign-in out.",
            )

    @contextmanager
    def open(self, loaded: Spec, *, applying: bool = False) -> Iterator[tuple[GraphTarget, State]]:
        """Yield the target and what the fleet file wants of its tenant.

        Args:
            loaded: The fleet file.
            applying: Changes are meant, so that no other apply may work on the tenant until it is closed.

        Raises:
            ConflictError: another apply works on the tenant.
            InputError: flags that do not fit together, or a tenant that the file does not have.
            SignInError: the sign-in was refused.
        """
        from holofleet import desired
        from holofleet.targets.graph.kinds import every
        from holofleet.targets.graph.origin import Origin
        from holofleet.targets.graph.target import GraphTarget

        origin = Origin.parse(self.graph_url)
        tenancy = self._tenancy(loaded)
        state = desired.compile(loaded, target="graph", tenant=tenancy.which)
        name = self._installation(loaded)
        with self.engine(origin, tenancy, name, applying=applying) as engine:
            target = GraphTarget(
                engine,
                every(origin.url),
                installation=name,
                resolve=self._resolve(),
                adopt=self.adopt,
                asked=self._asked(state),
                desired=state,
            )
            with target:
                yield target, state

    def _installation(self, loaded: Spec) -> str:
        name = self.installation or installation_of(loaded)
        if not _INSTALLATION.fullmatch(name):
            raise InputError(
                f"--installation {name}: it stands in every marker",
                mend="Use 1 to 40 letters, digits and hyphens.",
            )
        return name

    def _tenancy(self, loaded: Spec) -> Tenancy:
        from holofleet.desired.cloud import tenancies

        known = tenancies(loaded)
        if self.tenant is None and len(known) > 1:
            listed = " and ".join(f"{one.which} ({one.domain})" for one in known)
            raise InputError(
                f"the fleet file has two tenants: {listed}",
                mend="Say --tenant owning or --tenant service; each has a plan of its own.",
            )
        found = next((one for one in known if self.tenant in (None, one.which)), None)
        if found is None:
            raise InputError(
                f"the fleet file has no {self.tenant} tenant", mend=f"It has {known[0].which} ({known[0].domain})."
            )
        return found

    @contextmanager
    def engine(self, origin: Origin, tenancy: Tenancy, name: str, *, applying: bool = False) -> Iterator[Engine]:
        """Yield what sends requests to a tenant, signed in; ``name`` tells journals apart.

        Raises:
            ConflictError: it is meant to apply, and another apply works on the tenant.
        """
        from holofleet.clock import SystemClock
        from holofleet.targets.graph.client import GraphClient, http_client
        from holofleet.targets.graph.engine import Engine
        from holofleet.targets.graph.journal import FileJournal
        from holofleet.targets.graph.recorder import FileRecorder
        from holofleet.targets.graph.run_lock import one_at_a_time

        where = tenancy.id if origin.carries_token else f"{origin.host}-{origin.port}"
        path = self._folder() / f"{name}.{where}.journal".replace(":", "-")
        now = SystemClock().now()
        with ExitStack() as stack:
            if applying:
                stack.enter_context(one_at_a_time(path.with_suffix(".lock"), now=now))
            journal = FileJournal(path, now=now.timestamp(), alone=applying)
            http = http_client(origin)
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

    def _folder(self) -> Path:
        if self.graph_state is not None:
            return self.graph_state
        base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        return Path(base) / "holofleet" / "graph"

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
            reference, resolve = self.client_secret or "", self._resolve()
            if not re.fullmatch(r"(env|file):\S+", reference):
                raise InputError(
                    "--client-secret is a reference, not a secret: others can see a command line",
                    mend="Write env:NAME, or file:NAME with --secrets DIR.",
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

    def _resolve(self) -> Callable[[str], str]:
        from holofleet.cli.secrets import resolver

        look_up = resolver(self.secrets)

        def resolve(reference: str) -> str:
            value = look_up(reference)
            if value is None:
                raise InputError(
                    f"the secret {reference} is not there",
                    mend="Set it in the environment, or name the folder with --secrets.",
                )
            return value

        return resolve

    def _asked(self, state: State) -> tuple[Address, ...]:
        from holofleet.resources import Address, TenantSetting

        known = state.of_kind(TenantSetting)
        for name in self.write_tenant_setting:
            if name not in known:
                listed = ", ".join(known) or "none"
                raise InputError(
                    f"the fleet file says nothing of a tenant setting {name}", mend=f"It names: {listed}."
                )
        return tuple(Address(TenantSetting.kind, name) for name in self.write_tenant_setting)


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


def installation_of(loaded: Spec) -> str:
    """Return the name in our markers: the same wherever this fleet file is applied.

    Two fleet files of one organization in one tenant need ``--installation``, or each would take the other's
    objects for its own that left the file.
    """
    organization = loaded.model.organization.name
    words = _NOT_IN_NAMES.sub("-", organization.casefold()).strip("-")[:24].strip("-")
    digest = hashlib.sha256(f"{organization}\0{loaded.model.tenant.id}".encode()).hexdigest()[:8]
    return f"{words}-{digest}" if words else digest
