"""How many requests the services behind Graph take, and what they say when it is too many.

Limits as documented for one application in one tenant; a sliding window each. The directory counts reads in
resource units. Intune and conditional access often leave Retry-After out, so here they always do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from holofleet.emulator.message import GraphError
from holofleet.emulator.routing import Quota

Limits = Mapping[tuple[Quota, bool], tuple[tuple[int, float], ...]]
"""By service, and whether it writes: pairs of a limit and its window in seconds."""

DOCUMENTED: Limits = {
    (Quota.IDENTITY, False): ((8000, 10),),
    (Quota.IDENTITY, True): ((3000, 150),),
    (Quota.CONDITIONAL_ACCESS, False): ((1, 1),),
    (Quota.CONDITIONAL_ACCESS, True): ((1, 1),),
    (Quota.CONFIGURATION, False): ((1000, 20),),
    (Quota.CONFIGURATION, True): ((100, 20),),
    (Quota.ENROLLMENT, False): ((1000, 20),),
    (Quota.ENROLLMENT, True): ((100, 20),),
    (Quota.DEVICES, False): ((2000, 20),),
    (Quota.DEVICES, True): ((200, 20),),
    (Quota.LOGS, False): ((5, 10),),
    (Quota.EXPORT, True): ((48, 60),),
}
_SILENT = frozenset({Quota.CONDITIONAL_ACCESS, Quota.CONFIGURATION, Quota.ENROLLMENT, Quota.DEVICES})
_SHARED = frozenset({Quota.CONDITIONAL_ACCESS})
"""Services whose reads and writes fall into one window."""
_NEAR = 0.8


@dataclass
class Quotas:
    """Counts requests.

    Args:
        limits: What each service takes.
    """

    limits: Limits = field(default_factory=lambda: DOCUMENTED)

    def __post_init__(self) -> None:
        self._spent: dict[tuple[Quota, bool, float], deque[tuple[datetime, int]]] = {}
        self.refused = 0

    def charge(self, quota: Quota, *, write: bool, units: int, now: datetime) -> dict[str, str]:
        """Count a request, and return headers that warn when little is left.

        Raises:
            GraphError: 429.
        """
        fullest = 0.0
        kept: list[deque[tuple[datetime, int]]] = []
        for limit, window in self.limits.get((quota, write), ()):
            spent = self._spent.setdefault((quota, write and quota not in _SHARED, window), deque())
            while spent and spent[0][0] <= now - timedelta(seconds=window):
                spent.popleft()
            used = sum(cost for _, cost in spent) + units
            if used > limit:
                self.refused += 1
                wait = window - (now - spent[0][0]).total_seconds() if spent else window
                raise _too_many(quota, write=write, wait=wait)
            fullest = max(fullest, used / limit)
            kept.append(spent)
        for spent in kept:
            spent.append((now, units))
        near = fullest > _NEAR and quota is Quota.IDENTITY
        return {"x-ms-throttle-limit-percentage": f"{fullest:.2f}"} if near else {}


def _too_many(quota: Quota, *, write: bool, wait: float) -> GraphError:
    headers = {
        "x-ms-throttle-scope": f"Tenant_Application/{'Write' if write else 'Read'}/emulator/emulator",
        "x-ms-throttle-information": "WriteLimitExceeded" if write else "ResourceUnitLimitExceeded",
    }
    if quota not in _SILENT:
        headers["Retry-After"] = str(max(1, round(wait + 0.5)))
    return GraphError(429, f"Too many requests to {quota}.", headers=headers)
