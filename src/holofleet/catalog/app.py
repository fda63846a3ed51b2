"""Apps of the headset: their names for kiosks (AUMID) and for app control (package family)."""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.catalog import reading
from holofleet.catalog.build import Build


@dataclass(frozen=True, slots=True)
class App:
    """An app that a fleet file can name.

    Args:
        name: Short name in the fleet file.
        aumids: ``<package family>!<application id>``; several where one package holds several tiles, none where
            the app has no tile or, for ``assist``, where the fleet file names the package.
        in_box: True for the system's own packages; ``None`` where no source says it.
        in_app_control_list: The vendor's list of packages for app control names it.
        block_file: File name that app control denies instead of the package, or empty.
        min_build, removed_in: First build that has the app, first build that no longer has it.
    """

    name: str
    title: str
    aumids: tuple[str, ...]
    package_family: str | None
    in_box: bool | None
    in_app_control_list: bool = False
    block_file: str = ""
    min_build: Build | None = None
    removed_in: Build | None = None
    note: str = ""
    sources: tuple[str, ...] = ()


def load() -> dict[str, App]:
    """Read the apps, by short name."""
    return {name: _app(name, row) for name, row in reading.read("apps").items()}


def _app(name: str, row: dict[str, object]) -> App:
    block = row.get("block_file", "")
    return App(
        name=name,
        title=str(row["title"]),
        aumids=_texts(row["aumids"]),
        package_family=str(row["package_family"]) if "package_family" in row else None,
        in_box=True if row.get("system") else None,
        in_app_control_list=bool(row.get("in_app_control_list")),
        block_file=str(block),
        min_build=Build.parse(str(row["build"])) if "build" in row else None,
        removed_in=Build.parse(str(row["removed_in"])) if "removed_in" in row else None,
        note=str(row.get("note", "")),
        sources=_texts(row["sources"]),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else ()
