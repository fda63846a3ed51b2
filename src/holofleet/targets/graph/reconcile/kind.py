"""The port of the kinds: one object of a tenant that the target manages, read and written.

A kind never sends: its methods are works (:mod:`holofleet.targets.graph.work`), and the engine runs the works of
all objects together. A kind never decides either: what is made, changed or deleted comes out of the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from holofleet.errors import HolofleetError, InputError
from holofleet.plans import Act
from holofleet.resources import Address, State
from holofleet.targets.graph.operations import Operation
from holofleet.targets.graph.reconcile.marker import Marker
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.reconcile.values import Ids, Seen, Wanted
from holofleet.targets.graph.work import Work


def no_secrets(reference: str) -> str:
    """Refuse to resolve a secret: for plans and drift where nobody gave a way to."""
    raise InputError(f"the secret {reference} is needed here, and nothing resolves it")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a kind may look at.

    Args:
        state: What the fleet file wants, whole.
        marker: Of this installation.
        resolve: Returns the value of a reference to a secret; called only where it is sent or compared.
    """

    state: State
    marker: Marker
    resolve: Callable[[str], str] = no_secrets


class Kind(Protocol):
    """One kind of object.

    Attributes:
        name: Kind in addresses.
        after: Kinds that have to be made before it and go after it, beyond what references say.
        comparers: By property; others are compared with :func:`~holofleet.targets.graph.reconcile.meaning.same`.
        closed: Beginnings of property names that are a collection: one that is seen and not wanted is a
            difference. Other properties that are only seen are the service's own.
        reads: Operations that :meth:`read` may ask for.
    """

    name: str
    after: Sequence[str]
    comparers: Mapping[str, Comparer]
    closed: Sequence[str]
    reads: Sequence[Operation]

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations that carrying out an act may ask for; ``fields`` are those that change."""
        ...

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return what is wanted, pure and in a stable order."""
        ...

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read what the tenant has: all that is ours, and what could be adopted by its natural key."""
        ...

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make it, marked as ours, and return its id. The request carries a lookup by the marker."""
        ...

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change what differs; also sets the marker of an adopted one."""
        ...

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Delete it; one that is gone already is deleted."""
        ...


@runtime_checkable
class Bulk(Protocol):
    """A kind that makes many objects in one request of the service, so that all of them are one work."""

    name: str

    def create_all(
        self, wanted: Sequence[Wanted], ids: Ids, scope: Scope
    ) -> Work[Mapping[Address, str | HolofleetError]]:
        """Make them; return the id of each, or why it was not made. An error raised here is that of all."""
        ...
