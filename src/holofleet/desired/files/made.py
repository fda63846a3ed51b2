"""One file that the upper half made, before it has a digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from holofleet.resources import File
from holofleet.resources.document import VARIABLE

CSV = "text/csv"
HTML = "text/html"
ICS = "text/calendar"
JAVASCRIPT = "text/javascript"
JSON = "application/json"
TEXT = "text/plain"
XML = "application/xml"
BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Made:
    """A file for the files target.

    Args:
        path: Relative POSIX path; see :class:`holofleet.resources.File`.
        content: Text (written as UTF-8, line ends as they stand) or bytes. A text of type XML, HTML, JSON or
            plain may hold ``{{secret:REFERENCE}}``; nothing else may.
        media_type: One of the constants of this module.
        note: One sentence for the reader of the index: what it is for, and for whom.
    """

    path: str
    content: str | bytes
    media_type: str
    note: str = ""

    @property
    def bytes(self) -> bytes:
        """The content as it is written."""
        return self.content.encode() if isinstance(self.content, str) else self.content

    @property
    def file(self) -> File:
        """The resource that stands for it in a State."""
        text = self.content if isinstance(self.content, str) else ""
        found = {match.group(2) or "" for match in VARIABLE.finditer(text) if match.group(1) == "secret"}
        return File(
            path=self.path,
            media_type=self.media_type,
            sha256=hashlib.sha256(self.bytes).hexdigest(),
            secrets=tuple(sorted(found)),
            note=self.note,
        )
