"""``tenant_lock``: only this tenant can set the headset up again.

Writes ``TenantLockdown/RequireNetworkInOOBE``, always. Serves EXT-21 and PREP-07. The value survives a reset,
and a locked headset whose first start finds no Autopilot profile waits for ever. So true is sent only where the
file declares the Autopilot registration of the headset *and* the target keeps Autopilot profiles; our own
server does not. Everywhere else false is sent, whatever the security baseline says, and a wish for the lock is
shown as undelivered.
"""

from __future__ import annotations

from holofleet.desired.groups.group import Group
from holofleet.desired.sheet import Sheet
from holofleet.desired.statement import Layer

NODE = "./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"
_KEY = "tenant_lock"
_WITHOUT_PROFILES = frozenset({"server"})
"""Targets that cannot give a headset an Autopilot profile."""


def _write(sheet: Sheet) -> None:
    wanted = sheet.wanted
    wish = bool(wanted.settings.tenant_lock)
    if wish and wanted.autopilot and wanted.target not in _WITHOUT_PROFILES:
        sheet.node(NODE, True, key=_KEY)
        return
    if wanted.settings.tenant_lock is False:
        sheet.node(NODE, False, key=_KEY)
        return
    rule = "EXT-21" if wish else ""
    sheet.state(NODE, False, layer=Layer.HOLOFLEET, key=_KEY, rule=rule, at=wanted.origin(_KEY).position)
    if wish and not wanted.autopilot:
        sheet.undelivered(
            _KEY,
            "the lock is sent only to headsets whose Autopilot registration the file declares: "
            "a locked headset without a profile cannot be set up again",
        )
    elif wish:
        sheet.undelivered(
            _KEY,
            "our own server gives no Autopilot profiles, so a locked headset could not be set up again",
            target="server",
        )


GROUP = Group(writes={NODE: _KEY}, write=_write)
