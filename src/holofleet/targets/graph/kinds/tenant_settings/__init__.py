"""Settings of the whole tenant: read and compared always, written only when somebody asks for one by its name.

One module for each setting says how it is read and written; objects that hold more than ours are read just before
they are written and go back otherwise as they came. Start reading at ``settings.py``.
"""

from holofleet.targets.graph.kinds.tenant_settings.settings import TenantSettings

__all__ = ["TenantSettings"]
