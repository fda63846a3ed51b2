"""The order of file rules in a binary, above all of rules that its sort key cannot tell apart.

The key knows nothing of versions, so two rules such as ``FileName="*"``, one per signing scenario, are equal to
it. To a headset their order means nothing; to somebody who compares files it does. The vendor's compiler runs
inside Windows PowerShell, whose sort is an unstable quicksort; other hosts leave equal rules as they are.

Source: order of equal rules in published pairs of XML and binary: six follow the first way, three the second.
"""

from __future__ import annotations

from enum import StrEnum

from holofleet.formats.app_control.model import Policy

_DEPTH = 32
"""Divisions after which the quicksort gives up; only data made for it gets there, and is then sorted stably."""


class Ties(StrEnum):
    """What becomes of rules that the sort key cannot tell apart."""

    STABLE = "stable"
    """They keep the order of the policy: binary to values to binary changes nothing."""

    POWERSHELL = "powershell"
    """They stand as ``ConvertFrom-CIPolicy`` leaves them."""


def places(policy: Policy, ties: Ties) -> list[int]:
    """Return which rule of the policy comes first, second and so on."""
    keys = policy.rule_keys()
    if ties is Ties.STABLE:
        return sorted(range(len(keys)), key=keys.__getitem__)
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    found = list(range(len(keys)))
    _quicksort(found, [ranks[key] for key in keys])
    return found


def arranged(policy: Policy, ties: Ties) -> Policy:
    """Return the policy in the order of its binary."""
    return policy.canonical(places(policy, ties))


def before(policy: Policy, ties: Ties) -> Policy:
    """Return the policy in an order that :func:`arranged` turns into this one.

    Args:
        policy: As a binary has it.
        ties: How it shall be compiled again.
    """
    moves = places(policy, ties)  # equal keys at equal places: the sort moves the same places again
    earlier = [0] * len(moves)
    for new, old in enumerate(moves):
        earlier[old] = new
    return policy.canonical(earlier)


def _quicksort(items: list[int], ranks: list[int]) -> None:
    """Sort items by their ranks, in place: the middle of three as pivot, equal items are swapped too."""
    pending = [(0, len(items) - 1, _DEPTH)]
    while pending:
        left, right, depth = pending.pop()
        if left >= right:
            continue
        if depth == 0:
            items[left : right + 1] = sorted(items[left : right + 1], key=ranks.__getitem__)
            continue
        low, high = _divide(items, ranks, left, right)
        pending += [(left, high, depth - 1), (low, right, depth - 1)]


def _divide(items: list[int], ranks: list[int], left: int, right: int) -> tuple[int, int]:
    """Part a stretch at its pivot; returns where the upper part begins and the lower one ends."""
    middle = left + (right - left) // 2
    for one, other in ((left, middle), (left, right), (middle, right)):
        if ranks[items[one]] > ranks[items[other]]:
            items[one], items[other] = items[other], items[one]
    pivot = ranks[items[middle]]
    low, high = left, right
    while low <= high:
        while ranks[items[low]] < pivot:
            low += 1
        while pivot < ranks[items[high]]:
            high -= 1
        if low > high:
            break
        items[low], items[high] = items[high], items[low]
        low, high = low + 1, high - 1
    return low, high
