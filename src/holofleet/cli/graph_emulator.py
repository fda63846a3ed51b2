"""``holofleet graph-emulator``: a strict stand-in for Microsoft Graph, on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holofleet.cli.output import CLEAN, note
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.emulator import Emulator


def graph_emulator(
    *,
    listen: Annotated[str, Parameter(help="HOST:PORT on loopback; port 0 takes a free one.")] = "127.0.0.1:8765",
    tenant: Annotated[Path | None, Parameter(help="JSON file that describes the tenant.")] = None,
    pace: Annotated[
        float, Parameter(help="How slow things are: 1 as the service, 0 at once, 0.05 to try things out.")
    ] = 0.05,
    no_quotas: Annotated[
        bool, Parameter(negative="", help="Do not count requests; otherwise too many are answered with 429.")
    ] = False,
    faults: Annotated[
        str | None, Parameter(help="SEED:RATE: a share of requests fails, the same way for the same seed.")
    ] = None,
    require_token: Annotated[
        str | None, Parameter(help="Ask for tokens; permissions that the one application has, divided by commas.")
    ] = None,
    port_file: Annotated[Path | None, Parameter(help="Write the port here once it listens.")] = None,
) -> int:
    """Serve a strict stand-in for Microsoft Graph. Nothing is kept when it ends."""
    from holofleet.emulator.http import SILENT_S, bind, server

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise InputError(f"--listen {listen}: not of the form HOST:PORT", mend="Say for example 127.0.0.1:8765.")
    if pace < 0:
        raise InputError(f"--pace {pace}: time does not run backwards")
    emulator = _emulator(tenant, pace=pace, quotas=not no_quotas, faults=faults)
    running = server(emulator, silent_s=SILENT_S * pace)
    listening = bind(host.strip("[]"), int(port))
    taken = listening.getsockname()[1]
    print(f"http://{host}:{taken}", flush=True)
    if port_file is not None:
        port_file.write_text(f"{taken}\n", encoding="utf-8")
    if require_token is None:
        note("No sign-in is asked for, and nothing is kept. Ctrl-C ends it.")
    else:
        _register(emulator, require_token)
    running.run(sockets=[listening])
    return CLEAN


def _emulator(tenant: Path | None, *, pace: float, quotas: bool, faults: str | None) -> Emulator:
    from holofleet.emulator import Delays, Emulator, Quotas, Settings, new_tenant
    from holofleet.emulator.faults import parse_faults
    from holofleet.emulator.tenant import load_tenant

    delays = Delays.like_the_service(pace) if pace else Delays()
    held = new_tenant(settings=Settings(delays=delays)) if tenant is None else load_tenant(tenant, delays=delays)
    return Emulator(
        held, quotas=Quotas() if quotas else None, faults=None if faults is None else parse_faults(faults)
    )


def _register(emulator: Emulator, permissions: str) -> None:
    """Let one application sign in, and say how: its secret is worth nothing beyond this process."""
    import secrets

    from holofleet.emulator import Application

    roles = tuple(name.strip() for name in permissions.split(",") if name.strip())
    application = Application(
        "11111111-2222-4333-8444-555555555555", "holofleet", secrets.token_urlsafe(24), roles
    )
    emulator.access.require = True
    emulator.access.applications[application.id] = application
    note(f"Tokens: POST /{emulator.tenant.id}/oauth2/v2.0/token with the client credentials")
    note(f"  client_id {application.id}, client_secret {application.secret}")
