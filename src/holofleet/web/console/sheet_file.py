"""A list as a file for a spreadsheet, sent while it is read: no list is too long for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from starlette.responses import Response, StreamingResponse

AT_ONCE = 200
"""Lines of one piece of the answer. Ours."""
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet_file(name: str, header: Sequence[str], lines: Iterable[Sequence[str | None]]) -> Response:
    """Answer with a file of lines, which are read while they are sent."""
    named = {"content-disposition": f'attachment; filename="{name}"'}
    pieces = _pieces(chain([header], lines))
    return StreamingResponse(pieces, media_type="text/csv", headers=named)


def plain_cell(text: str | None) -> str:
    """Return a cell that no spreadsheet takes for a formula (SECURITY TXT-1)."""
    text = text or ""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _pieces(lines: Iterable[Sequence[str | None]]) -> Iterator[str]:
    left = iter(lines)
    while some := list(islice(left, AT_ONCE)):
        text = io.StringIO()
        csv.writer(text).writerows([plain_cell(cell) for cell in line] for line in some)
        yield text.getvalue()
