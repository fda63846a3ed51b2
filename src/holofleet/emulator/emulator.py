"""One request in, one answer out: versions, tokens, quotas, faults, routes and bodies, in this order.

The emulator is synchronous and knows no sockets; :mod:`holofleet.emulator.http` serves it, and
:class:`holofleet.emulator.transport.InProcess` gives it to a client without a network.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from holofleet.emulator.access import Access, granted, require_permission
from holofleet.emulator.batch import Batch, Step
from holofleet.emulator.call import Call
from holofleet.emulator.edm import Version
from holofleet.emulator.faults import ConnectionCutError, Fault, FaultPlan, NoAnswerError
from holofleet.emulator.message import Family, GraphError, Request, Response, bad
from holofleet.emulator.odata import parse_query
from holofleet.emulator.quotas import Quotas
from holofleet.emulator.routing import Match, Quota, Router
from holofleet.emulator.services import all_routes
from holofleet.emulator.sign_in import METADATA, SignIn
from holofleet.emulator.tenant import Tenant

MAX_BODY_BYTES = 4 * 1024 * 1024
"""What Graph takes at most (vendor documentation)."""
_WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})


@dataclass(frozen=True)
class Exchange:
    """One operation as it arrived, for tests that count.

    Args:
        trip: Number of the HTTP request that it came with; items of a batch share one.
    """

    trip: int
    version: str
    method: str
    path: str
    status: int


@dataclass
class Emulator:
    """See the module.

    Args:
        tenant: What it serves.
        access: Tokens; none are asked for by default.
        quotas: None: nothing is counted.
        faults: None: nothing goes wrong.
    """

    tenant: Tenant
    access: Access = field(default_factory=Access)
    quotas: Quotas | None = None
    faults: FaultPlan | None = None

    def __post_init__(self) -> None:
        self.trips = 0
        """HTTP requests so far: what costs a client time."""
        self.exchanges: list[Exchange] = []
        self.tokens_seen = 0
        """Requests that carried a bearer token."""
        domains = (str(name).casefold() for name in self.tenant.collection("domains"))
        self.sign_in = SignIn(self.access, frozenset([self.tenant.id, *domains]))
        """The token endpoint."""

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request.

        Raises:
            ConnectionCutError: a fault of the plan: there is no answer.
        """
        self.trips += 1
        self.tenant.settle()
        if request.path.startswith("/downloads/"):
            return self._download(request)
        if request.path.endswith(("/oauth2/v2.0/token", "/oauth2/v2.0/devicecode", METADATA)):
            return self.sign_in.handle(request, self.tenant.now())
        self.tokens_seen += "authorization" in request.headers
        fault = self.faults.on_request(self.trips) if self.faults else None
        return self._struck(fault, lambda: self._answer(request))

    def _answer(self, request: Request) -> Response:
        head, _, path = request.path.lstrip("/").partition("/")
        try:
            version = Version(head)
        except ValueError:
            return self._refusal(bad(f"Invalid version: {head}", code="BadRequest"), Family.OTHER)
        if path.casefold() == "$batch":
            return self._batch(request, version)
        body = request.body if isinstance(request.body, bytes) else json.dumps(request.body).encode()
        return self.operate(
            Step(request.method, f"/{path}", request.query, dict(request.headers), body), version, request
        )

    def _batch(self, request: Request, version: Version) -> Response:
        try:
            if request.method != "POST":
                raise bad("A batch is sent with POST.")
            self.access.claims(request.headers, self.tenant.now())
            batch = Batch.parse(_json(request.headers, request.body))
        except GraphError as error:
            return self._refusal(error, Family.OTHER)

        def perform(step: Step) -> Response:
            inherited = {"authorization": request.headers.get("authorization", "")}
            held = Step(step.method, step.path, step.query, {**inherited, **step.headers}, step.body)
            fault = self.faults.on_item() if self.faults else None
            return self._struck(fault, lambda: self.operate(held, version, request))

        return Response(200, {"responses": batch.run(perform, seed=self.tenant.settings.seed + self.trips)})

    def operate(self, step: Step, version: Version, request: Request) -> Response:
        """Carry out one operation: a request of its own, or an item of a batch."""
        family = Family.OTHER
        try:
            match = routes().match(version, step.method, step.path)
            family = match.route.area.family
            claims = self.access.claims(step.headers, self.tenant.now())
            require_permission(
                claims,
                match.route.permissions,
                family,
                delegated_only=match.route.delegated_only and not self.tenant.settings.delegated,
            )
            response = self._called(match, step, version, request, claims)
        except GraphError as error:
            response = self._refusal(error, family)
        self.exchanges.append(Exchange(self.trips, version, step.method, step.path, response.status))
        return response

    def _called(
        self, match: Match, step: Step, version: Version, request: Request, claims: dict[str, Any] | None
    ) -> Response:
        query = parse_query(step.query)
        warning = self._charge(match, step, bool(query.select), bool(query.expand), query.top)
        given, has_body = _body(step)
        call = Call(
            tenant=self.tenant,
            version=version,
            match=match,
            query=query,
            given=given,
            headers=step.headers,
            origin=request.origin,
            address=f"/{version}{step.path}",
            has_body=has_body,
            roles=None if claims is None else granted(claims),
        )
        self.tenant.actor = str((claims or {}).get("app_displayname") or "holofleet")
        response = match.route.handler(call)
        return Response(response.status, response.body, {**response.headers, **warning})

    def _charge(self, match: Match, step: Step, selected: bool, expanded: bool, top: int | None) -> dict[str, str]:
        route = match.route
        units = 1
        if route.area.quota is Quota.IDENTITY and step.method not in _WRITES:
            units = max(1, route.units - selected + expanded - (top is not None and top < 20))
        if self.quotas is None:
            return {}
        write = step.method in _WRITES
        headers = self.quotas.charge(route.area.quota, write=write, units=units, now=self.tenant.now())
        return {**headers, "x-ms-resource-unit": str(units)}

    def _struck(self, fault: Fault | None, work: Callable[[], Response]) -> Response:
        if fault is Fault.CUT_BEFORE:
            raise ConnectionCutError
        if fault in (Fault.THROTTLED, Fault.THROTTLED_SILENTLY):
            headers = (
                {"Retry-After": self.faults.retry_after()} if fault is Fault.THROTTLED and self.faults else {}
            )
            return self._refusal(GraphError(429, "Too many requests.", headers=headers), Family.OTHER)
        if fault is Fault.UNAVAILABLE:
            return self._refusal(GraphError(503, "The service is unavailable."), Family.OTHER)
        response = work()
        if fault is Fault.CUT_AFTER:
            raise ConnectionCutError
        if fault is Fault.SILENT_DONE:
            raise NoAnswerError
        if fault is Fault.TIMED_OUT_DONE:
            return self._refusal(GraphError(504, "The gateway timed out."), Family.OTHER)
        return response

    def _refusal(self, error: GraphError, family: Family) -> Response:
        ids = {"request-id": str(uuid.uuid4()), "client-request-id": str(uuid.uuid4())}
        return error.render(family, ids=ids, date=self.tenant.stamp())

    def _download(self, request: Request) -> Response:
        if "authorization" in request.headers:
            self.tenant.leaked_tokens += 1
            return Response(403, b"AuthenticationFailed", {"Content-Type": "text/plain"})
        found = self.tenant.downloads.get(request.path.removeprefix("/downloads/"))
        if request.method != "GET" or found is None or found[0] <= self.tenant.now():
            return Response(404, b"BlobNotFound", {"Content-Type": "text/plain"})
        return Response(200, found[1], {"Content-Type": "application/zip"})


@cache
def routes() -> Router:
    """Return every path that the emulator knows."""
    return Router(all_routes())


def _body(step: Step) -> tuple[Any, bool]:
    if step.method in ("GET", "DELETE"):
        if step.body:
            raise bad(f"A {step.method} request cannot have a body.")
        return None, False
    if not step.body:
        return None, False
    return _json(step.headers, step.body), True


def _json(headers: Any, body: Any) -> Any:
    sort = headers.get("content-type", "").partition(";")[0].strip().casefold()
    if sort != "application/json":
        raise GraphError(415, "The request has to have the header 'Content-Type: application/json'.")
    if len(body) > MAX_BODY_BYTES:
        raise GraphError(413, "The request body is too large.")
    try:
        return json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except ValueError as error:
        raise bad(f"Unable to read JSON request payload: {error}", code="BadRequest") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name is given twice")
    return value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
