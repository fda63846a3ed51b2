"""How often signing in may fail: counted in the database, for all processes of an installation together.

An account is counted together with the address from which it is tried, never by itself: whoever fails in
somebody's name elsewhere keeps nobody out. What counts as the account is what the browser says, known here or not,
so that the count tells nothing about who is (SECURITY DOS-1, DIR-2).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from holofleet.clock import Clock


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``failures`` in any stretch of time as long as ``length``."""

    failures: int
    length: timedelta


OF_ACCOUNT = Window(5, timedelta(minutes=5))
"""Of one account from one address."""
OF_ADDRESS = Window(100, timedelta(hours=1))
"""From one address, whatever was said."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Keyed digests of what was tried: the address, and the account from it (``None``: nobody was said yet)."""

    address: str
    account: str | None


class FailureStore(Protocol):
    """Keeps moments of failures. Each call is one transaction."""

    def count_failure(self, tried: Tried, *, at: datetime, forget: datetime) -> None:
        """Keep a failure, and delete all that are older than ``forget``."""
        ...

    def nth_failure_of_address(self, address: str, nth: int) -> datetime | None:
        """Return when an address failed the ``nth`` last time; ``None`` if it failed less often."""
        ...

    def nth_failure_of_account(self, account: str, nth: int) -> datetime | None:
        """Return when an account from an address failed the ``nth`` last time; ``None`` if less often."""
        ...


class SignInFailures:
    """Counts failures, and says who has to wait."""

    def __init__(self, store: FailureStore, clock: Clock, *, key: bytes) -> None:
        """Take what is needed; digests are keyed with ``key``, so that the database names no address."""
        self._store = store
        self._clock = clock
        self._key = key

    def wait(self, address: str, account: str | None) -> timedelta:
        """Return how long a try has to wait; zero if it may go on. Counts nothing.

        Args:
            address: What counts as one address.
            account: Who the browser says it is; an empty text where it says something that names nobody (a
                code, a link), ``None`` where it has said nothing yet: then the address alone counts.
        """
        tried = self._tried(address, account)
        last = self._store.nth_failure_of_address(tried.address, OF_ADDRESS.failures)
        waits = [self._left(last, OF_ADDRESS.length)]
        if tried.account is not None:
            last = self._store.nth_failure_of_account(tried.account, OF_ACCOUNT.failures)
            waits.append(self._left(last, OF_ACCOUNT.length))
        return max(waits)

    def count(self, address: str, account: str | None) -> None:
        """Count a failure; the arguments are those of :meth:`wait`."""
        now = self._clock.now()
        self._store.count_failure(self._tried(address, account), at=now, forget=now - OF_ADDRESS.length)

    def _left(self, last: datetime | None, length: timedelta) -> timedelta:
        """A clock that was set back makes nobody wait longer than the window."""
        left = timedelta() if last is None else last + length - self._clock.now()
        return min(max(left, timedelta()), length)

    def _tried(self, address: str, account: str | None) -> Tried:
        said = None if account is None else self._digest("account", address, account)
        return Tried(self._digest("address", address), said)

    def _digest(self, *parts: str) -> str:
        # Lengths before the parts: no two lists of parts are one text.
        told = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (p.encode("utf-8", "replace") for p in parts))
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()
