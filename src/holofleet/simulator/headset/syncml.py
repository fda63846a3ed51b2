"""OMA-DM messages as a headset writes and reads them: its own reading, shared with no server.

Written after OMA DM 1.2 and MS-MDM, and after recordings of real clients: CmdIDs that start at 2, DevInfo items
without Meta, Results of text nodes without Meta.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from holofleet.simulator.headset import markup
from holofleet.simulator.headset.markup import Element, MarkupError, content, local_name, text

SYNCML = ("SYNCML:SYNCML1.2", "SYNCML:SYNCML1.1")
CONTAINERS = ("Atomic", "Sequence")
_FIELDS = ("CmdID", "MsgRef", "CmdRef", "Cmd", "TargetRef", "SourceRef", "Data")
COMMANDS = ("Status", "Results", "Alert", "Get", "Add", "Replace", "Delete", "Exec", *CONTAINERS)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a command. ``data`` is None where there is no Data element."""

    target: str = ""
    source: str = ""
    format: str = ""
    type: str = ""
    data: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the server; ``fields`` holds the plain texts of a Status."""

    verb: str
    cmd_id: str
    items: tuple[Item, ...] = ()
    children: tuple[Command, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    challenge: bool = False


@dataclass(frozen=True, slots=True)
class ServerMessage:
    """A message of the server, taken apart."""

    header: dict[str, str]
    commands: tuple[Command, ...]
    unknown: tuple[str, ...]
    final: bool

    @property
    def statuses(self) -> tuple[Command, ...]:
        """The Statuses in order."""
        return tuple(command for command in self.commands if command.verb == "Status")

    @property
    def orders(self) -> tuple[Command, ...]:
        """What the headset is asked to do: everything but Status and Results."""
        return tuple(command for command in self.commands if command.verb not in ("Status", "Results"))


def read_message(body: bytes) -> ServerMessage:
    """Read a message of the server.

    Raises:
        MarkupError: no SyncML message with a header and a body.
    """
    root = markup.parse(body)
    if local_name(root) != "SyncML" or markup.namespace(root) not in SYNCML:
        raise MarkupError(f"not a SyncML message: {root.tag}")
    header, frame = _child(root, "SyncHdr"), _child(root, "SyncBody")
    if header is None or frame is None:
        raise MarkupError("a SyncML message without SyncHdr or SyncBody")
    commands: list[Command] = []
    unknown: list[str] = []
    final = False
    for element in frame:
        name = local_name(element)
        if name == "Final":
            final = True
        elif name in COMMANDS:
            commands.append(_read_command(element, unknown))
        else:
            unknown.append(name)
    return ServerMessage(_read_header(header), tuple(commands), tuple(unknown), final)


def _child(element: Element, name: str) -> Element | None:
    return markup.children(element).get(name)


def _uri(holder: Element | None) -> str:
    return "" if holder is None else content(_child(holder, "LocURI"))


def _read_header(element: Element) -> dict[str, str]:
    parts = markup.children(element)
    values = {name: content(parts.get(name)) for name in ("VerDTD", "VerProto", "SessionID", "MsgID")}
    values["Target"], values["Source"] = _uri(parts.get("Target")), _uri(parts.get("Source"))
    meta = parts.get("Meta")
    values["MaxMsgSize"] = "" if meta is None else content(_child(meta, "MaxMsgSize"))
    return values


def _read_command(element: Element, unknown: list[str]) -> Command:
    verb = local_name(element)
    items: list[Item] = []
    inner: list[Command] = []
    fields: dict[str, str] = {}
    inherited, challenge = ("", ""), False
    for child in element:
        name = local_name(child)
        if name == "Item":
            items.append(_read_item(child, inherited))
        elif name in COMMANDS and verb in CONTAINERS:
            inner.append(_read_command(child, unknown))
        elif name in _FIELDS:
            fields[name] = content(child)
        elif name == "Meta":  # stands before the items it is for
            inherited = _read_meta(child)
        elif name == "Chal":
            challenge = True
        elif verb in CONTAINERS:
            unknown.append(name)
    return Command(verb, fields.get("CmdID", ""), tuple(items), tuple(inner), fields, challenge)


def _read_meta(meta: Element) -> tuple[str, str]:
    parts = markup.children(meta)
    return content(parts.get("Format")), content(parts.get("Type"))


def _read_item(element: Element, inherited: tuple[str, str]) -> Item:
    parts = markup.children(element)
    meta, data = parts.get("Meta"), parts.get("Data")
    form, kind = ("", "") if meta is None else _read_meta(meta)
    if data is not None and len(data):
        raise MarkupError("Data holds elements: markup has to be escaped or in CDATA")
    return Item(
        target=_uri(parts.get("Target")),
        source=_uri(parts.get("Source")),
        format=form or inherited[0],
        type=kind or inherited[1],
        data=None if data is None else (data.text or ""),
    )


class Draft:
    """A message of the headset while it is written: hands out CmdIDs and remembers what awaits a Status."""

    def __init__(self, *, session_id: str, msg_id: int, target: str, source: str) -> None:
        self._head = (
            '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
            f"<SessionID>{session_id}</SessionID><MsgID>{msg_id}</MsgID><Target><LocURI>{text(target)}</LocURI>"
            f"</Target><Source><LocURI>{text(source)}</LocURI></Source></SyncHdr><SyncBody>"
        )
        self._parts: list[str] = []
        self._next = 2 if msg_id == 1 else 1
        self.awaiting: list[tuple[str, str]] = []

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def alert(self, code: int, *, kind: str = "", form: str = "", mark: str = "", data: str = "") -> None:
        """Add an Alert, with one item if it has a type."""
        number = self._number()
        item = ""
        if kind:
            meta = f'<Type xmlns="syncml:metinf">{kind}</Type>'
            meta += f'<Format xmlns="syncml:metinf">{form}</Format>' if form else ""
            meta += f'<Mark xmlns="syncml:metinf">{mark}</Mark>' if mark else ""
            item = f"<Item><Meta>{meta}</Meta><Data>{text(data)}</Data></Item>"
        self._parts.append(f"<Alert><CmdID>{number}</CmdID><Data>{code}</Data>{item}</Alert>")
        self.awaiting.append((str(number), "Alert"))

    def replace(self, values: Sequence[tuple[str, str]]) -> None:
        """Add a Replace of own facts: items by Source, without Meta."""
        number = self._number()
        items = "".join(
            f"<Item><Source><LocURI>{uri}</LocURI></Source><Data>{text(data)}</Data></Item>"
            for uri, data in values
        )
        self._parts.append(f"<Replace><CmdID>{number}</CmdID>{items}</Replace>")
        self.awaiting.append((str(number), "Replace"))

    def status(self, msg_ref: str, command: str, verb: str, code: int, *, target: str = "") -> None:
        """Add a Status for a command of the server."""
        ref = f"<TargetRef>{text(target)}</TargetRef>" if target else ""
        self._parts.append(
            f"<Status><CmdID>{self._number()}</CmdID><MsgRef>{text(msg_ref)}</MsgRef><CmdRef>{text(command)}</CmdRef>"
            f"<Cmd>{verb}</Cmd>{ref}<Data>{code}</Data></Status>"
        )

    def results(self, msg_ref: str, command: str, items: Sequence[Item]) -> None:
        """Add Results for a Get; text nodes carry no Meta."""
        rendered = "".join(_render_result(item) for item in items)
        self._parts.append(
            f"<Results><CmdID>{self._number()}</CmdID><MsgRef>{text(msg_ref)}</MsgRef>"
            f"<CmdRef>{text(command)}</CmdRef>{rendered}</Results>"
        )

    def render(self) -> bytes:
        """Return the message; a headset marks each of its messages Final."""
        return f"{self._head}{''.join(self._parts)}<Final/></SyncBody></SyncML>".encode()


def _render_result(item: Item) -> str:
    meta = (
        "" if item.format in ("", "chr") else f'<Meta><Format xmlns="syncml:metinf">{item.format}</Format></Meta>'
    )
    source = f"<Source><LocURI>{text(item.source)}</LocURI></Source>"
    return f"<Item>{source}{meta}<Data>{text(item.data or '')}</Data></Item>"


def every(commands: Sequence[Command]) -> Iterator[Command]:
    """Walk over commands and what containers hold, outermost first."""
    for command in commands:
        yield command
        yield from every(command.children)
