"""Permissions of a plan: what its operations need, and what the token lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from holofleet.errors import RefusedError
from holofleet.targets.graph.operations import Operation
from holofleet.targets.graph.reconcile import Difference, Kind
from holofleet.targets.graph.tokens import Token, missing


@dataclass(frozen=True, slots=True)
class Needs:
    """Which permissions something needs, each with the names of the operations that need it."""

    operations: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> Needs:
        """Gather the permissions of operations."""
        by_permission: dict[str, set[str]] = defaultdict(set)
        for operation in operations:
            for permission in operation.permissions:
                by_permission[permission].add(operation.name)
        return cls({name: tuple(sorted(users)) for name, users in sorted(by_permission.items())})

    @property
    def permissions(self) -> tuple[str, ...]:
        """Sorted."""
        return tuple(self.operations)

    def check(self, token: Token | None) -> None:
        """Refuse before anything is sent when the token says that it lacks something.

        Raises:
            RefusedError: names each missing permission and the operations that need it.
        """
        held = token.permissions if token is not None else None
        if held is None:
            return
        lacking = missing(self.permissions, held)
        if lacking:
            listed = "; ".join(f"{name} for {', '.join(self.operations[name])}" for name in lacking)
            raise RefusedError(
                f"the sign-in lacks {len(lacking)} permissions: {listed}",
                mend="An administrator grants them to the app registration; nothing has been changed.",
            )


def to_read(kinds: Iterable[Kind]) -> Needs:
    """Return what reading the kinds needs."""
    return Needs.of(operation for kind in kinds for operation in kind.reads)


def to_apply(differences: Iterable[Difference]) -> Needs:
    """Return what carrying out differences needs, beside reading."""
    return Needs.of(
        operation
        for difference in differences
        for operation in difference.kind.writes(difference.act, difference.names)
    )
