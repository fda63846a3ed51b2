"""The Settings pages that remain visible: ``Settings/PageVisibilityList`` as a headset reads it.

Source: 'Manage settings visibility' and 'Settings URI list' of the HoloLens documentation (Microsoft).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from holofleet.simulator.headset.payload.error import PayloadError


@dataclass(frozen=True, slots=True)
class PageVisibility:
    """Either only the named pages are shown, or all but these."""

    only: bool
    pages: tuple[str, ...]

    def shows(self, page: str) -> bool:
        """Tell whether a page is shown."""
        return (page in self.pages) is self.only

    def unknown(self, known: Collection[str]) -> tuple[str, ...]:
        """Return the names that this build does not know; Windows ignores them without a word."""
        return tuple(page for page in self.pages if page not in known)


def read_pages(data: str) -> PageVisibility:
    """Read ``showonly:a;b`` or ``hide:a;b``.

    Raises:
        PayloadError: another mode, an empty list, or a name with a blank or the ``ms-settings:`` prefix.
    """
    mode, colon, rest = data.partition(":")
    if not colon or mode not in ("showonly", "hide"):
        raise PayloadError(f"a page list begins with showonly: or hide:, not {data[:20]!r}")
    pages = tuple(rest.split(";"))
    for page in pages:
        if not page or page != page.strip() or ":" in page:
            raise PayloadError(f"{page!r} is no page name")
    return PageVisibility(mode == "showonly", pages)
