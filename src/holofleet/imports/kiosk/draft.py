"""The values of an imported kiosk, in the words of the fleet file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person should know of the import.

    Args:
        line: Line of the document, from 1.
        text: One sentence.
        lost: People would see something else than the document says. Otherwise a headset sees no difference.
    """

    line: int
    text: str
    lost: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """What somebody sees: apps by short name, or by AUMID where the catalog has none."""

    apps: tuple[str, ...]
    auto_launch: str | None = None
    single: bool = False


class TargetKind(StrEnum):
    """Who sees something of their own; the values are the keys of ``kiosk.profiles``."""

    GROUP = "group"
    USER = "user"
    LOCAL_ACCOUNT = "local_account"
    VISITORS = "visitors"


@dataclass(frozen=True, slots=True)
class Target:
    """Who sees a listing.

    Args:
        name: Of a group: the name that the draft gives it. Of visitors: nothing.
        object_id: Of a group only.
    """

    kind: TargetKind
    name: str = ""
    object_id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A kiosk as the fleet file says it, and what was left out, in order of lines."""

    everyone: Listing | None
    except_device_owners: bool
    profiles: tuple[tuple[Target, Listing], ...]
    remarks: tuple[Remark, ...]

    @property
    def lost(self) -> bool:
        """People would see something else than the document says."""
        return any(remark.lost for remark in self.remarks)
