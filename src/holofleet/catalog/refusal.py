"""The errors of the catalog: a value that a node does not take, and a node that nobody knows."""

from __future__ import annotations

from holofleet.errors import InputError

_SHOWN = 80


class ValueRefusedError(InputError):
    """A value that its node would not take; refused before any headset sees it.

    Args:
        oma_uri: The node, in normal form.
        value: The value as given; shown shortened.
        allowed: What the node takes, in words.
        reason: What is wrong with the value, in words; may be empty.
        secret: The node holds a secret: the value is never shown.
    """

    def __init__(
        self, oma_uri: str, value: object, *, allowed: str, reason: str = "", secret: bool = False
    ) -> None:
        self.oma_uri = oma_uri
        self.shown = "(hidden)" if secret else _shorten(value)
        self.allowed = allowed
        self.reason = reason
        super().__init__(
            f"{oma_uri} does not take {self.shown}" + (f": {reason}" if reason else ""),
            detail=f"Allowed: {allowed}.",
        )


class UnknownNodeError(InputError):
    """A LocURI that the catalog does not know as a node of HoloLens 2.

    Args:
        oma_uri: As it was given.
        evidence: Why it is not there, where a source says so; may be empty.
        nearest: The most similar known node, or empty.
    """

    def __init__(self, oma_uri: str, *, evidence: str = "", nearest: str = "") -> None:
        self.oma_uri = oma_uri
        self.evidence = evidence
        self.nearest = nearest
        super().__init__(
            f"{_shorten(oma_uri)} is not a known node of HoloLens 2",
            detail=evidence,
            mend=f"Did you mean {nearest}?" if nearest else "",
        )


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}... ({len(text)} characters)"
