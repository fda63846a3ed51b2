"""``network.vpn``: a VPN that is delivered to headsets.

Writes ``VPNv2/{ProfileName}/ProfileXML``. Serves PREP-22 and PREP-23. A name and servers give IKEv2 with machine
certificates; any other connection is a profile of the operator's own, beside the fleet file.
"""

from __future__ import annotations

from holofleet.desired.groups.group import Group
from holofleet.desired.sheet import Sheet
from holofleet.formats.vpn_profile import VpnProfileError, checked, render, uri

_NODE = "./Device/Vendor/MSFT/VPNv2/"
_KEY = "network.vpn"


def _write(sheet: Sheet) -> None:
    vpn = sheet.wanted.value(_KEY)
    if vpn is None or vpn.delivery not in (None, "mdm") or not (vpn.servers or vpn.profile_file):
        return
    at = sheet.wanted.origin(_KEY).position
    try:
        if vpn.profile_file is None:
            profile = render(vpn.servers)
        else:
            content = sheet.wanted.spec.attachment(vpn.profile_file)
            if content is None:
                sheet.undelivered(_KEY, f"the profile `{vpn.profile_file}` is not beside the fleet file")
                return
            profile = checked(content)
    except VpnProfileError as error:
        sheet.fault("compile/value", f"{_KEY}: {error.summary}", error.detail, error.mend, at=at)
        return
    sheet.node(uri(vpn.name or "holofleet"), profile, key=_KEY, rule="PREP-22")


GROUP = Group(writes={_NODE + "{ProfileName}/ProfileXML": _KEY}, write=_write)
