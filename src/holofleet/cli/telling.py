"""Flags of ``holofleet serve`` about webhooks, and the worker of this process that delivers them."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from cyclopts import Parameter

from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.cli.services import Wired
    from holofleet.server.webhooks import Networks, Proxy


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class WebhookFlags:
    """Where webhooks may go beside public addresses. Said here and not in the console: who administers the fleet
    in a browser is not who decides about the network of this machine (SECURITY CON-2)."""

    webhooks_to: Annotated[
        tuple[str, ...],
        Parameter(
            negative="", help="Inner network that webhooks may reach: 10.20.0.0/16; may stand several times."
        ),
    ] = ()

    def networks(self) -> Networks:
        """Return the networks.

        Raises:
            InputError: one of them is none.
        """
        from holofleet.server.webhooks import Networks

        return Networks(self.webhooks_to)


PUBLIC_ONLY = WebhookFlags()


def proxy_of(environment: dict[str, str] | None = None) -> Proxy | None:
    """Return the proxy that ``HTTPS_PROXY`` names, as for every other call that leaves this machine.

    Raises:
        InputError: it is not ``http://HOST:PORT``.
    """
    from holofleet.server.webhooks import Proxy

    named = (urllib.request.getproxies() if environment is None else environment).get("https", "")
    if not named:
        return None
    parts = urlsplit(named if "://" in named else f"http://{named}")
    if parts.scheme != "http" or not parts.hostname or parts.username is not None:
        raise InputError(
            "webhooks cannot go through the proxy of HTTPS_PROXY",
            mend="Name one as http://HOST:PORT that asks for no password.",
        )
    return Proxy(parts.hostname, parts.port or 3128)


@asynccontextmanager
async def telling(wired: Wired, flags: WebhookFlags = PUBLIC_ONLY) -> AsyncIterator[None]:
    """Deliver webhooks while the block runs.

    Raises:
        InputError: a network or a proxy that cannot be used.
    """
    from holofleet.server.installation import Purpose
    from holofleet.server.webhooks import Sender, WebhookWorker
    from holofleet.storage.webhooks.outbox import StoredOutbox

    worker = WebhookWorker(
        StoredOutbox(wired.database, epoch=wired.installation.epoch),
        wired.installation.keys.sealing_key(Purpose.WEBHOOK),
        Sender(networks=flags.networks(), proxy=proxy_of()),
        wired.services.clock,
    )
    running = asyncio.create_task(worker.run(), name="webhooks")
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
