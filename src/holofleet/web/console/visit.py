"""One request of a person who is signed in, as a handler sees it: who asks, the services, the form, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from holofleet.server.authorization import Action, Principal, Scope, Target, permit

if TYPE_CHECKING:
    from holofleet.web.console.shell import Console
    from holofleet.web.services import Services


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, authenticated and (if it changes something) shown to come from our own form."""

    console: Console
    request: Request
    principal: Principal
    csrf: str
    now: datetime
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        """What handlers call."""
        return self.console.services

    @property
    def scope(self) -> Scope:
        """The clients that are seen."""
        return self.principal.scope

    def may(self, action: Action, client: str | None = None) -> bool:
        """Whether the person may do this; what a role lacks is not shown."""
        return permit(self.principal, action, Target(client=client)).allowed

    def require(self, action: Action, client: str | None = None) -> None:
        """Go on if the person may do this; reading about an act asks for no fresh sign-in, doing it does.

        Raises:
            FreshSignInError: the act asks for a sign-in of the last five minutes.
            RefusedError: not allowed.
            NotFoundError: somebody else's thing.
        """
        decision = permit(self.principal, action, Target(client=client))
        if self.request.method in ("GET", "HEAD"):
            decision.require_role()
        else:
            decision.require()

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def asked(self, name: str) -> str:
        """Return a part of the query, without blanks around it; empty where there is none."""
        return self.request.query_params.get(name, "").strip()

    def render(self, template: str, http_status: int = 200, /, **context: Any) -> Response:
        """Answer with a page."""
        return HTMLResponse(self.console.render(template, self, **context), http_status)

    def go(self, path: str, **query: str) -> Response:
        """Answer a change: the browser reads ``path`` next, so that a reload changes nothing again."""
        return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)
