"""All limits of the HTTP side, in one place: what one peer may cost us.

The numbers are the budget of the security requirements (DOS-1). Nothing is exempt because it comes from
loopback: a demo, a benchmark or a simulated fleet raises the limits by name (:meth:`Limits.raised`).
Sizes are in bytes, times in seconds, rates in events per second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address, ip_address

from holofleet.clock import monotonic_s

KIB = 1024
MIB = 1024 * KIB
_BUCKETS_KEPT = 50_000
"""Peers remembered per limit, about 10 MB; beyond it the one seen longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_s`` events each second on average, and up to ``burst`` at once after a rest."""

    per_s: float
    burst: int


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What any connection may cost, before and between requests."""

    handshake_timeout_s: float = 10
    handshakes: Rate = Rate(20, 200)
    """Per address. A site is one address, so a whole site may come back at once."""
    connections: int = 10_000
    """Open connections per listener; more are closed at once."""
    pending_handshakes: int = 1_000
    head_bytes: int = 16 * KIB
    head_fields: int = 64
    head_timeout_s: float = 10
    body_timeout_s: float = 60
    body_bytes_per_s: int = KIB
    body_rate_window_s: float = 10
    """The least rate is judged over this long, so that one lost packet is not the end."""
    pipelined: int = 8
    keep_alive_s: float = 75
    write_stall_s: float = 60
    """A peer that reads nothing of an answer for this long is gone."""
    linger_s: float = 5
    linger_bytes: int = 128 * MIB
    """After a refusal, what is still arriving is read and dropped within these bounds, so that the peer sees
    the refusal and not a reset connection."""
    grace_s: float = 5
    """How long answers in progress may take when the server stops."""


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """The budget of one kind of endpoint."""

    body_bytes: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Limits:
    """The whole budget."""

    connection: ConnectionLimits = field(default_factory=ConnectionLimits)
    discovery: EndpointLimits = EndpointLimits(16 * KIB, Rate(20, 200))
    enrollment: EndpointLimits = EndpointLimits(64 * KIB, Rate(5, 50))
    """Policy and enrollment share one count per address."""
    issuances_at_once: int = 4
    issuances_waiting: int = 16
    management_bytes: int = MIB
    sessions: Rate = Rate(6 / 60, 20)
    """Management sessions per headset; messages within one are counted by the session itself."""
    api: EndpointLimits = EndpointLimits(MIB, Rate(20, 100))
    """Per token; for calls without a valid token per address."""
    scim: EndpointLimits = EndpointLimits(MIB, Rate(10, 100))
    """Per token of a provider."""
    import_bytes: int = 32 * MIB
    api_workers: int = 8
    api_waiting: int = 64
    page: int = 500
    """The most rows that one answer lists."""

    def raised(self, reason: str, *, headsets: int) -> Limits:
        """Return limits under which ``headsets`` simulated headsets may come from one address.

        Only rates per address and the rate of sessions grow: sizes and time-outs are what is being tested.

        Args:
            reason: Who asks (``demo``, ``bench``, ``simulate``): raising is always somebody's named choice.
            headsets: How many headsets share one address.

        Raises:
            ValueError: the reason is not one of the three.
        """
        if reason not in ("demo", "bench", "simulate"):
            raise ValueError(f"limits are not raised for {reason!r}")
        plenty = Rate(max(1_000.0, float(headsets)), max(10_000, 10 * headsets))
        return replace(
            self,
            connection=replace(self.connection, handshakes=plenty),
            discovery=replace(self.discovery, rate=plenty),
            enrollment=replace(self.enrollment, rate=plenty),
            issuances_waiting=max(self.issuances_waiting, headsets),
            sessions=plenty,
        )


class TokenBuckets:
    """Counts events per key (an address, a token) against one :class:`Rate`.

    Memory is bounded: the key that was seen longest ago is forgotten first, which is the fullest bucket.

    Args:
        rate: What each key may do.
        now_s: A clock in seconds that never goes back.
    """

    def __init__(self, rate: Rate, *, now_s: Callable[[], float] = monotonic_s, kept: int = _BUCKETS_KEPT) -> None:
        self._rate = rate
        self._now_s = now_s
        self._kept = kept
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Count one event; return 0.0 if it is allowed, else the seconds until the next one is."""
        tokens, now = self._tokens(key)
        allowed = tokens >= 1
        self._keep(key, tokens - 1 if allowed else tokens, now)
        return 0.0 if allowed else (1 - tokens) / self._rate.per_s

    def charge(self, key: str) -> None:
        """Count one event that has happened already; debts go down to one burst."""
        tokens, now = self._tokens(key)
        self._keep(key, max(tokens - 1, -float(self._rate.burst)), now)

    def wait_s(self, key: str, *, debt: int = 0) -> float:
        """Return the seconds until an event is allowed, ``debt`` more than the rate included; counts nothing."""
        tokens, _ = self._tokens(key)
        return max(0.0, (1 - debt - tokens) / self._rate.per_s)

    def _tokens(self, key: str) -> tuple[float, float]:
        now = self._now_s()
        tokens, since = self._buckets.get(key, (float(self._rate.burst), now))
        return min(float(self._rate.burst), tokens + (now - since) * self._rate.per_s), now

    def _keep(self, key: str, tokens: float, now: float) -> None:
        self._buckets[key] = (tokens, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._kept:
            self._buckets.popitem(last=False)

    def __len__(self) -> int:
        return len(self._buckets)


def address_key(host: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 network of an IPv6 address.

    A single IPv6 subscriber has at least a /64, so single addresses would count nothing.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{address.packed[:8].hex()}/64"
