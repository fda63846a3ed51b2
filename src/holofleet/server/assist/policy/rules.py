"""The rules of calls, pure: two sides at a time, and a headset by itself.

A call is allowed when each two of its sides may meet and each of its headsets may call. Nothing else decides, in
search, at an invitation, when somebody is added, and while a call runs. Deny by default: whoever is not known, not
here, or of a kind that nothing is said about, is refused.

Sources: 'Deploy cloud connected HoloLens 2 to external clients' (Microsoft, 2024-06-27), section 'Common concerns'
(EXT-35 headset to headset, EXT-37 barriers, EXT-57 experts of the organization); 'Deploying Remote Assist using a
shared identity across multiple users', sections 'Limitations' and 'Issues' (SHR-33, SHR-37).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from holofleet.resources import CallRules
from holofleet.server.assist.policy.hours import is_open
from holofleet.server.assist.policy.published import PublishedCalls
from holofleet.server.assist.policy.values import ALLOWED, Side, SideKind, Switches, Verdict

OWN = "own"
_UNKNOWN = Verdict(False, "EXT-57", "Nobody of that name can be called from here.")
"""One answer for somebody who does not exist and for somebody who may not be found."""
_NO_RULES = Verdict(False, "EXT-57", "The fleet file says nothing about calls of this headset.")


def judge_pair(calls: PublishedCalls, one: Side, other: Side) -> Verdict:
    """Tell whether two sides may meet in a call; the order of the two changes nothing."""
    if not (one.here and other.here):
        return _UNKNOWN
    if one.kind is SideKind.HEADSET and other.kind is SideKind.HEADSET:
        return Verdict(False, "EXT-35", "A headset calls an expert, never another headset.")
    if barred(calls, one, other):
        return _UNKNOWN
    for side, far in ((one, other), (other, one)):
        if side.kind is SideKind.EXPERT and not side.expert:
            return _UNKNOWN
        if side.kind is SideKind.HEADSET:
            return _headset_meets(calls, side, far)
    return ALLOWED


def _headset_meets(calls: PublishedCalls, headset: Side, far: Side) -> Verdict:
    rules = calls.rules.get(headset.deployment)
    if rules is None or rules.client != headset.client:
        return _NO_RULES
    if far.kind is SideKind.GUEST:
        if "guests" in rules.forbid:
            return Verdict(False, "assist.forbid", "Guests may not take part in calls of this headset.")
        return ALLOWED
    if not far.expert:
        return _UNKNOWN
    if rules.barrier == "client" and far.client not in (OWN, headset.client):
        return _UNKNOWN
    if rules.experts:
        listed = far.upn in rules.experts or not far.groups.isdisjoint(rules.experts)
        return ALLOWED if listed else _UNKNOWN
    return ALLOWED if far.client == OWN else _UNKNOWN


def barred(calls: PublishedCalls, one: Side, other: Side) -> bool:
    """Tell whether an information barrier stands between two sides."""
    mine, theirs = segments(one), segments(other)
    return any(
        (left in mine and right in theirs) or (left in theirs and right in mine) for left, right in calls.barriers
    )


def segments(side: Side) -> frozenset[str]:
    """Return the names by which barriers keep a side from others: its groups and its client."""
    return side.groups | ({side.client} if side.client else set())


def may_begin(calls: PublishedCalls, headset: Side, at: datetime) -> Verdict:
    """Tell whether a headset may begin a call, or be called, at all."""
    rules = calls.rules.get(headset.deployment)
    if not headset.here:
        return Verdict(
            False, "assist", "This headset takes part in no calls: it is lost, or no longer in the fleet."
        )
    if rules is None or rules.client != headset.client:
        return _NO_RULES
    return _vendor(rules) or _licensed(rules, headset) or _held(rules, headset) or _within(rules, at) or ALLOWED


def _vendor(rules: CallRules) -> Verdict | None:
    if rules.product == "holofleet":
        return None
    return Verdict(False, "assist.product", "Calls of this headset are made with Remote Assist.")


def _licensed(rules: CallRules, headset: Side) -> Verdict | None:
    if not rules.license or rules.license in headset.licenses:
        return None
    return Verdict(False, "assist.license", f"The account of this headset lacks the license {rules.license}.")


def _held(rules: CallRules, headset: Side) -> Verdict | None:
    if rules.holder == "shown" or headset.held:
        return None
    return Verdict(False, "SHR-37", "Take the headset under your name first: calls of nobody are not allowed.")


def _within(rules: CallRules, at: datetime) -> Verdict | None:
    if is_open(rules.hours, at):
        return None
    return Verdict(False, "assist.hours", "No expert may be called from here now.")


def judge_call(calls: PublishedCalls, sides: Iterable[Side]) -> Verdict:
    """Tell whether sides may be in one call together: each two of them, and no second headset."""
    listed = tuple(sides)
    for index, one in enumerate(listed):
        for other in listed[index + 1 :]:
            verdict = judge_pair(calls, one, other)
            if not verdict.allowed:
                return verdict
    return ALLOWED


def switches(calls: PublishedCalls, sides: Iterable[Side]) -> Switches:
    """Return what a call of these sides may do; what one headset's rules forbid is off for all."""
    found = [calls.rules.get(side.deployment) for side in sides if side.kind is SideKind.HEADSET]
    known = [rules for rules in found if rules is not None]
    sure = bool(known) and len(known) == len(found)
    off = {what for rules in known for what in rules.forbid}
    below = {rules.low_bandwidth for rules in known}
    return Switches(
        recording=sure and all(rules.recording == "allowed" for rules in known),
        chat=sure and "chat" not in off,
        files=sure and "files" not in off,
        snapshots=sure and "snapshots" not in off,
        location=sure and "location" not in off,
        guests=sure and "guests" not in off,
        low_bandwidth=next((way for way in ("refuse", "snapshots") if way in below), "low-resolution"),
    )
