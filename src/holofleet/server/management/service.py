"""One message of a headset, from bytes to bytes.

    identity = service.authenticate(der)          the one read; nothing of the body was read yet
    reply = service.handle(identity, body)        at most one write, none when nothing is due

The work of a message is a generator (``steps``) that yields what it needs of the store, so that the deciding part
neither waits nor knows how reads and writes are grouped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from holofleet.clock import Clock
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.media import SYNCML
from holofleet.protocols.syncml import Alert, Alerts, Message, Reply, Unknown, parse
from holofleet.protocols.syncml import Replace as ReplaceCommand
from holofleet.server.events import EventKind
from holofleet.server.management.cursor import Cursor
from holofleet.server.management.draft import Draft
from holofleet.server.management.exchange import (
    FindAnswer,
    FindDocument,
    FindOrders,
    FindRow,
    FindSerial,
    ManagementStore,
    OpenOrders,
    Request,
    SerialFacts,
    Steps,
    Store,
    StoredAnswer,
)
from holofleet.server.management.filling import unseal
from holofleet.server.management.hearing import abandon, close_unanswered, hear
from holofleet.server.management.prepared import NOTHING, FactsOf, PreparedDocument, facts_from_catalog
from holofleet.server.management.recognition import recognize
from holofleet.server.management.reconcile import is_converged, reconcile, session_is_long
from holofleet.server.management.row import EnrollmentRow
from holofleet.server.management.saying import Saying, SizeLimits
from holofleet.server.ports import CertificateJudge, Revocations, SecretResolver
from holofleet.server.standing import Standing

PROVIDER = "holofleet"
GRACE = timedelta(minutes=15)
"""How long an enrollment that has just left may still repeat its last message. Ours."""
ATTEMPTS = 4
"""How often a message is decided anew because its row moved on in between. Ours."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A headset whose certificate was accepted, with its row as it was read for this request."""

    row: EnrollmentRow


@dataclass(frozen=True, slots=True)
class Refusal:
    """No service for this certificate. ``reason`` is for our log, never for the peer."""

    reason: str
    status: int = 403


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP.

    Args:
        note: For our log: what was wrong, or how many answers matched nothing that was sent.
        opened: Whether the message opened a session, so that sessions can be counted.
    """

    status: int
    body: bytes = b""
    content_type: str = SYNCML
    note: str = ""
    opened: bool = False


class ManagementService:
    """Sessions of all headsets. Keeps nothing between messages but documents, which never change.

    Args:
        epoch: Gives the epoch of this installation; orders of another one are not sent.
        frozen: Tells whether all orders are stopped by hand, beside the switch in the database.
        provider: Our PROVIDER-ID on headsets.
    """

    def __init__(
        self,
        *,
        store: ManagementStore,
        clock: Clock,
        secrets: SecretResolver,
        revocations: Revocations,
        judge: CertificateJudge,
        epoch: Callable[[], int],
        frozen: Callable[[], bool] = lambda: False,
        provider: str = PROVIDER,
        limits: SizeLimits | None = None,
        facts_of: FactsOf = facts_from_catalog,
    ) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets
        self._revocations = revocations
        self._judge = judge
        self._epoch = epoch
        self._frozen = frozen
        self._provider = provider
        self._limits = limits or SizeLimits()
        self._facts_of = facts_of
        self._documents: dict[str, PreparedDocument] = {}

    # Direct use: one message after the other.

    def authenticate(self, certificate_der: bytes) -> Identity | Refusal:
        """Judge a client certificate by its row and by itself, before the body is read.

        Raises:
            StorageError: the database cannot be used.
        """
        sha256 = digest_of(certificate_der)
        return self.judge(self._store.rows([sha256]).get(sha256), certificate_der)

    def handle(self, identity: Identity, body: bytes) -> Answer:
        """Take one message and return the answer, stored before it leaves.

        Raises:
            StorageError: the database cannot be used; nothing was stored.
        """
        return self.run(self.steps(identity, body))

    def run(self, steps: Steps) -> Answer:
        """Run the steps of a message, one request to the store after the other."""
        answer: object = None
        try:
            while True:
                answer = self._perform(steps.send(answer))
        except StopIteration as done:
            result: Answer = done.value
            return result

    def _perform(self, request: Request) -> object:
        match request:
            case Store(change):
                return self._store.store([change])[0]
            case FindRow(sha256):
                return self._store.rows([sha256]).get(sha256)
            case _:
                return self.look_up(request)

    def look_up(self, request: Request) -> object:
        """Answer the rarer requests."""
        match request:
            case FindDocument(hash_):
                return self._store.document(hash_)
            case FindAnswer(enrollment):
                return self._store.answer(enrollment)
            case FindSerial(serial):
                return self._store.serial(serial)
            case _:
                return self._store.open_orders(request.enrollment)  # type: ignore[union-attr]

    # The deciding part.

    def judge(self, row: EnrollmentRow | None, certificate_der: bytes) -> Identity | Refusal:
        """Decide whether the holder of a certificate is served, from its row and from the certificate."""
        if row is None:
            return Refusal("no enrollment has this certificate")
        now = self._clock.now()
        if row.standing is Standing.REVOKED or self._revocations.revoked(row.certificate_sha256):
            return Refusal("revoked")
        if row.standing is Standing.RETIRED and (row.ended_at is None or now > row.ended_at + GRACE):
            return Refusal("retired")
        if now >= row.certificate_not_after:
            return Refusal("expired")
        reason = self._judge.refusal(certificate_der, now)
        return Refusal(reason) if reason else Identity(row)

    def steps(self, identity: Identity, body: bytes) -> Steps:
        """Return the work of one message as steps; it returns an :class:`Answer`."""
        try:
            message = parse(body)
        except MalformedMessageError as error:
            return Answer(error.http_status, note=error.summary)
        digest = hashlib.sha256(body).hexdigest()
        row: EnrollmentRow | None = identity.row
        for _ in range(ATTEMPTS):
            if row is None or row.standing is Standing.REVOKED:
                return Answer(403, note="the enrollment ended in between")
            answer = yield from self._once(row, message, digest)
            if answer is not None:
                return answer
            row = yield FindRow(row.certificate_sha256)
        return Answer(503, note="the row of this enrollment is changed too often")

    def _once(self, row: EnrollmentRow, message: Message, digest: str) -> Steps:
        """Decide a message on a row; ``None`` if the row moved on before that was stored."""
        header = message.header
        if header.source != row.device_id:
            return Answer(403, note="the message names another device")
        cursor = Cursor.parse(row.cursor)
        same_session = header.session_id == cursor.session
        if same_session and (header.msg_id, digest) == (cursor.message, cursor.digest):
            if any(sent[0] == "o" for sent in cursor.sent.values()):
                orders: OpenOrders = yield FindOrders(row.id)
                epoch = self._epoch()
                if orders.frozen or self._frozen() or any(order.epoch != epoch for order in orders.orders):
                    return Answer(503, note="an order in the stored answer may not leave now")
            stored: StoredAnswer | None = yield FindAnswer(row.id)
            if stored is not None and stored.key == cursor.key:
                return self._leave_with(stored.body)
        if row.standing is Standing.RETIRED:
            return Answer(403, note="retired")
        opens = header.msg_id == 1 and not cursor.knows_old(header.session_id, digest)
        if same_session and header.msg_id == 1 and digest == cursor.first:
            opens = False
        continues = same_session and cursor.open and header.msg_id == cursor.message + 1
        if not (opens or continues):
            return Answer(200, _closing(message), note="a message of no open session")
        document = yield from self._document(row.acknowledged_hash)
        now = self._clock.now()
        now_us = (now - _EPOCH) // _MICROSECOND
        draft = Draft.of(row, document, cursor=cursor, now=now, now_us=now_us, resolver=self._secrets)
        return (yield from self._decide(draft, message, digest, opens=opens))

    def _decide(self, draft: Draft, message: Message, digest: str, *, opens: bool) -> Steps:
        """Hear the message, say what is due, and store both; ``None`` if the row moved on before."""
        header = message.header
        inventory_before = dict(draft.inventory)
        converged_before = is_converged(draft)
        abandoned = opens and draft.cursor.open
        _move_on(draft, message, digest, opens=opens)
        ended = hear(draft, message)
        reply = Reply(message, msg_id=header.msg_id)
        _pay(reply)
        if message.final or ended or session_is_long(draft):
            yield from self._say(draft, reply, header.max_msg_size, ended=ended)
        else:
            reply.add(Alert("", int(Alerts.NEXT_MESSAGE)))
        body = draft.filling.seal(reply.render())
        quiet = opens and not abandoned and message.final and reply.ends_session
        if quiet and not _changed(draft, inventory_before):
            return self._leave_with(body, opened=True, note="nothing is due")
        draft.take_events()
        if is_converged(draft) and not converged_before and draft.headset is not None:
            draft.tell(EventKind.CONVERGED, document=draft.headset.document_hash)
        stored = yield Store(draft.change(StoredAnswer(draft.cursor.key, body)))
        if not stored:
            return None
        note = f"{draft.strays} answers matched nothing that was sent" if draft.strays else ""
        return self._leave_with(body, note=note, opened=opens)

    def _say(self, draft: Draft, reply: Reply, client_bytes: int | None, *, ended: bool) -> Steps:
        """End what was open, recognize the headset, and fill the answer."""
        close_unanswered(draft)
        if draft.serial_said is not None:
            facts = (yield FindSerial(draft.serial_said)) if draft.serial_said else _NO_FACTS
            recognize(draft, draft.serial_said, facts)
        if not ended:
            saying = Saying(draft, reply, self._provider, _limits(self._limits, client_bytes))
            yield from reconcile(draft, saying, documents=self._document, epoch=self._epoch(), frozen=self._frozen)
        if reply.ends_session:
            draft.cursor.close()
        else:
            draft.cursor.open = True
            draft.cursor.sent_in = reply.header.msg_id

    def _document(self, hash_: str | None) -> Steps:
        if not hash_:
            return NOTHING
        known = self._documents.get(hash_)
        if known is None:
            known = PreparedDocument.of((yield FindDocument(hash_)), self._facts_of)
            if len(self._documents) >= _MAX_DOCUMENTS:
                self._documents.pop(next(iter(self._documents)))
            self._documents[hash_] = known
        return known

    def _leave_with(self, sealed: bytes, *, note: str = "", opened: bool = False) -> Answer:
        body = unseal(sealed, self._secrets)
        if body is None:
            return Answer(503, note="a secret of the stored answer has no value now")
        return Answer(200, body, note=note, opened=opened)


def _move_on(draft: Draft, message: Message, digest: str, *, opens: bool) -> None:
    """Set the cursor to the message that is being answered."""
    header = message.header
    if opens:
        abandon(draft, message)
        draft.cursor = draft.cursor.begin(
            session=header.session_id, message=header.msg_id, digest=digest, now=draft.now_us
        )
    else:
        draft.cursor.message, draft.cursor.digest = header.msg_id, digest
    draft.filling.seed = f"{draft.row.id}/{draft.cursor.key}"


def digest_of(certificate_der: bytes) -> str:
    """Return the key of everything: SHA-256 (hex) of the DER."""
    return hashlib.sha256(certificate_der).hexdigest()


def _changed(draft: Draft, inventory_before: dict[str, str]) -> bool:
    return bool(
        draft.ledger.changed
        or draft.values
        or draft.events
        or draft.orders
        or draft.inventory != inventory_before
        or draft.standing is not draft.row.standing
        or draft.lock is not draft.row.tenant_lock
        or draft.word != draft.row.compliance
    )


def _pay(reply: Reply) -> None:
    """Pay every Status: alerts and facts are taken, anything else a headset may not ask of a server."""
    for place, debt in enumerate(reply.owed):
        command = debt.command
        if place == 0 or isinstance(command, Alert | ReplaceCommand):
            code = 200 if debt.cmd_ref else 400
        else:
            code = 400 if isinstance(command, Unknown) or not debt.cmd_ref else 405
        reply.status(debt, code)


def _closing(message: Message) -> bytes:
    """Return an answer that runs nothing and ends the session."""
    reply = Reply(message, msg_id=message.header.msg_id)
    for place, debt in enumerate(reply.owed):
        reply.status(debt, 200 if place == 0 else 215)
    return reply.render()


def _limits(limits: SizeLimits, client_bytes: int | None) -> SizeLimits:
    if client_bytes is None or client_bytes >= limits.max_bytes:
        return limits
    return SizeLimits(limits.max_commands, client_bytes, limits.max_get_items)


_NO_FACTS = SerialFacts(None, None, None)
_MAX_DOCUMENTS = 512
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)
