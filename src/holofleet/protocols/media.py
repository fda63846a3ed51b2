"""Media types of the messages, and the check of a Content-Type header against them."""

from __future__ import annotations

from holofleet.protocols.errors import MalformedMessageError

SOAP = "application/soap+xml"
SYNCML = "application/vnd.syncml.dm+xml"
SYNCML_PLAIN = "application/vnd.syncml+xml"
"""Written by some management clients in place of :data:`SYNCML` (seen in clients other than Windows)."""

SOAP_REPLY = f"{SOAP}; charset=utf-8"


def check_content_type(header: str | None, *accepted: str) -> None:
    """Check a Content-Type header; parameters other than the charset do not matter.

    Raises:
        MalformedMessageError: Another type, none at all, or a charset that is not UTF-8 (415).
    """
    media_type, _, parameters = (header or "").partition(";")
    if media_type.strip().lower() not in accepted:
        raise MalformedMessageError(f"the media type is not {' or '.join(accepted)}", http_status=415)
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            raise MalformedMessageError("the charset is not UTF-8", http_status=415)
