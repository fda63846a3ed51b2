"""``profiles``: clean-up of user profiles on a headset.

Writes ``AccountManagement/UserProfileManagement`` (23H1 and newer). Serves EXT-06. At most 63 Entra accounts
fit on a headset; with clean-up on, one more pushes the oldest out.
"""

from __future__ import annotations

from holofleet.desired.groups.group import Group, Switch

_NODE = "./Device/Vendor/MSFT/AccountManagement/UserProfileManagement/"

GROUP = Group(
    switches=(
        Switch("profiles.manage", _NODE + "EnableProfileManager"),
        Switch(
            "profiles.delete", _NODE + "DeletionPolicy", {"at-once": 0, "by-storage": 1, "by-storage-and-age": 2}
        ),
        Switch("profiles.unused_days", _NODE + "ProfileInactivityThreshold"),
        Switch("profiles.start_below_percent", _NODE + "StorageCapacityStartDeletion"),
        Switch("profiles.stop_above_percent", _NODE + "StorageCapacityStopDeletion"),
    )
)
