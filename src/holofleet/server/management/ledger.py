"""The ledger: the overlay of one enrollment while a message is worked on.

Every rule about what a Status or a value read means for a setting stands here, and nothing about messages. The
ledger is pure: values in, entries and events out.

The rules, in short. A node leaves the overlay only when its Status was good *and*, where it can be read, it was
read back equal. A value that differs from what we set, or a missing one, is drift. 405 and 406 mean that the
setting is not for this headset; 425 and 500 are tried again, later each time, and then count as refused;
what the headset calls our mistake is refused at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from holofleet.catalog import Build
from holofleet.protocols.syncml import Outcome, outcome
from holofleet.server.compliance import Entry, Overlay, Phase, SettingStatus
from holofleet.server.compliance.overlay import kept, moved
from holofleet.server.events import EventKind
from holofleet.server.management.prepared import PreparedDocument, PreparedSetting

MINUTE = 60_000_000
BACK_OFF = (0, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE, 24 * 60 * MINUTE)
"""Wait after the first, second ... failure, in microseconds. Ours: polls come every few minutes to hours."""
TRIES = 3
"""Failures after which a setting counts as refused until the next full read-back. Ours."""


def back_off(tries: int) -> int:
    """Return how long to wait after ``tries`` failures, in microseconds."""
    return BACK_OFF[min(tries, len(BACK_OFF) - 1)]


@dataclass
class Ledger:
    """What differs, and what follows from what the headset says.

    Args:
        document: What the entries are relative to.
        entries: The overlay; changed in place.
        now: Microseconds since the epoch.
        expected: Gives the value that a setting shall have on this headset, or ``None`` if it holds a secret or
            a variable without value (then only whether it is there can be told).
        build: OS build of the headset, as far as it is known.
    """

    document: PreparedDocument
    entries: Overlay
    now: int
    expected: Callable[[PreparedSetting], str | None]
    build: Build | None = None
    events: list[tuple[EventKind, dict[str, Any]]] = field(default_factory=list)
    changed: bool = False

    @property
    def converged(self) -> bool:
        """Whether nothing is open, drifted or refused."""
        return not any(
            entry.open or entry.status in (SettingStatus.DRIFTED, SettingStatus.REFUSED)
            for entry in self.entries.values()
        )

    # What the headset says.

    def wrote(self, uri: str, code: int) -> bool:
        """Take the Status of a write; true if the node may be written once more in this session."""
        entry = self.entries.get(uri)
        setting = self.document.by_uri.get(uri)
        if entry is None or setting is None:
            return False
        match outcome(code):
            case Outcome.GOOD | Outcome.VERIFY_LATER if setting.facts.readable:
                self._set(uri, replace(entry, phase=Phase.READ, code=0, retry_at=0, sent=True))
            case Outcome.GOOD | Outcome.VERIFY_LATER:
                self._settle(uri)
            case Outcome.EXISTS if entry.verb != "Replace" and entry.tries < TRIES:
                self._turn(uri, entry, "Replace", code)
                return True
            case Outcome.NOT_APPLICABLE if not self._shows_another_value(entry):
                self._rest(uri, SettingStatus.NOT_APPLICABLE, code)
            case Outcome.NOT_FOUND if self._may_be_too_old(setting):
                self._rest(uri, SettingStatus.NOT_APPLICABLE, code)
            case Outcome.NOT_FOUND if entry.verb != "Add" and entry.tries < TRIES:
                self._turn(uri, entry, "Add", code)
                return True
            case Outcome.GROUP | Outcome.CHALLENGE:
                self._set(uri, replace(entry, code=code))
            case Outcome.RETRY if entry.tries + 1 < TRIES:
                tries = entry.tries + 1
                self._set(uri, replace(entry, code=code, tries=tries, retry_at=self.now + back_off(tries)))
            case _:
                self._rest(uri, SettingStatus.REFUSED, code)
        return False

    def deleted(self, uri: str, code: int) -> None:
        """Take the Status of a Delete: gone is gone, also when it was not there."""
        entry = self.entries.get(uri)
        if entry is None or entry.phase is not Phase.DELETE:
            return
        match outcome(code):
            case Outcome.GOOD | Outcome.VERIFY_LATER | Outcome.NOT_FOUND:
                self._drop(uri)
            case Outcome.RETRY | Outcome.GROUP | Outcome.CHALLENGE if entry.tries + 1 < TRIES:
                tries = entry.tries + 1
                self._set(uri, replace(entry, code=code, tries=tries, retry_at=self.now + back_off(tries)))
            case _:
                self._rest(uri, SettingStatus.LEFT_BEHIND, code)

    def read(self, uri: str, value: str | None) -> None:
        """Take the value of a node, ``None`` if the headset has no such node."""
        setting = self.document.by_uri.get(uri)
        if setting is None:
            return
        entry = self.entries.get(uri)
        if self._as_wanted(setting, value):
            self._read_equal(uri, entry)
        else:
            self._read_different(uri, entry, None if setting.holds_secret else kept(value))

    def unreadable(self, uri: str, code: int) -> None:
        """Take the Status of a Get that brought no value."""
        entry = self.entries.get(uri)
        match outcome(code):
            case Outcome.NOT_FOUND:
                self.read(uri, None)
            case Outcome.NOT_APPLICABLE | Outcome.MISTAKE:
                if entry is not None and entry.phase is Phase.READ:
                    mended = entry.status is SettingStatus.DRIFTED
                    self._set(uri, Entry(SettingStatus.COMPLIANT, Phase.REST, self.now, code=code, sent=True))
                    if mended:
                        self._tell(EventKind.MENDED, uri)
            case _:
                entry = entry or self._in_doubt()
                if entry.phase is Phase.READ:
                    tries = entry.tries + 1
                    self._set(uri, replace(entry, code=code, tries=tries, retry_at=self.now + back_off(tries)))

    def unanswered(self, uri: str) -> None:
        """Note that a node was asked for and nothing was said: it is asked for again, alone."""
        entry = self.entries.get(uri) or self._in_doubt()
        if entry.phase is Phase.READ:
            self._set(uri, replace(entry, tries=entry.tries + 1))

    # What the file, the OS build and the day ask for.

    def rebase(self, new: PreparedDocument) -> None:
        """Make the overlay relative to another document: what differs between the two becomes open."""
        old = self.document
        for setting in new.settings:
            former = old.by_uri.get(setting.uri)
            if former is not None and former.setting == setting.setting:
                continue
            entry = self.entries.get(setting.uri)
            reported = entry.reported if entry is not None else None
            if entry is None and former is not None and not former.needs and not former.holds_secret:
                reported = kept(former.setting.data)
            sent = entry.sent if entry is not None else former is not None
            self._set(
                setting.uri,
                Entry(SettingStatus.PENDING, Phase.WRITE, self.now, reported=reported, sent=sent),
            )
        for setting in old.settings:
            if setting.uri not in new.by_uri:
                self._leave(setting)
        self.document = new
        self.changed = True

    def renew(self, setting: PreparedSetting) -> None:
        """Open a setting again because what fills it changed: a rotated secret, another account."""
        entry = self.entries.get(setting.uri)
        if entry is None or entry.phase in (Phase.READ, Phase.REST):
            self._set(setting.uri, Entry(SettingStatus.PENDING, Phase.WRITE, self.now, sent=True))

    def gate(self) -> None:
        """Set aside what is newer than the headset's OS build, so that it is not sent in vain."""
        if self.build is None:
            return
        for uri, entry in list(self.entries.items()):
            setting = self.document.by_uri.get(uri)
            if entry.phase is Phase.WRITE and not entry.sent and setting and self._may_be_too_old(setting):
                self._rest(uri, SettingStatus.NOT_APPLICABLE, 0)

    def give_another_chance(self, status: SettingStatus, *, said: bool = True) -> None:
        """Open what rests with this status: the day, or the OS build, is a new one.

        Args:
            said: Also where the headset itself said that the node is not for it (405, 406).
        """
        for uri, entry in list(self.entries.items()):
            again = said or outcome(entry.code) is not Outcome.NOT_APPLICABLE
            if again and entry.phase is Phase.REST and entry.status is status and uri in self.document.by_uri:
                self._set(uri, replace(entry, phase=Phase.WRITE, tries=0, retry_at=0, verb="", sent=False))

    # How entries change.

    def _in_doubt(self) -> Entry:
        """Return the entry of a node that was confirmed once and could not be read back when it was due."""
        return Entry(SettingStatus.COMPLIANT, Phase.READ, self.now, sent=True)

    def _turn(self, uri: str, entry: Entry, verb: str, code: int) -> None:
        """Try the other verb. Turning back counts as a failure: the headset refuses both in turn."""
        tries = entry.tries + bool(entry.verb)
        self._set(uri, replace(entry, verb=verb, code=code, tries=tries, sent=True))

    def _shows_another_value(self, entry: Entry) -> bool:
        """Tell whether the headset has the node, with another value: then it refuses, whatever it calls that."""
        return entry.status is SettingStatus.DRIFTED or entry.reported is not None

    def _may_be_too_old(self, setting: PreparedSetting) -> bool:
        needs = setting.facts.min_build
        return needs is not None and (self.build is None or self.build < needs)

    def _as_wanted(self, setting: PreparedSetting, value: str | None) -> bool:
        if value is None:
            return False
        wanted = self.expected(setting)
        if wanted is None:
            return True  # it holds a secret, so that only its absence can be told from here
        return setting.facts.equal(wanted, value)

    def _read_equal(self, uri: str, entry: Entry | None) -> None:
        if entry is None:
            return
        drifted_and_unsent = entry.status is SettingStatus.DRIFTED and entry.phase is Phase.WRITE
        if entry.phase is Phase.READ or drifted_and_unsent or entry.status is SettingStatus.COMPLIANT:
            self._settle(uri)

    def _read_different(self, uri: str, entry: Entry | None, reported: str | None) -> None:
        if entry is None or entry.status is SettingStatus.COMPLIANT:
            self._set(uri, Entry(SettingStatus.DRIFTED, Phase.WRITE, self.now, reported=reported, sent=True))
            self._tell(EventKind.DRIFTED, uri, reported=reported)
        elif entry.phase is Phase.READ:
            tries = entry.tries + 1
            if tries >= TRIES and entry.status is not SettingStatus.DRIFTED:
                self._set(uri, replace(entry, reported=reported))
                self._rest(uri, SettingStatus.REFUSED, 0)
                return
            again = replace(entry, phase=Phase.WRITE, tries=tries, retry_at=self.now + back_off(tries - 1))
            self._set(uri, replace(again, reported=reported))
        elif entry.reported != reported and entry.phase is not Phase.DELETE:
            self._set(uri, replace(entry, reported=reported))
            if entry.status is SettingStatus.NOT_APPLICABLE and entry.phase is Phase.REST and reported is not None:
                self._rest(uri, SettingStatus.REFUSED, entry.code)

    def _leave(self, setting: PreparedSetting) -> None:
        entry = self.entries.get(setting.uri)
        if entry is not None and (not entry.sent or entry.status is SettingStatus.NOT_APPLICABLE):
            self._drop(setting.uri)
        elif setting.facts.deletable:
            self._set(setting.uri, Entry(SettingStatus.PENDING, Phase.DELETE, self.now, sent=True))
        else:
            self._set(setting.uri, Entry(SettingStatus.PENDING, Phase.DELETE, self.now, sent=True))
            self._rest(setting.uri, SettingStatus.LEFT_BEHIND, 0)

    def _settle(self, uri: str) -> None:
        entry = self.entries.get(uri)
        self._drop(uri)
        if entry is not None and entry.status is SettingStatus.DRIFTED:
            self._tell(EventKind.MENDED, uri, drifted_since=entry.since)

    def _rest(self, uri: str, status: SettingStatus, code: int) -> None:
        entry = self.entries[uri]
        self._set(uri, moved(entry, status, self.now, phase=Phase.REST, code=code, tries=0, retry_at=0, sent=True))
        if status is entry.status:
            return
        if status is SettingStatus.REFUSED:
            self._tell(EventKind.REFUSED, uri, code=code)
        elif status is SettingStatus.LEFT_BEHIND:
            self._tell(EventKind.CANNOT_REVERT, uri, code=code)

    def _set(self, uri: str, entry: Entry) -> None:
        if self.entries.get(uri) != entry:
            self.entries[uri] = entry
            self.changed = True

    def _drop(self, uri: str) -> None:
        if self.entries.pop(uri, None) is not None:
            self.changed = True

    def _tell(self, kind: EventKind, uri: str, **data: Any) -> None:
        self.events.append((kind, {"oma_uri": uri, **data}))
