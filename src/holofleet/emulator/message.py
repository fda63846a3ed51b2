"""Requests and answers as values, and the refusals of Graph in the words of its services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Request:
    """One HTTP request, its query still as it came.

    Args:
        method: In capitals.
        path: Path without the query, percent-encoding undone, with its version.
        query: What follows the question mark, as it came.
        headers: By lower-case name.
        body: Bytes of the body, or a value that is JSON already (items of a batch).
        origin: Scheme and host that the client used; links in answers begin with it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = b""
    origin: str = "http://127.0.0.1"


@dataclass(frozen=True)
class Response:
    """One answer.

    Args:
        status: Status of HTTP.
        body: A JSON value, bytes (a download, a count), or None for no body.
        headers: By name.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Family(StrEnum):
    """Services behind Graph that word their refusals each in their own way."""

    DIRECTORY = "directory"
    INTUNE = "intune"
    OTHER = "other"


_NO_OPERATION = "00000000-0000-0000-0000-000000000000"


class GraphError(Exception):
    """A request is refused.

    Args:
        status: Status of HTTP.
        text: What the service says.
        code: The error's code; empty takes the family's usual code for the status.
        headers: Such as Retry-After.
    """

    def __init__(
        self, status: int, text: str, *, code: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code} {text}")
        self.status = status
        self.text = text
        self.code = code
        self.headers = dict(headers or {})

    def render(self, family: Family, *, ids: Mapping[str, str], date: str) -> Response:
        """Return the answer in the words of a service: Intune nests JSON in the message."""
        code = self.code or _CODES.get((family, self.status)) or _CODES[(Family.OTHER, self.status)]
        message = self.text
        if family is Family.INTUNE:
            activity = ids["request-id"]
            nested = {
                "_version": 3,
                "Message": f"{self.text} - Operation ID (for customer support): {_NO_OPERATION}"
                f" - Activity ID: {activity} - Url: https://fef.emulator.manage.example.com/StatelessService",
                "CustomApiErrorPhrase": "",
                "RetryAfter": None,
                "ErrorSourceService": "",
                "HttpHeaders": "{}",
            }
            message = json.dumps(nested, indent=2).replace("\n", "\r\n")
        error = {"code": code, "message": message, "innerError": {"date": date, **ids}}
        return Response(self.status, {"error": error}, self.headers)


_CODES = {
    (Family.DIRECTORY, 400): "Request_BadRequest",
    (Family.DIRECTORY, 403): "Authorization_RequestDenied",
    (Family.DIRECTORY, 404): "Request_ResourceNotFound",
    (Family.DIRECTORY, 409): "Request_Conflict",
    (Family.INTUNE, 400): "BadRequest",
    (Family.INTUNE, 403): "Forbidden",
    (Family.INTUNE, 404): "ResourceNotFound",
    (Family.INTUNE, 409): "Conflict",
    (Family.OTHER, 400): "BadRequest",
    (Family.OTHER, 401): "InvalidAuthenticationToken",
    (Family.OTHER, 403): "AccessDenied",
    (Family.OTHER, 404): "NotFound",
    (Family.OTHER, 405): "Request_BadRequest",
    (Family.OTHER, 409): "Conflict",
    (Family.OTHER, 410): "syncStateNotFound",
    (Family.OTHER, 412): "PreconditionFailed",
    (Family.OTHER, 413): "RequestEntityTooLarge",
    (Family.OTHER, 415): "UnsupportedMediaType",
    (Family.OTHER, 424): "FailedDependency",
    (Family.OTHER, 429): "TooManyRequests",
    (Family.OTHER, 500): "InternalServerError",
    (Family.OTHER, 501): "NotImplemented",
    (Family.OTHER, 503): "ServiceUnavailable",
    (Family.OTHER, 504): "GatewayTimeout",
}


def bad(text: str, *, code: str = "") -> GraphError:
    """The request is not of the form that the service takes."""
    return GraphError(HTTPStatus.BAD_REQUEST, text, code=code)


def missing(identity: str) -> GraphError:
    """There is no such object, or it cannot be seen yet: both read the same."""
    return GraphError(
        HTTPStatus.NOT_FOUND,
        f"Resource '{identity}' does not exist or one of its queried reference-property objects are not present.",
    )


def no_segment(segment: str) -> GraphError:
    """The path leads nowhere."""
    return bad(f"Resource not found for the segment '{segment}'.", code="BadRequest")


def no_method(method: str) -> GraphError:
    """The path exists, but not for this verb."""
    return GraphError(
        HTTPStatus.METHOD_NOT_ALLOWED, f"Specified HTTP method is not allowed for the request target: {method}."
    )
