"""Parts of something long, as a player asks for them (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain

from starlette.responses import Response, StreamingResponse

from holofleet.server.assist.recordings import Media

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")


def media_response(media: Media, asked: str | None, *, headers: dict[str, str]) -> Response:
    """Answer with a recording, or with the one part of it that a ``Range`` header asks for.

    The first piece is opened before the answer begins, so that a damaged recording is said and not cut off.

    Raises:
        StorageError: the first piece is damaged.
    """
    headers = {
        "cache-control": "no-store",
        "accept-ranges": "bytes",
        "content-security-policy": "default-src 'none'; sandbox",
        **headers,
    }
    span = _span(asked, media.size) if asked else (0, media.size - 1)
    if span is None or media.size == 0:
        headers["content-range"] = f"bytes */{media.size}"
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    first, last = span
    headers["content-length"] = str(last - first + 1)
    if asked:
        headers["content-range"] = f"bytes {first}-{last}/{media.size}"
    status = HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.OK
    pieces = _begun(media.read(first, last))
    return StreamingResponse(pieces, status, headers=headers, media_type=media.record.type)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return chain([next(pieces, b"")], pieces)


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte of a range; ``None`` for one that this cannot answer, several parts too."""
    found = _RANGE.match(asked.strip())
    if found is None or found.groups() == ("", ""):
        return None
    begins, ends = found.groups()
    if not begins:
        return (max(0, size - int(ends)), size - 1) if int(ends) else None
    first, last = int(begins), min(int(ends) if ends else size - 1, size - 1)
    return (first, last) if first <= last else None
