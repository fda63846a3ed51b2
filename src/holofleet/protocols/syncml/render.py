"""A SyncML message to bytes.

Commands that many messages share are rendered once, as a :class:`Fragment` without its CmdID; a message then only
joins texts. What is rendered parses to equal values (the property tests say so).

Example::

    once = fragment(Replace("", (Item(uri, format="int", data="0"),)))
    render(Message(header, (Rendered("7", once),)))
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Sequence as AbstractSequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from holofleet.protocols.errors import MisuseError
from holofleet.protocols.syncml.values import (
    Alert,
    AnyCommand,
    Atomic,
    Chal,
    Cred,
    Header,
    Item,
    Message,
    Results,
    Sequence,
    Status,
    Unknown,
)
from holofleet.protocols.xml import escape

_OPEN = '<?xml version="1.0" encoding="UTF-8"?><SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr>'
_CLOSE = "</SyncBody></SyncML>"
_CLOSE_FINAL = "<Final/></SyncBody></SyncML>"
_METINF = ' xmlns="syncml:metinf"'
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A command rendered but for its CmdID. ``size`` is its length in bytes without a CmdID.

    Args:
        name: The element, such as ``Replace``.
        tail: What follows the CmdID, with the end tag.
        targets: Target LocURIs of its items, in order, so that a Status can be matched.
    """

    name: str
    tail: str
    size: int
    targets: tuple[str, ...]

    def with_id(self, cmd_id: str) -> str:
        """Return the command as XML with this CmdID."""
        return f"<{self.name}><CmdID>{cmd_id}</CmdID>{self.tail}"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A command of a message that was rendered before; ``cmd_id`` needs no escaping (letters, digits, ``.-_``)."""

    cmd_id: str
    fragment: Fragment

    def __post_init__(self) -> None:
        if _PLAIN_ID.fullmatch(self.cmd_id) is None:
            raise MisuseError("the CmdID of a rendered command has letters, digits and .-_ only")

    @property
    def name(self) -> str:
        """The element, such as ``Replace``."""
        return self.fragment.name


Sendable: TypeAlias = AnyCommand | Rendered


def fragment(command: AnyCommand) -> Fragment:
    """Render a command without its CmdID (whatever ``command.cmd_id`` is).

    Raises:
        MisuseError: The command holds what XML cannot carry, or is of a kind that is never shared.
    """
    if isinstance(command, Status | Results | Unknown | Atomic | Sequence):
        raise MisuseError("only commands on items are shared between messages")
    text = _command(replace(command, cmd_id="0"))
    name = command.name
    tail = text[len(f"<{name}><CmdID>0</CmdID>") :]
    size = len(tail.encode()) + len(f"<{name}><CmdID></CmdID>")
    return Fragment(name, tail, size, tuple(item.target for item in command.items))


def render(message: Message, commands: Iterable[Sendable] | None = None) -> bytes:
    """Render a message as UTF-8.

    Args:
        message: The message.
        commands: Sent in place of ``message.commands`` when given; may hold commands rendered before.

    Raises:
        MisuseError: A text that XML cannot carry, a command without CmdID, or an :class:`Unknown` command.
    """
    parts = [_OPEN]
    _header(parts, message.header)
    parts.append("</SyncHdr><SyncBody>")
    for command in message.commands if commands is None else commands:
        parts.append(
            command.fragment.with_id(command.cmd_id) if isinstance(command, Rendered) else _command(command)
        )
    parts.append(_CLOSE_FINAL if message.final else _CLOSE)
    return "".join(parts).encode()


def _header(parts: list[str], header: Header) -> None:
    name = f"<LocName>{escape(header.source_name)}</LocName>" if header.source_name else ""
    parts.append(
        f"<VerDTD>{escape(header.ver_dtd)}</VerDTD><VerProto>{escape(header.ver_proto)}</VerProto>"
        f"<SessionID>{escape(header.session_id)}</SessionID><MsgID>{header.msg_id}</MsgID>"
        f"<Target><LocURI>{escape(header.target)}</LocURI></Target>"
        f"<Source><LocURI>{escape(header.source)}</LocURI>{name}</Source>"
    )
    if header.resp_uri:
        parts.append(f"<RespURI>{escape(header.resp_uri)}</RespURI>")
    if header.cred is not None:
        parts.append(_cred(header.cred))
    sizes = (("MaxMsgSize", header.max_msg_size), ("MaxObjSize", header.max_obj_size))
    meta = "".join(f"<{name}{_METINF}>{size}</{name}>" for name, size in sizes if size is not None)
    if meta:
        parts.append(f"<Meta>{meta}</Meta>")


def _command(command: AnyCommand) -> str:
    if isinstance(command, Status):
        return _status(command)
    if isinstance(command, Unknown):
        raise MisuseError(f"{command.name} is no command of device management")
    if not command.cmd_id:
        raise MisuseError("a command without CmdID")
    head = f"<{command.name}><CmdID>{escape(command.cmd_id)}</CmdID>"
    if isinstance(command, Results):
        content = _results_refs(command) + _items(command.items)
    elif isinstance(command, Atomic | Sequence):
        content = _no_resp(command.no_resp) + "".join(map(_command, command.commands))
    elif isinstance(command, Alert):
        correlator = f"<Correlator>{escape(command.correlator)}</Correlator>" if command.correlator else ""
        content = f"{_no_resp(command.no_resp)}<Data>{command.code}</Data>{correlator}{_items(command.items)}"
    else:
        content = _no_resp(command.no_resp) + _items(command.items)
    return f"{head}{content}</{command.name}>"


def _no_resp(wanted: bool) -> str:
    return "<NoResp/>" if wanted else ""


def _status(status: Status) -> str:
    if not status.cmd_id:
        raise MisuseError("a Status without CmdID")
    targets = "".join(f"<TargetRef>{escape(ref)}</TargetRef>" for ref in status.target_refs)
    sources = "".join(f"<SourceRef>{escape(ref)}</SourceRef>" for ref in status.source_refs)
    chal = "" if status.chal is None else _chal(status.chal)
    return (
        f"<Status><CmdID>{escape(status.cmd_id)}</CmdID><MsgRef>{status.msg_ref}</MsgRef>"
        f"<CmdRef>{escape(status.cmd_ref)}</CmdRef><Cmd>{escape(status.cmd)}</Cmd>{targets}{sources}{chal}"
        f"<Data>{status.code}</Data>{_items(status.items)}</Status>"
    )


def _results_refs(results: Results) -> str:
    cmd = f"<Cmd>{escape(results.cmd)}</Cmd>" if results.cmd else ""
    target = f"<TargetRef>{escape(results.target_ref)}</TargetRef>" if results.target_ref else ""
    source = f"<SourceRef>{escape(results.source_ref)}</SourceRef>" if results.source_ref else ""
    return f"<MsgRef>{results.msg_ref}</MsgRef><CmdRef>{escape(results.cmd_ref)}</CmdRef>{cmd}{target}{source}"


def _items(items: AbstractSequence[Item]) -> str:
    return "".join(map(_item, items))


def _item(item: Item) -> str:
    target, source, format_, type_, data, more, size, mark = item
    parts = ["<Item>"]
    if target:
        parts.append(f"<Target><LocURI>{escape(target)}</LocURI></Target>")
    if source:
        parts.append(f"<Source><LocURI>{escape(source)}</LocURI></Source>")
    if format_ or type_ or mark or size is not None:
        parts.append("<Meta>")
        parts.extend(_meta(value, name) for value, name in ((format_, "Format"), (type_, "Type"), (mark, "Mark")))
        if size is not None:
            parts.append(f"<Size{_METINF}>{size}</Size>")
        parts.append("</Meta>")
    if data is not None:
        parts.append(f"<Data>{escape(data)}</Data>")
    if more:
        parts.append("<MoreData/>")
    parts.append("</Item>")
    return "".join(parts)


def _meta(value: str, name: str) -> str:
    return f"<{name}{_METINF}>{escape(value)}</{name}>" if value else ""


def _cred(cred: Cred) -> str:
    meta = _meta(cred.format, "Format") + _meta(cred.type, "Type")
    return f"<Cred><Meta>{meta}</Meta><Data>{escape(cred.data)}</Data></Cred>"


def _chal(chal: Chal) -> str:
    meta = _meta(chal.format, "Format") + _meta(chal.type, "Type") + _meta(chal.next_nonce, "NextNonce")
    return f"<Chal><Meta>{meta}</Meta></Chal>"
