"""The engine: drives many works in lockstep, in as few round trips and as gently as the service asks.

In each round everything that is ready leaves together, merged into batches of 20 per version. What is throttled,
not visible yet, or of unknown outcome waits by itself while the others go on; a work resumes when all requests of
its step are settled. Paging, waiting, retrying, looking before a second creation, quotas and the translation of
errors happen here and nowhere else. What an outcome means is decided in ``verdict.py``.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from holofleet.errors import HolofleetError, PeerError
from holofleet.targets.graph.client import BATCH_LIMIT, TIMEOUT_S, GraphClient, Lost
from holofleet.targets.graph.errors import GraphError, Said, Trouble
from holofleet.targets.graph.journal import Journal, MemoryJournal
from holofleet.targets.graph.operations import Effect, Request, Response, Version
from holofleet.targets.graph.operations.operation import VISIBLE_WITHIN_S
from holofleet.targets.graph.pauses import Pause, Why, said
from holofleet.targets.graph.quotas import Quotas
from holofleet.targets.graph.recorder import Recorder
from holofleet.targets.graph.verdict import APPEARS_WITHIN_S, History, Step, Verdict, judge, share_used
from holofleet.targets.graph.waiting import Waiting
from holofleet.targets.graph.work import Work, step

_T = TypeVar("_T")
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_AT_ONCE: Final = 4
_TELL_S: Final = 5.0
"""After so long without an answer it is said that one is waited for."""
_PAGES: Final = 20_000
_BATCH_BYTES: Final = 3_000_000
"""Bodies of one batch together; the service takes about 4 MB."""


@dataclass(slots=True)
class _Item:
    """One request on its way."""

    request: Request
    due: float
    ids: frozenset[str]
    url: str = ""
    history: History = field(default_factory=History)
    pages: list[Any] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    recorded: bool = False
    outcome: Response | GraphError | None = None
    looking: _Item | None = None
    begun: float = 0.0
    taken: GraphError | None = None

    def pause(self, now: float) -> Pause | None:
        """Return what it waits for; ``None`` where it waits for nothing but its turn."""
        lookup = self.request.lookup
        if self.looking is not None and lookup is not None:
            return Pause(Why.LOST, lookup.visible_within_s - (now - self.begun))
        if self.due <= now:
            return None
        if self.history.appeared_s:
            return Pause(Why.NEW, APPEARS_WITHIN_S - self.history.appeared_s + self.due - now)
        return Pause(Why.BUSY if self.history.tries or not self.request.after_s else Why.SLOW, self.due - now)


@dataclass(slots=True)
class _Run(Generic[_T]):
    """One work and the requests of its present step."""

    work: Work[_T]
    items: list[_Item] = field(default_factory=list)
    result: _T | HolofleetError | None = None
    over: bool = False


class Engine:
    """Runs works against one tenant.

    Args:
        client: The wire.
        waiting: Clock, sleep and jitter.
        journal: Keeps recent creations.
        recorder: Is told of every operation.
        progress: Is told how many works are done, of how many, and what is waited for (empty while it works).
    """

    def __init__(
        self,
        client: GraphClient,
        *,
        waiting: Waiting | None = None,
        journal: Journal | None = None,
        recorder: Recorder | None = None,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> None:
        self._client = client
        self._waiting = waiting or Waiting()
        self._journal = journal or MemoryJournal()
        self._recorder = recorder
        self._progress = progress
        self._quotas = Quotas()
        self._made: set[str] = set()

    @property
    def client(self) -> GraphClient:
        """The client that it sends through."""
        return self._client

    def recognize(self, ids: Mapping[str, str]) -> None:
        """Take what an earlier run made a short while ago for new: services behind may not know it yet.

        Args:
            ids: Ids of objects by the key that the journal has them under.
        """
        now = self._waiting.now()
        for key, id_ in ids.items():
            begun = self._journal.since(key)
            if begun is not None and now - begun <= VISIBLE_WITHIN_S:
                self._made.add(id_.lower())

    async def run(self, works: Mapping[str, Work[_T]]) -> dict[str, _T | HolofleetError]:
        """Run works to their ends.

        Returns:
            The result of each by its key, or the error that it ended with. One that fails does not stop others.

        Raises:
            PeerError: the other end broke the rules (a redirect, a list that goes on elsewhere).
            SignInError: there is no token.
        """
        runs = {key: _Run(work) for key, work in works.items()}
        for run in runs.values():
            self._advance(run, None)
        while live := [item for run in runs.values() for item in run.items if item.outcome is None]:
            if not any((item.looking or item).due <= self._waiting.now() for item in live):
                self._tell(runs.values(), live)
            await self._round([item.looking or item for item in live], runs.values())
            for item in live:
                if item.looking is not None and item.looking.outcome is not None:
                    self._looked(item, item.looking.outcome)
            for run in runs.values():
                if run.items and all(item.outcome is not None for item in run.items):
                    self._advance(run, [item.outcome for item in run.items if item.outcome is not None])
            self._tell(
                runs.values(), [item for run in runs.values() for item in run.items if item.outcome is None]
            )
        return {key: run.result for key, run in runs.items()}  # type: ignore[misc]  # all are over: none is None

    async def one(self, work: Work[_T]) -> _T:
        """Run one work and return its result.

        Raises:
            HolofleetError: it failed.
        """
        result = (await self.run({"": work}))[""]
        if isinstance(result, HolofleetError):
            raise result
        return result

    def _tell(self, runs: Collection[_Run[_T]], live: Iterable[_Item]) -> None:
        if self._progress is not None:
            now = self._waiting.now()
            self._report(runs, said(pause for item in live if (pause := item.pause(now)) is not None))

    def _report(self, runs: Collection[_Run[_T]], waits: str) -> None:
        if self._progress is not None:
            self._progress(sum(run.over for run in runs), len(runs), waits)

    def _advance(self, run: _Run[_T], outcomes: Sequence[Response | GraphError] | None) -> None:
        """Give a work its outcomes, until it wants something or is over."""
        run.items = []
        try:
            requests = next(run.work) if outcomes is None else step(run.work, outcomes)
            while not requests:
                requests = run.work.send(())
        except StopIteration as stop:
            run.result, run.over = stop.value, True
        except HolofleetError as error:
            run.result, run.over = error, True
        else:
            run.items = [self._item(request) for request in requests]

    def _item(self, request: Request) -> _Item:
        text = request.url + (json.dumps(request.body) if request.body else "")
        ids = frozenset(guid.lower() for guid in _GUID.findall(text))
        item = _Item(request, self._waiting.now() + request.after_s, ids, url=request.url)
        begun = self._begun_before(request)
        if begun is not None:
            item.history.perhaps_done = True
            item.begun = begun
            self._look(item, request.after_s)
        return item

    def _begun_before(self, request: Request) -> float | None:
        """Return when this was sent lately by an earlier run, whose creation may still be unseen."""
        lookup = request.lookup
        begun = self._journal.since(lookup.key) if lookup is not None else None
        if lookup is None or begun is None or self._waiting.now() - begun > lookup.visible_within_s:
            return None
        return begun

    async def _round(self, items: Sequence[_Item], runs: Collection[_Run[_T]]) -> None:
        """Send what is ready; when nothing is, wait until something is."""
        now = self._waiting.now()
        ready = self._within_quotas([item for item in items if item.due <= now], now)
        if not ready:
            await self._waiting.sleep(max(0.001, min(item.due for item in items) - now))
            return
        token = await self._client.token()
        sent = []
        for item in ready:
            if item.request.operation.delegated_only and token is not None and not token.delegated:
                item.outcome = _delegated(item.request)
            else:
                self._before(item, now)
                sent.append(item)
        failure: BaseException | None = None
        chance = self._waiting.chance()  # one for all, so that what failed together leaves together again
        for members, outcomes in await self._answered(sent, runs):
            if isinstance(outcomes, BaseException):
                failure = failure or outcomes
                continue
            for item, outcome in zip(members, outcomes, strict=True):
                self._take(item, outcome, chance)
        if failure is not None:
            raise failure

    def _within_quotas(self, items: Sequence[_Item], now: float) -> list[_Item]:
        """Take what the windows give; the rest waits until a batch of it can leave."""
        ready: list[_Item] = []
        short: dict[int, list[_Item]] = defaultdict(list)
        for item in items:
            window = self._quotas.of(item.request.operation)
            if short[id(window)] or not window.take(item.request.cost, now):
                short[id(window)].append(item)
            else:
                ready.append(item)
        for waiting in short.values():
            if waiting:
                window = self._quotas.of(waiting[0].request.operation)
                due = now + window.wait_s(sum(item.request.cost for item in waiting[:BATCH_LIMIT]), now)
                for item in waiting:
                    item.due = due
        return ready

    def _before(self, item: _Item, now: float) -> None:
        item.begun = now
        if self._recorder is not None and not item.recorded:
            self._recorder.record(item.request, item.url)
            item.recorded = True
        lookup = item.request.lookup
        if lookup is not None and not lookup.unique:
            self._journal.begin(lookup.key, now)

    async def _answered(
        self, items: Sequence[_Item], runs: Collection[_Run[_T]]
    ) -> list[tuple[list[_Item], list[Response | Lost] | BaseException]]:
        """Send items; tell while the service is silent, which may be until the client gives up."""
        sending = asyncio.ensure_future(self._send(items))
        waited = 0.0
        try:
            while not (await asyncio.wait({sending}, timeout=_TELL_S))[0]:
                waited += _TELL_S
                self._report(runs, said([Pause(Why.SILENT, TIMEOUT_S - waited)] * len(items)))
        finally:
            sending.cancel()  # does nothing to what is done
        return sending.result()

    async def _send(
        self, items: Sequence[_Item]
    ) -> list[tuple[list[_Item], list[Response | Lost] | BaseException]]:
        """Send items as batches and singles, a few at once; what one parcel meets does not lose the others."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def parcel(members: Sequence[_Item]) -> list[Response | Lost]:
            async with gate:
                return await self._parcel(members)

        parcels = _parcels(items)
        answers = await asyncio.gather(*(parcel(members) for members in parcels), return_exceptions=True)
        return list(zip(parcels, answers, strict=True))

    async def _parcel(self, members: Sequence[_Item]) -> list[Response | Lost]:
        if len(members) == 1:
            return [await self._client.send(members[0].request, members[0].url)]
        version = members[0].request.operation.version
        outcomes = await self._client.batch(version, [(item.request, item.url) for item in members])
        if all(isinstance(outcome, Response) and outcome.status == 413 for outcome in outcomes):
            half = len(members) // 2
            return await self._parcel(members[:half]) + await self._parcel(members[half:])
        return outcomes

    def _take(self, item: _Item, outcome: Response | Lost, chance: float) -> None:
        """Act on the verdict about an outcome."""
        request = item.request
        window = self._quotas.of(request.operation)
        now = self._waiting.now()
        if isinstance(outcome, Response) and (used := share_used(outcome.headers)) is not None:
            window.hear(used, now)
        verdict = judge(
            request,
            outcome,
            item.history,
            new=not item.ids.isdisjoint(self._made),
            now=self._waiting.clock.now(),
            chance=chance,
        )
        if verdict.close_s:
            window.close(now + verdict.close_s)
        item.history.appeared_s += verdict.appearing_s
        self._act(item, verdict, now)

    def _act(self, item: _Item, verdict: Verdict, now: float) -> None:
        if verdict.step is Step.DONE and verdict.response is not None:
            self._done(item, verdict.response)
        elif verdict.step is Step.FAIL and verdict.error is not None:
            self._end(item, verdict.error)
        elif verdict.step is Step.RENEW:
            self._client.renew()
            item.due = now
        elif verdict.step is Step.LOOK:
            item.taken = verdict.error
            self._look(item, verdict.after_s)
        else:
            item.due = now + verdict.after_s

    def _done(self, item: _Item, response: Response) -> None:
        """Follow a list to its end; settle what is complete."""
        body = response.body
        link = body.get("@odata.nextLink") if isinstance(body, Mapping) else None
        if item.request.operation.effect is Effect.READ and isinstance(body, Mapping) and (link or item.pages):
            item.pages.append(body)
            enough = item.request.pages is not None and len(item.pages) >= item.request.pages
            if link and not enough:
                self._follow(item, str(link))
                return
            value = [element for page in item.pages for element in page.get("value", ())]
            merged = {**item.pages[0], **body, "value": value}
            if not link:
                merged.pop("@odata.nextLink", None)
            response = Response(response.status, response.headers, merged)
        self._end(item, response)

    def _follow(self, item: _Item, link: str) -> None:
        if link in item.links or len(item.links) >= _PAGES:
            raise PeerError(f"{item.request.operation.name}: a list that never ends")
        item.links.add(link)
        item.url = self._client.origin.followed(link, version=item.request.operation.version)
        item.history = History()
        item.recorded = False
        item.due = self._waiting.now()

    def _end(self, item: _Item, outcome: Response | GraphError) -> None:
        request = item.request
        if (
            request.operation.effect is Effect.CREATE
            and isinstance(outcome, Response)
            and outcome.ok
            and outcome.id
        ):
            self._made.add(outcome.id.lower())
        refused = isinstance(outcome, GraphError) and not item.history.perhaps_done
        if request.lookup is not None and refused:
            self._journal.forget(request.lookup.key)
        item.outcome = outcome

    def _look(self, item: _Item, after_s: float) -> None:
        """Look for what a creation may have made, before it is sent again."""
        lookup = item.request.lookup
        if lookup is None:
            raise ValueError(f"{item.request.operation.name}: nothing says how to look for it")
        due = self._waiting.now() + after_s
        item.looking = _Item(lookup.request, due, frozenset(), url=lookup.request.url)

    def _looked(self, item: _Item, outcome: Response | GraphError) -> None:
        """Take what was found as the answer; else look again while it may be unseen, then send again."""
        lookup = item.request.lookup
        item.looking = None
        if isinstance(outcome, GraphError) or lookup is None:
            words = outcome.said if isinstance(outcome, GraphError) else Said()
            self._end(item, GraphError(item.request, Trouble.UNKNOWN_OUTCOME, words))
            return
        found = lookup.match(outcome)
        waited = self._waiting.now() - item.begun
        if found is not None:
            self._end(item, Response(200, {}, dict(found)))
        elif waited < lookup.visible_within_s and (item.taken is not None or not lookup.unique):
            self._look(item, min(16.0, max(1.0, waited + 1.0), max(1.0, lookup.visible_within_s - waited)))
        elif item.taken is not None:
            self._end(item, item.taken)
        else:
            item.due = self._waiting.now()


def _parcels(items: Sequence[_Item]) -> list[list[_Item]]:
    """Group items into what leaves as one: 20 of a version, not too large, and those that go alone."""
    parcels: list[list[_Item]] = []
    grouped: dict[Version, list[_Item]] = defaultdict(list)
    for item in items:
        if item.request.operation.alone:
            parcels.append([item])
        else:
            grouped[item.request.operation.version].append(item)
    for members in grouped.values():
        parcel: list[_Item] = []
        size = 0
        for item in members:
            bulk = len(json.dumps(item.request.body)) if item.request.body else 0
            if parcel and (len(parcel) == BATCH_LIMIT or size + bulk > _BATCH_BYTES):
                parcels.append(parcel)
                parcel, size = [], 0
            parcel.append(item)
            size += bulk
        parcels.append(parcel)
    return parcels


def _delegated(request: Request) -> GraphError:
    words = Said(message="Graph lets only a signed-in person do this")
    return GraphError(request, Trouble.PERMISSION, words)
