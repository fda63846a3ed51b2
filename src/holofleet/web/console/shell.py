"""The frame around every page: sign-in, the proof that a form is ours, threads, errors, templates.

Handlers are plain functions from a :class:`Visit` to an answer; they run in a thread because they wait for the
database. What they raise becomes a page that says what failed and what to do.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from holofleet import __version__
from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError, RefusedError, StorageError
from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import STRANGER, Action, FreshSignInError, Principal
from holofleet.server.sealing import DamagedError
from holofleet.web.assist.assets import assist_asset_url
from holofleet.web.console import bars, words
from holofleet.web.console.assets import asset_url
from holofleet.web.console.coming import RecentlyJoined
from holofleet.web.console.names import KnownNames
from holofleet.web.console.proofs import Proofs
from holofleet.web.console.prove_first import brought_back, sent_to_prove
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declared_actions, declares
from holofleet.web.services import Services
from holofleet.web.settings import WebSettings

if TYPE_CHECKING:
    from holofleet.web.console.demo import Demonstration

_LOG = logging.getLogger("holofleet.web.console")
SIGN_IN_PATH = "/sign-in"
MOST_FIELDS = 32
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
Handler = Callable[[Visit], Response]


def environment() -> Environment:
    """Return the templates, escaping everything, failing on what is not given."""
    made = Environment(
        loader=PackageLoader("holofleet.web.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "asset": asset_url,
        "call_asset": assist_asset_url,
        "word": words.word,
        "count": words.count,
        "percent": words.percent,
        "bar": bars.bar,
        "shares": bars.shares,
        "setting_name": words.setting_name,
        "value_of": words.value_of,
        "short_hash": words.short_hash,
        "breakable": words.breakable,
        "reasons_of": words.reasons_of,
        "sentence": words.sentence,
        "version": __version__,
        "Action": Action,
    }
    return made


@dataclass(frozen=True)
class Console:
    """The console of one server."""

    services: Services
    settings: WebSettings
    demo: Demonstration | None = None
    templates: Environment = field(default_factory=environment)
    names: KnownNames = field(default_factory=KnownNames)
    proofs: Proofs = field(default_factory=Proofs)
    joined: RecentlyJoined = field(default_factory=RecentlyJoined)

    def render(self, template: str, visit: Visit, /, **context: Any) -> str:
        """Render a template for a visit."""
        return self.templates.get_template(template).render(
            visit=visit,
            now=visit.now,
            principal=visit.principal,
            csrf=visit.csrf,
            may=visit.may,
            time_tag=lambda moment, form="when": words.time_tag(moment, visit.now, form),
            day_of=lambda moment: words.day_of(moment, visit.now),
            with_times=lambda text: words.with_times(text, visit.now),
            demo_on=self.demo is not None,
            answers_calls=lambda: self.services.assist.roster.key(visit.principal) is not None,
            **context,
        )

    def page(
        self, path: str, handler: Handler, *, methods: tuple[str, ...] = ("GET",), public: bool = False
    ) -> Route:
        """Return the route of a handler, which declares what it does; ``public`` ones take strangers too."""

        async def endpoint(request: Request) -> Response:
            return await self._answer(request, handler, public=public)

        marked = declares(*declared_actions(_Declared(handler)))(endpoint)
        return Route(path, marked, methods=list(methods), name=getattr(handler, "__name__", None))

    async def visitor(self, request: Request, *, touch: bool = True) -> Principal | None:
        """Return who the session cookie of a request is; without ``touch`` the session may go idle meanwhile."""
        cookie = request.cookies.get(COOKIE_NAME)
        if not cookie:
            return None
        return await run_in_threadpool(partial(self.services.access.session, cookie, touch=touch))

    async def _answer(self, request: Request, handler: Handler, *, public: bool) -> Response:
        cookie = request.cookies.get(COOKIE_NAME, "")
        visit = self._visit(request, STRANGER, "")
        try:
            principal = await self.visitor(request)
            if principal is not None:
                visit = self._visit(request, principal, self.services.access.csrf_token(cookie))
            elif not public:
                return self._turned_away(visit)
            if request.method in _UNSAFE:
                form = await _read_form(request)
                if principal is not None and not self.services.access.csrf_matches(cookie, form.get("csrf", "")):
                    return self._stale_form(visit)
                visit = self._visit(request, visit.principal, visit.csrf, form)
            return await run_in_threadpool(handler, visit)
        except FreshSignInError:
            return sent_to_prove(visit)
        except HolofleetError as error:
            return await run_in_threadpool(self.failure, visit, error)
        except HTTPException:
            return self._bad_form(visit)
        except Exception as error:
            return self._mistake(visit, error)

    def _visit(
        self, request: Request, principal: Principal, csrf: str, form: Mapping[str, str] | None = None
    ) -> Visit:
        return Visit(self, request, principal, csrf, self.services.clock.now(), form or brought_back(request))

    def _turned_away(self, visit: Visit) -> Response:
        if visit.request.method in ("GET", "HEAD"):
            return RedirectResponse(SIGN_IN_PATH, 303)
        return visit.render(
            "failure.html",
            401,
            title="You are not signed in any more",
            what="Your session ended, so nothing was changed.",
            mend="Sign in again, then repeat what you were doing.",
            code="",
        )

    def _stale_form(self, visit: Visit) -> Response:
        return visit.render(
            "failure.html",
            403,
            title="This form is from another session",
            what="It was opened before you signed in, so nothing was changed.",
            mend="Go back, load the page again and repeat it.",
            code="",
        )

    def _bad_form(self, visit: Visit) -> Response:
        return visit.render(
            "failure.html",
            400,
            title="This form cannot be read",
            what="Nothing was changed.",
            mend="Go back, load the page again and repeat it.",
            code="",
        )

    def failure(self, visit: Visit, error: HolofleetError) -> Response:
        """Say in a page what failed, whether something was changed, and what to do."""
        status, title = _status_of(error)
        what = error.detail or (error.summary[:1].upper() + error.summary[1:] + ".")
        if isinstance(error, DamagedError):
            what = f"{error.summary[:1].upper()}{error.summary[1:]}. The audit log has this."
        if status == 404:
            what = "There is nothing here, or it is not yours to see."
        return visit.render("failure.html", status, title=title, what=what, mend=error.mend, code="")

    def _mistake(self, visit: Visit, error: Exception) -> Response:
        code = uuid.uuid4().hex[:8]
        _LOG.error("page %s failed (%s)", visit.request.url.path, code, exc_info=error)
        return visit.render(
            "failure.html",
            500,
            title="The server made a mistake",
            what="This page could not be made.",
            mend="Try again; if it stays, look for the code below in the server's log.",
            code=code,
        )


class _Declared:
    """Lets a handler be asked like a route."""

    def __init__(self, handler: Handler) -> None:
        self.endpoint = handler


def _status_of(error: HolofleetError) -> tuple[int, str]:
    if isinstance(error, NotFoundError):
        return 404, "Nothing here"
    if isinstance(error, RefusedError):
        return 403, "This is not allowed"
    if isinstance(error, ConflictError):
        return 409, "Somebody was faster"
    if isinstance(error, DamagedError):
        return 409, "This is damaged"
    if isinstance(error, StorageError):
        return 503, "The database cannot be used now"
    return (400 if isinstance(error, InputError) else 500), "This cannot be done"


async def _read_form(request: Request) -> dict[str, str]:
    async with request.form(max_fields=MOST_FIELDS, max_files=0) as form:
        return {key: value for key, value in form.items() if isinstance(value, str)}
