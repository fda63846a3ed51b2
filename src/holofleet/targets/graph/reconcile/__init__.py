"""Reconciling: what a tenant has, what is wanted, the difference, and the order in which it is carried out.

What lives here: values (``values.py``), the marker that says "ours" (``marker.py``), comparing by meaning
(``meaning.py``, ``compare.py``), and carrying out in waves (``waves.py``). What does not: any single kind of
object (they implement ``kind.py``, the port: start reading there) and sending.
"""

from holofleet.targets.graph.reconcile.compare import (
    Difference,
    Examining,
    Problem,
    Proposal,
    Side,
    compare,
    examine,
)
from holofleet.targets.graph.reconcile.kind import Kind, Scope
from holofleet.targets.graph.reconcile.marker import Marker
from holofleet.targets.graph.reconcile.values import Care, Ids, Seen, Wanted
from holofleet.targets.graph.reconcile.waves import Outcome, carry_out

__all__ = [
    "Care",
    "Difference",
    "Examining",
    "Ids",
    "Kind",
    "Marker",
    "Outcome",
    "Problem",
    "Proposal",
    "Scope",
    "Seen",
    "Side",
    "Wanted",
    "carry_out",
    "compare",
    "examine",
]
