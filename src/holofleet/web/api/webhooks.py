"""Webhooks: which programs elsewhere are told what happens. Secrets are in the answer that makes them alone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from holofleet.errors import InputError
from holofleet.server.authorization import Action
from holofleet.server.webhooks import NoticeKind, Webhook, Wish
from holofleet.server.webhooks.values import CHOSEN, sorted_kinds
from holofleet.web.api.call import PREFIX, Body, Caller, route
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)


class WebhookWish(Body):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    url: Annotated[str, Field(min_length=1, max_length=500)]
    events: Annotated[list[str], Field(min_length=1, max_length=50)]
    clients: Annotated[list[str], Field(max_length=100)] | None = None


class WebhookChange(WebhookWish):
    on: bool = True


@route(router, "GET", "/webhooks", Action.READ_SETTINGS)
def list_webhooks(call: Caller) -> dict[str, Any]:
    return {"webhooks": [_shown(one) for one in call.services.webhooks.listed(call.principal)]}


@route(router, "POST", "/webhooks", Action.CHANGE_WEBHOOKS, status=201)
def add_webhook(wish: WebhookWish, call: Caller) -> dict[str, Any]:
    made = call.services.webhooks.add(call.principal, _wish(wish))
    return {"id": made.id, "secret": made.secret}


@route(router, "GET", "/webhooks/{webhook_id}", Action.READ_SETTINGS)
def show_webhook(webhook_id: str, call: Caller) -> dict[str, Any]:
    found = call.services.webhooks.detail(call.principal, webhook_id)
    return {**_shown(found.webhook), "deliveries": render(found.deliveries)}


@route(router, "PUT", "/webhooks/{webhook_id}", Action.CHANGE_WEBHOOKS, status=204)
def change_webhook(webhook_id: str, wish: WebhookChange, call: Caller) -> None:
    call.services.webhooks.change(call.principal, webhook_id, _wish(wish), on=wish.on)


@route(router, "POST", "/webhooks/{webhook_id}/secret", Action.CHANGE_WEBHOOKS)
def rotate_secret(webhook_id: str, call: Caller) -> dict[str, Any]:
    made = call.services.webhooks.rotate(call.principal, webhook_id)
    return {"id": made.id, "secret": made.secret}


@route(router, "POST", "/webhooks/{webhook_id}/test", Action.CHANGE_WEBHOOKS, status=201)
def send_test(webhook_id: str, call: Caller) -> dict[str, Any]:
    return {"delivery": call.services.webhooks.test(call.principal, webhook_id)}


@route(router, "DELETE", "/webhooks/{webhook_id}", Action.CHANGE_WEBHOOKS, status=204)
def remove_webhook(webhook_id: str, call: Caller) -> None:
    call.services.webhooks.remove(call.principal, webhook_id)


def _wish(wish: WebhookWish) -> Wish:
    try:
        kinds = frozenset(NoticeKind(event) for event in wish.events)
    except ValueError as error:
        raise InputError(f"events: {error}", mend=f"The events are {', '.join(CHOSEN)}.") from error
    return Wish(wish.name, wish.url, kinds, None if wish.clients is None else frozenset(wish.clients))


def _shown(webhook: Webhook) -> dict[str, Any]:
    found: dict[str, Any] = render(webhook)
    events = [str(kind) for kind in sorted_kinds(webhook.kinds)]
    del found["kinds"]
    return {**found, "events": events, "on": webhook.is_on}
