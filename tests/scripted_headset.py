"""A tiny headset for tests of the server's core: a dictionary of nodes behind SyncML.

It is no simulator: it does what it is told, keeps the rules of the protocol, and notes where the server breaks
them. Statuses that it shall give instead of doing something stand in ``refuses``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from holofleet.protocols.syncml import (
    Add,
    Alert,
    AnyCommand,
    Delete,
    Exec,
    Get,
    Header,
    Item,
    Message,
    Replace,
    Results,
    Status,
    parse,
    render,
)
from holofleet.protocols.syncml.answer import violations
from holofleet.resources import normal_uri

URL = "https://mdm.example.com:8444/ManagementServer/Manage.svc"
Post = Callable[[bytes], bytes | None]


@dataclass
class ScriptedHeadset:
    """Args: ``refuses``: status code by ``(verb, uri)`` or uri; ``ran``: Execs that were run."""

    device_id: str
    serial: str = "003421700101"
    os_build: str = "10.0.22621.1250"
    nodes: dict[str, str] = field(default_factory=dict)
    refuses: dict[object, int] = field(default_factory=dict)
    user: str = "none"
    ran: list[str] = field(default_factory=list)
    writes: list[tuple[str, str]] = field(default_factory=list)
    broken_rules: list[str] = field(default_factory=list)
    sessions: int = 0
    silent_exec: bool = False
    max_msg_size: int | None = None
    extra_alerts: tuple[Alert, ...] = ()

    def __post_init__(self) -> None:
        self.nodes.setdefault("./DevDetail/Ext/Microsoft/SMBIOSSerialNumber", self.serial)
        self.nodes.setdefault("./DevDetail/SwV", self.os_build)

    def first_message(self) -> Message:
        """Package 1 of a new session."""
        self.sessions += 1
        self._last = 1
        alerts = (
            Alert("2", 1201),
            Alert("3", 1224, (Item(type="com.microsoft/MDM/LoginStatus", data=self.user),)),
        )
        facts = (
            Item(source="./DevInfo/DevId", data=self.device_id),
            Item(source="./DevInfo/Man", data="Microsoft Corporation"),
            Item(source="./DevInfo/Mod", data="HoloLens 2"),
            Item(source="./DevInfo/Lang", data="en-US"),
        )
        return Message(self._header(1), (*alerts, Replace("4", facts), *self.extra_alerts))

    def check_in(self, post: Post, *, limit: int = 60) -> int:
        """Run one session; return how many messages the server sent. It stops where ``post`` gives None."""
        message = self.first_message()
        for count in range(1, limit + 1):
            reply = post(render(message))
            if reply is None:
                return count - 1
            answer = parse(reply)
            self.broken_rules += violations(answer, message)
            following = self.take(answer)
            if following is None:
                return count
            message = following
        raise AssertionError("the session does not end")

    def take(self, answer: Message) -> Message | None:
        """Do what an answer asks; return the next message, or ``None`` where the session is over."""
        asked = [command for command in answer.commands if not isinstance(command, Status)]
        if not asked:
            return None
        out: list[AnyCommand] = [Status("1", answer.header.msg_id, "0", "SyncHdr", 200)]
        for command in asked:
            self._do(command, answer.header.msg_id, out)
        self._last += 1
        numbered: list[AnyCommand] = []
        for number, part in enumerate(out, 1):
            if isinstance(part, Status):
                numbered.append(part._replace(cmd_id=str(number)))
            elif isinstance(part, Results):
                numbered.append(Results(str(number), part.msg_ref, part.cmd_ref, part.items))
        return Message(self._header(self._last), tuple(numbered))

    def _header(self, number: int) -> Header:
        return Header(f"{self.sessions:X}", number, URL, self.device_id, max_msg_size=self.max_msg_size)

    def _do(self, command: AnyCommand, message: int, out: list[AnyCommand]) -> None:
        def status(code: int, *, target: str = "") -> None:
            assert not isinstance(command, Status)
            refs = (target,) if target else ()
            out.append(Status("", message, command.cmd_id, command.name, code, refs))

        match command:
            case Get(cmd_id, items):
                codes = [(item.target, self._can_read(item.target)) for item in items]
                for uri, code in codes:
                    status(code, target=uri if len(items) > 1 else "")
                found = tuple(
                    Item(source=uri.removeprefix("./"), data=self.nodes[normal_uri(uri)])
                    for uri, code in codes
                    if code == 200
                )
                if found:
                    out.append(Results("", message, cmd_id, found))
            case Add(_, items) | Replace(_, items):
                status(self._write(command.name, items[0]))
            case Delete(_, items):
                uri = normal_uri(items[0].target)
                code = self._refusal("Delete", uri) or (200 if uri in self.nodes else 404)
                if code == 200:
                    del self.nodes[uri]
                status(code)
            case Exec(_, items):
                code = self._refusal("Exec", normal_uri(items[0].target)) or 200
                if code in (200, 202):
                    self.ran.append(items[0].target)
                if not self.silent_exec:
                    status(code)
            case _:
                status(200)

    def _write(self, verb: str, item: Item) -> int:
        uri = normal_uri(item.target)
        code = self._refusal(verb, uri)
        if code:
            return code
        if verb == "Add" and uri in self.nodes:
            return 418
        self.nodes[uri] = item.data or ""
        self.writes.append((uri, item.data or ""))
        return 200

    def _can_read(self, uri: str) -> int:
        normal = normal_uri(uri)
        return self._refusal("Get", normal) or (200 if normal in self.nodes else 404)

    def _refusal(self, verb: str, uri: str) -> int:
        return self.refuses.get((verb, uri)) or (self.refuses.get(uri, 0) if verb != "Get" else 0)
