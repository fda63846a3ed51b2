"""``holofleet serve``: run the server."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from holofleet.cli.addresses import DEFAULT_LISTEN, Addresses, addresses, apart
from holofleet.cli.calls import NO_RELAYS, TurnFlags
from holofleet.cli.output import CLEAN, note
from holofleet.cli.setup import NOTHING_SAID, Started, setup_of
from holofleet.cli.sign_in import NO_PROVIDER, ProviderFlags
from holofleet.cli.telling import PUBLIC_ONLY, WebhookFlags, telling
from holofleet.errors import HolofleetError

if TYPE_CHECKING:
    from holofleet.cli.services import Wired
    from holofleet.server.audit import Outside
    from holofleet.server.fleet.upkeep import Upkeep
    from holofleet.web.console.demo import DemoActions
    from holofleet.web.limits import Limits
    from holofleet.web.transport import Server

UPKEEP_EVERY_S = 300.0
"""Ours: expiry and revocation of what is lost may be late by this much."""
COUNT_AGAIN_S = 30.0
"""After a database was away."""
_LOG = logging.getLogger("holofleet.cli.serve")


async def bound(
    wired: Wired,
    where: Addresses,
    *,
    limits: Limits | None = None,
    demo: DemoActions | None = None,
    started: Started = NOTHING_SAID,
) -> Server:
    """Take both addresses, then build the applications that know the ports. The server does not answer yet.

    Raises:
        InputError: an address cannot be taken.
    """
    from holofleet.web.app import device_app, people_app
    from holofleet.web.assist.gate import SOCKET_PATH
    from holofleet.web.hosts import Hosts
    from holofleet.web.limits import Limits
    from holofleet.web.settings import KioskPasskeys, WebSettings
    from holofleet.web.transport import Listener, Proxies, Server, SocketPaths, device_context, people_context

    limits = limits or Limits()
    installation = wired.installation
    certificate, key = installation.tls_certificate, installation.tls_key
    proxies = Proxies(where.behind)
    people = Listener(
        "people",
        None,
        host=where.listen[0],
        port=where.listen[1],
        tls=people_context(certificate, key),
        limits=limits.connection,
        sockets=SocketPaths(frozenset({SOCKET_PATH})),
        proxies=proxies,
    )
    device = Listener(
        "device",
        None,
        host=where.device[0],
        port=where.device[1],
        tls=device_context(certificate, key, device_ca_pem=installation.device_ca.certificate.pem),
        limits=limits.connection,
        allow_chunked=False,
        proxies=proxies,
    )
    server = Server([people, device])
    await server.bind()
    settings = WebSettings(
        hosts=Hosts(
            names=installation.tls_names,
            device_port=device.port,
            public=where.url,
            device=where.device_url,
            assist=where.assist,
        ),
        limits=limits,
        metrics=started.metrics,
        hsts=where.url is not None,
        kiosk_passkeys=KioskPasskeys(started.kiosk_passkeys),
        setup=setup_of(wired, where, limits, started),
    )
    people.app = people_app(wired.services, settings, demo=demo)
    device.app = device_app(wired.services, settings)
    return server


def console_url(where: Addresses, server: Server) -> str:
    """Return the address at which a person finds the console."""
    if where.url is not None:
        return where.url.origin
    host = where.listen[0]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - shown as a name that a browser can open
        host = socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    return f"https://{shown}:{server.listener('people').port}"


def local_address(where: Addresses, server: Server) -> str:
    """Return the address at which commands on this machine reach the people listener."""
    host = where.listen[0]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - every address is this one too
    shown = f"[{host}]" if ":" in host else host
    return f"https://{shown}:{server.listener('people').port}"


def device_address(where: Addresses, server: Server) -> str:
    """Return the address of the device listener, as commands on this machine reach it."""
    if where.device_url is not None:
        return where.device_url.origin
    host = where.device[0]
    shown = f"[{host}]" if ":" in host else host
    return f"https://{shown}:{server.listener('device').port}"


def serve(
    *,
    data: Annotated[Path, Parameter(help="Data folder; an empty or missing one is made ready.")],
    listen: Annotated[str, Parameter(help="HOST:PORT for people, first enrollment and the API.")] = DEFAULT_LISTEN,
    device_listen: Annotated[str | None, Parameter(help="HOST:PORT for headsets; default the next port.")] = None,
    url: Annotated[str | None, Parameter(help="Address of --listen that is handed out.")] = None,
    device_url: Annotated[str | None, Parameter(help="Address of --device-listen that is handed out.")] = None,
    database: Annotated[str | None, Parameter(help="postgresql://... instead of SQLite in the folder.")] = None,
    kek_file: Annotated[Path | None, Parameter(help="Key encryption key kept elsewhere.")] = None,
    secrets: Annotated[Path | None, Parameter(help="Folder of the file: references of the fleet file.")] = None,
    metrics: Annotated[bool, Parameter(negative="", help="Answer /metrics, to loopback only.")] = False,
    two_person_plans: Annotated[
        bool, Parameter(negative="", help="Publish a plan only when a second person approved it.")
    ] = False,
    sign_in: ProviderFlags = NO_PROVIDER,
    relays: TurnFlags = NO_RELAYS,
    webhooks: WebhookFlags = PUBLIC_ONLY,
    checkpoints_to: Annotated[
        str | None, Parameter(help="Where audit checkpoints go: a file elsewhere, or syslog+tcp://HOST:PORT.")
    ] = None,
    recordings: Annotated[
        Path | None, Parameter(help="Folder of recordings of calls; without it nothing is recorded.")
    ] = None,
    assist_origin: Annotated[
        str | None, Parameter(help="Address of the pages on headsets, https://NAME: a name of their own.")
    ] = None,
    behind: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="Address or network of a proxy of yours that speaks PROXY protocol 2."),
    ] = (),
    kiosk_passkeys: Annotated[
        Literal["carried", "any", "none"],
        Parameter(help="Passkeys that take a headset: those people carry, also those a headset keeps, or none."),
    ] = "carried",
) -> int:
    """Run the server until it is told to stop (Ctrl-C, SIGTERM)."""
    from holofleet.cli.services import wire

    where = replace(addresses(listen, device_listen, url, device_url), behind=behind)
    if assist_origin is not None:
        where = apart(where, assist_origin)
    place = _outside(checkpoints_to) if checkpoints_to is not None else None
    webhooks.networks()  # what is wrong is said before anything is opened
    from holofleet.web.transport import run

    with wire(
        data,
        database_url=database,
        kek_file=kek_file,
        secrets_folder=secrets,
        names=where.names,
        provider=sign_in.provider(secrets),
        two_person_plans=two_person_plans,
        turn_servers=relays.servers(),
        recordings=recordings,
    ) as wired:
        if place is not None:
            wired.keeper.send_to(place)
        _warn_of_power(wired)
        started = Started(
            metrics=metrics,
            database=database is not None,
            kek_file=kek_file is not None,
            secrets=secrets,
            two_person_plans=two_person_plans,
            checkpoints_to=checkpoints_to,
            sign_in=sign_in,
            relays=relays,
            recordings=recordings,
            webhooks=webhooks,
            kiosk_passkeys=kiosk_passkeys,
        )
        run(_run(wired, where, started))
    return CLEAN


def _warn_of_power(wired: Wired) -> None:
    """Say so when the server's role at PostgreSQL could undo what protects the rows from the server itself."""
    from holofleet.storage.roles import too_powerful

    for word in too_powerful(wired.database):
        note(f"Warning: the database role of this server can do more than it needs: {word}.")
        note("    Use two roles, as docs/running.md says: holofleet database upgrade --application-role NAME.")


def _outside(text: str) -> Outside:
    from holofleet.clock import SystemClock
    from holofleet.server.audit import outside

    return outside(text, SystemClock())


async def _run(wired: Wired, where: Addresses, said: Started) -> None:
    from holofleet.web.transport.server import serve as serve_until_stopped

    server = await bound(wired, where, started=said)

    async def started() -> None:
        greet(wired, where, server)

    async with wired.management, telling(wired, said.webhooks):
        services = wired.services
        beside = [
            asyncio.create_task(_care(wired.upkeep), name="upkeep"),
            asyncio.create_task(_count(services.fleet.count_ahead), name="counts"),
            asyncio.create_task(_count(services.visits.count_ahead), name="counts-of-places"),
        ]
        try:
            await serve_until_stopped(server, started=started)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def _care(upkeep: Upkeep) -> None:
    """Do what time alone asks for, every few minutes; a database that is away now is there the next time."""
    while True:
        try:
            await asyncio.to_thread(upkeep.run)
        except HolofleetError as error:
            _LOG.warning("upkeep has to wait: %s", error.summary)
        await asyncio.sleep(UPKEEP_EVERY_S)


async def _count(ahead: Callable[[], timedelta]) -> None:
    """Count the fleet again and again, so that whoever opens a page does not wait for it."""
    while True:
        wait = timedelta(seconds=COUNT_AGAIN_S)
        try:
            wait = await asyncio.to_thread(ahead)
        except HolofleetError as error:
            _LOG.info("counts have to wait: %s", error.summary)
        await asyncio.sleep(wait.total_seconds())


def greet(wired: Wired, where: Addresses, server: Server) -> None:
    """Announce the server in its folder, and tell the person where it is."""
    console = console_url(where, server)
    wired.installation.announce(address=local_address(where, server), device_address=device_address(where, server))
    print(f"holofleet serves {wired.installation.folder}")
    print(f"  console and API    {console}")
    print(f"  discovery          {console}/EnrollmentServer/Discovery.svc")
    print(f"  device management  {device_address(where, server)}")
    print(f"  CA to trust        {wired.installation.ca_certificate.absolute()}")
    # Browsers keep passkeys for names only, never for addresses.
    named = console.replace("https://127.0.0.1:", "https://localhost:")
    if wired.services.sign_in.is_opened_up:
        print(f"Sign in at: {named}/sign-in")
    else:
        link = wired.services.access.one_time_link()
        print(f"Sign in once, within 15 minutes, with: {named}/sign-in?token={link.token}")
    sys.stdout.flush()
    note("Stop with Ctrl-C.")
