"""Who says which webhooks there are: administrators, after a fresh sign-in, each time with a record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Target, nothing_here, permit
from holofleet.server.sealing import SealingKey
from holofleet.server.webhooks.addresses import require_sound
from holofleet.server.webhooks.notices import Notice
from holofleet.server.webhooks.signing import make_secret, seal_secret
from holofleet.server.webhooks.store import WebhookStore
from holofleet.server.webhooks.values import (
    FORMER_LIVES,
    MOST,
    Added,
    NoticeKind,
    Webhook,
    WebhookDetail,
    Wish,
    sorted_kinds,
)

LONGEST_NAME: Final = 60
SHOWN: Final = 50
"""Deliveries beside a webhook."""
SWITCHED_OFF: Final = "Switched off by an administrator."


class WebhookService:
    """Answers and changes which webhooks there are."""

    def __init__(self, store: WebhookStore, clock: Clock, *, key: SealingKey) -> None:
        self._store = store
        self._clock = clock
        self._key = key

    def listed(self, principal: Principal) -> Sequence[Webhook]:
        """Return every webhook, by name.

        Raises:
            RefusedError: the principal may not read settings of the installation.
        """
        permit(principal, Action.READ_SETTINGS, Target.installation()).require()
        return self._store.listed()

    def detail(self, principal: Principal, webhook: str) -> WebhookDetail:
        """Return a webhook with its newest deliveries.

        Raises:
            RefusedError: the principal may not read settings of the installation.
            NotFoundError: no such webhook.
        """
        permit(principal, Action.READ_SETTINGS, Target.installation()).require()
        return self._found(webhook)

    def add(self, principal: Principal, wish: Wish) -> Added:
        """Make a webhook; its secret is in this answer and nowhere else.

        Raises:
            RefusedError: the principal may not, or has to prove first that they are there.
            InputError: an address or a name that is none, or nothing to tell.
            ConflictError: there are as many as may be, or one has this name.
        """
        permit(principal, Action.CHANGE_WEBHOOKS, Target.installation()).require()
        _require(wish)
        key, secret = uuid.uuid4().hex, make_secret()
        audit = _audit(principal, key, "made", **_said(wish))
        self._store.add(
            key,
            wish,
            seal_secret(self._key, key, secret),
            principal.actor,
            at=self._clock.now(),
            most=MOST,
            audit=audit,
        )
        return Added(key, secret)

    def change(self, principal: Principal, webhook: str, wish: Wish, *, on: bool) -> None:
        """Make a webhook be as somebody wishes, and switch it on or off.

        Raises:
            RefusedError, InputError, ConflictError: as :meth:`add`.
            NotFoundError: no such webhook.
        """
        permit(principal, Action.CHANGE_WEBHOOKS, Target.installation()).require()
        _require(wish)
        before = self._found(webhook).webhook
        why = "" if on else (before.why_off or SWITCHED_OFF)
        audit = _audit(principal, webhook, "changed", on=on, **_said(wish))
        self._store.change(webhook, wish, why_off=why, at=self._clock.now(), audit=audit)

    def rotate(self, principal: Principal, webhook: str) -> Added:
        """Make another secret; for a day both sign.

        Raises:
            RefusedError: the principal may not, or has to prove first that they are there.
            NotFoundError: no such webhook.
        """
        permit(principal, Action.CHANGE_WEBHOOKS, Target.installation()).require()
        self._found(webhook)
        now, secret = self._clock.now(), make_secret()
        self._store.rotate(
            webhook,
            seal_secret(self._key, webhook, secret),
            at=now,
            former_until=now + FORMER_LIVES,
            audit=_audit(principal, webhook, "secret"),
        )
        return Added(webhook, secret)

    def remove(self, principal: Principal, webhook: str) -> None:
        """Forget a webhook with its deliveries.

        Raises:
            RefusedError: the principal may not, or has to prove first that they are there.
            NotFoundError: no such webhook.
        """
        permit(principal, Action.CHANGE_WEBHOOKS, Target.installation()).require()
        found = self._found(webhook).webhook
        self._store.remove(
            webhook, at=self._clock.now(), audit=_audit(principal, webhook, "removed", name=found.name)
        )

    def test(self, principal: Principal, webhook: str) -> str:
        """Send a test; return the id of the delivery, whose end the webhook's deliveries show.

        Raises:
            RefusedError: the principal may not, or has to prove first that they are there.
            NotFoundError: no such webhook.
            ConflictError: it is off.
        """
        permit(principal, Action.CHANGE_WEBHOOKS, Target.installation()).require()
        if not self._found(webhook).webhook.is_on:
            raise ConflictError("the webhook is off", mend="Switch it on first.")
        notice = Notice(NoticeKind.TEST, "own", self._clock.now(), {"webhook": webhook})
        return self._store.put(webhook, notice, audit=_audit(principal, webhook, "test"))

    def _found(self, webhook: str) -> WebhookDetail:
        found = self._store.detail(webhook, limit=SHOWN)
        if found is None:
            raise nothing_here()
        return found


def _require(wish: Wish) -> None:
    if not wish.name or len(wish.name) > LONGEST_NAME or not wish.name.isprintable():
        raise InputError("a webhook needs a name", mend=f"Of at most {LONGEST_NAME} letters.")
    if not wish.kinds or NoticeKind.TEST in wish.kinds:
        raise InputError("a webhook takes something", mend="Choose at least one event.")
    if wish.clients is not None and not wish.clients:
        raise InputError("a webhook is for somebody's headsets", mend="Name a client, or leave it for all.")
    require_sound(wish.url)


def _said(wish: Wish) -> dict[str, Any]:
    """Return what the record keeps of a wish: the host alone, for paths of receivers are often secrets."""
    return {
        "name": wish.name,
        "host": require_sound(wish.url).authority,
        "events": [str(kind) for kind in sorted_kinds(wish.kinds)],
        "clients": None if wish.clients is None else sorted(wish.clients),
    }


def _audit(principal: Principal, webhook: str, act: str, **data: Any) -> AuditRecord:
    said = {"act": act, **data}
    return AuditRecord(principal.actor, str(Action.CHANGE_WEBHOOKS), f"webhook:{webhook}", data=said)
