"""What people may ask of the audit log: search, verify, export, and a checkpoint to keep elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from holofleet.clock import Clock
from holofleet.errors import InputError
from holofleet.server.audit.chain import Anchor, Cut, Link, Verification
from holofleet.server.audit.checkpoint import Checkpoint, parse, public_key, sign
from holofleet.server.audit.store import AuditQuery, AuditStore
from holofleet.server.authorization import Action, Principal, Target, permit

MAX_CHECKPOINTS = 1_000
"""Lines that one verification takes: as many as fit into a request."""
_YEARS_BACK = 20


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verification found, and which checkpoints it could use.

    Args:
        verification: The walk over the chain.
        foreign: Checkpoints with a key that this installation never had: of another one, or made up.
        cut_kept_outside: One of the checkpoints that were given is the one of the cut.
    """

    verification: Verification
    foreign: int = 0
    cut_kept_outside: bool = False

    @property
    def intact(self) -> bool:
        """Whether nothing was found, and a cut of old records is proved."""
        return self.verification.intact

    @property
    def problem(self) -> str:
        """What is wrong, in words; empty when nothing is."""
        return self.verification.problem


class AuditService:
    """Reads the chain for people and programs that may."""

    def __init__(
        self, store: AuditStore, clock: Clock, *, installation: str, seed_of_year: Callable[[int], bytes]
    ) -> None:
        """Take the chain, the clock, the installation's id and the secret of each year's key."""
        self._store = store
        self._clock = clock
        self._installation = installation
        self._seed = seed_of_year

    def search(
        self, principal: Principal, query: AuditQuery, *, before: int | None = None, limit: int = 100
    ) -> tuple[Link, ...]:
        """Return records, newest first.

        Raises:
            RefusedError: the principal may not, or sees some clients only.
        """
        _require(principal)
        return self._store.page(principal.scope, query=query, before=before, limit=limit)

    def export(self, principal: Principal, *, after: int, limit: int) -> tuple[Link, ...]:
        """Return records of the whole installation, oldest first: all of them, or the chain would not hold.

        Raises:
            RefusedError: the principal may not, or sees some clients only.
        """
        _require(principal)
        return self._store.after(after, limit)

    def checkpoint(self, principal: Principal) -> Checkpoint:
        """Sign how far the chain reaches.

        Raises:
            RefusedError: the principal may not, or sees some clients only.
        """
        _require(principal)
        return self.sign(self._store.head(), self._clock.now())

    def sign(self, anchor: Anchor, at: datetime) -> Checkpoint:
        """Sign that the chain reaches to a record; for the server's own work, which nobody asks."""
        return sign(self._installation, anchor, at, self._seed(at.year))

    def is_ours(self, checkpoint: Checkpoint) -> bool:
        """Return whether a checkpoint was signed by a key of this installation."""
        return checkpoint.key in self._keys()

    def names(self, principal: Principal, links: Iterable[Link]) -> dict[int, dict[str, str]]:
        """Return what names people in records, by number; what was erased is not there.

        Raises:
            RefusedError: the principal may not, or sees some clients only.
        """
        _require(principal)
        return self._store.names(links)

    def verify(self, principal: Principal, lines: Iterable[str] = ()) -> Proof:
        """Walk the whole chain against checkpoints that were kept elsewhere.

        Raises:
            RefusedError: the principal may not, or sees some clients only.
            InputError: a line is no checkpoint or was changed, or there are too many.
        """
        _require(principal)
        checkpoints = [parse(line) for line in lines if line.strip()]
        if len(checkpoints) > MAX_CHECKPOINTS:
            raise InputError(f"more than {MAX_CHECKPOINTS} checkpoints", mend="Take the newest of each day.")
        ours = self._keys()
        own = [one for one in checkpoints if one.key in ours]
        found = self._store.verify(one.anchor for one in own)
        outside = found.cut is not None and any(one.anchor == found.cut.anchor for one in own)
        unproved = _unproved(found.cut, ours)
        if unproved and found.intact:
            found = replace(found, problem=unproved)
        return Proof(found, len(checkpoints) - len(own), outside)

    def _keys(self) -> frozenset[str]:
        this = self._clock.now().year
        return frozenset(public_key(self._seed(year)) for year in range(this - _YEARS_BACK, this + 1))


def _unproved(cut: Cut | None, keys: frozenset[str]) -> str:
    if cut is None:
        return ""
    try:
        checkpoint = parse(cut.line)
    except InputError:
        return f"records up to {cut.anchor.sequence} were cut, and no checkpoint proves it"
    if checkpoint.anchor != cut.anchor or checkpoint.key not in keys:
        return f"records up to {cut.anchor.sequence} were cut, and the checkpoint there is not one of this server"
    return ""


def _require(principal: Principal) -> None:
    permit(principal, Action.READ_AUDIT, Target.installation()).require()
