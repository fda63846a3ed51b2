"""One word per headset: the first that holds, in the order of :class:`Compliance`."""

from __future__ import annotations

from enum import StrEnum

from holofleet.server.compliance.overlay import Overlay, SettingStatus


class Compliance(StrEnum):
    """The words, in the order in which they are asked.

    ``expected``: in the file, never seen. ``late``: not seen for longer than its deployment's schedule allows.
    """

    RETIRED = "retired"
    QUARANTINED = "quarantined"
    EXPECTED = "expected"
    LATE = "late"
    REFUSED = "refused"
    DRIFTED = "drifted"
    PENDING = "pending"
    COMPLIANT = "compliant"


def word_of_overlay(overlay: Overlay) -> Compliance:
    """Return the word that the settings alone give: refused, drifted, pending or compliant.

    Pending is also what is to be written or read once more, whatever came of it before.
    Whether the newest document was given at all, and whether something of the file is undelivered, is judged
    where the published fleet is known (``server/fleet``).
    """
    statuses = {entry.status for entry in overlay.values()}
    if SettingStatus.REFUSED in statuses:
        return Compliance.REFUSED
    if SettingStatus.DRIFTED in statuses:
        return Compliance.DRIFTED
    unsure = SettingStatus.PENDING in statuses or any(entry.open for entry in overlay.values())
    return Compliance.PENDING if unsure else Compliance.COMPLIANT
