"""Status codes and alert codes: the number, what it says, and what to do about it."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Outcome(StrEnum):
    """What a status code means for the one who sent the command."""

    GOOD = "good"
    VERIFY_LATER = "verify later"
    NOT_FOUND = "not found"
    EXISTS = "exists"
    NOT_APPLICABLE = "not applicable"
    MISTAKE = "mistake"
    RETRY = "retry"
    GROUP = "group"
    CHALLENGE = "challenge"
    UNKNOWN = "unknown"


class StatusCode(IntEnum):
    """Codes of the Data of a Status that occur with Windows."""

    OK = 200
    CREATED = 201
    ACCEPTED = 202
    AUTHENTICATED = 212
    CHUNK_ACCEPTED = 213
    CANCELLED = 214
    NOT_EXECUTED = 215
    ROLLED_BACK = 216
    NOT_MODIFIED = 304
    BAD_REQUEST = 400
    INVALID_CREDENTIALS = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    NOT_ALLOWED = 405
    OPTIONAL_NOT_SUPPORTED = 406
    CREDENTIALS_REQUIRED = 407
    TOO_LARGE = 413
    UNSUPPORTED_FORMAT = 415
    ALREADY_EXISTS = 418
    DEVICE_FULL = 420
    PERMISSION_DENIED = 425
    COMMAND_FAILED = 500
    ATOMIC_FAILED = 507
    ROLLBACK_FAILED = 516


_MEANINGS: dict[int, tuple[str, Outcome]] = {
    200: ("done", Outcome.GOOD),
    201: ("created", Outcome.GOOD),
    202: ("accepted, runs later", Outcome.VERIFY_LATER),
    212: ("credentials accepted for the session", Outcome.GOOD),
    213: ("part of a large object accepted", Outcome.GOOD),
    214: ("cancelled", Outcome.RETRY),
    215: ("not run", Outcome.GROUP),
    216: ("undone because its group failed", Outcome.GROUP),
    304: ("nothing changed", Outcome.GOOD),
    400: ("the command is not well-formed", Outcome.MISTAKE),
    401: ("the credentials are wrong", Outcome.CHALLENGE),
    403: ("forbidden", Outcome.MISTAKE),
    404: ("there is no such node", Outcome.NOT_FOUND),
    405: ("the node does not allow this command here", Outcome.NOT_APPLICABLE),
    406: ("an optional part that this headset does not have", Outcome.NOT_APPLICABLE),
    407: ("credentials are required", Outcome.CHALLENGE),
    413: ("too large", Outcome.MISTAKE),
    415: ("the format or type is not accepted", Outcome.MISTAKE),
    418: ("the node exists already", Outcome.EXISTS),
    420: ("no space left on the headset", Outcome.RETRY),
    425: ("permission denied", Outcome.RETRY),
    500: ("the command failed", Outcome.RETRY),
    507: ("a command of the group failed", Outcome.GROUP),
    516: ("the group failed and could not be undone", Outcome.GROUP),
}


def meaning(code: int) -> str:
    """Return what a status code says, as words that fit after 'the headset answered'.

    Source: [MS-MDM] and SyncML Representation Protocol 1.2, section on response status codes.
    """
    known = _MEANINGS.get(code)
    return known[0] if known is not None else f"status {code}"


def outcome(code: int) -> Outcome:
    """Return what to do about a status code; codes nobody lists are judged by their hundred."""
    known = _MEANINGS.get(code)
    if known is not None:
        return known[1]
    if 200 <= code < 300:
        return Outcome.GOOD
    if 400 <= code < 500:
        return Outcome.MISTAKE
    return Outcome.RETRY if 500 <= code < 600 else Outcome.UNKNOWN


class Alerts(IntEnum):
    """Codes of the Data of an Alert that occur with Windows."""

    SERVER_INITIATED = 1200
    CLIENT_INITIATED = 1201
    NEXT_MESSAGE = 1222
    SESSION_ABORT = 1223
    CLIENT_EVENT = 1224
    NO_END_OF_DATA = 1225
    GENERIC = 1226
