"""``$batch``: up to twenty operations in one request, each with an answer of its own.

Vendor documentation: ids are unique without regard to case, addresses relative and without version, a body
needs its Content-Type; ``dependsOn`` gives an order and 424 behind a failure; answers come in any order, and so
they do here.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from holofleet.emulator.message import GraphError, Response, bad

MAX_STEPS = 20
_KEYS = frozenset(["id", "method", "url", "headers", "body", "dependsOn"])
_METHODS = frozenset(["GET", "POST", "PATCH", "PUT", "DELETE"])


@dataclass(frozen=True)
class Step:
    """One operation: its path below the version, its query as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class _Item:
    id: str
    step: Step
    depends_on: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """A batch that was read."""

    items: tuple[_Item, ...]

    @classmethod
    def parse(cls, given: Any) -> Batch:
        """Read the body of a batch.

        Raises:
            GraphError: 400: the batch as a whole cannot be carried out.
        """
        if not isinstance(given, dict) or set(given) != {"requests"} or not isinstance(given["requests"], list):
            raise bad("Invalid batch payload format.")
        if not given["requests"]:
            raise bad("The batch is empty.")
        if len(given["requests"]) > MAX_STEPS:
            raise bad(
                f"Number of batch request steps exceeds the maximum value of {MAX_STEPS}.",
                code="MaximumValueExceeded",
            )
        items = tuple(_item(entry) for entry in given["requests"])
        known = [item.id.casefold() for item in items]
        if len(set(known)) != len(known):
            raise bad("Request Id is repeated in the batch.")
        for at, item in enumerate(items):
            if any(parent.casefold() not in known[:at] for parent in item.depends_on):
                raise bad(f"'dependsOn' of request '{item.id}' names no request before it.")
        return cls(items)

    def run(self, perform: Callable[[Step], Response], *, seed: int) -> list[dict[str, Any]]:
        """Carry out all, those that depend on nothing in any order, and return the answers in any order."""
        order = random.Random(seed)  # noqa: S311 - a shuffle, no secret
        free = [item for item in self.items if not item.depends_on]
        order.shuffle(free)
        done: dict[str, Response] = {}
        waiting = [*free, *(item for item in self.items if item.depends_on)]
        for item in waiting:
            failed = any(done[parent.casefold()].status >= 400 for parent in item.depends_on)
            done[item.id.casefold()] = _dependency_failed() if failed else perform(item.step)
        answers = [_answer(item.id, done[item.id.casefold()]) for item in self.items]
        order.shuffle(answers)
        return answers


def _item(entry: Any) -> _Item:
    if not isinstance(entry, dict) or entry.keys() - _KEYS or not {"id", "method", "url"} <= entry.keys():
        raise bad(
            "Invalid batch payload format: a request has id, method and url, and no other keys than known ones."
        )
    identity, method, url = entry["id"], entry["method"], entry["url"]
    if not isinstance(identity, str) or not identity:
        raise bad("Invalid batch payload format: the id of a request is a string.")
    if method not in _METHODS:
        raise bad(f"The method '{method}' of request '{identity}' is not supported in a batch.")
    if not isinstance(url, str) or not url.startswith("/") or url.startswith("//") or "$batch" in url:
        raise bad(f"The url of request '{identity}' is not relative.")
    headers = {str(name).casefold(): str(value) for name, value in (entry.get("headers") or {}).items()}
    if "body" in entry and "content-type" not in headers:
        raise bad(f"The request '{identity}' has a body and therefore needs the header Content-Type.")
    depends_on = entry.get("dependsOn", [])
    if not isinstance(depends_on, list) or not all(isinstance(parent, str) for parent in depends_on):
        raise bad(f"'dependsOn' of request '{identity}' is a list of ids.")
    path, _, query = url.partition("?")
    body = json.dumps(entry["body"]).encode() if "body" in entry else b""
    return _Item(identity, Step(method, _unquoted(path), query, headers, body), tuple(depends_on))


def _unquoted(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)


def _answer(identity: str, response: Response) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": identity, "status": response.status, "headers": dict(response.headers)}
    if response.body is not None:
        answer["headers"]["Content-Type"] = "application/json"
        answer["body"] = response.body.decode() if isinstance(response.body, bytes) else response.body
    return answer


def _dependency_failed() -> Response:
    error = GraphError(424, "A request that this one depends on failed.")
    return Response(424, {"error": {"code": "FailedDependency", "message": error.text}})
