"""What headsets do, in groups of endpoints: the tasks of the catalog, and the four ways of using a fleet.

A task names the groups that must be open for it to finish. An endpoint that its publisher marks as conditional is
required when one of the task's uses is what it is needed for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

USES: Mapping[str, frozenset[str]] = {
    "near-offline-guide": frozenset({"mfa", "intune"}),
    "oobe-entra": frozenset({"oobe", "entra-join", "sign-in", "pin-setup"}),
    "autopilot": frozenset({"autopilot", "intune"}),
    "manage": frozenset({"intune"}),
    "update": frozenset({"updates"}),
    "store-apps": frozenset({"store-apps"}),
    "remote-assist": frozenset({"remote-assist", "remote-assist-update"}),
    "mfa": frozenset({"mfa"}),
}
"""What each task of the catalog uses, in the words of ``Endpoint.needed_for``."""

_USUAL = ("oobe-entra", "autopilot", "manage", "update", "store-apps", "mfa")
_FLEETS: Mapping[str, tuple[str, ...]] = {
    "cloud-connected": _USUAL,
    "external-clients": _USUAL,
    "shared-identity": _USUAL,
    "near-offline": ("near-offline-guide", *_USUAL),
}
SCENARIOS: Mapping[str, tuple[str, ...]] = {**{task: (task,) for task in USES}, **_FLEETS}
"""Tasks by the name that a person asks for: a task itself, or a scenario of a fleet file."""


def tasks_of(scenarios: Iterable[str]) -> tuple[str, ...]:
    """Return the tasks of scenarios, each once.

    Raises:
        KeyError: there is no such scenario.
    """
    return tuple(dict.fromkeys(task for name in scenarios for task in SCENARIOS[name]))


def uses_of(tasks: Iterable[str]) -> frozenset[str]:
    """Return what tasks use."""
    return frozenset[str]().union(*(USES[task] for task in tasks))
