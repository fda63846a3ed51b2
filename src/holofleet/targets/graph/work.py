"""Work: a conversation with a tenant, without sockets.

A work is a generator that yields requests and gets their responses; it never sends, waits, retries or pages
itself. The engine runs many works in lockstep and merges what they want into few round trips. When a request
fails for good, the engine throws its :class:`~holofleet.targets.graph.errors.GraphError` into the work, after
the other requests of that yield are settled; a work that does not catch it has failed.

    def members(group: str) -> Work[set[str]]:
        (page,) = yield [directory.LIST_MEMBERS.request(id=group, query={"$select": "id"})]
        return {member["id"] for member in page.value}

    def both(a: str, b: str) -> Work[set[str]]:
        return (yield from members(a)) | (yield from members(b))
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeAlias, TypeVar

from holofleet.errors import PeerError
from holofleet.targets.graph.errors import GraphError
from holofleet.targets.graph.operations import Request, Response

_T = TypeVar("_T")
Work: TypeAlias = Generator[Sequence[Request], Sequence[Response], _T]


class NeverError(PeerError):
    """What a work waited for did not come in time."""


def ask(request: Request) -> Work[Response]:
    """Ask for one thing."""
    (response,) = yield [request]
    return response


def together(works: Sequence[Work[_T]]) -> Work[list[_T]]:
    """Run works as one, in lockstep, so that what they ask for in one step leaves together.

    An error reaches the work whose request failed; when it does not catch it, all end with it.
    """
    results: dict[int, _T] = {}
    pending: dict[int, Sequence[Request]] = {}
    for index, work in enumerate(works):
        try:
            pending[index] = next(work)
        except StopIteration as stop:
            results[index] = stop.value
    while pending:
        wanted = [request for requests in pending.values() for request in requests]
        try:
            outcomes: Sequence[Response | GraphError] = yield wanted
        except GraphError as error:
            outcomes = error.outcomes
        start = 0
        for index, requests in list(pending.items()):
            share = outcomes[start : start + len(requests)]
            start += len(requests)
            try:
                pending[index] = step(works[index], share)
            except StopIteration as stop:
                results[index] = stop.value
                del pending[index]
    return [results[index] for index in range(len(works))]


def step(work: Work[_T], outcomes: Sequence[Response | GraphError]) -> Sequence[Request]:
    """Give a work what became of its requests, and return what it wants next.

    Raises:
        StopIteration: it is done; the value is its result.
        GraphError: a request failed and the work did not catch it.
    """
    failed = next((outcome for outcome in outcomes if isinstance(outcome, GraphError)), None)
    if failed is None:
        return work.send([outcome for outcome in outcomes if isinstance(outcome, Response)])
    failed.outcomes = tuple(outcomes)
    return work.throw(failed)


def until(
    request: Request, holds: Callable[[Response], bool], *, every_s: float, within_s: float, what: str
) -> Work[Response]:
    """Ask again and again until the answer says so: the read-back after a write, or the end of a slow job.

    Args:
        request: A read; the first goes out at once.
        holds: Whether the answer is the awaited one.
        every_s, within_s: How often, and how long at most, in seconds.
        what: What is waited for, for the message.

    Raises:
        NeverError: it did not come in time.
    """
    waited = 0.0
    response = yield from ask(request)
    while not holds(response):
        if waited >= within_s:
            raise NeverError(f"{what}: not within {within_s:.0f} seconds", mend="Plan again later.")
        response = yield from ask(request.later(every_s))
        waited += every_s
    return response
