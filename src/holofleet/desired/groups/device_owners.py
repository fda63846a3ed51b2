"""``device_owners``: accounts that own the headsets, beyond who set them up.

Writes ``Policy/Config/LocalUsersAndGroups/Configure`` (23H2 and newer). Serves EXT-19. Members are added, never
replaced: the first account of a headset must not lose what it needs to mend it.
"""

from __future__ import annotations

from holofleet.desired.groups.group import POLICY, Group
from holofleet.desired.sheet import Sheet
from holofleet.formats.device_owners import DeviceOwners, DeviceOwnersError, render

NODE = POLICY + "LocalUsersAndGroups/Configure"
_KEY = "device_owners"


def _write(sheet: Sheet) -> None:
    owners = sheet.wanted.value(_KEY)
    if not owners:
        return
    members = tuple(sorted({f"AzureAD\\{upn}" for upn in owners}))
    try:
        sheet.node(NODE, render(DeviceOwners(members)), key=_KEY)
    except DeviceOwnersError as error:
        sheet.fault("compile/value", f"{_KEY}: {error.summary}", at=sheet.wanted.origin(_KEY).position)


GROUP = Group(writes={NODE: _KEY}, write=_write)
