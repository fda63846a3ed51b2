"""Two objects where one is meant: which of them to keep, and how the other goes. Nothing is done by itself.

Twins come of two applies at once, of a restored backup, of the portal's "Duplicate", which copies the description
and the marker in it. Either may have been put to use by somebody, so a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from holofleet.plans import Act
from holofleet.targets.graph.reconcile.kind import Kind
from holofleet.targets.graph.reconcile.values import Seen

_SHOWN = 5


def uses(seen: Iterable[Seen]) -> Mapping[str, int]:
    """Return how often objects of ours refer to something, by its id."""
    return Counter(id_ for one in seen if one.ours for ids in one.references.values() for id_ in ids)


def to_keep(found: Sequence[Seen], used: Mapping[str, int]) -> Seen:
    """Return the one that most of ours refers to; among equals the oldest, then the first by id."""
    return min(found, key=lambda one: (-used.get(one.id, 0), str(one.raw.get("createdDateTime") or "~"), one.id))


def sentence(kind: Kind, found: Sequence[Seen], used: Mapping[str, int]) -> str:
    """Return what is there twice, which to keep and why, and the request that deletes the others."""
    kept = to_keep(found, used)
    others = sorted(one.id for one in found if one is not kept)
    why = "objects of ours refer to it" if used.get(kept.id) else _older(kept, found)
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    listed = ", ".join(others[:_SHOWN]) + more
    return (
        f"{len(found)} objects carry its marker: {kept.id} and {listed}. Keep {kept.id} ({why}); move what others "
        f"made of {listed} over, and delete it by hand ({_deletion(kind)}). Until then nothing is done about it, "
        "nor about what refers to it."
    )


def _older(kept: Seen, found: Sequence[Seen]) -> str:
    if kept.raw.get("createdDateTime") and all(one.raw.get("createdDateTime") for one in found):
        return "it is the oldest"
    return "nothing of ours refers to either, so any will do"


def _deletion(kind: Kind) -> str:
    operations = [one for one in kind.writes(Act.DELETE, frozenset()) if one.method == "DELETE"]
    if not operations:
        return "in the admin center"
    return f"in the admin center, or DELETE /{operations[-1].version}{operations[-1].path}"
