"""Reading what a request says of itself. All of it is hostile text until proven otherwise."""

from __future__ import annotations

import re

from holofleet.protocols.mde2.enrollment import Context, SecurityTokenRequest
from holofleet.protocols.mde2.faults import FaultKind
from holofleet.server.enrollment.fault import EnrollmentFaultError
from holofleet.server.enrollment.issuing import Claim

LONGEST_ID = 255
LONGEST_CLAIM = 256
SHOWN = (
    "ApplicationVersion",
    "DeviceModel",
    "DeviceType",
    "EnrollmentType",
    "Locale",
    "Manufacturer",
    "NotInOobe",
    "OSEdition",
    "OSVersion",
    "RequestVersion",
    "SerialNumber",
)
"""Claims that are kept and shown. Tokens, attestations and addresses of network cards are not."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def read_claim(request: SecurityTokenRequest, *, credential_id: str, key_sha256: str, peer: str) -> Claim:
    """Read the claims of a request.

    Raises:
        EnrollmentFaultError: no DeviceID, or an id with control characters or of more than 255 characters.
    """
    device_id, hardware_id = request.device_id, request.hardware_id
    if not device_id:
        raise EnrollmentFaultError(FaultKind.MESSAGE_FORMAT, "The request names no DeviceID.")
    for name, value in (("DeviceID", device_id), ("HWDevID", hardware_id)):
        if len(value) > LONGEST_ID or _CONTROL.search(value):
            raise EnrollmentFaultError(FaultKind.MESSAGE_FORMAT, f"The {name} is too long or is no plain text.")
    return Claim(
        credential_id=credential_id,
        device_id=device_id,
        hardware_id=hardware_id,
        key_sha256=key_sha256,
        device_name=_plain(request.context.get("DeviceName")),
        items=_items(request.context),
        peer=peer,
    )


def _items(context: Context) -> dict[str, str]:
    found = {name: _plain(context.get(name)) for name in SHOWN}
    return {name: value for name, value in found.items() if value}


def _plain(text: str) -> str:
    return _CONTROL.sub("", text)[:LONGEST_CLAIM]
