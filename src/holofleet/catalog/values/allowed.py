"""The questions that every kind of value answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from holofleet.resources.document import VARIABLE

Value = str | int | bool | float | bytes | Sequence[str]
"""A typed value: what a fleet file or a caller gives before it becomes text on the wire."""


class Unsuited(Exception):  # noqa: N818 - a verdict on a value, turned into ValueRefusedError by the node
    """A typed value that this kind cannot express; its text is the reason."""


class Allowed(ABC):
    """What a node takes. Frozen; made from the data files by :func:`~holofleet.catalog.values.parse_allowed`."""

    __slots__ = ()

    @abstractmethod
    def describe(self) -> str:
        """Say in words what is allowed, without a full stop."""

    @abstractmethod
    def fault(self, data: str) -> str | None:
        """Say what is wrong with a text for the wire; ``None`` when the node takes it."""

    def data(self, value: Value) -> str:
        """Turn a typed value into text; the text may still have a :meth:`fault`.

        Raises:
            Unsuited: the type of the value cannot be expressed.
        """
        if isinstance(value, str):
            return value
        raise Unsuited(f"{_type_name(value)} is not a text")

    def equal(self, a: str, b: str) -> bool:
        """Tell whether two texts say the same to a headset; texts that mean nothing compare by letter."""
        return a == b

    def meaning(self, data: str) -> str:
        """The documented meaning of a value (``0`` may be "not allowed"), or empty."""
        return ""


def has_variable(data: str) -> bool:
    """Tell whether a text holds a variable that is filled in only when it is sent."""
    return VARIABLE.search(data) is not None


def control_fault(data: str) -> str | None:
    """Say whether a text holds characters that no XML message can carry."""
    for char in data:
        code = ord(char)
        if (code < 0x20 and char not in "\t\n\r") or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
            return f"holds the character U+{code:04X}, which no message can carry"
    return None


def _type_name(value: object) -> str:
    return {bool: "true or false", int: "a number", float: "a number", bytes: "binary data"}.get(
        type(value), "a list" if isinstance(value, Sequence) else f"a {type(value).__name__}"
    )
