"""A SyncML message as values: header, commands, final.

Names are those of the published representation protocol. ``Item`` and ``Status`` are named tuples and not
dataclasses because a message is made of them: building one costs a third, which is a tenth of parsing a check-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, TypeAlias


class Item(NamedTuple):
    """One node of a command, or one value of a result.

    ``target`` and ``source`` are LocURIs as written by the sender. ``data`` is None where there is no Data
    element and "" where it is empty. ``format`` and ``type`` are "" where nobody said; a Meta of the command
    counts for its items that have none. ``size`` is in bytes, of the whole of a large object.
    """

    target: str = ""
    source: str = ""
    format: str = ""
    type: str = ""
    data: str | None = None
    more_data: bool = False
    size: int | None = None
    mark: str = ""


class Cred(NamedTuple):
    """Credentials of a message (OMA DM authentication below TLS). ``data`` is secret: never log it."""

    format: str
    type: str
    data: str

    def __repr__(self) -> str:
        return f"Cred(format={self.format!r}, type={self.type!r}, data=...)"


class Chal(NamedTuple):
    """A challenge: which credentials the sender wants; ``next_nonce`` is base64."""

    format: str
    type: str
    next_nonce: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """SyncHdr. ``session_id`` is an opaque text of the client; ``msg_id`` counts the sender's messages from 1.

    ``source`` of a client is its DeviceID. ``source_name`` is the account name that accompanies credentials.
    """

    session_id: str
    msg_id: int
    target: str
    source: str
    source_name: str = ""
    cred: Cred | None = None
    max_msg_size: int | None = None
    max_obj_size: int | None = None
    resp_uri: str = ""
    ver_dtd: str = "1.2"
    ver_proto: str = "DM/1.2"


class Status(NamedTuple):
    """What became of one command of the other side. ``cmd_ref`` "0" is its SyncHdr."""

    cmd_id: str
    msg_ref: int
    cmd_ref: str
    cmd: str
    code: int
    target_refs: tuple[str, ...] = ()
    source_refs: tuple[str, ...] = ()
    chal: Chal | None = None
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a Get; ``items`` have a source."""

    name: ClassVar[str] = "Results"
    cmd_id: str
    msg_ref: int
    cmd_ref: str
    items: tuple[Item, ...]
    cmd: str = ""
    target_ref: str = ""
    source_ref: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A notice; ``code`` is the number in Data (:class:`holofleet.protocols.syncml.Alerts`)."""

    name: ClassVar[str] = "Alert"
    cmd_id: str
    code: int
    items: tuple[Item, ...] = ()
    correlator: str = ""
    no_resp: bool = False


@dataclass(frozen=True, slots=True)
class _OnItems:
    cmd_id: str
    items: tuple[Item, ...]
    no_resp: bool = False


@dataclass(frozen=True, slots=True)
class Get(_OnItems):
    """Read nodes."""

    name: ClassVar[str] = "Get"


@dataclass(frozen=True, slots=True)
class Add(_OnItems):
    """Create nodes; 418 when they exist."""

    name: ClassVar[str] = "Add"


@dataclass(frozen=True, slots=True)
class Replace(_OnItems):
    """Write nodes."""

    name: ClassVar[str] = "Replace"


@dataclass(frozen=True, slots=True)
class Delete(_OnItems):
    """Remove nodes with what is below them."""

    name: ClassVar[str] = "Delete"


@dataclass(frozen=True, slots=True)
class Exec(_OnItems):
    """Run nodes."""

    name: ClassVar[str] = "Exec"


@dataclass(frozen=True, slots=True)
class Atomic:
    """Commands that succeed or fail together."""

    name: ClassVar[str] = "Atomic"
    cmd_id: str
    commands: tuple[AnyCommand, ...]
    no_resp: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """Commands that run in order."""

    name: ClassVar[str] = "Sequence"
    cmd_id: str
    commands: tuple[AnyCommand, ...]
    no_resp: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """An element that is no command of device management; it is owed a Status 400."""

    cmd_id: str
    name: str


AnyCommand: TypeAlias = (
    Status | Results | Alert | Get | Add | Replace | Delete | Exec | Atomic | Sequence | Unknown
)
"""Anything that a body holds."""


@dataclass(frozen=True, slots=True)
class Message:
    """One SyncML message. ``final`` is False when the sender has more messages for this package."""

    header: Header
    commands: tuple[AnyCommand, ...] = ()
    final: bool = True

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The Status elements, in order."""
        return tuple(command for command in self.commands if isinstance(command, Status))

    @property
    def results(self) -> tuple[Results, ...]:
        """The Results elements, in order."""
        return tuple(command for command in self.commands if isinstance(command, Results))

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The Alert elements, in order."""
        return tuple(command for command in self.commands if isinstance(command, Alert))
