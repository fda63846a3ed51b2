"""``settings_pages``: which pages of the Settings app people see.

Writes ``Policy/Config/Settings/PageVisibilityList``. Serves EXT-31 and PREP-16. Group names become the pages
that the build of the headsets has; see :mod:`holofleet.formats.page_visibility`.
"""

from __future__ import annotations

from holofleet.desired.groups.group import POLICY, Group
from holofleet.desired.sheet import Sheet
from holofleet.errors import InputError
from holofleet.formats.page_visibility import Mode, render, select

NODE = POLICY + "Settings/PageVisibilityList"


def _write(sheet: Sheet) -> None:
    for key, mode in (("settings_pages.show", Mode.SHOW_ONLY), ("settings_pages.hide", Mode.HIDE)):
        names = sheet.wanted.value(key)
        if not names:
            continue
        try:
            sheet.node(NODE, render(select(mode, names, build=sheet.wanted.build)), key=key)
        except InputError as error:
            at = sheet.wanted.origin(key).position
            sheet.fault("compile/value", f"{key}: {error.summary}", error.detail, error.mend, at=at)


GROUP = Group(writes={NODE: "settings_pages"}, write=_write)
