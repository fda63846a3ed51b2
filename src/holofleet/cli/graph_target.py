"""A tenant as the target of a command: which tenant, what may be changed in it, what is kept between runs."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from holofleet.cli.graph_sign_in import GraphSignIn
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.desired.cloud.tenancy import Tenancy
    from holofleet.resources import Address, State
    from holofleet.spec import Spec
    from holofleet.targets.graph.journal import Journal
    from holofleet.targets.graph.origin import Origin
    from holofleet.targets.graph.target import GraphTarget

_INSTALLATION = re.compile(r"[A-Za-z0-9-]{1,40}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class GraphOptions(GraphSignIn):
    """Which tenant is the target, and what may be changed in it; for --target graph."""

    tenant: Annotated[
        Literal["owning", "service"] | None, Parameter(help="Which tenant, where the fleet file has two.")
    ] = None
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
        with (
            self._journal(origin, tenancy, name, applying) as journal,
            self.engine(origin, tenancy, journal) as engine,
        ):
            target = GraphTarget(
                engine,
                every(origin.url),
                installation=name,
                resolve=self.resolver(),
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
    def _journal(self, origin: Origin, tenancy: Tenancy, name: str, applying: bool) -> Iterator[Journal]:
        """Yield the journal of an installation in a tenant; hold the lock beside it where changes are meant."""
        from holofleet.clock import SystemClock
        from holofleet.targets.graph.journal import FileJournal
        from holofleet.targets.graph.run_lock import one_at_a_time

        where = tenancy.id if origin.carries_token else f"{origin.host}-{origin.port}"
        path = self._folder() / f"{name}.{where}.journal".replace(":", "-")
        now = SystemClock().now()
        with ExitStack() as stack:
            if applying:
                stack.enter_context(one_at_a_time(path.with_suffix(".lock"), now=now))
            yield FileJournal(path, now=now.timestamp(), alone=applying)

    def _folder(self) -> Path:
        if self.graph_state is not None:
            return self.graph_state
        base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        return Path(base) / "holofleet" / "graph"

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


def installation_of(loaded: Spec) -> str:
    """Return the name in our markers: the same wherever this fleet file is applied.

    Two fleet files of one organization in one tenant need ``--installation``, or each would take the other's
    objects for its own that left the file.
    """
    organization = loaded.model.organization.name
    words = _NOT_IN_NAMES.sub("-", organization.casefold()).strip("-")[:24].strip("-")
    digest = hashlib.sha256(f"{organization}\0{loaded.model.tenant.id}".encode()).hexdigest()[:8]
    return f"{words}-{digest}" if words else digest
