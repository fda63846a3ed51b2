"""What a simulated headset notices about a server that breaks the rules of a protocol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rules of the server's side that a headset checks; the value says what was broken."""

    LENGTH = "a reply needs Content-Length and is never chunked"
    CONTENT_TYPE = "a reply carries the content type of its protocol"
    HTTP_STATUS = "a message is answered with HTTP 200"
    WELL_FORMED = "a reply is well-formed XML of the expected kind"
    ADDRESSING = "a SOAP reply repeats the MessageID it answers and names its action"
    DISCOVERY = "a discovery reply is complete and chooses what was offered"
    POLICY = "a policy reply names key length, hash and schema"
    PROVISIONING = "a provisioning document is usable"
    HEADER = "a management message repeats the session and names both ends"
    MAX_MSG_SIZE = "a server never announces MaxMsgSize"
    STATUS_FIRST = "the Status of SyncHdr is the first command"
    STATUS_MISSING = "each command is answered with a Status"
    STATUS_UNASKED = "a Status refers to a command that was sent and not yet answered"
    STATUS_ORDER = "Statuses come in the order of the commands"
    COMMAND_ID = "each command has a CmdID of its own in the message, and none is 0"
    UNKNOWN_ELEMENT = "a message body holds commands only"
    FINAL = "each server message ends with Final"
    ATOMIC = "an Atomic holds neither Get nor another Atomic"
    LOC_URI = "a LocURI is relative to the management tree"
    VARIABLE = "data is complete when it is sent: no variable or secret reference is left in it"
    REPEAT = "the same message gets the same answer"
    ENDLESS = "a session comes to an end"
    CHALLENGE = "a headset with a client certificate is not challenged for a password"


@dataclass(frozen=True, slots=True)
class ProtocolViolation:
    """One rule, broken once.

    Args:
        rule: Which rule.
        detail: What was seen, in a sentence.
        where: The exchange in which it was seen (``enrollment``, ``session 3, message 2``).
    """

    rule: Rule
    detail: str
    where: str

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}: {self.detail}"
