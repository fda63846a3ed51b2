"""Variables of the waist in Intune's words.

Intune fills in ``{{SerialNumber}}`` for each device. An account has no variable of its own, but headset accounts
are named after serial numbers, so that one text serves all headsets of a group: that is checked, never assumed.

Source: 'Use custom settings for Windows devices in Intune' and 'Use variables in certificate profiles'
(Microsoft).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from holofleet.errors import InputError
from holofleet.resources import Headset
from holofleet.resources.document import VARIABLE

SERIAL = "{{SerialNumber}}"


class UnloweredError(InputError):
    """A setting cannot be said in Intune's words; the message names the node and why."""


def lowered(data: str, headsets: Iterable[Headset], *, oma_uri: str) -> str:
    """Return the data with Intune's variables; references to secrets stay.

    Args:
        data: As it stands in a document.
        headsets: Those that get it, all of them.
        oma_uri: For the message.

    Raises:
        UnloweredError: a variable differs between the headsets in a way that serial numbers do not explain.
    """
    members = list(headsets)

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "secret":
            return match.group(0)
        if name == "serial":
            return SERIAL
        return _common(name, members, oma_uri)

    return VARIABLE.sub(fill, data)


def _common(name: str, headsets: list[Headset], oma_uri: str) -> str:
    patterns = {_pattern(headset, name) for headset in headsets}
    if len(patterns) == 1 and None not in patterns:
        return str(patterns.pop())
    raise UnloweredError(
        f"{oma_uri}: {{{{{name}}}}} has no common form for these headsets",
        detail="Intune knows a device by its serial number only.",
        mend="Name the accounts after the serial numbers: accounts: {name: hl-{{serial}}}.",
    )


def _pattern(headset: Headset, name: str) -> str | None:
    """Return the value with the serial number replaced; ``None`` where the headset has no such value."""
    value = headset.variables.get(name)
    if value is None:
        return None
    serial = headset.serial
    found = re.compile(re.escape(serial), re.IGNORECASE)
    return found.sub(
        lambda match: SERIAL if match.group(0) == serial or serial.isdigit() else match.group(0), value
    )
