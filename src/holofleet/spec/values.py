"""The kinds of text that a fleet file is made of, and how each is read.

Every plain scalar of the file arrives here as the text that was written. A kind says what is accepted, gives
an example for the error, and keeps what the operator wrote: leading zeros, ``17:00`` and ``22621.1250`` do not
change on the way. Values that are already typed (presets in code) pass too.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from holofleet.formats.autopilot_csv import padded

MAX_TEXT = 4096
_NUMBER_LIKE: dict[str, Any] = {"type": ["string", "number"]}
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?\Z")
_DURATION = re.compile(r"([1-9][0-9]{0,4})([hdw])\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\Z")
_HOUR = re.compile(r"([01]?[0-9]|2[0-3])(?::00)?\Z")
_LOCAL = r"[A-Za-z0-9_](?:[A-Za-z0-9 ._-]{0,18}[A-Za-z0-9_-])?"
_MAX_HASH = 16384
_REFERENCE = re.compile(r"(?:env:HOLOFLEET_SECRET_[A-Z0-9_]{1,100}|file:[A-Za-z0-9][A-Za-z0-9._-]{0,127})\Z")


def refuse(expected: str, example: str = "", hint: str = "") -> PydanticCustomError:
    """Return the error that says what was expected; the reader adds what stood there and where."""
    return PydanticCustomError("kind", "{expected}", {"expected": expected, "example": example, "hint": hint})


def _bool(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    hints = {"yes": "true", "on": "true", "no": "false", "off": "false", "True": "true", "False": "false"}
    meant = hints.get(value) if isinstance(value, str) else None
    raise refuse("true or false", "true", f"Write {meant}." if meant else "")


def _int(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INT.match(value):
        return int(value)
    raise refuse("a whole number", "14")


def _number(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.match(value):
        return float(value)
    raise refuse("a number", "1.5")


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise refuse("a text", "field-service")
    if not value.strip():
        raise refuse("a text that is not empty", "", "Write a value, or leave the key out.")
    if len(value) > MAX_TEXT:
        raise refuse(f"a text of at most {MAX_TEXT} characters")
    if any((ord(char) < 0x20 and char not in "\n\t") or 0x7F <= ord(char) < 0xA0 for char in value):
        raise refuse("a text without control characters")
    return value


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        raise refuse("a duration in hours, days or weeks", "30d")
    return timedelta(hours=int(match[1]) * {"h": 1, "d": 24, "w": 168}[match[2]])


def _date(value: object) -> object:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DATE.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise refuse("a day that exists in the calendar", "2026-12-07") from None
    raise refuse("a day as year-month-day", "2026-12-07")


def _time(value: object) -> object:
    if isinstance(value, time):
        return value
    match = _TIME.match(value) if isinstance(value, str) else None
    if match is None:
        raise refuse("a time of day as hours:minutes", "17:00")
    return time(int(match[1]), int(match[2]))


def _hour(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 23:
        return value
    match = _HOUR.match(value) if isinstance(value, str) else None
    if match is None:
        raise refuse("a full hour from 0 to 23", "17", "Headsets take full hours only.")
    return int(match[1])


def _pattern(pattern: str, expected: str, example: str, *, lower: bool = False, word: str = "") -> BeforeValidator:
    compiled = re.compile(rf"(?:{pattern})\Z")

    def read(value: object) -> object:
        text = value.lower() if lower and isinstance(value, str) else value
        if isinstance(text, str) and (compiled.match(text) or (word and text == word)):
            return text
        raise refuse(expected, example)

    return BeforeValidator(read)


def _shown(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": rf"^(?:{pattern})$"})


Flag = Annotated[bool, BeforeValidator(_bool)]
Whole = Annotated[int, BeforeValidator(_int)]
Number = Annotated[float, BeforeValidator(_number)]
Text = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=MAX_TEXT)]
Duration = Annotated[
    timedelta, BeforeValidator(_duration), WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,4}[hdw]$"})
]
Day = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
TimeOfDay = Annotated[
    time, BeforeValidator(_time), WithJsonSchema({"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$"})
]
Hour = Annotated[int, BeforeValidator(_hour), WithJsonSchema({"type": ["integer", "string"]})]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_NAME = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SERIAL = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,62}[A-Za-z0-9])?"
_UPN = r"[^@\s\x00-\x20/\\\x7f]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_FILE = r"[A-Za-z0-9_][A-Za-z0-9 ._-]{0,127}(?:/[A-Za-z0-9_][A-Za-z0-9 ._-]{0,127}){0,7}"

Name = Annotated[
    str,
    _pattern(_NAME, "a name of lower-case letters, digits and hyphens, at most 63", "field-service"),
    _shown(_NAME),
]
Serial = Annotated[
    str,
    _pattern(_SERIAL, "a serial number of letters, digits, hyphens and dots, at most 64", "003421800101"),
    WithJsonSchema(_NUMBER_LIKE),
]
UPN = Annotated[
    str,
    _pattern(_UPN, "a user principal name", "expert1@contoso.com", lower=True),
    WithJsonSchema({"type": "string", "format": "email"}),
]
Domain = Annotated[
    str,
    _pattern(_DOMAIN, "a domain name", "contoso.com", lower=True),
    WithJsonSchema({"type": "string", "format": "hostname"}),
]
Guid = Annotated[
    str,
    _pattern(
        _GUID,
        "an id of 8-4-4-4-12 hexadecimal digits without braces",
        "11111111-1111-4111-8111-111111111111",
        lower=True,
    ),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
PageName = Annotated[
    str,
    _pattern(r"[A-Za-z0-9-]{1,80}", "the name of a settings page or of a group of pages", "network"),
    _shown(r"[A-Za-z0-9-]{1,80}"),
]
Country = Annotated[
    str, _pattern("[A-Z]{2}", "a country as two capital letters (ISO 3166)", "US"), _shown("[A-Z]{2}")
]
FileName = Annotated[
    str,
    _pattern(_FILE, "a file below the folder of the fleet file, with / between folders", "headsets.csv"),
    _shown(_FILE),
]
Host = Annotated[
    str,
    _pattern(r"(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?", "a host name", "time.contoso.com", lower=True),
    _shown(r"(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?"),
]
HostPort = Annotated[
    str,
    _pattern(
        r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?:[0-9]{1,5}",
        "a host with its port",
        "proxy.contoso.com:8080",
        lower=True,
    ),
    _shown(r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?:[0-9]{1,5}"),
]
Url = Annotated[
    str,
    _pattern(
        r"https?://[^\s\x00-\x20]{1,2000}", "an address that begins with https://", "https://contoso.com/proxy.pac"
    ),
    WithJsonSchema({"type": "string", "format": "uri"}),
]
Origin = Annotated[
    str,
    _pattern(
        r"https://[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?(?::[0-9]{1,5})?",
        "an https address without a path",
        "https://assist.contoso.com",
        lower=True,
    ),
    WithJsonSchema({"type": "string", "format": "uri"}),
]
AppName = Annotated[
    str,
    _pattern(
        r"[a-z0-9][a-z0-9-]{0,62}|[A-Za-z0-9][A-Za-z0-9.-]{2,49}_[a-z0-9]{13}(?:![A-Za-z0-9._-]{1,64})?",
        "an app: its short name, its package family name, or PackageFamilyName!ApplicationId",
        "camera",
    ),
    WithJsonSchema({"type": "string"}),
]
Version = Annotated[
    str,
    _pattern(r"[0-9]{1,5}(?:\.[0-9]{1,5}){1,3}", "a version of two to four numbers", "1.2.0.0"),
    WithJsonSchema(_NUMBER_LIKE),
]
BuildText = Annotated[
    str,
    _pattern(r"(?:10\.0\.)?[0-9]{5}\.[0-9]{1,5}", "a build", "22621.1266"),
    WithJsonSchema(_NUMBER_LIKE),
]
UPNOrNone = Annotated[
    str,
    _pattern(_UPN, "a user principal name, or none", "deployer1@contoso.com", lower=True, word="none"),
    WithJsonSchema({"type": "string"}),
]
BuildOrNewest = Annotated[
    str,
    _pattern(r"(?:10\.0\.)?[0-9]{5}\.[0-9]{1,5}", "a build, or newest-known", "22621.1266", word="newest-known"),
    WithJsonSchema({"anyOf": [{"const": "newest-known"}, _NUMBER_LIKE]}),
]
RuleId = Annotated[
    str,
    _pattern("(?:PREP|EXT|SHR|OFF)-[0-9]{2}", "the id of a guide statement", "EXT-30"),
    _shown("(?:PREP|EXT|SHR|OFF)-[0-9]{2}"),
]
SKU = Annotated[
    str,
    _pattern(r"[A-Za-z0-9_()\- ]{2,80}", "a product as its SKU part number", "AAD_PREMIUM"),
    WithJsonSchema({"type": "string"}),
]


LocalAccount = Annotated[
    str,
    _pattern(_LOCAL, "the name of a local account, at most 20 characters", "visor"),
    _shown(_LOCAL),
]


def _hardware_hash(value: object) -> object:
    """Read a hardware hash and mend its padding; what is refused is never echoed: a hash identifies a device."""
    whole = padded(value) if isinstance(value, str) and len(value) <= _MAX_HASH else None
    if whole is None:
        expected = {"expected": "a hardware hash in base64", "example": "T0FBQkFBRUFIQUFBQQ==", "hint": ""}
        raise PydanticCustomError("secret", "{expected}", expected)
    return whole


HardwareHash = Annotated[str, BeforeValidator(_hardware_hash), WithJsonSchema({"type": "string"})]
GroupTag = Annotated[
    str,
    _pattern(r"[ !#-+\--~]{1,128}", "a group tag in plain letters, without commas and quotation marks", "field"),
    _shown(r"[ !#-+\--~]{1,128}"),
]


class SecretReference(str):
    """Where a secret is found when something is sent: ``env:HOLOFLEET_SECRET_NAME`` or ``file:NAME``.

    The secret itself never stands in a fleet file (SECURITY D2); what is refused here is never echoed.
    """

    __slots__ = ()

    @property
    def variable(self) -> str:
        """The variable that stands for it in the data of a setting."""
        return f"{{{{secret:{self}}}}}"

    @classmethod
    def read(cls, value: object) -> SecretReference:
        """Read a reference; refuse anything else without repeating it."""
        if isinstance(value, str) and _REFERENCE.match(value):
            return cls(value)
        raise PydanticCustomError(
            "secret",
            "{expected}",
            {
                "expected": "a reference to a secret, not the secret itself",
                "example": "env:HOLOFLEET_SECRET_WIFI",
                "hint": "Put the secret into the environment of the process that sends and name it here. "
                "If a real secret stood here, change it: files are kept.",
            },
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_REFERENCE.pattern[:-2]}$"}
