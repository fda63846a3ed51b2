"""What is remembered of the newest walk over the audit chain, so that the log can say when it was last proved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from holofleet.server.audit import Proof


@dataclass(frozen=True, slots=True)
class LastProof:
    """A walk that somebody asked for, and when."""

    proof: Proof
    at: datetime


class Proofs:
    """The newest walk since this server started; a restart forgets it, and the page says so."""

    def __init__(self) -> None:
        self.newest: LastProof | None = None
