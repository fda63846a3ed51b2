"""Signals of all sockets of this process on their way to the database: what came together goes together.

While one transaction is under way, what arrives waits for the next; alone, a signal waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from holofleet.errors import ConflictError
from holofleet.server.assist import Party
from holofleet.server.assist.signals import Passed, SignalMessage, Told

MOST_AT_ONCE: Final = 200
Said = tuple[Party, SignalMessage]
_Waiting = tuple[Said, "asyncio.Future[Mapping[str, Any]]"]


class SignalPost:
    """Passes signals on.

    Args:
        pass_on: Passes signals on in one transaction.
        tell: Tells sockets of this process what was passed on.
    """

    def __init__(
        self, pass_on: Callable[[Sequence[Said]], Awaitable[Passed]], tell: Callable[[Sequence[Told]], None]
    ) -> None:
        self._pass_on = pass_on
        self._tell = tell
        self._waiting: list[_Waiting] = []
        self._sending: asyncio.Task[None] | None = None

    def put(self, party: Party, message: SignalMessage) -> asyncio.Future[Mapping[str, Any]]:
        """Take a signal; the answer to it comes when it is kept, or the error for which it is not."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Mapping[str, Any]] = loop.create_future()
        self._waiting.append(((party, message), answer))
        if self._sending is None or self._sending.done():
            self._sending = loop.create_task(self._send_all(), name="call-signals")
        return answer

    async def _send_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            await self._send(batch)

    async def _send(self, batch: Sequence[_Waiting]) -> None:
        try:
            passed = await self._pass_on([said for said, _ in batch])
        except ConflictError as error:
            # One of them does not go: alone each shows whether it is that one.
            if len(batch) == 1:
                _answer(batch, error)
            else:
                for one in batch:
                    await self._send([one])
        except Exception as error:
            _answer(batch, error)
        else:
            for (_, answer), found in zip(batch, passed.answers, strict=True):
                if not answer.done():
                    answer.set_result(found)
            self._tell(passed.told)


def _answer(batch: Sequence[_Waiting], error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
