"""One OMA-DM session of a headset, as a machine over bytes: it writes messages, reads replies, and checks them.

No sockets here: :meth:`ManagementSession.open` gives the first message, :meth:`ManagementSession.receive` takes a
reply and gives the next message, or None when the session is over. What the server did wrong is collected as
violations and borne where a headset would bear it.

The order of answers is the recorded one: the Status of SyncHdr, then for each command its Status and directly
after it the Results of a Get; a Get of several items has a Status per item and then one Results with what was
found. An Atomic's own Status comes before those of its children.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from holofleet.simulator.headset.markup import MarkupError, is_number
from holofleet.simulator.headset.syncml import Command, Draft, Item, ServerMessage, every, read_message
from holofleet.simulator.headset.tree import Answer, Effect, Tree
from holofleet.simulator.violation import ProtocolViolation, Rule

MAX_MESSAGES = 50
_GOOD = range(200, 300)


class End(StrEnum):
    """How a session ended."""

    OPEN = "still open"
    COMPLETED = "completed"
    REFUSED = "the server refused the headset"
    BROKEN = "the server's reply could not be used"
    UNENROLLED = "aborted by an Exec of Unenroll"
    INTERRUPTED = "the connection was lost for good"
    POWER_LOST = "the headset lost power"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a session begins with.

    Args:
        session_id: Hexadecimal text; starts again at 1 with each enrollment.
        address: The server's address from the provisioning document (Target).
        device_id: The headset's name for this server (Source).
        facts: Nodes of DevInfo with their values.
        leaving: Whether this session tells that the headset has left (Alert 1226).
        login: Who is signed in: ``user``, ``others`` or ``none``.
        requested: Whether the server asked for the session (Alert 1200).
    """

    session_id: str
    address: str
    device_id: str
    facts: tuple[tuple[str, str], ...]
    leaving: bool = False
    login: str = "user"
    requested: bool = False


@dataclass(slots=True)
class SessionRecord:
    """What happened in a session."""

    session_id: str
    end: End = End.OPEN
    messages: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)
    bytes_sent: int = 0
    bytes_received: int = 0


class ManagementSession:
    """A session between one tree and one server.

    Args:
        tree: What commands act on.
        opening: What the first message says.
        bare_results: Write LocURIs in Results without the leading ``./``, as some clients do.
        statuses_first: Put all Statuses before the Results, as some clients do.
    """

    def __init__(
        self, tree: Tree, opening: Opening, *, bare_results: bool = False, statuses_first: bool = False
    ) -> None:
        self._tree = tree
        self._opening = opening
        self._bare_results = bare_results
        self._statuses_first = statuses_first
        self._msg_id = 0
        self._server_msg_id = 0
        self._draft: Draft | None = None
        self._late: list[tuple[str, str, list[Item]]] = []
        self.record = SessionRecord(opening.session_id)
        self.violations: list[ProtocolViolation] = []
        self.effect = Effect.NONE

    def open(self) -> bytes:
        """Return package 1."""
        draft = self._next_draft()
        if self._opening.leaving:
            draft.alert(
                1226, kind="com.microsoft:mdm.unenrollment.userrequest", form="int", mark="critical", data="1"
            )
        else:
            draft.alert(1200 if self._opening.requested else 1201)
            draft.alert(1224, kind="com.microsoft/MDM/LoginStatus", data=self._opening.login)
        draft.replace(self._opening.facts)
        return self._finish(draft)

    def receive(self, body: bytes) -> bytes | None:
        """Take the reply to the last message; return the next message, or None when the session is over."""
        self.record.bytes_received += len(body)
        try:
            message = read_message(body)
        except MarkupError as error:
            self.note(Rule.WELL_FORMED, str(error))
            self._end(End.BROKEN)
            return None
        self._check_header(message)
        self._check_ids(message)
        if not self._check_statuses(message):
            self._end(End.REFUSED)
            return None
        if not message.orders:
            self._end(End.COMPLETED)
            return None
        if self._msg_id >= MAX_MESSAGES:
            self.note(Rule.ENDLESS, f"{MAX_MESSAGES} messages and no end")
            self._end(End.BROKEN)
            return None
        return self._answer(message)

    def note(self, rule: Rule, detail: str) -> None:
        """Record a violation at the present message."""
        where = f"session {self._opening.session_id}, message {self._msg_id}"
        self.violations.append(ProtocolViolation(rule, detail, where))

    def _end(self, end: End) -> None:
        """End the session: there is no next message."""
        self.record.end = end

    def _next_draft(self) -> Draft:
        self._msg_id += 1
        self._draft = Draft(
            session_id=self._opening.session_id,
            msg_id=self._msg_id,
            target=self._opening.address,
            source=self._opening.device_id,
        )
        return self._draft

    def _finish(self, draft: Draft) -> bytes:
        message = draft.render()
        self.record.messages += 1
        self.record.bytes_sent += len(message)
        return message

    # Checks of the server

    def _check_header(self, message: ServerMessage) -> None:
        header, opening = message.header, self._opening
        expected = {
            "VerDTD": "1.2",
            "VerProto": "DM/1.2",
            "SessionID": opening.session_id,
            "Target": opening.device_id,
        }
        for name, value in expected.items():
            if header[name] != value:
                self.note(Rule.HEADER, f"{name} is {header[name]!r}, not {value!r}")
        if not header["Source"]:
            self.note(Rule.HEADER, "Source is missing")
        number = header["MsgID"]
        if not is_number(number) or int(number) <= self._server_msg_id:
            self.note(Rule.HEADER, f"MsgID {number!r} after {self._server_msg_id}")
        else:
            self._server_msg_id = int(number)
        if header["MaxMsgSize"]:
            self.note(Rule.MAX_MSG_SIZE, f"MaxMsgSize {header['MaxMsgSize']}: large Results would be aborted")
        if not message.final:
            self.note(Rule.FINAL, "Final is missing")
        for name in message.unknown:
            self.note(Rule.UNKNOWN_ELEMENT, f"element {name}")

    def _check_ids(self, message: ServerMessage) -> None:
        ids = [command.cmd_id for command in every(message.commands)]
        if any(not number or number == "0" for number in ids):
            self.note(Rule.COMMAND_ID, "a command without CmdID, or with CmdID 0")
        twice = [number for number, count in Counter(ids).items() if number and count > 1]
        if twice:
            self.note(Rule.COMMAND_ID, f"CmdID {twice[0]} stands for {ids.count(twice[0])} commands")
        for command in message.orders:
            if command.verb == "Atomic" and any(child.verb in ("Get", "Atomic") for child in command.children):
                self.note(Rule.ATOMIC, f"Atomic {command.cmd_id} holds Get or Atomic")

    def _check_statuses(self, message: ServerMessage) -> bool:
        """Check the server's Statuses; return whether it accepted the headset."""
        assert self._draft is not None
        statuses = list(message.statuses)
        first = message.commands[0] if message.commands else None
        if first is None or first.verb != "Status" or first.fields.get("Cmd") != "SyncHdr":
            self.note(Rule.STATUS_FIRST, f"the first command is {first.verb if first else 'none'}")
        header = next((status for status in statuses if status.fields.get("Cmd") == "SyncHdr"), None)
        if header is not None:
            statuses.remove(header)
            if header.fields.get("CmdRef") != "0" or not self._refers(header):
                self.note(Rule.STATUS_UNASKED, f"the Status of SyncHdr refers to {_reference(header)}")
        self._check_command_statuses(statuses, self._draft.awaiting)
        code = header.fields.get("Data", "") if header else "200"
        if any(status.challenge for status in message.statuses) or code in ("401", "407"):
            self.note(Rule.CHALLENGE, f"the Status of SyncHdr is {code}")
        return code in ("200", "202", "212")

    def _check_command_statuses(self, statuses: list[Command], awaiting: list[tuple[str, str]]) -> None:
        order = {number: index for index, (number, _) in enumerate(awaiting)}
        verbs = dict(awaiting)
        seen: list[int] = []
        for status in statuses:
            number = status.fields.get("CmdRef", "")
            if not self._refers(status) or number not in order or verbs[number] != status.fields.get("Cmd"):
                self.note(Rule.STATUS_UNASKED, f"a Status refers to {_reference(status)}, which was not sent")
            elif (
                order[number] in seen and not status.fields.get("SourceRef") and not status.fields.get("TargetRef")
            ):
                self.note(Rule.STATUS_UNASKED, f"a second Status for {_reference(status)}")
            else:
                seen.append(order[number])
        if seen != sorted(seen):
            self.note(Rule.STATUS_ORDER, f"Statuses for commands {[awaiting[index][0] for index in seen]}")
        for number, verb in awaiting:
            if order[number] not in seen:
                self.note(Rule.STATUS_MISSING, f"no Status for {verb} {number}")

    def _refers(self, status: Command) -> bool:
        return status.fields.get("MsgRef") == str(self._msg_id)

    # Carrying out commands

    def _answer(self, message: ServerMessage) -> bytes | None:
        draft = self._next_draft()
        self._msg_ref = message.header["MsgID"]
        self._late = []
        draft.status(self._msg_ref, "0", "SyncHdr", 200)
        for command in message.orders:
            self._run(draft, command)
            if self.effect is Effect.UNENROLL:
                # All sessions abort: no Status comes for this, a new session tells about it.
                self._end(End.UNENROLLED)
                return None
        for reference, _, items in self._late:
            draft.results(self._msg_ref, reference, items)
        for uri in self._tree.left_variables:
            self.note(Rule.VARIABLE, f"the data for {uri} holds a variable that nobody filled in")
        self._tree.left_variables.clear()
        return self._finish(draft)

    def _run(self, draft: Draft, command: Command) -> None:
        if not command.cmd_id or command.cmd_id == "0":
            draft.status(self._msg_ref, "", command.verb, 400)
        elif command.verb == "Atomic":
            self._run_atomic(draft, command)
        elif command.verb == "Sequence":
            draft.status(self._msg_ref, command.cmd_id, "Sequence", 200)
            for child in command.children:
                self._run(draft, child)
        elif command.verb == "Alert":
            draft.status(self._msg_ref, command.cmd_id, "Alert", 200)
        elif command.verb == "Get":
            self._run_get(draft, command)
        else:
            self._write_statuses(draft, command, [self._apply(command.verb, item) for item in command.items])

    def _run_get(self, draft: Draft, command: Command) -> None:
        answers = [self._apply("Get", item) for item in command.items]
        self._write_statuses(draft, command, answers)
        found = [self._as_result(answer.item) for answer in answers if answer.item is not None]
        if found and self._statuses_first:
            self._late.append((command.cmd_id, "Get", found))
        elif found:
            draft.results(self._msg_ref, command.cmd_id, found)

    def _as_result(self, item: Item) -> Item:
        source = item.source.removeprefix("./") if self._bare_results else item.source
        return Item(source=source, format=item.format, data=item.data)

    def _write_statuses(self, draft: Draft, command: Command, answers: list[Answer]) -> None:
        if not answers:
            draft.status(self._msg_ref, command.cmd_id, command.verb, 400)
            return
        several = len(answers) > 1
        for item, answer in zip(command.items, answers, strict=True):
            target = item.target if several else ""
            draft.status(self._msg_ref, command.cmd_id, command.verb, answer.code, target=target)

    def _apply(self, verb: str, item: Item) -> Answer:
        answer = self._tree.run(verb, item)
        self.record.statuses[answer.code] += 1
        if answer.code == 400:
            self.note(Rule.LOC_URI, answer.why)
        if verb != "Get" and answer.code not in _GOOD:
            self.record.refused[item.target] = f"{answer.code} {answer.why}".strip()
        elif verb == "Exec":
            self.record.executed.append(item.target)
        elif verb != "Get":
            self.record.written.append(item.target)
            self.record.refused.pop(item.target, None)  # as after Add, 418, Replace
        if answer.effect is not Effect.NONE:
            self.effect = answer.effect
        return answer

    def _run_atomic(self, draft: Draft, command: Command) -> None:
        """All or nothing: what was done before a failure is rolled back (216), the rest is not run (215)."""
        before = self._tree.save()
        outcomes: list[tuple[Command, list[Answer]]] = []
        failed = False
        for child in command.children:
            if failed:
                outcomes.append((child, [Answer(215) for _ in child.items]))
                continue
            if child.verb in ("Get", "Atomic"):
                outcomes.append((child, [Answer(500) for _ in child.items]))
                failed = True
                continue
            answers = [self._apply(child.verb, item) for item in child.items]
            failed = any(answer.code not in _GOOD for answer in answers)
            outcomes.append((child, answers))
        if failed:
            self._tree.restore(before)
            outcomes = [(child, [_rolled_back(answer) for answer in answers]) for child, answers in outcomes]
        draft.status(self._msg_ref, command.cmd_id, "Atomic", 507 if failed else 200)
        for child, answers in outcomes:
            self._write_statuses(draft, child, answers)


def _rolled_back(answer: Answer) -> Answer:
    return Answer(216) if answer.code in _GOOD and answer.code != 215 else answer


def _reference(status: Command) -> str:
    fields = status.fields
    return f"{fields.get('Cmd')} {fields.get('CmdRef')} of message {fields.get('MsgRef')}"
