"""Webhooks: what happens here, told to programs elsewhere, signed and at least once.

What lives here: what is told (``notices.py``), where to (``values.py``), who may say so (``service.py``), secrets
and signatures after Standard Webhooks (``signing.py``), which addresses are reached (``addresses.py``), one
delivery (``sending.py``), and the worker that takes deliveries from the outbox (``worker.py``). What does not:
the outbox itself, written in the transaction of what happened (``storage/webhooks``). Start reading at
``worker.py``.
"""

from holofleet.server.webhooks.addresses import Networks, require_sound
from holofleet.server.webhooks.notices import Notice, notice_of_call, notice_of_event, notice_of_loan
from holofleet.server.webhooks.sending import Proxy, Sender
from holofleet.server.webhooks.service import WebhookService
from holofleet.server.webhooks.signing import sign
from holofleet.server.webhooks.store import Outbox, WebhookStore
from holofleet.server.webhooks.values import (
    Added,
    Answer,
    Delivery,
    DeliveryState,
    Due,
    NoticeKind,
    Secrets,
    Settled,
    Trouble,
    Webhook,
    WebhookDetail,
    Wish,
)
from holofleet.server.webhooks.worker import WebhookWorker

__all__ = [
    "Added",
    "Answer",
    "Delivery",
    "DeliveryState",
    "Due",
    "Networks",
    "Notice",
    "NoticeKind",
    "Outbox",
    "Proxy",
    "Secrets",
    "Sender",
    "Settled",
    "Trouble",
    "Webhook",
    "WebhookDetail",
    "WebhookService",
    "WebhookStore",
    "WebhookWorker",
    "Wish",
    "notice_of_call",
    "notice_of_event",
    "notice_of_loan",
    "require_sound",
    "sign",
]
