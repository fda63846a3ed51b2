"""The plan as a value: sorted changes, counts, a hash to approve, and one JSON form.

The hash covers everything that :func:`Plan.to_json` shows but the hash itself, so that what was approved and
what is applied are the same bytes (SECURITY D8).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from holofleet.resources import Address, Undelivered

_SHOWN = 4
ADOPT = "adopt"
"""Field of a change that stands for taking over what somebody else made; its value afterwards is the id of it."""


class Act(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"

    @property
    def sign(self) -> str:
        """``+``, ``~`` or ``-``; never shown without the word."""
        return {"create": "+", "update": "~", "delete": "-"}[self]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One property of a resource: ``None`` where it is not there. Values as in the JSON form of the noun."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One CSP node that gets another value on some headsets.

    ``before`` and ``after`` are texts on the wire with variables and secret references unresolved; ``None``
    means that the node is not set. ``weakens`` says what becomes weaker, or is empty.
    """

    oma_uri: str
    before: str | None
    after: str | None
    headsets: tuple[str, ...]
    weakens: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that is created, updated or deleted; ``formerly`` is its old address after a renaming."""

    address: Address
    act: Act
    fields: tuple[FieldChange, ...] = ()
    formerly: Address | None = None


@dataclass(frozen=True)
class Plan:
    """The difference between what a target was told and what the fleet file wants.

    Args:
        target: Name of the target.
        changes: Resources, in the order in which they are applied.
        settings: What changes on headsets, by node: the same fact as the ``document`` fields, readable.
        undelivered: What the file says and this target does not deliver.
        desired_hash, told_hash: Hashes of the two States that were compared.
        told_counts: How many resources of each kind the target knew, for the thresholds.
        offered: Addresses of what differs and is changed only when it is asked for by name.
        unsolved: Addresses of what differs and only a person can solve; ``undelivered`` has the reasons.
    """

    target: str
    changes: tuple[Change, ...]
    settings: tuple[SettingChange, ...]
    undelivered: tuple[Undelivered, ...]
    desired_hash: str
    told_hash: str
    told_counts: dict[str, int]
    offered: tuple[str, ...] = ()
    unsolved: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True when applying would change nothing."""
        return not self.changes and not self.settings

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many changes of each act; always all three keys."""
        tally = Counter(change.act for change in self.changes)
        return {str(act): tally[act] for act in Act}

    @property
    def headline(self) -> str:
        """How the target differs, in a line: it says that all is well only when nothing differs at all."""
        parts = []
        if not self.empty:
            counts = self.counts
            headsets = len({serial for change in self.settings for serial in change.headsets})
            parts.append(
                f"{self.target}: {counts['create']} to create, {counts['update']} to update, "
                f"{counts['delete']} to delete; {len(self.settings)} settings change on {headsets} headsets"
            )
        elif self.offered or self.unsolved:
            parts.append("No changes to make")
        elif self.target == "graph":
            parts.append("No changes: the tenant is as the file says")
        else:
            parts.append(f"No changes: {self.target} was told exactly this")
        if self.offered:
            parts.append(
                f"{_count(self.offered, 'setting differs', 'settings differ')}, written only when named: "
                f"{some_of(self.offered)}"
            )
        if self.unsolved:
            waiting = _count(self.unsolved, "thing waits", "things wait")
            parts.append(f"{waiting} for you: {some_of(self.unsolved)}")
        return "; ".join(parts) + "."

    @property
    def deletions(self) -> tuple[Change, ...]:
        """The changes that delete something."""
        return tuple(change for change in self.changes if change.act is Act.DELETE)

    @property
    def weakening(self) -> tuple[str, ...]:
        """What becomes weaker, one sentence for each setting that loses its protecting value."""
        return tuple(s.weakens for s in self.settings if s.weakens)

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of the canonical JSON form without the hash itself."""
        canonical = json.dumps(self._body(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the stable JSON form."""
        return {**self._body(), "hash": self.hash}

    def _body(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "headline": self.headline,
            "changes": [
                {
                    "address": str(change.address),
                    "act": str(change.act),
                    "formerly": str(change.formerly) if change.formerly else None,
                    "fields": [{"field": f.field, "before": f.before, "after": f.after} for f in change.fields],
                }
                for change in self.changes
            ],
            "settings": [
                {
                    "oma_uri": s.oma_uri,
                    "before": s.before,
                    "after": s.after,
                    "headsets": list(s.headsets),
                    "weakens": s.weakens,
                }
                for s in self.settings
            ],
            "offered": list(self.offered),
            "unsolved": list(self.unsolved),
            "undelivered": [item.model_dump(mode="json") for item in self.undelivered],
            "counts": self.counts,
            "desired_hash": self.desired_hash,
            "told_hash": self.told_hash,
        }


def some_of(names: Sequence[str]) -> str:
    """Return a few names, and how many more there are."""
    shown, more = names[:_SHOWN], len(names) - _SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _count(things: Sequence[str], one: str, many: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else many}"
