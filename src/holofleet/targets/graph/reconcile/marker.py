"""The marker: how an object says that this installation made it (SECURITY GRA-2).

It stands in a text of the object that people can read, mostly its description, as
``holofleet:INSTALLATION:KIND:NAME``. What carries no marker of this installation is never changed or deleted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from holofleet.resources import Address

_INSTALLATION = re.compile(r"[A-Za-z0-9-]{1,40}")
_MARK = re.compile(r"holofleet:([A-Za-z0-9-]{1,40}):([a-z][a-z-]*):([A-Za-z0-9%._@~+,=!$&'*/-]+)")


@dataclass(frozen=True, slots=True)
class Marker:
    """Writes and reads markers of one installation."""

    installation: str

    def __post_init__(self) -> None:
        if not _INSTALLATION.fullmatch(self.installation):
            raise ValueError(f"an installation is named by 1 to 40 letters, digits and -: {self.installation!r}")

    def text(self, address: Address) -> str:
        """Return the marker of an address."""
        return f"holofleet:{self.installation}:{address.kind}:{quote(address.name, safe='@._~/-')}"

    def described(self, sentence: str, address: Address) -> str:
        """Return a description for people that ends in the marker."""
        return f"{sentence} [{self.text(address)}]"

    def read(self, text: object) -> Address | None:
        """Return the address that a text is marked with; ``None`` for no marker, or another installation's."""
        if not isinstance(text, str):
            return None
        for installation, kind, name in _MARK.findall(text):
            if installation == self.installation:
                return Address(kind, unquote(name))
        return None
