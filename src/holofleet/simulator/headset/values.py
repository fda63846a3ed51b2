"""Whether the data of a setting is something that its node takes: the headset's own judgement.

The *facts* (format, range, enumerated values) come from the catalog, which describes the node; the judgement about
a text on the wire is made here, and payloads are read by :mod:`holofleet.simulator.headset.payload`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from holofleet.simulator.headset.payload.admx import read_admx
from holofleet.simulator.headset.payload.app_control import read_app_control
from holofleet.simulator.headset.payload.documents import read_document, read_shared_account, read_wlan_profile
from holofleet.simulator.headset.payload.error import PayloadError
from holofleet.simulator.headset.payload.kiosk import read_kiosk
from holofleet.simulator.headset.payload.pages import read_pages
from holofleet.simulator.headset.payload.trust import read_certificate, read_vpn_profile

KIOSK = "./Device/Vendor/MSFT/AssignedAccess/Configuration"
PAGE_VISIBILITY = "./Device/Vendor/MSFT/Policy/Config/Settings/PageVisibilityList"
_APP_CONTROL = re.compile(r"\./Device/Vendor/MSFT/ApplicationControl/Policies/([^/]+)/Policy\Z")
_TRUSTED = re.compile(
    r"\./(?:Device|User)/Vendor/MSFT/RootCATrustedCertificates/[^/]+/([^/]+)/EncodedCertificate\Z"
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}\Z")
_FLOAT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
_VARIABLE = re.compile(r"\{\{[^{}]*\}\}")

_PAYLOADS: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (re.compile(re.escape(KIOSK) + r"\Z"), read_kiosk),
    (re.compile(r"\./(Device|User)/Vendor/MSFT/Policy/Config/Settings/PageVisibilityList\Z"), read_pages),
    (
        re.compile(r"\./Device/Vendor/MSFT/Policy/Config/MixedReality/ConfigureSharedAccount\Z"),
        read_shared_account,
    ),
    (re.compile(r"\./(Device|User)/Vendor/MSFT/WiFi/Profile/[^/]+/WlanXml\Z"), read_wlan_profile),
    (re.compile(r"\./(Device|User)/Vendor/MSFT/VPNv2/[^/]+/ProfileXML\Z"), read_vpn_profile),
)


@dataclass(frozen=True, slots=True)
class ValueFacts:
    """What is published about the values of a node.

    Args:
        format: Its format of OMA DM.
        choices: The enumerated values as texts, empty for any.
        low, high: Bounds of a number, None for none.
        bits: Whether the choices are flags that may be added up.
        markup_root: Root element of an XML value; empty for any root, None where the value is no XML.
        admx: Whether the value is an ADMX payload, and ``admx_ids`` its data ids if they are published.
        pattern, max_length: Of a text.
    """

    format: str
    choices: frozenset[str] = frozenset()
    low: float | None = None
    high: float | None = None
    bits: bool = False
    markup_root: str | None = None
    admx: bool = False
    admx_ids: frozenset[str] | None = None
    pattern: str | None = None
    max_length: int | None = None


def judge(oma_uri: str, facts: ValueFacts, *, form: str, data: str | None) -> tuple[int, str]:
    """Return the status code for this data (200, 415 or 500) and why.

    Args:
        oma_uri: The node, in normal form.
        facts: What is published about it.
        form: The Format that the command states; none counts as ``chr``.
        data: The Data of the command, None if it has none.
    """
    stated = form or "chr"
    if stated != facts.format:
        return 415, f"format {stated} for a node of format {facts.format}"
    if facts.format in ("node", "null"):
        return (200, "") if not data else (500, "data for a node that holds none")
    if data is None:
        return 500, "no data"
    try:
        _judge_format(facts, data)
        for pattern, reader in _PAYLOADS:
            if pattern.match(oma_uri):
                reader(data)
        policy = _APP_CONTROL.match(oma_uri)
        if policy:
            read_app_control(data, policy_id=policy[1])
        trusted = _TRUSTED.match(oma_uri)
        if trusted:
            read_certificate(data, thumbprint=trusted[1])
    except PayloadError as error:
        return 500, str(error)
    return 200, ""


def has_variable(data: str | None) -> bool:
    """Tell whether a variable or secret reference was left in the data."""
    return bool(data) and _VARIABLE.search(data or "") is not None


def _judge_format(facts: ValueFacts, data: str) -> None:
    if facts.format == "int":
        _judge_number(facts, data, _INTEGER, int)
    elif facts.format == "float":
        _judge_number(facts, data, _FLOAT, float)
    elif facts.format == "bool":
        if data not in ("true", "false"):
            raise PayloadError(f"{data!r} is neither true nor false")
    elif facts.format in ("b64", "bin"):
        _judge_base64(data)
    elif facts.admx:
        read_admx(data, known=facts.admx_ids)
    elif facts.markup_root is not None:
        read_document(data, root=facts.markup_root)
    else:
        _judge_text(facts, data)


def _judge_number(facts: ValueFacts, data: str, form: re.Pattern[str], kind: Callable[[str], float]) -> None:
    if not form.match(data):
        raise PayloadError(f"{data!r} is no number")
    value = kind(data)
    if facts.bits:
        everything = sum(int(choice) for choice in facts.choices)
        if value < 0 or int(value) & ~everything:
            raise PayloadError(f"{data} has flags that the node does not know")
    elif facts.choices and str(int(value)) not in facts.choices:
        raise PayloadError(f"{data} is none of {', '.join(sorted(facts.choices))}")
    if (facts.low is not None and value < facts.low) or (facts.high is not None and value > facts.high):
        raise PayloadError(f"{data} is outside {facts.low} to {facts.high}")


def _judge_base64(data: str) -> None:
    try:
        base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise PayloadError(f"no base64: {error}") from error


def _judge_text(facts: ValueFacts, data: str) -> None:
    if facts.choices and data not in facts.choices:
        raise PayloadError(f"{data!r} is none of {', '.join(sorted(facts.choices))}")
    if facts.max_length is not None and len(data) > facts.max_length:
        raise PayloadError(f"{len(data)} characters, {facts.max_length} are possible")
    if facts.pattern is not None and not re.fullmatch(facts.pattern, data):
        raise PayloadError(f"{data!r} does not have the form {facts.pattern}")
