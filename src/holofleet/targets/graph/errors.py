"""What Graph says when it refuses, as one exception with the facts that a person needs.

Graph answers with ``{"error": {"code", "message", "innerError": {...}}}``. Intune puts a whole JSON object into
``message`` as text; its ``Message`` is the sentence, and ``Activity ID`` what its support asks for.

Source: 'Microsoft Graph error responses and resource types' (Microsoft); messages of Intune as recorded from
real clients.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holofleet.errors import PeerError
from holofleet.targets.graph.masking import cleaned, secrets
from holofleet.targets.graph.operations import Request, Response

_ACTIVITY = re.compile(r"Activity ID:\s*([0-9a-fA-F-]{36})")
_TAIL = re.compile(r"\s*-\s*Operation ID.*", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST = 600


class Trouble(StrEnum):
    """What kind of failure it is; decides what a person does about it."""

    SIGN_IN = "sign-in"
    PERMISSION = "permission"
    INVALID = "invalid"
    ABSENT = "absent"
    CONFLICT = "conflict"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    UNKNOWN_OUTCOME = "unknown outcome"
    BROKEN = "broken answer"


_MENDS: Mapping[Trouble, str] = {
    Trouble.SIGN_IN: "Look at the credential: tenant, application id, and whether it has expired.",
    Trouble.INVALID: "This is a fault of holofleet or of a value in the fleet file; the message says which.",
    Trouble.ABSENT: "Somebody may have deleted it in between: plan again.",
    Trouble.CONFLICT: "Somebody changed it at the same time: plan again.",
    Trouble.THROTTLED: "The tenant is busy: try again later; what is done stays done.",
    Trouble.UNAVAILABLE: "Try again later; what is done stays done.",
    Trouble.UNKNOWN_OUTCOME: "Look in the tenant whether it was carried out before doing it again.",
    Trouble.BROKEN: "Check the Graph address; a proxy may have answered instead.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a refusal.

    Args:
        code: Graph's error code.
        message: One sentence for people, without control characters or secrets.
        request_id, client_request_id, activity_id: What support asks for; empty where not said.
    """

    code: str = ""
    message: str = ""
    request_id: str = ""
    client_request_id: str = ""
    activity_id: str = ""


class GraphError(PeerError):
    """A request that failed for good.

    Args:
        request: What was asked.
        trouble: The kind of failure.
        said: The words of the refusal.
        status: HTTP status; 0 where there was no answer.

    ``outcomes`` holds what became of all requests of the same step, in their order, for a work that goes on.
    """

    def __init__(self, request: Request, trouble: Trouble, said: Said, *, status: int = 0) -> None:
        operation = request.operation
        words = said.message or said.code or (f"status {status}" if status else "no answer")
        mend = _MENDS.get(trouble, "")
        if trouble is Trouble.PERMISSION:
            mend = (
                f"It needs {' and '.join(operation.permissions)}"
                f"{' of a signed-in person' if operation.delegated_only else ''}, granted by an administrator; "
                "or the tenant has no license for it."
            )
        ids = [("request-id", said.request_id), ("client-request-id", said.client_request_id)]
        ids.append(("activity id", said.activity_id))
        super().__init__(
            f"{operation.name} ({operation.method} {request.path}): {words}",
            detail=", ".join(f"{name} {value}" for name, value in ids if value),
            mend=mend,
        )
        self.words = words
        self.request = request
        self.trouble = trouble
        self.said = said
        self.status = status
        self.outcomes: tuple[Response | GraphError, ...] = (self,)


def said(request: Request, response: Response) -> Said:
    """Read the words of a refusal; never raises, whatever the body is."""
    body = response.body
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, str):  # the token endpoint's form
        error = {"code": error, "message": body.get("error_description", "")}
    error = error if isinstance(error, Mapping) else {}
    inner = error.get("innerError")
    inner = inner if isinstance(inner, Mapping) else {}
    sentence, activity = _sentence(str(error.get("message") or ""))
    return Said(
        code=_plain(str(error.get("code") or "")),
        message=_plain(cleaned(sentence, secrets(request))),
        request_id=_plain(str(inner.get("request-id") or response.headers.get("request-id", ""))),
        client_request_id=_plain(
            str(inner.get("client-request-id") or response.headers.get("client-request-id", ""))
        ),
        activity_id=activity,
    )


def trouble_of(status: int, words: Said) -> Trouble:
    """Return what kind of failure a status is."""
    if status == 401:
        return Trouble.SIGN_IN
    if status == 403:
        return Trouble.PERMISSION
    if status in (404, 410):
        return Trouble.ABSENT
    if status in (409, 412, 423) or words.code == "Request_MultipleObjectsWithSameKeyValue":
        return Trouble.CONFLICT
    if status == 429:
        return Trouble.THROTTLED
    if status >= 500 or status == 424:
        return Trouble.UNAVAILABLE
    return Trouble.INVALID if 400 <= status < 500 else Trouble.BROKEN


def _sentence(message: str) -> tuple[str, str]:
    """Return the sentence inside a message, and Intune's activity id."""
    activity = _ACTIVITY.search(message)
    if message.lstrip().startswith("{"):
        try:
            nested: Any = json.loads(message)
        except ValueError:
            nested = None
        if isinstance(nested, Mapping):
            message = str(nested.get("Message") or nested.get("message") or message)
    return _TAIL.sub("", message).strip(), activity.group(1) if activity else ""


def _plain(text: str) -> str:
    text = _CONTROL.sub(" ", text).strip()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
