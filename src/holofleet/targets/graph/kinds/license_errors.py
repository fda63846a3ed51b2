"""Members of a group who did not get its licenses: who, why, and what mends it.

Source: 'licenseAssignmentState resource type' and 'Identify and resolve license assignment problems for a group'
(Microsoft).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from holofleet.errors import HolofleetError

_SHOWN: Final = 5
_NO_SEAT: Final = "CountViolation"
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    _NO_SEAT: ("no seat is free", "buy seats, or take members out of the file"),
    "MutuallyExclusiveViolation": (
        "another product of theirs has a service plan that excludes one of these",
        "switch one of the two plans off (disabled_plans)",
    ),
    "DependencyViolation": (
        "a service plan needs another that is switched off",
        "switch both off, or leave both on (disabled_plans)",
    ),
    "ProhibitedInUsageLocationViolation": (
        "the product is not sold where they are",
        "set their usage location (usage_location)",
    ),
    "UniquenessViolation": ("a proxy address of theirs is used twice", "remove the second use of the address"),
    "Other": ("another product of the group failed for them", "mend that one"),
}


class LicenseError(HolofleetError):
    """Licenses were assigned to a group, and some members did not get them."""

    exit_status = 1


def sentence(group_id: str, members: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
    """Return who got nothing and why, and what mends it.

    Args:
        group_id: The group whose licenses failed.
        members: Users with ``userPrincipalName`` and ``licenseAssignmentStates``.
    """
    by_error: dict[str, list[str]] = defaultdict(list)
    for member in members:
        for error in sorted(_errors(group_id, member)):
            by_error[error].append(str(member.get("userPrincipalName") or member.get("id")))
    if len(by_error) > 1:
        by_error.pop("Other", None)  # it only follows from the others
    said, mends = [], []
    for error, names in sorted(by_error.items()):
        what, mend = _WORDS.get(error, ("the service gives no reason that is known", "look in the admin center"))
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        said.append(f"{', '.join(sorted(names)[:_SHOWN])}{more}: {what} ({error})")
        mends.append(mend)
    again = "then plan again, or have their licenses processed again in the Entra admin center (Groups, Licenses)."
    return "; ".join(said) + ".", f"To mend it, {'; '.join(mends)}; {again}"


def mendable(group_id: str, members: Iterable[Mapping[str, Any]], free: Mapping[str, int]) -> dict[str, str]:
    """Return the members, names by id, who lack nothing but seats that are free by now.

    Args:
        group_id: The group whose licenses failed.
        members: As for :func:`sentence`.
        free: Free seats by skuId in lower case.
    """
    left = dict(free)
    found: dict[str, str] = {}
    for member in sorted(members, key=lambda one: str(one["id"])):
        failed = [state for state in _failed(group_id, member) if state.get("error") != "Other"]
        needed = [str(state["skuId"]).casefold() for state in failed]
        seats = all(state.get("error") == _NO_SEAT for state in failed)
        if needed and seats and all(left.get(sku, 0) > 0 for sku in needed):
            found[str(member["id"])] = str(member.get("userPrincipalName") or member["id"])
            left |= {sku: left[sku] - 1 for sku in needed}
    return found


def _errors(group_id: str, member: Mapping[str, Any]) -> set[str]:
    return {str(state.get("error") or "Other") for state in _failed(group_id, member)} or {"Other"}


def _failed(group_id: str, member: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        state
        for state in member.get("licenseAssignmentStates") or ()
        if str(state.get("assignedByGroup")).casefold() == group_id.casefold()
        and state.get("state") in ("Error", "ActiveWithError")
    ]
