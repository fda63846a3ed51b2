"""Webhooks: which programs elsewhere are told what happens here, and whether it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from holofleet.errors import ConflictError, InputError
from holofleet.server.authorization import Action
from holofleet.server.webhooks import (
    Added,
    Delivery,
    DeliveryState,
    NoticeKind,
    Trouble,
    Webhook,
    WebhookDetail,
    Wish,
)
from holofleet.server.webhooks.service import LONGEST_NAME, SHOWN
from holofleet.server.webhooks.values import CHOSEN, FORMER_LIVES, MOST, sorted_kinds
from holofleet.server.webhooks.worker import GIVEN_UP_AFTER, KEPT
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import Word, problem_of
from holofleet.web.declaration import declares

PATH = "/settings/webhooks"
KINDS: Mapping[NoticeKind, str] = {
    NoticeKind.CALL_STARTED: "A call began: two are connected",
    NoticeKind.CALL_ENDED: "A call ended",
    NoticeKind.CALL_MISSED: "A call ended before anybody was connected",
    NoticeKind.HEADSET_ENROLLED: "A headset enrolled",
    NoticeKind.HEADSET_DOUBTED: "An enrollment is in doubt and waits for a decision",
    NoticeKind.HEADSET_DRIFTED: "A setting of a headset drifted",
    NoticeKind.HEADSET_MENDED: "A drifted setting is mended",
    NoticeKind.HEADSET_LOST: "A headset was marked as lost",
    NoticeKind.HEADSET_LEFT: "A headset left management by itself",
    NoticeKind.HEADSET_RETIRED: "A headset was retired",
    NoticeKind.ORDER_FAILED: "An order failed",
    NoticeKind.ORDER_UNKNOWN: "An order was sent, and its outcome is not known",
    NoticeKind.ORDERS_FROZEN: "All orders were frozen",
    NoticeKind.APPROVAL_ASKED: "Something waits for a second person",
    NoticeKind.LOAN_OVERDUE: "A loan is not back on the day after its return",
    NoticeKind.TEST: "Test",
}
STATES: Mapping[DeliveryState, Word] = {
    DeliveryState.WAITING: Word("waiting", "Waits", "pending", "pending"),
    DeliveryState.ARRIVED: Word("arrived", "Arrived", "compliant", "compliant"),
    DeliveryState.GIVEN_UP: Word("given-up", "Given up", "refused", "refused"),
}
TROUBLES: Mapping[Trouble, str] = {
    Trouble.NAME: "The name of the host has no address.",
    Trouble.ADDRESS: "The host has an address that is not public. "
    "Inner networks are reached only where the server was started with --webhooks-to.",
    Trouble.CONNECTION: "Nobody answers at this address and port.",
    Trouble.TLS: "The certificate does not prove this name, or this server does not trust who signed it.",
    Trouble.SLOW: "No answer within 5 seconds.",
    Trouble.ANSWER: "What answered does not speak HTTP.",
    Trouble.REDIRECT: "The answer leads elsewhere; nobody follows. Enter the final address.",
    Trouble.STATUS: "The receiver did not take it.",
    Trouble.GONE: "The receiver says that nothing is taken there any more, so the webhook is off.",
    Trouble.SECRET: "The secret cannot be opened with the keys of this server. Make a new one.",
}
DONE = {
    "changed": "The webhook is changed.",
    "tested": "A test is on its way. Its line below says what was answered; look again in a few seconds.",
    "removed": "The webhook is removed, with what waited for it.",
}


@declares(Action.READ_SETTINGS)
def webhooks_page(visit: Visit) -> Response:
    """``GET /settings/webhooks``: every webhook with how it stands, and the form for a new one."""
    visit.require(Action.READ_SETTINGS)
    return _list(visit)


@declares(Action.CHANGE_WEBHOOKS)
def add_webhook(visit: Visit) -> Response:
    """``POST /settings/webhooks``: make one; its secret is in this answer and nowhere else."""
    visit.require(Action.CHANGE_WEBHOOKS)
    wish = _wish(visit.form)
    if errors := _errors(wish):
        return _list(visit, errors=errors, status=422)
    try:
        made = visit.services.webhooks.add(visit.principal, wish)
    except (InputError, ConflictError) as error:
        return _list(visit, errors={_field(error): problem_of(error)}, status=422)
    return _one(visit, made.id, made=made)


@declares(Action.READ_SETTINGS)
def webhook_page(visit: Visit) -> Response:
    """``GET /settings/webhooks/ID``: one webhook, its newest deliveries, and what can be done with it."""
    visit.require(Action.READ_SETTINGS)
    return _one(visit, visit.path("webhook"))


@declares(Action.CHANGE_WEBHOOKS)
def change_webhook(visit: Visit) -> Response:
    """``POST /settings/webhooks/ID``: change it, send a test, make a new secret, or remove it."""
    visit.require(Action.CHANGE_WEBHOOKS)
    key, service, form = visit.path("webhook"), visit.services.webhooks, visit.form
    act = form.get("act", "change")
    if act == "remove":
        service.remove(visit.principal, key)
        return visit.go(PATH, done="removed")
    try:
        if act == "test":
            service.test(visit.principal, key)
            return visit.go(f"{PATH}/{key}", done="tested")
        if act == "secret":
            return _one(visit, key, made=service.rotate(visit.principal, key))
        wish = _wish(form)
        if errors := _errors(wish):
            return _one(visit, key, errors=errors, status=422)
        service.change(visit.principal, key, wish, on=form.get("on") == "yes")
    except (InputError, ConflictError) as error:
        return _one(visit, key, errors={_field(error): problem_of(error)}, status=422)
    return visit.go(f"{PATH}/{key}", done="changed")


def _wish(form: Mapping[str, str]) -> Wish:
    clients = frozenset(name.removeprefix("client-") for name in form if name.startswith("client-"))
    return Wish(
        form.get("name", "").strip(),
        form.get("url", "").strip(),
        frozenset(kind for kind in CHOSEN if form.get(f"kind-{kind}") == "yes"),
        None if form.get("whose", "all") == "all" else clients,
    )


def _errors(wish: Wish) -> dict[str, str]:
    errors = {}
    if not wish.name or len(wish.name) > LONGEST_NAME:
        errors["name"] = f"Say what it is called, in at most {LONGEST_NAME} letters."
    if not wish.url:
        errors["url"] = "Say where to, as https://hooks.contoso.com/fleet."
    if not wish.kinds:
        errors["kinds"] = "Choose at least one event."
    if wish.clients is not None and not wish.clients:
        errors["whose"] = "Choose at least one client, or every client."
    return errors


def _field(error: InputError | ConflictError) -> str:
    if isinstance(error, ConflictError):
        return "name"
    return "name" if "name" in error.summary and "address" not in error.summary else "url"


def _frame(visit: Visit, errors: Mapping[str, str] | None) -> dict[str, Any]:
    overview = visit.services.fleet.overview(visit.scope)
    return {
        "here": "settings",
        "sections": visit.console.settings.setup,
        "kinds": {kind: KINDS[kind] for kind in CHOSEN},
        "clients": sorted({deployment.client for deployment in overview.deployments} | {"own"}),
        "errors": errors or {},
        "form": visit.form,
        "fresh": not visit.principal.stale,
        "done": DONE.get(visit.asked("done"), ""),
        "longest": LONGEST_NAME,
    }


def _list(visit: Visit, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    found = visit.services.webhooks.listed(visit.principal)
    return visit.render(
        "settings_webhooks.html",
        status,
        **_frame(visit, errors),
        webhooks=found,
        most=MOST,
        standing=standing,
        wished=wished(visit.form, None),
    )


def _one(
    visit: Visit,
    key: str,
    *,
    made: Added | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    found: WebhookDetail = visit.services.webhooks.detail(visit.principal, key)
    webhook = found.webhook
    typed = visit.form if visit.form.get("act") == "change" else {}
    return visit.render(
        "settings_webhook.html",
        status,
        **_frame(visit, errors),
        webhook=webhook,
        deliveries=found.deliveries,
        made=made,
        standing=standing(webhook),
        states=STATES,
        said=said_of,
        all_kinds=KINDS,
        wished=wished(typed, webhook),
        both_until=webhook.former_until if webhook.former_until and webhook.former_until > visit.now else None,
        both_days=FORMER_LIVES.days,
        given_up_days=GIVEN_UP_AFTER.days,
        kept_days=KEPT.days,
        shown=SHOWN,
    )


def wished(form: Mapping[str, str], webhook: Webhook | None) -> Wish:
    """Return what the fields of the form show: what was typed, else what is, else everything that is usual."""
    if form:
        return _wish(form)
    if webhook is not None:
        return Wish(webhook.name, webhook.url, webhook.kinds, webhook.clients)
    usual = {NoticeKind.CALL_MISSED, NoticeKind.HEADSET_LOST, NoticeKind.ORDER_UNKNOWN, NoticeKind.LOAN_OVERDUE}
    return Wish("", "", frozenset(sorted_kinds(usual)), None)


def standing(webhook: Webhook) -> Word:
    """Return how a webhook stands, in a word."""
    if not webhook.is_on:
        return Word("off", "Off", "retired", "retired")
    if webhook.given_up:
        return Word("failing", "Does not arrive", "refused", "refused")
    if webhook.arrived_at is None:
        return Word("new", "Nothing arrived yet", "pending", "pending")
    return Word("arrives", "Arrives", "compliant", "compliant")


def said_of(delivery: Delivery) -> str:
    """Say what was answered to a delivery, or why nothing was."""
    status = f"{delivery.status}. " if delivery.status is not None else ""
    return f"{status}{TROUBLES[delivery.trouble] if delivery.trouble is not None else ''}".strip()
