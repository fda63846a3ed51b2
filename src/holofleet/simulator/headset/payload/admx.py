"""ADMX-backed policies: ``<enabled/>`` with data elements, or ``<disabled/>``.

Source: 'Understanding ADMX-backed policies' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Collection

from holofleet.simulator.headset import markup
from holofleet.simulator.headset.markup import MarkupError
from holofleet.simulator.headset.payload.error import PayloadError


def read_admx(data: str, *, known: Collection[str] | None) -> dict[str, str] | None:
    """Read an ADMX payload and return its data by id, or None for ``<disabled/>``.

    Args:
        data: The payload; it has no single root, so ``<enabled/><data .../>`` is read as it stands.
        known: Ids that the policy knows; None where they are not published.

    Raises:
        PayloadError: neither enabled nor disabled, an unknown element or id, or an id twice.
    """
    try:
        parts = list(markup.parse(f"<policy>{data.strip()}</policy>".encode()))
    except MarkupError as error:
        raise PayloadError(str(error)) from error
    if not parts or parts[0].tag.lower() not in ("enabled", "disabled"):
        raise PayloadError("an ADMX-backed policy is <enabled/> or <disabled/>")
    values: dict[str, str] = {}
    for part in parts[1:]:
        key = part.get("id", "")
        if part.tag != "data" or not key or part.get("value") is None:
            raise PayloadError("after <enabled/> only <data id=... value=.../> is allowed")
        if key in values or (known is not None and key not in known):
            raise PayloadError(f"data id {key!r} is unknown or stands twice")
        values[key] = part.get("value", "")
    if parts[0].tag.lower() == "disabled":
        if values:
            raise PayloadError("a disabled policy has no data")
        return None
    return values
