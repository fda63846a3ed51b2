"""Why a setting stands as it does, in words for a person."""

from __future__ import annotations

from holofleet.protocols.syncml import meaning
from holofleet.server.compliance.overlay import TOO_LARGE, WAITS_FOR_VALUE, Entry, SettingStatus


def reason_of(entry: Entry) -> str:
    """Say why an entry has its status, for a person."""
    if entry.code == WAITS_FOR_VALUE:
        return "a secret or variable in it has no value"
    if entry.code == TOO_LARGE:
        return "it is larger than a message to this headset may be"
    if entry.code:
        return f"the headset answered: {meaning(entry.code)} ({entry.code})"
    match entry.status:
        case SettingStatus.DRIFTED:
            return "the headset has no value" if entry.reported is None else "the headset has another value"
        case SettingStatus.REFUSED:
            return "accepted, but the headset goes on with another value"
        case SettingStatus.NOT_APPLICABLE:
            return "the OS build is too old"
        case SettingStatus.LEFT_BEHIND:
            return "no longer in the file, and cannot be taken back over MDM"
        case _:
            return ""
