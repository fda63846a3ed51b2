"""The cursor: where the session of an enrollment stands, so that any process can answer its next message."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, TypeAlias

REMEMBERED = 4
"""Sessions whose first message is remembered, so that an old one played again is known as old. Ours."""

Sent: TypeAlias = list[Any]
"""What one CmdID stands for: ``["w", index]`` a setting written, ``["d", uri]`` a node deleted, ``["g", [...]]``
nodes read (settings by index, others by URI) that were not reported yet, ``["o", order, kind]`` an Exec,
``["l"]`` the tenant lock set to false."""


@dataclass
class Cursor:
    """A session in the middle.

    Args:
        session: SessionID as the headset wrote it; empty before the first session.
        message: MsgID of the last message that was answered; our answers carry the same number.
        digest: SHA-256 (hex) of the bytes of that message.
        first: Digest of the session's first message.
        opened: When the session began, in microseconds.
        open: Whether another message is awaited.
        user: Whether the headset said that a user of the management account is signed in.
        sent: What was sent and has no answer yet, by CmdID.
        sent_in: MsgID of ours in which it left.
        written: Nodes that were written in this session: 1 once, 2 twice, 0 once and the other verb is to be
            tried.
        verifying: Whether a full read-back is going on; ``unread`` are the settings still to be asked for.
        verified: Whether one was finished in this session.
        asked: Whether the inventory was asked for in this session.
        fingerprints: Of what filled the variables of the settings that left in this session.
        recent: Earlier sessions with the digest of their first message.
    """

    session: str = ""
    message: int = 0
    digest: str = ""
    first: str = ""
    opened: int = 0
    open: bool = False
    user: bool = False
    sent: dict[str, Sent] = field(default_factory=dict)
    sent_in: int = 0
    written: dict[str, int] = field(default_factory=dict)
    verifying: bool = False
    verified: bool = False
    asked: bool = False
    unread: list[int] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)
    recent: list[list[str]] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Parse what :meth:`render` wrote; an empty text is a headset that never talked."""
        return cls(**json.loads(text)) if text else cls()

    def render(self) -> str:
        """Render as JSON; what is at its default is left out."""
        value = {key: part for key, part in vars(self).items() if part}
        return json.dumps(value, separators=(",", ":")) if value else ""

    def begin(self, *, session: str, message: int, digest: str, now: int) -> Cursor:
        """Return the cursor of a session that begins now, after this one."""
        recent = self.recent
        if self.session:
            recent = [*recent, [self.session, self.first]][-REMEMBERED:]
        return Cursor(
            session=session, message=message, digest=digest, first=digest, opened=now, open=True, recent=recent
        )

    def close(self) -> None:
        """End the session: what only its next message would have needed is not kept until the next check-in."""
        self.open = False
        self.written = {}
        self.fingerprints = {}

    @property
    def key(self) -> str:
        """What names the stored answer to the last message."""
        return f"{self.session}/{self.message}/{self.digest}"

    def knows_old(self, session: str, digest: str) -> bool:
        """Tell whether this first message belongs to a session that is over."""
        return [session, digest] in self.recent
