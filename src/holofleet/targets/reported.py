"""What headsets reported, whoever they report to: laid beside the desired State by the checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from holofleet.resources import Setting, State

_VARIABLE = re.compile(r"\{\{\s*(serial|account)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Reports:
    """What headsets reported.

    Args:
        state: Headsets with documents of what they said; a setting that nothing is known about is left out.
        heard: When each headset spoke last, by serial.
    """

    state: State
    heard: Mapping[str, datetime]


def proved(setting: Setting, variables: Mapping[str, str]) -> Setting:
    """Return a desired setting as one headset has it, once it said so; secrets are never asked for here."""
    data = _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), setting.data)
    return Setting(setting.oma_uri, setting.format, data)


def otherwise(setting: Setting, reported: str = "") -> Setting:
    """Return a setting that a headset has otherwise; without a value where only that is known."""
    return Setting(setting.oma_uri, setting.format, reported)
