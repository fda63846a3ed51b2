"""Credentials for relays, made for one party of one call and good for minutes (the TURN REST scheme of coturn).

The relay knows the same secret and asks us nothing. It checks the time when an allocation is made; one that runs
goes on, so short lives cost nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

LIFE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class TurnServers:
    """The relays of an installation.

    Args:
        urls: In the order in which browsers try them; empty where there are none.
        secrets: Returns the shared secrets, newest first, read anew each time; a relay accepts two while one
            takes over from the other, we only make credentials with the newest.
        relay_only_for_clients: Whether calls of headsets that are lent to a client go through a relay always, so
            that neither side learns the other's addresses.
    """

    urls: tuple[str, ...] = ()
    secrets: Callable[[], Sequence[bytes]] = field(default=lambda: ())
    relay_only_for_clients: bool = True
    life: timedelta = LIFE


@dataclass(frozen=True, slots=True)
class RelayCredentials:
    """What a party gets."""

    username: str
    credential: str = field(repr=False)
    life_s: int


def credentials(servers: TurnServers, *, call: str, party: str, now: datetime) -> RelayCredentials | None:
    """Return credentials for a party of a call; ``None`` where no relay is set up."""
    known = servers.secrets() if servers.urls else ()
    if not known:
        return None
    username = f"{int((now + servers.life).timestamp())}:{call}:{party}"
    # SHA-1 is the relay's: HMAC with it is not touched by collisions.
    digest = hmac.new(known[0], username.encode(), hashlib.sha1).digest()
    return RelayCredentials(username, base64.b64encode(digest).decode(), int(servers.life.total_seconds()))


def answer(servers: TurnServers, *, call: str, party: str, client: str, now: datetime) -> dict[str, Any]:
    """Return the message ``turn``."""
    made = credentials(servers, call=call, party=party, now=now)
    if made is None:
        return {"type": "turn", "servers": [], "ttl_s": 0, "policy": "all"}
    relay = servers.relay_only_for_clients and client != "own"
    servers_list = [
        {"urls": list(servers.urls), "username": made.username, "credential": made.credential},
    ]
    return {"type": "turn", "servers": servers_list, "ttl_s": made.life_s, "policy": "relay" if relay else "all"}
