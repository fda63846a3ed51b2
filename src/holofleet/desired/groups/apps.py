"""``apps.auto_update``: Store apps update themselves.

Writes ``Policy/Config/ApplicationManagement/AllowAppStoreAutoUpdate``. Serves EXT-29 and OFF-43.
``apps.required`` is not delivered yet (``undelivered.py``); ``apps.data`` is a statement about the operator's
own apps.
"""

from __future__ import annotations

from holofleet.desired.groups.group import ALLOWED, POLICY, Group, Switch

GROUP = Group(
    switches=(Switch("apps.auto_update", POLICY + "ApplicationManagement/AllowAppStoreAutoUpdate", ALLOWED),)
)
