"""Errors as ``application/problem+json`` (RFC 9457), each with what is wrong, where, and how to mend it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from holofleet.errors import (
    ConflictError,
    HolofleetError,
    InputError,
    NotFoundError,
    PeerError,
    RefusedError,
    StorageError,
)
from holofleet.server.sealing import DamagedError

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("holofleet.web.api")

STATUS_OF: tuple[tuple[type[HolofleetError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ConflictError, HTTPStatus.CONFLICT),
    (RefusedError, HTTPStatus.FORBIDDEN),
    (InputError, HTTPStatus.BAD_REQUEST),
    (PeerError, HTTPStatus.BAD_REQUEST),
    (DamagedError, HTTPStatus.CONFLICT),
    (StorageError, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""The one translation of our errors into HTTP; the first class that fits counts."""


class ProblemError(Exception):
    """An answer that is a problem, raised where it is found."""

    def __init__(self, status: HTTPStatus, title: str = "", *, detail: str = "", mend: str = "") -> None:
        super().__init__(title)
        self.status = status
        self.title = title or status.phrase
        self.detail = detail
        self.mend = mend

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """Return the answer."""
        return problem(self.status, self.title, detail=self.detail, mend=self.mend, headers=headers)


def problem(
    status: HTTPStatus,
    title: str,
    *,
    detail: str = "",
    mend: str = "",
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """Return a problem as an answer; ``type`` is stable for programs, the texts are for people."""
    slug = status.name.lower().replace("_", "-")
    content = {
        "type": f"urn:holofleet:problem:{slug}",
        "title": title,
        "status": status.value,
        "detail": detail,
        "mend": mend,
        **more,
    }
    return Response(
        json.dumps(content, ensure_ascii=False).encode(),
        status_code=status.value,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def problem_of(error: HolofleetError) -> Response:
    """Translate one of our errors; what has no translation is our own fault and says nothing of itself."""
    for kind, status in STATUS_OF:
        if isinstance(error, kind):
            headers = {"retry-after": "5"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
            return problem(status, error.summary, detail=error.detail, mend=error.mend, headers=headers)
    _LOG.error("an error without a translation", exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the server made a mistake")


def problem_of_shape(errors: Iterable[Mapping[str, Any]]) -> Response:
    """Say of each part of a request that has the wrong shape where it is and what is wrong; never its value."""
    found = [
        {"where": ".".join(str(part) for part in error["loc"]), "what": str(error["msg"])} for error in errors
    ]
    first = found[0] if found else {"where": "body", "what": "unreadable"}
    return problem(
        HTTPStatus.BAD_REQUEST,
        f"{first['where']}: {first['what']}",
        detail="The request does not have the shape that this route takes.",
        mend="Correct the parts named in errors and send it again.",
        errors=found,
    )
