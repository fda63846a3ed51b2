"""Signing in by certificate: the authorities that a tenant trusts for it, and the one policy of the method.

``authorities.py`` holds containers and authorities of ours; ``method.py`` merges our rules into an object that
other teams use too. Start reading at ``method.py``.
"""

from holofleet.targets.graph.kinds.sign_in.authorities import Authorities
from holofleet.targets.graph.kinds.sign_in.method import CertificateMethod

__all__ = ["Authorities", "CertificateMethod"]
