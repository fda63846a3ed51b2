"""The guides' service: when to judge again, who may see it, and how it turned.

A judgement is kept until something newer was published or it is :data:`FRESH` old. Small fleets are judged while
the page waits (some milliseconds); larger ones beside it, by one thread at a time: until it is done the page shows
the last judgement and says from when it is.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Lock, Thread

from holofleet.clock import Clock
from holofleet.errors import HolofleetError, NotFoundError
from holofleet.server.authorization import Action, Principal, Target, permit
from holofleet.server.guides.store import GuideStore, Turn
from holofleet.server.guides.views import Board, Statement

_LOG = logging.getLogger("holofleet.server.guides")
FRESH = timedelta(seconds=60)
"""How long a judgement stands while nothing new is published. Ours."""
SMALL = 1_000
"""Headsets up to which a page waits for the judgement. Ours."""
MOST_TURNS = 50


class GuideService:
    """Where the fleet stands. Safe for use from several threads.

    A fleet file names every client at once, and so do the reasons of a statement: only who sees every client may
    see them (:attr:`Action.READ_TEXTS`).
    """

    def __init__(self, store: GuideStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._board: Board | None = None
        self._judging = Lock()

    def board(self, principal: Principal) -> Board | None:
        """Return where the fleet stands; ``None`` while the first judgement of a large fleet is being made.

        Raises:
            RefusedError: the principal may not see the fleet file.
        """
        permit(principal, Action.READ_TEXTS, Target.installation()).require()
        publication, _, headsets = self._store.published(most=SMALL + 1)
        known = self._board
        if known is not None and self._stands(known, publication):
            return known
        if headsets <= SMALL:
            return self.judge()
        Thread(target=self._beside, name="guides", daemon=True).start()
        return None if known is None else replace(known, outdated=known.publication != publication)

    def statement(self, principal: Principal, id_: str) -> tuple[Board, Statement]:
        """Return a statement with the board it stands on.

        Raises:
            RefusedError: the principal may not see the fleet file.
            NotFoundError: there is no such statement, or nothing was judged yet.
        """
        board = self.board(principal)
        found = None if board is None else board.statement(id_)
        if board is None or found is None:
            raise NotFoundError("no guide has a statement of this name, or nothing was judged yet")
        return board, found

    def against(
        self, principal: Principal, statement: Statement, *, after: str = "", limit: int = 50
    ) -> Sequence[tuple[str, str]]:
        """Return serial and name of headsets that report another value than a statement asks for, by serial."""
        permit(principal, Action.READ_TEXTS, Target.installation()).require()
        return self._store.like(statement.against, after=after, limit=limit) if statement.against else ()

    def history(self, principal: Principal, id_: str) -> Sequence[Turn]:
        """Return how a statement turned, newest first, as far as it was noted."""
        permit(principal, Action.READ_TEXTS, Target.installation()).require()
        return self._store.turns(id_, limit=MOST_TURNS)

    def judge(self) -> Board:
        """Judge now, whoever asks."""
        from holofleet.server.guides.judging import judge

        with self._judging:
            evidence = self._store.evidence()
            board = judge(evidence, now=self._clock.now())
            self._board = board = _dated(board, self._store.standing())
        return board

    def keep(self) -> int:
        """Judge, and note what turned since; upkeep calls this. Return how many turned.

        A rule that fails on this file is logged: it must not keep upkeep from its other work.
        """
        try:
            return self._keep()
        except HolofleetError as error:
            _LOG.warning("the guides have to wait: %s", error.summary)
        except Exception:
            _LOG.exception("the guides could not be judged")
        return 0

    def _keep(self) -> int:
        from holofleet.server.guides.judging import judge, turns

        with self._judging:
            evidence = self._store.evidence()
            board = judge(evidence, now=self._clock.now())
            known = self._store.standing()
            clients = {one.deployment: one.client for one in evidence.alike}
            turned = turns(board, known, clients)
            self._store.note(turned)
            self._board = _dated(board, {**known, **{(turn.rule, turn.deployment): turn for turn in turned}})
        return len(turned)

    def _stands(self, board: Board, publication: str) -> bool:
        age = self._clock.now() - board.made_at
        return board.publication == publication and timedelta(0) <= age < FRESH

    def _beside(self) -> None:
        """Judge unless somebody does already."""
        if self._judging.locked():
            return
        try:
            self.judge()
        except HolofleetError as error:
            _LOG.warning("the guides have to wait: %s", error.summary)


def _dated(board: Board, known: Mapping[tuple[str, str], Turn]) -> Board:
    """Lay beside every word since when it stands, where that was noted."""
    statements = []
    for statement in board.statements:
        cells = []
        for cell in statement.cells:
            noted = [known.get((statement.id, name)) for name in cell.deployments or ("",)]
            moments = [turn.at for turn in noted if turn is not None and turn.word == cell.word]
            cells.append(replace(cell, since=max(moments, default=None)))
        statements.append(replace(statement, cells=tuple(cells)))
    return replace(board, statements=tuple(statements))
