"""What can go wrong on the wire, by who is at fault.

:class:`MalformedMessageError` and :class:`BrokenRuleError` are the peer's fault; :class:`MisuseError` is ours.
A parser raises nothing but the first two, whatever the bytes are.
"""

from __future__ import annotations

from holofleet.errors import HolofleetError, PeerError


class MalformedMessageError(PeerError):
    """The bytes are no message of this protocol, or are past a limit.

    Args:
        summary: What is wrong; never holds content of the message, which may be secret or hostile.
        http_status: The status that says so over HTTP: 400 not a message, 413 too large, 415 another encoding
            or media type.
    """

    def __init__(self, summary: str, *, http_status: int = 400) -> None:
        super().__init__(summary)
        self.http_status = http_status


class BrokenRuleError(PeerError):
    """A well-formed message that the rules of the conversation do not allow at this point."""


class MisuseError(HolofleetError):
    """We were about to send what the protocol does not allow: a mistake in this program, never the peer's."""
