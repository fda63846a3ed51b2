"""Which pages of the Settings app are shown: ``Policy/Config/Settings/PageVisibilityList``.

A value is ``showonly:`` or ``hide:`` and page names separated by semicolons. People name pages or whole groups
("network"); which names a build knows comes from the catalog. The policy hides pages, it disables nothing behind
them.

Source: 'Page visibility in HoloLens: Settings URIs' (Microsoft).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from holofleet import catalog
from holofleet.errors import InputError


class Mode(StrEnum):
    """Whether the named pages are the only ones, or the ones that are missing."""

    SHOW_ONLY = "showonly"
    HIDE = "hide"


class PageVisibilityError(InputError):
    """A page or group that the Settings app does not have, or a value of another form."""


@dataclass(frozen=True, slots=True)
class PageVisibility:
    """A mode and page names, in the order in which they are written."""

    mode: Mode
    pages: tuple[str, ...]


def group_names() -> tuple[str, ...]:
    """Return the names of page groups as a fleet file spells them (``network``, ``time-language``)."""
    return tuple(_groups())


def select(mode: Mode, names: Iterable[str], *, build: catalog.Build | None = None) -> PageVisibility:
    """Choose pages by page or group name.

    A group stands for those of its pages that ``build`` has; a page that is named itself must be known, and is
    left out where the build does not have it yet (or no longer), because there is nothing to show or hide.

    Args:
        mode: Show only these, or hide these.
        names: Pages and groups.
        build: The build of the headsets; ``None`` stands for the newest one known.

    Raises:
        PageVisibilityError: an unknown name (the nearest ones are suggested), or nothing is left.
    """
    at = build or catalog.builds().newest()
    pages, groups = catalog.settings_pages(), _groups()
    chosen: list[str] = []
    for name in names:
        if name not in groups and name not in pages:
            raise PageVisibilityError(
                f"there is no page and no page group {name!r}", mend=_nearest(name, pages, groups)
            )
        chosen.extend(groups.get(name, (name,)))
    kept = tuple(page for page in dict.fromkeys(chosen) if pages[page].on(at))
    if not kept:
        raise PageVisibilityError(f"build {at} has none of the pages that are named")
    return PageVisibility(mode, kept)


def render(visibility: PageVisibility) -> str:
    """Render the policy value.

    Raises:
        PageVisibilityError: no page, or an unknown one.
    """
    _known(visibility.pages)
    return f"{visibility.mode}:{';'.join(visibility.pages)}"


def parse(text: str) -> PageVisibility:
    """Read a policy value; blanks around names, ``ms-settings:`` and a semicolon at the end are forgiven.

    Raises:
        PageVisibilityError: neither ``showonly:`` nor ``hide:``, no page, or an unknown one.
    """
    mode, separator, rest = text.strip().partition(":")
    if not separator or mode.lower() not in set(Mode):
        raise PageVisibilityError(f"a page list starts with showonly: or hide:, not with {mode!r}")
    pages = tuple(name.strip().removeprefix("ms-settings:") for name in rest.split(";"))
    kept = tuple(dict.fromkeys(page for page in pages if page))
    _known(kept)
    return PageVisibility(Mode(mode.lower()), kept)


def _known(pages: tuple[str, ...]) -> None:
    if not pages:
        raise PageVisibilityError("a page list names at least one page")
    known = catalog.settings_pages()
    for page in pages:
        if page not in known:
            raise PageVisibilityError(f"there is no settings page {page!r}", mend=_nearest(page, known))


@lru_cache(maxsize=1)
def _groups() -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for page in catalog.settings_pages().values():
        slug = re.sub(r"[^a-z0-9]+", "-", page.group.lower()).strip("-")
        groups.setdefault(slug, []).append(page.name)
    return {name: tuple(pages) for name, pages in groups.items()}


def _nearest(name: str, *known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, [key for names in known for key in names], n=3)
    return f"Did you mean {', '.join(near)}?" if near else ""
