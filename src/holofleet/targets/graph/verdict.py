"""Verdicts: what an outcome means for a request, as a pure function.

The rules, and why: a read or a replacing write is sent again after a transient failure; a creation is first
looked for, because a lost answer is no lost creation; what can neither be repeated nor looked up is reported as
an unknown outcome. 404 means "not yet" only for what was made in this run.

Source: 'Microsoft Graph throttling guidance' and 'Microsoft Graph error responses' (Microsoft); that Intune
often leaves Retry-After out, and that blind retries made duplicates, was seen in other implementations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from holofleet.targets.graph.client import Lost
from holofleet.targets.graph.errors import GraphError, Said, Trouble, said, trouble_of
from holofleet.targets.graph.operations import Effect, Request, Response

TRIES = 12
"""Sends of one request that were throttled or failed in passing, at most."""
CONFLICT_TRIES = 4
LONGEST_WAIT_S = 60.0
APPEARS_WITHIN_S = 120.0
"""How long 404 means "not yet" for something made in this run."""
GROUP_SEEN_WITHIN_S = 60.0
"""How long Intune may take to know a group that was made in this run."""


class Step(StrEnum):
    """What happens next with a request."""

    DONE = "done"
    FAIL = "fail"
    AGAIN = "again"
    LOOK = "look"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens next.

    Args:
        step: The next step.
        response: For DONE.
        error: For FAIL; for LOOK the refusal because the name is taken, perhaps by our own creation.
        after_s: For AGAIN and LOOK: how long to wait first.
        close_s: How long the whole bucket is closed, because the service is throttling.
        appearing_s: How much of the wait counts as waiting for something new to appear.
    """

    step: Step
    response: Response | None = None
    error: GraphError | None = None
    after_s: float = 0.0
    close_s: float = 0.0
    appearing_s: float = 0.0


@dataclass(slots=True)
class History:
    """What has happened to a request so far."""

    tries: int = 0
    conflicts: int = 0
    renewed: bool = False
    perhaps_done: bool = False
    appeared_s: float = 0.0


def judge(
    request: Request, outcome: Response | Lost, history: History, *, new: bool, now: datetime, chance: float
) -> Verdict:
    """Return what an outcome means.

    Args:
        request: What was asked.
        outcome: What came back.
        history: Of this request; its counters are moved on.
        new: The request refers to something that was made in this run.
        now: For Retry-After as a date.
        chance: From 0 up to 1, for jitter.
    """
    if isinstance(outcome, Lost):
        return _lost(request, outcome, history, chance)
    if outcome.ok or outcome.status in request.accept:
        return Verdict(Step.DONE, outcome)
    words = said(request, outcome)
    if outcome.status == 400 and any(part in words.message for part in request.operation.already):
        return Verdict(Step.DONE, Response(204, outcome.headers))
    failed = _failed(request, outcome.status, words)
    status = outcome.status
    if status == 401 and not history.renewed:
        history.renewed = True
        return Verdict(Step.RENEW)
    if status == 429:
        return _throttled(request, outcome, history, failed, now, chance)
    if status in (404, 400) and (waiting := _appearing(request, status, history, new)):
        return waiting
    if status == 404 and request.operation.method == "DELETE" and history.perhaps_done:
        return Verdict(Step.DONE, Response(204))
    if failed.error is not None and failed.error.trouble is Trouble.CONFLICT:
        return _conflict(request, status, history, failed, chance)
    if status >= 500 or status == 424:
        return _transient(request, outcome, history, failed, now, chance)
    return failed


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return what ``Retry-After`` asks for in seconds (whole, fractional, or a date); ``None`` where absent."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    if seconds != seconds or seconds in (float("inf"), float("-inf")):
        return None
    return min(max(seconds, 0.0), 3600.0)


def backoff_s(tries: int, chance: float) -> float:
    """Return a wait of up to 2, 4, 8 ... 60 seconds with full jitter."""
    return min(LONGEST_WAIT_S, 2.0 ** min(tries, 10)) * chance


def share_used(headers: Mapping[str, str]) -> float | None:
    """Return the share of a limit that is used, where the service warns of it."""
    try:
        return float(headers["x-ms-throttle-limit-percentage"])
    except (KeyError, ValueError):
        return None


def _failed(request: Request, status: int, words: Said) -> Verdict:
    error = GraphError(request, trouble_of(status, words), words, status=status)
    return Verdict(Step.FAIL, error=error)


def _lost(request: Request, outcome: Lost, history: History, chance: float) -> Verdict:
    words = Said(message=f"no answer ({outcome.reason})")
    failed = Verdict(Step.FAIL, error=GraphError(request, Trouble.UNAVAILABLE, words))
    if not outcome.perhaps_done:
        history.tries += 1
        wait = backoff_s(history.tries, chance)
        return failed if history.tries >= TRIES else Verdict(Step.AGAIN, after_s=wait)
    return _uncertain(request, history, failed, None, chance)


def _transient(
    request: Request, outcome: Response, history: History, failed: Verdict, now: datetime, chance: float
) -> Verdict:
    return _uncertain(request, history, failed, retry_after_s(outcome.headers, now), chance)


def _uncertain(request: Request, history: History, failed: Verdict, asked: float | None, chance: float) -> Verdict:
    """Nobody knows whether it was carried out."""
    history.tries += 1
    effect = request.operation.effect
    if effect is not Effect.READ:
        history.perhaps_done = True
    if effect is Effect.ONCE or (effect is Effect.CREATE and request.lookup is None):
        words = failed.error.said if failed.error else Said()
        status = failed.error.status if failed.error else 0
        return Verdict(Step.FAIL, error=GraphError(request, Trouble.UNKNOWN_OUTCOME, words, status=status))
    if history.tries >= TRIES:
        return failed
    wait = asked if asked is not None else backoff_s(history.tries, chance)
    return Verdict(Step.LOOK if effect is Effect.CREATE else Step.AGAIN, after_s=wait)


def _throttled(
    request: Request, outcome: Response, history: History, failed: Verdict, now: datetime, chance: float
) -> Verdict:
    history.tries += 1
    if history.tries >= TRIES:
        return failed
    asked = retry_after_s(outcome.headers, now)
    wait = asked if asked is not None else backoff_s(history.tries, chance)
    return Verdict(Step.AGAIN, after_s=wait, close_s=wait)


def _appearing(request: Request, status: int, history: History, new: bool) -> Verdict | None:
    """404 for something new waits; 400 only where the service behind learns of groups late."""
    slow = request.operation.slow_group
    if not (new or request.created_here) or (status == 400 and not slow):
        return None
    limit = GROUP_SEEN_WITHIN_S if status == 400 else APPEARS_WITHIN_S
    if history.appeared_s >= limit:
        return None
    wait = min(16.0, max(1.0, history.appeared_s + 1.0), limit - history.appeared_s)
    return Verdict(Step.AGAIN, after_s=wait, appearing_s=wait)


def _conflict(request: Request, status: int, history: History, failed: Verdict, chance: float) -> Verdict:
    """A taken name may be our own creation; a concurrent change passes."""
    history.conflicts += 1
    if history.conflicts >= CONFLICT_TRIES:
        return failed
    if request.operation.effect is Effect.CREATE:
        if request.lookup is None:
            return failed
        return Verdict(Step.LOOK, error=failed.error)
    if status == 400 or request.operation.effect is Effect.ONCE:
        return failed
    return Verdict(Step.AGAIN, after_s=backoff_s(history.conflicts, chance))
