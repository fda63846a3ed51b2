"""What a reply owes, a builder that pays it, and a reader that notices when it was not paid.

The rules: a Status for the SyncHdr first; a Status for every command of the message, those inside Atomic and
Sequence included, in order and with its CmdID as CmdRef; none for a Status, for Results, or where NoResp asks for
none; a CmdID is unique in its message and never ``0``; a reply that holds nothing but Status ends the session.

Source: OMA DM Protocol 1.2, section 8 (packages); [MS-MDM] section 2.2 (Status); seen from recorded clients.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from holofleet.protocols.errors import MisuseError
from holofleet.protocols.syncml.render import Fragment, Rendered, Sendable, render
from holofleet.protocols.syncml.values import (
    AnyCommand,
    Atomic,
    Chal,
    Header,
    Item,
    Message,
    Results,
    Sequence,
    Status,
    Unknown,
)

HEADER_REF = "0"
"""CmdRef of a Status that answers the SyncHdr."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A Status that is owed. ``command`` is None for the SyncHdr; ``nested`` says that it is inside a group."""

    msg_ref: int
    cmd_ref: str
    cmd: str
    command: AnyCommand | None = None
    nested: bool = False


def owed(message: Message) -> tuple[Owed, ...]:
    """Return every Status that a reply to ``message`` owes, in order; the one of the SyncHdr is first."""
    msg_ref = message.header.msg_id
    return (Owed(msg_ref, HEADER_REF, "SyncHdr"), *_owed_for(message.commands, msg_ref, nested=False))


def _owed_for(commands: tuple[AnyCommand, ...], msg_ref: int, *, nested: bool) -> Iterator[Owed]:
    for command in commands:
        if isinstance(command, Status | Results):
            continue
        if isinstance(command, Unknown) or not command.no_resp:
            yield Owed(msg_ref, command.cmd_id, command.name, command, nested)
        if isinstance(command, Atomic | Sequence):
            yield from _owed_for(command.commands, msg_ref, nested=True)


class Reply:
    """Builds the reply to a message: statuses first, then commands, with CmdIDs counted from 1.

    Args:
        to: The message that is answered.
        msg_id: Our MsgID.
        source: Our address in the header; the target of the answered message when not given.

    Example::

        reply = Reply(message, msg_id=1)
        reply.accept_all()
        reply.add(Get("", (Item("./DevDetail/SwV"),)))
        body = reply.render()
    """

    def __init__(self, to: Message, *, msg_id: int, source: str = "") -> None:
        self._to = to
        self.header = Header(to.header.session_id, msg_id, to.header.source, source or to.header.target)
        self.owed = owed(to)
        self._places = {id(debt): place for place, debt in enumerate(self.owed)}
        self._paid: set[int] = set()
        self._statuses: list[Status] = []
        self._commands: list[Sendable] = []
        self._ids: set[str] = set()
        self._last_id = 0

    def status(
        self,
        debt: Owed,
        code: int,
        *,
        chal: Chal | None = None,
        target_refs: tuple[str, ...] = (),
        items: tuple[Item, ...] = (),
    ) -> None:
        """Pay one Status; a command on several items may get one for each.

        Raises:
            MisuseError: It is not owed, or the SyncHdr was not answered first.
        """
        place = self._places.get(id(debt))
        if place is None:
            raise MisuseError("this Status is not owed by this reply")
        if place and 0 not in self._paid:
            raise MisuseError("the Status of the SyncHdr comes first")
        self._paid.add(place)
        cmd = debt.cmd
        self._statuses.append(
            Status(self._new_id(), debt.msg_ref, debt.cmd_ref, cmd, code, target_refs, (), chal, items)
        )

    def accept_all(self, header_code: int = 200) -> None:
        """Pay everything that is still owed: 200, and 400 for what is no command or has no CmdID."""
        for place, debt in enumerate(self.owed):
            if place in self._paid:
                continue
            broken = isinstance(debt.command, Unknown) or not debt.cmd_ref
            self.status(debt, header_code if place == 0 else 400 if broken else 200)

    def refuse_all(self, code: int, chal: Chal | None = None) -> None:
        """Pay everything that is still owed with one code (401, 407, 500); the challenge goes to the SyncHdr.

        A conforming client repeats exactly the commands that were refused; with the header alone refused, one
        ended its session silently.
        """
        for place, debt in enumerate(self.owed):
            if place not in self._paid:
                self.status(debt, code, chal=chal if place == 0 else None)

    def add(self, command: AnyCommand | Fragment, cmd_id: str = "") -> str:
        """Add a command and return its CmdID: ``cmd_id``, else the command's own, else the next number.

        Raises:
            MisuseError: A Status or an unknown command, or a CmdID that is taken or ``0``.
        """
        if isinstance(command, Status | Unknown):
            raise MisuseError("a Status is paid with status(); an unknown element is never sent")
        chosen = cmd_id or ("" if isinstance(command, Fragment) else command.cmd_id)
        if not chosen:
            chosen = self._new_id()
        elif chosen == HEADER_REF or chosen in self._ids:
            raise MisuseError("a CmdID must be unique in its message and not 0")
        self._ids.add(chosen)
        if isinstance(command, Fragment):
            self._commands.append(Rendered(chosen, command))
        else:
            self._commands.append(_with_id(command, chosen))
        return chosen

    @property
    def ends_session(self) -> bool:
        """Whether the reply holds no command, so that the session ends with it."""
        return not self._commands

    def render(self) -> bytes:
        """Return the reply as bytes, with Final.

        Raises:
            MisuseError: A Status is still owed. CmdIDs inside a group are the caller's to keep apart.
        """
        missing = [debt.cmd for place, debt in enumerate(self.owed) if place not in self._paid]
        if missing:
            raise MisuseError(f"the reply still owes a Status for: {', '.join(missing)}")
        return render(Message(self.header), (*self._statuses, *self._commands))

    def _new_id(self) -> str:
        self._last_id += 1
        while str(self._last_id) in self._ids:
            self._last_id += 1
        self._ids.add(str(self._last_id))
        return str(self._last_id)


def _with_id(command: AnyCommand, cmd_id: str) -> AnyCommand:
    if isinstance(command, Status):
        return command._replace(cmd_id=cmd_id)
    return replace(command, cmd_id=cmd_id)


def violations(reply: Message, to: Message) -> tuple[str, ...]:
    """Return which rules a reply breaks, as sentences; empty when it keeps them all.

    Args:
        reply: What the other side answered.
        to: The message it answers.
    """
    return tuple(_violations(reply, to))


def _violations(reply: Message, to: Message) -> Iterator[str]:
    if reply.header.session_id != to.header.session_id:
        yield "the SessionID is not the one of the message"
    if reply.header.target != to.header.source:
        yield "Target is not the Source of the message"
    ids = [command.cmd_id for command in _flat(reply.commands)]
    if "" in ids:
        yield "a command has no CmdID"
    if len(set(ids)) != len(ids):
        yield "two commands share a CmdID"
    debts = owed(to)
    statuses = reply.statuses
    if not reply.commands or not statuses or reply.commands[0] is not statuses[0]:
        yield "the message does not start with a Status"
    elif (statuses[0].cmd_ref, statuses[0].cmd) != (HEADER_REF, "SyncHdr"):
        yield "the first Status is not the one of the SyncHdr"
    known = {debt.cmd_ref: debt for debt in debts}
    for status in statuses:
        debt = known.get(status.cmd_ref)
        if status.msg_ref != to.header.msg_id or debt is None:
            yield f"a Status for {status.msg_ref}/{status.cmd_ref} ({status.cmd}) answers nothing that was sent"
        elif debt.cmd != status.cmd:
            yield f"the Status for {debt.cmd} {debt.cmd_ref} names it {status.cmd}"
    paid = dict.fromkeys(status.cmd_ref for status in statuses)
    for debt in debts:
        if debt.cmd_ref not in paid:
            yield f"no Status for {debt.cmd} {debt.cmd_ref}"
    if [ref for ref in paid if ref in known] != [ref for ref in known if ref in paid]:
        yield "the Status elements are not in the order of the commands"
    if not reply.final:
        yield "the message has no Final"


def _flat(commands: tuple[AnyCommand, ...]) -> Iterator[AnyCommand]:
    for command in commands:
        yield command
        if isinstance(command, Atomic | Sequence):
            yield from _flat(command.commands)
