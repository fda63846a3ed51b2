"""Operations: every request that can leave for Graph, declared once with its version, permission and service.

A :class:`Request` can only be made from an :class:`Operation`, and the client sends only what an operation of
the registry made. So the list of operations is the list of what a tenant can ever be asked
(SECURITY GRA-2: a path that would delete an object where a membership is meant cannot be declared).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, Self
from urllib.parse import quote

Version = Literal["v1.0", "beta"]
Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]

_PLACE = re.compile(r"\{(\w+)\}")
_REFERENCES = re.compile(r"/(members|owners|includedGroups|manager)/\{\w+\}\Z")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_QUERY_SAFE = "$(),'/:@*"
VISIBLE_WITHIN_S = 120.0
"""How long a new directory object may stay unseen. Source: the vendor documents no bound; minutes were seen."""


class Service(StrEnum):
    """Services behind Graph that count separately; see :mod:`holofleet.targets.graph.quotas` for the numbers."""

    IDENTITY = "identity"
    CONDITIONAL_ACCESS = "conditional access"
    CONFIGURATION = "device configuration"
    ENROLLMENT = "enrollment configuration"
    DEVICES = "managed devices"
    APPS = "apps"
    LOGS = "audit logs"
    EXPORTS = "report exports"


class Effect(StrEnum):
    """What sending a request twice does."""

    READ = "read"
    REPLACE = "replace"
    """The second time changes nothing more: safe to send again."""
    CREATE = "create"
    """The second time makes a second thing: look for the first before sending again."""
    ONCE = "once"
    """The second time does it again, and nothing can be looked up: never sent again on an unknown outcome."""
    BY_METHOD = "by method"
    """For declarations: a GET reads, PATCH, PUT and DELETE replace, a POST has to say."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; header names in lower case; the body as JSON value, ``None`` where there is none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def ok(self) -> bool:
        """True for any 2xx."""
        return 200 <= self.status < 300

    @property
    def value(self) -> list[dict[str, Any]]:
        """The elements of a collection, all pages; empty where there are none."""
        return list(self.body.get("value", ())) if isinstance(self.body, Mapping) else []

    @property
    def id(self) -> str:
        """The id of a single object; empty where it has none."""
        return str(self.body.get("id", "")) if isinstance(self.body, Mapping) else ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a thing is found again when nobody knows whether its creation was carried out.

    Args:
        request: A read that would show it.
        match: Returns the thing out of the answer, ``None`` where it is not there. It must accept only a thing
            that this very creation made (by a marker, or by a name that is unique).
        key: Stable text that names the thing, for the journal; holds no secret.
        unique: The service itself refuses a second one, so that sending again is harmless.
        visible_within_s: How long the thing may exist before the read shows it.
    """

    request: Request
    match: Callable[[Response], Mapping[str, Any] | None]
    key: str
    unique: bool = False
    visible_within_s: float = VISIBLE_WITHIN_S


@dataclass(frozen=True, slots=True)
class Request:
    """One request, made by :meth:`Operation.request`.

    Args:
        operation: What it is.
        path: Filled in, below the version, without query.
        query: As given.
        body: JSON value; ``None`` where there is none.
        accept: Statuses besides 2xx that are answers, not errors (404 where "absent" is an answer).
        lookup: How its creation is found again.
        created_here: It refers to something made in this run: 404 means "not yet". The engine finds most of
            these by the ids that it saw being made; say it for what has no id of its own.
        after_s: Seconds to wait before it is sent, for polling.
        secrets: Paths of properties of the body that hold secrets, beside those of the operation.
        pages: Of a list that may be long, how many pages are read at most; the answer then keeps its nextLink.
            ``None`` for all.
    """

    operation: Operation
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    accept: frozenset[int] = frozenset()
    lookup: Lookup | None = None
    created_here: bool = False
    after_s: float = 0.0
    secrets: tuple[str, ...] = ()
    pages: int | None = None

    @property
    def url(self) -> str:
        """Path with encoded query, below the version, as batches want it."""
        if not self.query:
            return self.path
        pairs = (f"{quote(key, safe='$')}={quote(value, safe=_QUERY_SAFE)}" for key, value in self.query.items())
        return f"{self.path}?{'&'.join(pairs)}"

    @property
    def cost(self) -> int:
        """Resource units of an identity read, else 1.

        Source: 'Microsoft Graph service-specific throttling limits' (Microsoft), section identity and access.
        """
        operation = self.operation
        if operation.effect is not Effect.READ or operation.service is not Service.IDENTITY:
            return 1
        units = operation.units - ("$select" in self.query) + ("$expand" in self.query)
        top = self.query.get("$top", "")
        if top.isdigit() and int(top) < 20:
            units -= 1
        return max(1, units)

    def later(self, seconds: float) -> Self:
        """Return the same request, to be sent after a wait."""
        return replace(self, after_s=seconds)


@dataclass(frozen=True)
class Operation:
    """One kind of request.

    Args:
        name: Short name, ``area.verb``; part of messages and of the page of requests.
        version: ``v1.0`` unless only ``beta`` has it.
        method, path: As published; ``{name}`` are places for ids.
        permission: Least application permissions; all of them are needed.
        service: Whose quota it counts against.
        about: What it is for, a phrase for the page of requests.
        effect: What sending it twice does; a POST has to say.
        units: Resource units of an identity read.
        alone: Never part of a batch.
        delegated_only: Graph has no application permission for it.
        slow_group: The service behind it learns of new groups late: 400 and 404 wait a minute for them.
        secrets: Paths of body properties that always hold secrets (``passwordProfile.password``, ``rows[].hash``).
        already: Parts of messages of a 400 which say that it is done already.
    """

    name: str
    version: Version
    method: Method
    path: str
    permission: str | tuple[str, ...]
    service: Service
    about: str
    effect: Effect = Effect.BY_METHOD
    units: int = 1
    alone: bool = False
    delegated_only: bool = False
    slow_group: bool = False
    secrets: tuple[str, ...] = ()
    already: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.effect is Effect.BY_METHOD:
            if self.method == "POST":
                raise ValueError(f"{self.name}: a POST has to say what sending it twice does")
            object.__setattr__(self, "effect", Effect.READ if self.method == "GET" else Effect.REPLACE)
        if self.method == "GET" and self.effect is not Effect.READ:
            raise ValueError(f"{self.name}: a GET is a read")
        if self.method == "DELETE" and _REFERENCES.search(self.path):
            raise ValueError(f"{self.name}: without /$ref this deletes the object, not the membership")

    @property
    def permissions(self) -> tuple[str, ...]:
        """All permissions that it needs."""
        return (self.permission,) if isinstance(self.permission, str) else self.permission

    def request(
        self,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        accept: frozenset[int] | set[int] = frozenset(),
        lookup: Lookup | None = None,
        created_here: bool = False,
        after_s: float = 0.0,
        secrets: tuple[str, ...] = (),
        pages: int | None = None,
        **places: str,
    ) -> Request:
        """Make a request; keywords that are not listed fill the places of the path.

        Raises:
            ValueError: a place is missing, unknown, empty, or would lead out of its segment; a body on a read
                or a deletion.
        """
        if body is not None and self.method in ("GET", "DELETE"):
            raise ValueError(f"{self.name}: a {self.method} has no body")
        if self.method in ("POST", "PATCH", "PUT") and body is None:
            body = {}
        return Request(
            operation=self,
            path=self._filled(places),
            query=dict(query or {}),
            body=body,
            accept=frozenset(accept),
            lookup=lookup,
            created_here=created_here,
            after_s=after_s,
            secrets=secrets,
            pages=pages,
        )

    def _filled(self, places: Mapping[str, str]) -> str:
        wanted = set(_PLACE.findall(self.path))
        if wanted != places.keys():
            raise ValueError(f"{self.name}: the path has the places {sorted(wanted)}, not {sorted(places)}")
        for name, value in places.items():
            if not value or value in (".", "..") or "/" in value or _UNSAFE.search(value):
                raise ValueError(f"{self.name}: {name} cannot be {value[:80]!r}")
        return _PLACE.sub(
            lambda match: quote(places[match.group(1)].replace("'", "''"), safe="@!,-._~"), self.path
        )
