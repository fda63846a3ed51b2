"""The worker: takes deliveries from the outbox, sends them, and keeps what came of it.

Every process runs one. A delivery is taken for :data:`LEASE`; a process that ends in between leaves it to whoever
looks next, so each message arrives at least once, with one id. Webhooks do not wait for each other.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import HolofleetError
from holofleet.server.sealing import DamagedError, SealingKey
from holofleet.server.webhooks.sending import Sender
from holofleet.server.webhooks.signing import open_secret, sign
from holofleet.server.webhooks.store import Outbox
from holofleet.server.webhooks.values import Answer, DeliveryState, Due, Settled, Trouble

LOOK_EVERY_S: Final = 1.0
LEASE: Final = timedelta(seconds=60)
"""Longer than a delivery may take."""
AT_ONCE: Final = 8
"""Deliveries to one webhook at the same time."""
WAITS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000)
)
"""Before the second attempt, the third ...; a little over a day in all. Ours, as Standard Webhooks advises."""
GIVEN_UP_AFTER: Final = timedelta(days=1)
KEPT: Final = timedelta(days=30)
"""How long deliveries that came to their end are shown."""
_LOG = logging.getLogger("holofleet.server.webhooks")


class WebhookWorker:
    """Delivers what is in an outbox."""

    def __init__(self, outbox: Outbox, key: SealingKey, sender: Sender, clock: Clock) -> None:
        self._outbox = outbox
        self._key = key
        self._sender = sender
        self._clock = clock
        self._lanes: dict[str, asyncio.Task[int]] = {}

    async def run(self, *, every_s: float = LOOK_EVERY_S) -> None:
        """Deliver until cancelled. What is under way then is delivered again by whoever looks next."""
        try:
            while True:
                try:
                    await self._look()
                except HolofleetError as error:
                    _LOG.warning("webhooks have to wait: %s", error.summary)
                await asyncio.sleep(every_s)
        finally:
            for lane in self._lanes.values():
                lane.cancel()
            await asyncio.gather(*self._lanes.values(), return_exceptions=True)
            self._lanes.clear()

    async def once(self) -> int:
        """Deliver all that is due now; return how many attempts were made."""
        webhooks = await asyncio.to_thread(self._outbox.lanes, self._clock.now())
        return sum(await asyncio.gather(*(self._lane(webhook) for webhook in webhooks)))

    async def _look(self) -> None:
        for webhook, lane in tuple(self._lanes.items()):
            if lane.done():
                del self._lanes[webhook]
                if (error := lane.exception()) is not None:
                    _LOG.warning("deliveries to a webhook have to wait: %s", error)
        for webhook in await asyncio.to_thread(self._outbox.lanes, self._clock.now()):
            if webhook not in self._lanes:
                self._lanes[webhook] = asyncio.create_task(self._lane(webhook), name=f"webhook {webhook}")

    async def _lane(self, webhook: str) -> int:
        """Deliver to one webhook until nothing is due or nothing arrives any more."""
        made = 0
        while True:
            now = self._clock.now()
            claim = partial(self._outbox.claim, webhook, now=now, until=now + LEASE, limit=AT_ONCE)
            due = await asyncio.to_thread(claim)
            settled = await asyncio.gather(*map(self._attempt, due))
            await asyncio.to_thread(self._outbox.settle, settled)
            made += len(settled)
            if len(due) < AT_ONCE or all(one.answer.trouble is not None for one in settled):
                return made

    async def _attempt(self, due: Due) -> Settled:
        try:
            secrets = [open_secret(self._key, due.webhook, sealed) for sealed in due.secrets.sealed]
        except DamagedError:
            return self._settled(due, Answer(trouble=Trouble.SECRET))
        body, at_s = due.body.encode(), int(self._clock.now().timestamp())
        headers = {
            "webhook-id": due.id,
            "webhook-timestamp": str(at_s),
            "webhook-signature": sign(secrets, due.id, at_s, body),
        }
        return self._settled(due, await self._sender.post(due.url, headers, body))

    def _settled(self, due: Due, answer: Answer) -> Settled:
        now = self._clock.now()
        state, again, off = DeliveryState.ARRIVED, None, ""
        if answer.trouble is Trouble.GONE:
            state, off = DeliveryState.GIVEN_UP, "The receiver answered 410: nothing is taken there any more."
        elif answer.trouble is not None:
            again = next_attempt(due, now)
            state = DeliveryState.GIVEN_UP if again is None else DeliveryState.WAITING
        if state is DeliveryState.GIVEN_UP:
            _LOG.warning("delivery %s to webhook %s is given up: %s", due.id, due.webhook, answer.trouble)
        return Settled(due.id, due.webhook, due.attempt, state, answer, now, again, off)


def next_attempt(due: Due, now: datetime) -> datetime | None:
    """Return when a delivery that did not arrive is tried again; ``None`` a day after what it tells of."""
    if due.attempt > len(WAITS):
        return None
    again = now + WAITS[due.attempt - 1]
    return again if again - due.at <= GIVEN_UP_AFTER else None
