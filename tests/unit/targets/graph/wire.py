"""A small stand-in for a Graph on the wire: what a test says is answered, batches are taken apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

from holofleet.clock import SetClock
from holofleet.targets.graph.client import GraphClient
from holofleet.targets.graph.engine import Engine
from holofleet.targets.graph.journal import Journal
from holofleet.targets.graph.origin import Origin
from holofleet.targets.graph.recorder import Recorder
from holofleet.targets.graph.tokens import TokenSource
from holofleet.targets.graph.waiting import Waiting

Answer = tuple[int, dict[str, str], Any]
START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def error(status: int, code: str = "", message: str = "", **headers: str) -> Answer:
    """A refusal in Graph's form."""
    body = {"error": {"code": code, "message": message, "innerError": {"request-id": "r-1"}}}
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body


@dataclass
class Asked:
    """One request as the stand-in saw it, out of its batch."""

    version: str
    method: str
    url: str
    body: Any
    headers: Mapping[str, str]
    batched: bool

    @property
    def path(self) -> str:
        return self.url.split("?", 1)[0]


@dataclass
class Wire:
    """Answers with ``answer(asked)``; notes all that was asked, and how many round trips it took."""

    answer: Callable[[Asked], Answer]
    root: str = "http://127.0.0.1:8765"
    asked: list[Asked] = field(default_factory=list)
    trips: list[httpx2.Request] = field(default_factory=list)
    clock: SetClock = field(default_factory=lambda: SetClock(START))
    before: Callable[[httpx2.Request], httpx2.Response | None] = lambda _: None

    def engine(
        self,
        *,
        tokens: TokenSource | None = None,
        journal: Journal | None = None,
        recorder: Recorder | None = None,
    ) -> Engine:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._handle))
        client = GraphClient(Origin.parse(self.root), http, tokens)
        return Engine(client, waiting=Waiting.of(self.clock), journal=journal, recorder=recorder)

    @property
    def seconds(self) -> float:
        return (self.clock.now() - START).total_seconds()

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.trips.append(request)
        if (early := self.before(request)) is not None:
            return early
        _, version, rest = request.url.raw_path.decode().split("/", 2)
        body = json.loads(request.content) if request.content else None
        if rest == "$batch":
            return httpx2.Response(
                200, json={"responses": [self._item(version, i) for i in body["requests"]][::-1]}
            )
        asked = Asked(version, request.method, "/" + rest, body, dict(request.headers), batched=False)
        self.asked.append(asked)
        status, headers, answer = self.answer(asked)
        if answer is None:
            return httpx2.Response(status, headers=headers)
        return httpx2.Response(status, headers=headers, json=answer)

    def _item(self, version: str, item: dict[str, Any]) -> dict[str, Any]:
        headers = item.get("headers", {})
        assert "body" not in item or headers["Content-Type"] == "application/json"
        asked = Asked(version, item["method"], item["url"], item.get("body"), headers, batched=True)
        self.asked.append(asked)
        status, answered, body = self.answer(asked)
        return {"id": item["id"], "status": status, "headers": answered, "body": body}
