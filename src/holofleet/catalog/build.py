"""Builds of Windows Holographic and the releases they belong to.

The table ends where the sources end (March 2024). It is data to be extended, and a newer build is always
accepted: a build without a row belongs to the release of the row below it, of the same major.

Source: 'HoloLens 2 release notes' (Microsoft), its sections per version.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from holofleet.catalog import reading

_BUILD = re.compile(r"(?:10\.0\.)?(\d{1,9})\.(\d{1,9})\Z", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Build:
    """An OS build, ``10.0.<major>.<revision>``; ordered as numbers, major first."""

    major: int
    revision: int

    def __str__(self) -> str:
        return f"10.0.{self.major}.{self.revision}"

    @classmethod
    def parse(cls, text: str) -> Build:
        """Parse ``10.0.22621.1250`` (as ``DevDetail/SwV`` says it) or ``22621.1250``.

        Raises:
            ValueError: not a build.
        """
        match = _BUILD.match(text)
        if match is None:
            raise ValueError(f"not a build of the form 10.0.22621.1250: {text!r}")
        return cls(int(match.group(1)), int(match.group(2)))


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """A published build: the version it belongs to, its month (``2024-03``), and whether it opened the version."""

    build: Build
    release: str
    month: str
    first: bool = False


class Builds:
    """The known builds, oldest first."""

    def __init__(self, rows: Iterable[Release]) -> None:
        self._rows = tuple(sorted(rows))
        self._keys = [row.build for row in self._rows]

    def all(self) -> tuple[Release, ...]:
        """Every known build, oldest first."""
        return self._rows

    def newest(self) -> Build:
        """The newest build of the table; headsets may be newer."""
        return self._rows[-1].build

    def knows(self, build: Build) -> bool:
        """Tell whether the table has a row for exactly this build."""
        return build in self._keys

    def release_of(self, build: Build) -> str | None:
        """The version that a build belongs to (``23H2``), or ``None`` where the table cannot tell.

        The major alone does not tell it (20348 spans four versions): the row at or below the build decides.
        """
        index = bisect_right(self._keys, build) - 1
        if index < 0 or self._rows[index].build.major != build.major:
            return None
        return self._rows[index].release

    def first_of(self, release: str) -> Build | None:
        """The first build of a version, or ``None`` for a version that the table does not have."""
        return next((row.build for row in self._rows if row.release == release and row.first), None)

    def extended(self, rows: Iterable[Release]) -> Builds:
        """Return these builds and more: what an operator knows and the table does not yet."""
        return Builds((*self._rows, *rows))


def load() -> Builds:
    """Read the table."""
    return Builds(
        Release(Build.parse(row["build"]), row["release"], row["month"], row.get("first", False))
        for row in reading.read("builds")["builds"]
    )
