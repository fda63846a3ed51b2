"""Pages of the Settings app that a deployment shows or hides."""

from __future__ import annotations

from holofleet.checks.case import Case
from holofleet.formats.page_visibility import Mode, select


def keeps_away(case: Case, page: str) -> str:
    """Return the key that keeps a page from everybody; empty where the page is shown."""
    shown, hidden = case.value("settings_pages.show"), case.value("settings_pages.hide")
    if shown is not None and page not in select(Mode.SHOW_ONLY, shown).pages:
        return "settings_pages.show"
    if hidden is not None and page in select(Mode.HIDE, hidden).pages:
        return "settings_pages.hide"
    return ""
