"""Which headset a browser is paired with: a cookie that only that browser has, and that changes with time.

The console's cookie proves nothing here, and this one nothing there (SECURITY WEB-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from holofleet.errors import RefusedError
from holofleet.server.custody import HeadsetState
from holofleet.server.custody.at_headset import PAIRED_LIFE, PAIRING_CODE_LIFE
from holofleet.web.services import Services

DEVICE_COOKIE: Final = "__Host-holofleet-headset"
"""Holds the secret of a browser that is paired with a headset."""
WAITING_COOKIE: Final = "__Host-holofleet-waiting"
"""Holds what the code of a browser is made of that wants to be paired."""


@dataclass(frozen=True, slots=True)
class PairedBrowser:
    """A browser of a headset.

    Args:
        secret: What it showed.
        state: Where its headset stands.
        fresh: The secret that it has to keep from now on; ``None`` where it keeps its own. Whoever answers a page
            passes it to :func:`set_cookie`.
    """

    secret: str
    state: HeadsetState
    fresh: str | None = None

    @property
    def serial(self) -> str:
        """The headset that it is on."""
        return self.state.serial


def paired(services: Services, request: Request, *, renew: bool = False) -> PairedBrowser | None:
    """Return the paired browser that sent a request; ``None`` for any other.

    Args:
        renew: Give it another secret if its own is old: for whole pages, whose answer it will not throw away.
    """
    secret = request.cookies.get(DEVICE_COOKIE, "")
    if not secret:
        return None
    kiosk = services.custody.kiosk
    try:
        state = kiosk.state(secret)
        return PairedBrowser(secret, state, kiosk.renew(secret) if renew else None)
    except RefusedError:
        return None


def set_cookie(response: Response, secret: str) -> None:
    """Give a browser the secret by which it is known from now on."""
    _set(response, DEVICE_COOKIE, secret, PAIRED_LIFE)


def let_wait(response: Response, waiting: str) -> None:
    """Give a browser what its pairing code is made of."""
    _set(response, WAITING_COOKIE, waiting, PAIRING_CODE_LIFE)


def stop_waiting(response: Response) -> None:
    """Take that away again."""
    response.delete_cookie(WAITING_COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def _set(response: Response, name: str, value: str, life: timedelta) -> None:
    response.set_cookie(
        name, value, max_age=int(life.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
    )
