"""Pages on the headset itself, in a browser that is paired with it: the kiosk page ``/k``.

What lives here: who such a browser is (``identity.py``), its frame and style sheet, which the call page shares,
and the kiosk page. What does not: the console, of which nothing is served or linked here, so that these pages can
have an origin of their own (SECURITY WEB-4), and calls (:mod:`holofleet.web.assist`). Start reading at
``kiosk.py``.
"""

from holofleet.web.device.assets import device_asset_url
from holofleet.web.device.identity import DEVICE_COOKIE, PairedBrowser, paired, set_cookie
from holofleet.web.device.routes import routes

__all__ = ["DEVICE_COOKIE", "PairedBrowser", "device_asset_url", "paired", "routes", "set_cookie"]
