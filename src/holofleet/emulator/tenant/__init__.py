"""The tenant behind the emulator: what exists, since when, and who may see it yet.

``item.py`` is one object, ``tenant.py`` all of them with the work that happens later, ``settings.py`` how slow and
how small things are, ``seed.py`` what is there at the beginning, ``snapshot.py`` what a test may compare.
Nothing here knows HTTP; what requests do to a tenant is in :mod:`holofleet.emulator.services`.
"""

from holofleet.emulator.tenant.item import Item
from holofleet.emulator.tenant.seed import Sku, load_tenant, new_tenant
from holofleet.emulator.tenant.settings import Delays, Settings
from holofleet.emulator.tenant.tenant import Change, Tenant

__all__ = ["Change", "Delays", "Item", "Settings", "Sku", "Tenant", "load_tenant", "new_tenant"]
