"""Profiles of others that set what ours set on the same headsets, to something else.

The service then applies neither value and reports a conflict for each headset. So a profile of ours that would run
into one is not made or changed until a person has decided: what worked before goes on working.

What is seen here: custom settings of one OMA-URI, and properties of two update rings, assigned to a group of ours
or to all devices. Not seen: settings catalogs and baselines, which have no OMA-URI to compare, assignments
to people, and assignments behind a filter.

Source: 'Troubleshoot policies and profiles in Intune: conflicts' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from holofleet.resources import Address
from holofleet.targets.graph.kinds.assigned import GROUPS, OTHERS, assigned
from holofleet.targets.graph.lowering import ring
from holofleet.targets.graph.lowering.profiles import CUSTOM
from holofleet.targets.graph.reconcile import Problem, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer

UNSEEN: Final = (
    "settings catalogs, security baselines and administrative templates of others",
    "profiles of others for people, and behind an assignment filter",
)
"""What may set the same on headsets and is not looked at; every plan says so."""
_SETTINGS: Final = "omaSettings"
_IDENTITY: Final = ("@odata.type", "displayName", "description", OTHERS)
_ALL_DEVICES: Final = "allDevicesAssignmentTarget"
_EXCLUDED: Final = "exclusionGroupAssignmentTarget"
_SHOWN: Final = 3


class Rivals:
    """Recognizes profiles of others that set something that one of ours sets, whoever gets them."""

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        self._nodes: set[str] = set()
        self._ring = False
        for one in wanted:
            self._nodes |= {name for name in one.properties if name.startswith("./")}
            self._ring |= one.properties.get("@odata.type") == ring.TYPE

    def sets_the_same(self, item: Mapping[str, Any]) -> bool:
        """Return whether a listed profile, which is not ours, does."""
        if not item.get("assignments"):
            return False
        if item.get("@odata.type") == CUSTOM:
            return bool(self.narrowed(item)[_SETTINGS])
        return self._ring and item.get("@odata.type") == ring.TYPE

    def narrowed(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a profile with only the custom settings that ours set too: no other value needs to be read."""
        settings = [one for one in item.get(_SETTINGS) or () if one.get("omaUri") in self._nodes]
        return {**item, _SETTINGS: settings}


def found(profiles: Side, groups: Side | None, comparers: Mapping[str, Comparer]) -> list[Problem]:
    """Return one problem for each profile of ours that another fights with.

    Args:
        profiles: Ours as wanted, and everything seen.
        groups: The groups of headsets.
        comparers: How properties are compared.
    """
    ids = {seen.address: seen.id for seen in groups.seen if seen.address is not None} if groups is not None else {}
    problems = []
    for wanted in profiles.wanted:
        ours = {ids.get(group, "") for group in wanted.references.get(GROUPS, ())}
        for seen in profiles.seen:
            if seen.address is not None or seen.key or not _reaches(seen.raw, ours):
                continue
            names = _fought(wanted, seen.properties, comparers)
            if names:
                problems.append(_problem(wanted.address, str(seen.properties.get("displayName")), names))
    return problems


def _reaches(item: Mapping[str, Any], ours: set[str]) -> bool:
    """Return whether a profile is for a group of ours, or for all devices without leaving that group out."""
    listed, others = assigned(item.get("assignments") or ())
    left_out = {f"{_EXCLUDED} {group}" for group in ours} & set(others)
    return bool(ours & set(listed)) or (_ALL_DEVICES in others and not left_out)


def _fought(wanted: Wanted, seen: Mapping[str, Any], comparers: Mapping[str, Comparer]) -> list[str]:
    if wanted.properties.get("@odata.type") != seen.get("@odata.type"):
        return []
    shared = [name for name in wanted.properties if name in seen and name not in _IDENTITY]
    shared = [name for name in shared if name.startswith("./") or seen.get("@odata.type") == ring.TYPE]
    return [name for name in sorted(shared) if not comparers[name](wanted.properties[name], seen[name])]


def _problem(address: Address, title: str, names: list[str]) -> Problem:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    reason = (
        f"The profile {title}, which is not ours, sets {', '.join(names[:_SHOWN])}{more} on the same headsets to "
        "something else; neither would apply. Take its assignment away, or the setting out of one of the two."
    )
    return Problem(address, reason, blocks=frozenset({address}))
