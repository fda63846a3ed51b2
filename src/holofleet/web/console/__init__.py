"""The console: pages for people, plain HTML first, made live by one stream a page.

What lives here: the routes of the people listener that answer with pages, their templates and their own files.
What does not: decisions (each handler asks one service), JSON (:mod:`holofleet.web.api`), headers, Host and Origin
checks (the shell around the pages). Every view has an address that can be sent to a colleague, filters included,
and works without script. Start reading at ``shell.py`` (the frame of a page), then ``overview.py``; live parts
stand in ``regions.py`` and ``live.py``.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from holofleet.web.console import rooms
from holofleet.web.console.acts import act_page, cancel_order, do_act, orders_page
from holofleet.web.console.assets import serve_asset
from holofleet.web.console.demo import DemoActions, Demonstration, break_page, dismiss_page
from holofleet.web.console.enrollments import decide_enrollment, enrollment_page, enrollments_page
from holofleet.web.console.headset import headset_page, setting_page, timeline_page
from holofleet.web.console.headsets import headsets_page
from holofleet.web.console.live import Live
from holofleet.web.console.menu import fleet_file_page, fleet_files_page, menu_page, nothing_page
from holofleet.web.console.overview import overview_page
from holofleet.web.console.shell import Console
from holofleet.web.console.sign_in_own import account_page, end_session, new_codes, remove_factor, sessions_page
from holofleet.web.console.sign_in_passkeys import begin_passkey, finish_passkey
from holofleet.web.console.sign_in_provider import CALLBACK, from_provider, to_provider
from holofleet.web.console.signing_in import again_page, sign_in, sign_in_page, sign_out, use_code
from holofleet.web.services import Services
from holofleet.web.settings import WebSettings

__all__ = ["DemoActions", "routes"]


def routes(services: Services, settings: WebSettings, *, demo: DemoActions | None = None) -> list[BaseRoute]:
    """Return the routes of the console, to be mounted at the root of the people application.

    Args:
        services: What the pages call.
        settings: Of the application.
        demo: What a demonstration may do; ``None`` for a real fleet, which then has no such route.
    """
    console = Console(services, settings, Demonstration(demo) if demo is not None else None)
    page = console.page
    post = ("POST",)
    found: list[BaseRoute] = [
        Route("/static/{digest}/{name}", serve_asset, methods=["GET"]),
        page("/sign-in", sign_in_page, public=True),
        page("/sign-in", sign_in, methods=post, public=True),
        *_ways_to_sign_in(console),
        page("/sign-out", sign_out, methods=post),
        page("/account", account_page),
        page("/account/end", end_session, methods=post),
        page("/account/remove", remove_factor, methods=post),
        page("/account/codes", new_codes, methods=post),
        page("/sessions", sessions_page),
        Live(console).route(),
        page("/", overview_page),
        page("/menu", menu_page),
        page("/headsets", headsets_page),
        page("/headsets/{serial}", headset_page),
        page("/headsets/{serial}/timeline", timeline_page),
        page("/headsets/{serial}/settings/{uri:path}", setting_page),
        page("/headsets/{serial}/orders", orders_page),
        page("/headsets/{serial}/orders/cancel", cancel_order, methods=post),
        page("/headsets/{serial}/orders/{act}", act_page),
        page("/headsets/{serial}/orders/{act}", do_act, methods=post),
        page("/enrollments", enrollments_page),
        page("/enrollments/{id}", enrollment_page),
        page("/enrollments/{id}", decide_enrollment, methods=post),
        *rooms.routes(console),
        page("/fleet-file", fleet_files_page),
        page("/fleet-file/{name:path}", fleet_file_page),
    ]
    if demo is not None:
        found += [
            page("/demo/break", break_page, methods=post),
            page("/demo/dismiss", dismiss_page, methods=post),
        ]
    found.append(page("/{path:path}", nothing_page, public=False))
    return found


def _ways_to_sign_in(console: Console) -> list[BaseRoute]:
    """Return the routes on which somebody shows who they are."""
    page, post = console.page, ("POST",)
    return [
        page("/sign-in/again", again_page),
        page("/sign-in/provider", to_provider, methods=post, public=True),
        page(CALLBACK, from_provider, public=True),
        page("/sign-in/code", use_code, methods=post, public=True),
        page("/sign-in/passkey/begin", begin_passkey, methods=post, public=True),
        page("/sign-in/passkey/finish", finish_passkey, methods=post, public=True),
    ]
