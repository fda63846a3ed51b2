"""Bytes to a SyncML message.

Elements are known by namespace and name, never by prefix. What is missing, unknown or in another order is
tolerated where clients are known to differ: Meta beside or inside an Item, Type without Meta, CDATA, no Final.
What is not: another namespace, an empty header, numbers that are none, and anything past a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.syncml.values import (
    Add,
    Alert,
    AnyCommand,
    Atomic,
    Chal,
    Cred,
    Delete,
    Exec,
    Get,
    Header,
    Item,
    Message,
    Replace,
    Results,
    Sequence,
    Status,
    Unknown,
)
from holofleet.protocols.xml import Element, XMLLimits, inner_xml
from holofleet.protocols.xml import parse as parse_xml

_NAMESPACES = frozenset({"SYNCML:SYNCML1.2", "SYNCML:SYNCML1.1"})
_METINF = ("syncml:metinf", "SYNCML:METINF", "syncml:metinf1.1", "syncml:metinf1.2")
_META_NAMES = ("Format", "Type", "Mark", "Size", "NextNonce", "MaxMsgSize", "MaxObjSize")
_NAMES = (
    *("SyncML", "SyncHdr", "SyncBody", "Final", "VerDTD", "VerProto", "SessionID", "MsgID", "Target", "Source"),
    *("LocURI", "LocName", "RespURI", "NoResp", "Cred", "Chal", "Meta", "Data", "Item", "MoreData", "CmdID"),
    *("MsgRef", "CmdRef", "Cmd", "TargetRef", "SourceRef", "Correlator", "Status", "Results", "Alert", "Get"),
    *("Add", "Replace", "Delete", "Exec", "Atomic", "Sequence", *_META_NAMES),
)
_LOCAL = {f"{{{namespace}}}{name}": name for namespace in _NAMESPACES for name in _NAMES}
_LOCAL |= {f"{{{namespace}}}{name}": name for namespace in _METINF for name in _META_NAMES}
_local = _LOCAL.get
_PLAIN_STATUS = [f"{{SYNCML:SYNCML1.2}}{name}" for name in ("CmdID", "MsgRef", "CmdRef", "Cmd", "Data")]

_MANY_DIGITS = 10
_SMALL = {str(number): number for number in range(1_000)}
"""Numbers as nearly every code and reference is written, so that they need no checks one by one."""


@dataclass(frozen=True, slots=True)
class SyncMLLimits:
    """How large a message may be (SECURITY 5.4 and 5.5).

    Args:
        xml: Limits of the document.
        max_commands: Commands of a message, those inside Atomic and Sequence counted.
        max_items: Items of a message.
        max_loc_uri: Characters of a LocURI.
        max_nesting: Depth of Atomic and Sequence.
    """

    xml: XMLLimits = field(default_factory=lambda: XMLLimits(max_body_bytes=1024 * 1024, max_tags=40_000))
    max_commands: int = 1_000
    max_items: int = 5_000
    max_loc_uri: int = 2_048
    max_nesting: int = 4


LIMITS = SyncMLLimits()


def parse(body: bytes, limits: SyncMLLimits = LIMITS) -> Message:
    """Parse one SyncML message.

    Raises:
        MalformedMessageError: Not a SyncML message, or past a limit.

    Source: [MS-MDM] section 2.2; SyncML Representation Protocol 1.2.
    """
    root = parse_xml(body, limits.xml)
    if _local(root.tag) != "SyncML":
        raise MalformedMessageError("the document is not a SyncML message")
    header: Header | None = None
    content: Element | None = None
    for child in root:
        name = _local(child.tag)
        if name == "SyncHdr" and header is None:
            header = _header(child, limits)
        elif name == "SyncBody" and content is None:
            content = child
        elif name in ("SyncHdr", "SyncBody"):
            raise MalformedMessageError(f"the message has two {name} elements")
    if header is None or content is None:
        raise MalformedMessageError("the message lacks its SyncHdr or SyncBody")
    reader = _BodyReader(limits)
    return Message(header, reader.commands(content, 0), reader.final)


def _header(element: Element, limits: SyncMLLimits) -> Header:
    parts = {_local(child.tag): child for child in element}
    session_id = _text(parts, "SessionID")
    if not 0 < len(session_id) <= 64:
        raise MalformedMessageError("SessionID must have 1 to 64 characters")
    target, _ = _address(parts.get("Target"), limits)
    source, source_name = _address(parts.get("Source"), limits)
    meta = _children(parts.get("Meta"))
    return Header(
        session_id=session_id,
        msg_id=_number(_text(parts, "MsgID"), "MsgID", least=1),
        target=target,
        source=source,
        source_name=source_name,
        cred=_cred(parts.get("Cred")),
        max_msg_size=_optional_number(meta, "MaxMsgSize"),
        max_obj_size=_optional_number(meta, "MaxObjSize"),
        resp_uri=_text(parts, "RespURI"),
        ver_dtd=_text(parts, "VerDTD"),
        ver_proto=_text(parts, "VerProto"),
    )


class _BodyReader:
    """Reads commands and counts them and their items against the limits."""

    def __init__(self, limits: SyncMLLimits) -> None:
        self._limits = limits
        self._commands_left = limits.max_commands
        self._items_left = limits.max_items
        self.final = False

    def commands(self, container: Element, nesting: int) -> tuple[AnyCommand, ...]:
        if nesting > self._limits.max_nesting:
            raise MalformedMessageError("Atomic and Sequence are nested too deep")
        found: list[AnyCommand] = []
        for element in container:
            name = _local(element.tag) or ""
            read = _READERS.get(name)
            if read is not None:
                found.append(read(self, element, nesting))
            elif name == "Final" and not nesting:
                self.final = True
                continue
            elif nesting and name in ("CmdID", "Meta", "NoResp"):
                continue
            else:
                found.append(_unknown(element))
            self._commands_left -= 1
            if self._commands_left < 0:
                raise MalformedMessageError(f"more than {self._limits.max_commands} commands", http_status=413)
        return tuple(found)

    def status(self, element: Element, _nesting: int) -> Status:
        if len(element) == 5:
            # Nearly every Status is just these five; knowing that saves a third of reading one.
            first, second, third, fourth, fifth = element
            if [first.tag, second.tag, third.tag, fourth.tag, fifth.tag] == _PLAIN_STATUS:
                return Status(
                    _cmd_id(first.text),
                    _number(second.text, "MsgRef"),
                    _cmd_ref(third.text),
                    (fourth.text or "").strip(),
                    _number(fifth.text, "the code of a Status"),
                )
        texts = {_local(child.tag): child.text for child in element}
        get = texts.get
        chal = _chal(element) if "Chal" in texts else None
        return Status(
            _cmd_id(get("CmdID")),
            _number(get("MsgRef"), "MsgRef"),
            _cmd_ref(get("CmdRef")),
            (get("Cmd") or "").strip(),
            _number(get("Data"), "the code of a Status"),
            self._refs(element, "TargetRef") if "TargetRef" in texts else (),
            self._refs(element, "SourceRef") if "SourceRef" in texts else (),
            chal,
            self._items(element) if "Item" in texts else (),
        )

    def results(self, element: Element, _nesting: int) -> Results:
        texts = {_local(child.tag): child.text for child in element}
        get = texts.get
        return Results(
            cmd_id=_cmd_id(get("CmdID")),
            msg_ref=_number(get("MsgRef"), "MsgRef"),
            cmd_ref=_cmd_ref(get("CmdRef")),
            items=self._items(element),
            cmd=(get("Cmd") or "").strip(),
            target_ref=self._uri(get("TargetRef")),
            source_ref=self._uri(get("SourceRef")),
        )

    def alert(self, element: Element, _nesting: int) -> Alert:
        texts = {_local(child.tag): child.text for child in element}
        return Alert(
            cmd_id=_cmd_id(texts.get("CmdID")),
            code=_number(texts.get("Data"), "the code of an Alert"),
            items=self._items(element),
            correlator=(texts.get("Correlator") or "").strip(),
            no_resp="NoResp" in texts,
        )

    def on_items(self, kind: Callable[[str, tuple[Item, ...], bool], AnyCommand], element: Element) -> AnyCommand:
        texts = {_local(child.tag): child.text for child in element}
        return kind(_cmd_id(texts.get("CmdID")), self._items(element), "NoResp" in texts)

    def group(self, kind: type[Atomic] | type[Sequence], element: Element, nesting: int) -> AnyCommand:
        texts = {_local(child.tag): child.text for child in element}
        return kind(_cmd_id(texts.get("CmdID")), self.commands(element, nesting + 1), "NoResp" in texts)

    def _items(self, command: Element) -> tuple[Item, ...]:
        outer: Element | None = None
        items: list[Item] = []
        for child in command:
            name = _local(child.tag)
            if name == "Item":
                items.append(self._item(child))
            elif name == "Meta":
                outer = child
        self._items_left -= len(items)
        if self._items_left < 0:
            raise MalformedMessageError(f"more than {self._limits.max_items} items", http_status=413)
        if outer is not None and items:
            meta = _children(outer)
            shared_format, shared_type = _text(meta, "Format"), _text(meta, "Type")
            return tuple(
                item._replace(format=item.format or shared_format, type=item.type or shared_type) for item in items
            )
        return tuple(items)

    def _item(self, element: Element) -> Item:
        target = source = format_ = type_ = mark = ""
        data: str | None = None
        size: int | None = None
        more = False
        for child in element:
            name = _local(child.tag)
            if name == "Target":
                target = self._location(child)
            elif name == "Source":
                source = self._location(child)
            elif name == "Data":
                data = inner_xml(child, _NAMESPACES) if len(child) else (child.text or "")
            elif name == "Meta":
                for meta in child:
                    field_name = _local(meta.tag)
                    text = (meta.text or "").strip()
                    if field_name == "Format":
                        format_ = text
                    elif field_name == "Type":
                        type_ = text
                    elif field_name == "Mark":
                        mark = text
                    elif field_name == "Size":
                        size = _number(text, "Size")
            elif name == "MoreData":
                more = True
            elif name == "Type":
                type_ = (child.text or "").strip()
            elif name == "Format":
                format_ = (child.text or "").strip()
        return Item(target, source, format_, type_, data, more, size, mark)

    def _location(self, element: Element) -> str:
        for child in element:
            if _local(child.tag) == "LocURI":
                return self._uri(child.text)
        # A LocURI that was written as the text of Target or Source itself has been seen in hand-made messages.
        return self._uri(element.text)

    def _refs(self, element: Element, name: str) -> tuple[str, ...]:
        return tuple(self._uri(child.text) for child in element if _local(child.tag) == name)

    def _uri(self, text: str | None) -> str:
        uri = (text or "").strip()
        if len(uri) > self._limits.max_loc_uri:
            raise MalformedMessageError(f"a LocURI is longer than {self._limits.max_loc_uri} characters")
        return uri


_Reader = Callable[[_BodyReader, Element, int], AnyCommand]


def _reader_on_items(kind: Callable[[str, tuple[Item, ...], bool], AnyCommand]) -> _Reader:
    return lambda reader, element, _nesting: reader.on_items(kind, element)


_READERS: dict[str, _Reader] = {
    "Status": _BodyReader.status,
    "Results": _BodyReader.results,
    "Alert": _BodyReader.alert,
    "Get": _reader_on_items(Get),
    "Add": _reader_on_items(Add),
    "Replace": _reader_on_items(Replace),
    "Delete": _reader_on_items(Delete),
    "Exec": _reader_on_items(Exec),
    "Atomic": lambda reader, element, nesting: reader.group(Atomic, element, nesting),
    "Sequence": lambda reader, element, nesting: reader.group(Sequence, element, nesting),
}


def _unknown(element: Element) -> Unknown:
    texts = {_local(child.tag): child.text for child in element}
    return Unknown(_cmd_id(texts.get("CmdID")), element.tag.rpartition("}")[2][:64])


def _children(element: Element | None) -> dict[str | None, Element]:
    return {} if element is None else {_local(child.tag): child for child in element}


def _text(parts: dict[str | None, Element], name: str) -> str:
    element = parts.get(name)
    return "" if element is None else (element.text or "").strip()


def _address(element: Element | None, limits: SyncMLLimits) -> tuple[str, str]:
    parts = _children(element)
    uri = _text(parts, "LocURI")
    if not uri or len(uri) > limits.max_loc_uri:
        raise MalformedMessageError("Target and Source of the header need a LocURI of bounded length")
    return uri, _text(parts, "LocName")


def _cred(element: Element | None) -> Cred | None:
    if element is None:
        return None
    parts = _children(element)
    meta = _children(parts.get("Meta"))
    return Cred(_text(meta, "Format"), _text(meta, "Type"), _text(parts, "Data"))


def _chal(status: Element) -> Chal:
    meta = _children(_children(_children(status)["Chal"]).get("Meta"))
    return Chal(_text(meta, "Format"), _text(meta, "Type"), _text(meta, "NextNonce"))


def _number(text: str | None, what: str, *, least: int = 0) -> int:
    small = _SMALL.get(text or "", -1)
    if small >= least:
        return small
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MANY_DIGITS) or int(digits) < least:
        raise MalformedMessageError(f"{what} is not a number of at least {least}")
    return int(digits)


def _optional_number(parts: dict[str | None, Element], name: str) -> int | None:
    text = _text(parts, name)
    return _number(text, name) if text else None


def _cmd_id(text: str | None) -> str:
    """Return a CmdID; "" when there is none, which the session answers with Status 400 and an empty CmdRef."""
    if text in _SMALL and text != "0":
        return text
    cmd_id = (text or "").strip()
    if len(cmd_id) > 64 or cmd_id == "0":
        raise MalformedMessageError("CmdID must not be 0 nor longer than 64 characters")
    return cmd_id


def _cmd_ref(text: str | None) -> str:
    if text in _SMALL:
        return text
    cmd_ref = (text or "").strip()
    if len(cmd_ref) > 64:
        raise MalformedMessageError("CmdRef is longer than 64 characters")
    return cmd_ref
