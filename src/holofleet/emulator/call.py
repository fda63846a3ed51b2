"""One request on its way through a handler."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holofleet.emulator.edm import Body, Mode, Version, checked
from holofleet.emulator.message import Response, bad
from holofleet.emulator.odata import Query
from holofleet.emulator.routing import Match
from holofleet.emulator.tenant import Item, Tenant

_ABSENT = object()


@dataclass(frozen=True)
class Call:
    """A request that a route was found for.

    Args:
        tenant: The tenant that it is about.
        version: The root that it went to.
        match: Its route, with the ids of its path.
        query: Its options.
        given: JSON value of its body; see :attr:`has_body`.
        headers: By lower-case name.
        origin: What links in the answer begin with.
        address: Path with version, as links repeat it.
        has_body: Whether there was a body.
        roles: Permissions of the token; None when no token was asked for.
    """

    tenant: Tenant
    version: Version
    match: Match
    query: Query
    given: Any
    headers: Mapping[str, str]
    origin: str
    address: str
    has_body: bool = True
    roles: frozenset[str] | None = None

    @property
    def now(self) -> datetime:
        """The tenant's present moment."""
        return self.tenant.now()

    def id(self, name: str = "id") -> str:
        """Return what the path says for a parameter."""
        return self.match.ids[name]

    def body(self, declared: str, mode: Mode, *, tagged: bool = False) -> Body:
        """Return the body as a value of a type.

        Raises:
            GraphError: 400: it does not fit.
        """
        return checked(self.tenant.schema, self.version, declared, self.given, mode, tagged=tagged)

    def parameters(self, required: str = "", optional: str = "") -> dict[str, Any]:
        """Return the parameters of an action, whose names are given divided by blanks.

        Raises:
            GraphError: 400: one is missing or unknown.
        """
        given = {} if self.given is None else self.given
        if not isinstance(given, dict):
            raise bad("The parameters of an action are an object.")
        for name in given:
            if name not in f"{required} {optional}".split():
                raise bad(
                    f"The parameter '{name}' in the request payload is not a valid parameter for the operation."
                )
        for name in required.split():
            if name not in given:
                raise bad(f"The parameter '{name}' is missing in the request payload.")
        return dict(given)

    def context(self, entity: str) -> str:
        """Return the context URL of an answer."""
        return f"{self.origin}/{self.version}/$metadata#{entity}"

    def page(
        self, rendered: Sequence[Any], *, after: str | None, context: str, total: int | None = None
    ) -> Response:
        """Answer with a page of a list.

        Args:
            rendered: The objects of this page.
            after: Where the next page begins; None at the end.
            context: Name for the context URL.
            total: All objects, for ``$count=true``.
        """
        body: dict[str, Any] = {"@odata.context": self.context(context)}
        if total is not None:
            body["@odata.count"] = total
        if after is not None:
            body["@odata.nextLink"] = self.link(after)
        body["value"] = list(rendered)
        return Response(200, body)

    def link(self, after: str) -> str:
        """Return the address of the page that begins behind a place."""
        from urllib.parse import quote

        options = {name: value for name, value in self.query.given.items() if name != "skiptoken"}
        options["skiptoken"] = base64.urlsafe_b64encode(after.encode()).decode().rstrip("=")
        text = "&".join(f"${name}={quote(value, safe='')}" for name, value in options.items())
        return f"{self.origin}{quote(self.address, safe='/()$=,')}?{text}"

    def place(self) -> str:
        """Return where this page begins; empty at the beginning.

        Raises:
            GraphError: 400: a token that is not ours.
        """
        token = self.query.skiptoken
        if not token:
            return ""
        try:
            return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
        except ValueError as error:
            raise bad("The page token is not valid.") from error


Render = Callable[[Call, Item], dict[str, Any]]
