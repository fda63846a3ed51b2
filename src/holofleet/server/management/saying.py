"""Saying: which commands go into an answer, as many as fit.

The order inside a message: deletions, writes in the order of the document, one Get that reads back what was just
written and whatever else is to be read, Execs last. A node is written at most once in a session, so that a
headset that answers "done" and shows another value cannot keep a session going.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from holofleet.protocols.syncml import Delete, Exec, Get, Item, Reply, fragment
from holofleet.resources import Format, Setting
from holofleet.server.compliance import Entry, Phase
from holofleet.server.compliance.overlay import TOO_LARGE, WAITS_FOR_VALUE
from holofleet.server.events import EventKind
from holofleet.server.management import inventory
from holofleet.server.management.draft import Draft
from holofleet.server.management.ledger import BACK_OFF
from holofleet.server.management.prepared import TENANT_LOCK, PreparedSetting, UnknownNode, is_on
from holofleet.server.management.row import TenantLock
from holofleet.server.orders import Order, OrderKind, OrderStatus

GET_ITEM_BYTES = 48
"""What an Item of a Get needs beside its LocURI, and a Status that we owe for the answer."""
_HEAD_BYTES = 2_304
"""What every answer needs: its header, and the Status of the other one's."""


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """How large an answer may be. The client's MaxMsgSize lowers ``max_bytes``. Ours."""

    max_commands: int = 128
    max_bytes: int = 256 * 1024
    max_get_items: int = 256


@dataclass
class Saying:
    """One answer while it is filled."""

    draft: Draft
    reply: Reply
    provider: str
    limits: SizeLimits
    commands_left: int = field(init=False)
    bytes_left: int = field(init=False)
    to_read: list[int | str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.commands_left = self.limits.max_commands - 1  # the Get
        self.bytes_left = self.limits.max_bytes - _HEAD_BYTES - 256 * (len(self.reply.owed) - 1)  # statuses

    # Settings.

    def settings(self) -> None:
        """Say what is open: deletions, writes, reads."""
        entries = self.draft.ledger.entries
        if entries:
            for uri in [uri for uri, entry in entries.items() if entry.phase is Phase.DELETE]:
                self._delete(uri, entries[uri])
            for setting in self.draft.ledger.document.settings:
                entry = entries.get(setting.uri)
                if entry is not None and self.may_send(setting, entry):
                    self._write(setting, entry)
            for setting in self.draft.ledger.document.settings:
                entry = entries.get(setting.uri)
                if entry is not None and self.may_ask(setting, entry):
                    self._ask(setting.index, setting.uri, alone=entry.tries > 0)
        unread, self.draft.cursor.unread = self.draft.cursor.unread, []
        for index in unread:
            setting = self.draft.ledger.document.settings[index]
            if not self._ask(index, setting.uri):
                self.draft.cursor.unread.append(index)

    def may_ask(self, setting: PreparedSetting, entry: Entry) -> bool:
        """Tell whether a setting is to be read back now."""
        for_now = not setting.for_user or self.draft.cursor.user
        return entry.phase is Phase.READ and self._is_time(entry) and for_now

    def may_send(self, setting: PreparedSetting, entry: Entry) -> bool:
        """Tell whether a setting is to be written now."""
        return (
            entry.phase is Phase.WRITE
            and self._is_time(entry)
            and not self.draft.cursor.written.get(setting.uri)
            and (not setting.for_user or self.draft.cursor.user)
        )

    def inventory(self) -> None:
        """Ask for what is asked of every headset."""
        self.draft.cursor.asked = True
        for uri in inventory.ASKED:
            self._ask(uri, uri)

    # Orders.

    def exec(self, order: Order) -> None:
        """Say an Exec, once: it is stored as sent together with this answer, before it leaves."""
        item = self._exec_item(order.kind)
        cmd_id = self.reply.add(Exec("", (item,)))
        self.draft.cursor.sent[cmd_id] = ["o", order.id, str(order.kind)]
        self.draft.move_order(order.id, order.kind, OrderStatus.QUEUED, OrderStatus.SENT)

    def release_lock(self) -> None:
        """Set the tenant lock to false and read it back, once in a session."""
        if TENANT_LOCK in self.draft.cursor.written:
            return
        setting = self.draft.ledger.document.by_uri.get(TENANT_LOCK)
        command = setting.render("Replace", "false") if setting else _LOCK_OFF
        self.draft.cursor.sent[self.reply.add(command)] = ["l"]
        self.draft.cursor.written[TENANT_LOCK] = 1
        self._ask(TENANT_LOCK, TENANT_LOCK)

    def finish(self) -> None:
        """Add the Get for everything that is to be read."""
        if not self.to_read:
            return
        uris = [self._uri_of(item) for item in self.to_read]
        cmd_id = self.reply.add(Get("", tuple(Item(uri) for uri in uris)))
        self.draft.cursor.sent[cmd_id] = ["g", self.to_read]
        self.to_read = []

    # One command.

    def _write(self, setting: PreparedSetting, entry: Entry) -> None:
        draft = self.draft
        verb = entry.verb or setting.facts.verb
        command = setting.fragments.get(verb)
        if command is None:
            data = draft.filling.marked(setting) if draft.filling.complete(setting) else None
            if data is None:
                self._missing_value(setting, entry)
                return
            command = setting.render(verb, data)
        size = command.size + len(setting.uri) + GET_ITEM_BYTES
        if not self._fits(size):
            if size > self.limits.max_bytes - _HEAD_BYTES and entry.code != TOO_LARGE:
                draft.ledger.entries[setting.uri] = replace(entry, code=TOO_LARGE)
                draft.ledger.changed = True
            return
        draft.cursor.sent[self.reply.add(command)] = ["w", setting.index]
        draft.cursor.written[setting.uri] = 2 if setting.uri in draft.cursor.written else 1
        for need in setting.needs:
            draft.cursor.fingerprints[need] = draft.filling.fingerprint(need) or ""
        if setting.uri == TENANT_LOCK and is_on(setting.setting.data):
            draft.lock = TenantLock.LOCKED
        if not entry.sent:
            draft.ledger.entries[setting.uri] = replace(entry, sent=True)
            draft.ledger.changed = True
        if setting.facts.readable:
            self.to_read.append(setting.index)

    def _missing_value(self, setting: PreparedSetting, entry: Entry) -> None:
        missing = [need for need in setting.needs if self.draft.filling.fingerprint(need) is None]
        if entry.code != WAITS_FOR_VALUE:
            self.draft.ledger.entries[setting.uri] = replace(entry, code=WAITS_FOR_VALUE)
            self.draft.ledger.changed = True
            self.draft.tell(EventKind.VALUE_MISSING, oma_uri=setting.uri, missing=missing)

    def _delete(self, uri: str, entry: Entry) -> None:
        if uri in self.draft.cursor.written or not self._is_time(entry):
            return
        if uri.startswith("./User/") and not self.draft.cursor.user:
            return
        command = fragment(Delete("", (Item(uri),)))
        if self._fits(command.size):
            self.draft.cursor.sent[self.reply.add(command)] = ["d", uri]
            self.draft.cursor.written[uri] = 1

    def _ask(self, item: int | str, uri: str, *, alone: bool = False) -> bool:
        if item in self.to_read:
            return True
        if alone:
            if not self._fits(len(uri) + 2 * GET_ITEM_BYTES):
                return False
            self.draft.cursor.sent[self.reply.add(Get("", (Item(uri),)))] = ["g", [item]]
            return True
        if len(self.to_read) >= self.limits.max_get_items or self.bytes_left < len(uri) + GET_ITEM_BYTES:
            return False
        self.bytes_left -= len(uri) + GET_ITEM_BYTES
        self.to_read.append(item)
        return True

    def _fits(self, size: int) -> bool:
        if self.commands_left <= 0 or self.bytes_left < size:
            return False
        self.commands_left -= 1
        self.bytes_left -= size
        return True

    def _is_time(self, entry: Entry) -> bool:
        wait = entry.retry_at - self.draft.now_us
        return wait <= 0 or wait > BACK_OFF[-1]  # the clock was ahead when it was told to wait

    def _uri_of(self, item: int | str) -> str:
        return item if isinstance(item, str) else self.draft.ledger.document.settings[item].uri

    def _exec_item(self, kind: OrderKind) -> Item:
        match kind:
            case OrderKind.WIPE:
                return Item("./Device/Vendor/MSFT/RemoteWipe/doWipe", format="chr", type="text/plain", data="")
            case OrderKind.REBOOT:
                return Item("./Device/Vendor/MSFT/Reboot/RebootNow", format="null")
            case OrderKind.UNENROLL:
                target = f"./Device/Vendor/MSFT/DMClient/Provider/{self.provider}/Unenroll"
                return Item(target, format="chr", type="text/plain", data=self.provider)
            case _:
                raise ValueError(f"{kind} has no command")


_LOCK_OFF = PreparedSetting(0, Setting(TENANT_LOCK, Format.BOOL, "false"), UnknownNode()).render(
    "Replace", "false"
)
