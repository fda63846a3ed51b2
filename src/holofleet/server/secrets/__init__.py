"""Secrets: references are resolved here, at the moment of sending, and nowhere else (SECURITY D2).

What lives here: the resolver that reads ``env:HOLOFLEET_SECRET_*`` from the server's own environment and
``file:NAME`` below a folder that the operator configured. What does not: the references themselves, which travel
through documents as text. Start reading at ``resolver.py``.
"""

from holofleet.server.secrets.resolver import LocalSecrets

__all__ = ["LocalSecrets"]
