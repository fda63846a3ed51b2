"""The server as a target: it is told a State, and its headsets report."""

from __future__ import annotations

from collections.abc import Mapping

from holofleet.plans import ApplyReport, Drift, Plan, compare
from holofleet.resources import State
from holofleet.targets.server.client import ApiClient


class ServerTarget:
    """Publishes to a holofleet server; the server applies a publication in one transaction or not at all."""

    name = "server"

    def __init__(self, api: ApiClient, *, reason: str = "") -> None:
        """Take the way to the server, and why, where a plan takes two persons and one applies it alone."""
        self._api = api
        self._reason = reason

    def read(self) -> State:
        """Return the State that the server was told last; empty if it was never told one."""
        return State.from_json(self._api.get("/state")["state"])

    def plan(self, desired: State) -> Plan:
        """Compare with what the server was told last."""
        return compare(desired, self.read(), target=self.name)

    def drift(self) -> tuple[Drift, ...]:
        """Return what headsets report otherwise than they were told."""
        return tuple(
            Drift(
                serial=item["serial"],
                oma_uri=item["oma_uri"],
                desired=item["desired"],
                reported=item["reported"],
                status=item["status"],
                reason=item.get("reason") or "",
                since=item.get("since") or "",
            )
            for item in self._api.get("/drift")["drift"]
        )

    def apply(self, plan: Plan, desired: State, texts: Mapping[str, str]) -> ApplyReport:
        """Publish ``desired``, bound to the State that the plan was made against.

        Raises:
            ConflictError: somebody published since the plan was made: plan again.
        """
        self._api.put(
            "/state",
            {
                "state": desired.to_json(),
                "texts": dict(texts),
                "plan_hash": plan.hash,
                "told_hash": plan.told_hash,
                **({"reason": self._reason} if self._reason else {}),
            },
        )
        headsets = {serial for change in plan.settings for serial in change.headsets}
        note = f"{len(headsets)} headsets get changed settings at their next check-in." if headsets else ""
        return ApplyReport(self.name, len(plan.changes), (note,) if note else ())
