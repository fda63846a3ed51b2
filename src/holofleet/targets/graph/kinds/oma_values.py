"""Values of custom settings: from a body to what is compared, and secrets only where they are sent.

A value that holds a secret is compared without being shown: it reads either as the file has it, with the reference
in it, or as :data:`ANOTHER`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

from holofleet.errors import InputError
from holofleet.resources.document import VARIABLE

ANOTHER: Final = "(another value than the file's secret gives)"
_TYPE: Final = "#microsoft.graph.omaSetting"
_XML: Final = _TYPE + "StringXml"
ENCRYPTED: Final = frozenset({_TYPE + "String", _XML, _TYPE + "Base64"})
"""Types whose values the service stores encrypted and reads back as asterisks."""
Resolve = Callable[[str], str]


def shown(setting: Mapping[str, Any], value: Any) -> Any:
    """Return the value of a setting as a person reads it: XML as text, the rest as it stands."""
    if setting.get("@odata.type") != _XML or not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return value  # the service gave the text itself


def coded(setting: Mapping[str, Any]) -> dict[str, Any]:
    """Return a setting whose value a person reads as the service takes it."""
    if setting.get("@odata.type") != _XML:
        return dict(setting)
    return {**setting, "value": base64.b64encode(str(setting["value"]).encode()).decode()}


def holds_secret(text: Any) -> bool:
    """Return whether a text refers to a secret."""
    return isinstance(text, str) and any(match.group(1) == "secret" for match in VARIABLE.finditer(text))


def filled(setting: Mapping[str, Any], resolve: Resolve) -> dict[str, Any]:
    """Return a setting with its secrets in place, as it is sent."""
    text = shown(setting, setting["value"])
    if not holds_secret(text):
        return dict(setting)
    value = _resolved(text, resolve, xml=setting["@odata.type"] == _XML)
    coded = base64.b64encode(value.encode()).decode() if setting["@odata.type"] == _XML else value
    return {**setting, "value": coded}


def compared(setting: Mapping[str, Any], plain: Any, wanted: str, resolve: Resolve) -> str:
    """Return what a value with a secret reads as: the file's text with its reference, or :data:`ANOTHER`.

    Where nobody gave a way to the secret it cannot be judged, and reads as wanted.
    """
    try:
        expected = _resolved(wanted, resolve, xml=setting.get("@odata.type") == _XML)
    except InputError:
        return wanted
    return wanted if shown(setting, plain) == expected else ANOTHER


def _resolved(text: str, resolve: Resolve, *, xml: bool) -> str:
    parts: list[str] = []
    end = 0
    for match in VARIABLE.finditer(text):
        if match.group(1) != "secret":
            continue
        value = resolve(match.group(2) or "")
        parts += [text[end : match.start()], escape(value, quote=True) if xml else value]
        end = match.end()
    return "".join([*parts, text[end:]])
