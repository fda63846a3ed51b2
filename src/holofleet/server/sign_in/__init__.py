"""How people sign in: an OpenID provider, passkeys, recovery codes, invitations, and proving it again.

What lives here: attempts, factors and the proofs of both. What does not: sessions and tokens themselves
(:mod:`holofleet.server.access`), who there is (:mod:`holofleet.server.directory`), what they may do
(:mod:`holofleet.server.authorization`), cookies and pages (:mod:`holofleet.web`). Start reading at ``service.py``;
ID tokens are judged in ``tokens.py``.
"""

from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.provider import OpenIDProvider, ProviderSettings
from holofleet.server.sign_in.service import SignInService
from holofleet.server.sign_in.steps import Finished, Receiver
from holofleet.server.sign_in.values import Factors, Method, Passkey, Purpose

__all__ = [
    "Factors",
    "Finished",
    "Method",
    "OpenIDProvider",
    "Passkey",
    "ProviderSettings",
    "Purpose",
    "Receiver",
    "SignInFailedError",
    "SignInService",
    "Why",
]
