"""Which message may come next: a session as a state machine without I/O.

A :class:`Conversation` is a frozen value that fits into a row: any process can continue any session. Receiving
and sending return the next value. The peer's mistakes are :class:`BrokenRuleError`, ours :class:`MisuseError`.

========== ============ ========================================= ============
state      event        condition                                 next state
========== ============ ========================================= ============
any        receive      MsgID 1 that is not the last one repeated OWING
OWING      send         holds a command                           WAITING
OWING      send         holds only Status                         CLOSED
WAITING    receive      MsgID is the next one                     OWING
WAITING    receive      the last message again, byte for byte     (unchanged)
CLOSED     receive      the last message again, byte for byte     (unchanged)
========== ============ ========================================= ============

A client starts with a send in IDLE, and its session is CLOSED by a reply that holds only Status.

Source: OMA DM Protocol 1.2, section 8; repeated messages and restarted SessionIDs: recorded Windows clients.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from holofleet.protocols.errors import BrokenRuleError, MisuseError
from holofleet.protocols.syncml.answer import HEADER_REF
from holofleet.protocols.syncml.render import Sendable
from holofleet.protocols.syncml.values import Atomic, Message, Results, Sequence, Status


class Role(StrEnum):
    """Which end we are."""

    CLIENT = "client"
    SERVER = "server"


class Stage(StrEnum):
    """Where a session stands."""

    IDLE = "idle"
    OWING = "owing"
    WAITING = "waiting"
    CLOSED = "closed"


class Receipt(StrEnum):
    """What a received message is to the session."""

    OPENED = "opened"
    NEXT = "next"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Sent:
    """A command that was sent; ``answered`` when a Status for it came."""

    msg_id: int
    cmd_id: str
    name: str
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """One session as seen from one end.

    Args:
        role: Which end we are.
        stage: Where the session stands.
        session_id: As the client chose it; starts again at will, so it identifies nothing beyond one session.
        received: MsgID of the last message received; 0 before the first.
        digest: Digest of that message's bytes, any stable text, to know it again.
        sent: MsgID of the last message sent; 0 before the first.
        commands: What was sent in this session.
    """

    role: Role
    stage: Stage = Stage.IDLE
    session_id: str = ""
    received: int = 0
    digest: str = ""
    sent: int = 0
    commands: tuple[Sent, ...] = ()

    def receive(self, message: Message, digest: str) -> tuple[Conversation, Receipt]:
        """Take a message of the peer.

        A repeated message changes nothing: answer it with the bytes that were sent before, or, when the stage is
        still OWING, as if it had come for the first time. A Status marks its command answered; one for a command
        that was not sent changes nothing (see :meth:`answers`).

        Raises:
            BrokenRuleError: The message cannot come at this point: an older one, one that skips a number, the
                same number with other content, or one of a session that is not open.
        """
        header = message.header
        if header.session_id == self.session_id and (header.msg_id, digest) == (self.received, self.digest):
            return self, Receipt.REPEATED
        if self.role is Role.SERVER and header.msg_id == 1:
            opened = Conversation(self.role, Stage.OWING, header.session_id, 1, digest)
            return opened, Receipt.OPENED
        if header.session_id != self.session_id or self.stage in (Stage.IDLE, Stage.CLOSED):
            raise BrokenRuleError("the message belongs to no session that is open")
        if header.msg_id <= self.received:
            raise BrokenRuleError("an older message, or its number with other content")
        if self.role is Role.SERVER and header.msg_id != self.received + 1:
            raise BrokenRuleError("the message skips a number")
        if self.stage is not Stage.WAITING:
            raise BrokenRuleError("the message came before the last one was answered")
        stage = Stage.OWING
        if self.role is Role.CLIENT and all(isinstance(command, Status) for command in message.commands):
            stage = Stage.CLOSED
        answered = {(status.msg_ref, status.cmd_ref) for status in message.statuses}
        commands = tuple(
            replace(sent, answered=True) if (sent.msg_id, sent.cmd_id) in answered else sent
            for sent in self.commands
        )
        received = replace(self, stage=stage, received=header.msg_id, digest=digest, commands=commands)
        return received, Receipt.NEXT

    def answers(self, message: Message) -> tuple[tuple[Status, ...], tuple[Results, ...], int]:
        """Return the statuses and results of a message that answer what we sent, and how many did not.

        Ask before :meth:`receive`: a Status counts for a command of this session that has none yet, Results for
        a Get of this session. The Status of the SyncHdr is in the first group. (SECURITY MGT-3)
        """
        known = {(sent.msg_id, sent.cmd_id): sent for sent in self.commands}
        statuses, results, strays = [], [], 0
        for command in message.commands:
            if isinstance(command, Status):
                sent = known.get((command.msg_ref, command.cmd_ref))
                if (sent is not None and not sent.answered) or command.cmd_ref == HEADER_REF:
                    statuses.append(command)
                else:
                    strays += 1
            elif isinstance(command, Results):
                sent = known.get((command.msg_ref, command.cmd_ref))
                if sent is not None and sent.name == "Get":
                    results.append(command)
                else:
                    strays += 1
        return tuple(statuses), tuple(results), strays

    def send(self, message: Message, commands: Iterable[Sendable] | None = None) -> Conversation:
        """Note a message of ours before it leaves.

        Args:
            message: What is sent; its header counts.
            commands: Its commands where they were rendered before (as for ``render``).

        Raises:
            MisuseError: We do not owe one, the MsgID is not the next one, the session is another, or a client's
                first message does not open one.
        """
        header = message.header
        opening = self.role is Role.CLIENT and self.stage in (Stage.IDLE, Stage.CLOSED)
        if not opening and self.stage is not Stage.OWING:
            raise MisuseError("no message is owed at this point")
        if header.msg_id != (1 if opening else self.sent + 1):
            raise MisuseError("MsgID must count up by one from 1")
        if not opening and header.session_id != self.session_id:
            raise MisuseError("the message belongs to another session")
        sending = tuple(message.commands if commands is None else commands)
        own = [*_noted(sending, header.msg_id)]
        if opening:
            return Conversation(self.role, Stage.WAITING, header.session_id, 0, "", 1, tuple(own))
        closes = self.role is Role.SERVER and all(isinstance(command, Status) for command in sending)
        return replace(
            self,
            stage=Stage.CLOSED if closes else Stage.WAITING,
            sent=header.msg_id,
            commands=(*self.commands, *own),
        )


def _noted(commands: Iterable[Sendable], msg_id: int) -> Iterable[Sent]:
    for command in commands:
        if not isinstance(command, Status | Results):
            yield Sent(msg_id, command.cmd_id, command.name)
        if isinstance(command, Atomic | Sequence):
            yield from _noted(command.commands, msg_id)
