"""SCIM 2.0 over HTTP: where a provider (Entra ID, or any other) pushes people and groups.

What lives here: paths, status codes and bodies of RFC 7644. What does not: the language itself
(:mod:`holofleet.protocols.scim`), and what a provider may do (:mod:`holofleet.server.directory.provisioning`).
Start reading at ``app.py``.
"""

from holofleet.web.scim.app import scim_app
from holofleet.web.scim.call import PREFIX

__all__ = ["PREFIX", "scim_app"]
