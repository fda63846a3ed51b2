"""Credentials of azure-identity: managed identity, device code, certificates and secrets by its ways.

azure-identity is an optional extra (``holofleet[azure]``) and is imported only when one of these is asked for.
Its credentials are called in a thread, since their asynchronous half would need a second HTTP library.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from typing import Any

from holofleet.errors import InputError
from holofleet.targets.graph.tokens import EARLY_S, SignInError, Token
from holofleet.targets.graph.waiting import Waiting

_EXTRA = "Install it: pip install 'holofleet[azure]'."


class AzureTokens:
    """A token source over any credential of azure-identity.

    Args:
        credential: An object with ``get_token(scope)``.
        scope: What tokens are for.
        waiting: The time.
    """

    def __init__(self, credential: Any, *, scope: str, waiting: Waiting | None = None) -> None:
        self._credential = credential
        self._scope = scope
        self._waiting = waiting or Waiting()
        self._held: Token | None = None

    async def token(self, *, fresh: bool = False) -> Token:
        """Return the token in use until shortly before its end, so that no person is asked twice in a run."""
        if fresh or self._held is None or self._held.expires_at - EARLY_S <= self._waiting.now():
            self._held = await self._ask()
        return self._held

    async def _ask(self) -> Token:
        try:
            answer = await asyncio.to_thread(self._credential.get_token, self._scope)
        except Exception as error:  # its own classes are known only where it is installed
            raise SignInError(
                f"azure-identity gave no token ({type(error).__name__})",
                mend="Sign in again, or check the identity that this machine has.",
            ) from error
        return Token(str(answer.token), float(answer.expires_on))


def managed_identity(*, scope: str, client_id: str = "") -> AzureTokens:
    """Return tokens of the identity that this machine has in Azure."""
    options = {"client_id": client_id} if client_id else {}
    return AzureTokens(_identity().ManagedIdentityCredential(**options), scope=scope)


def device_code(
    *, scope: str, tenant: str, client_id: str, authority: str, show: Callable[[str], None]
) -> AzureTokens:
    """Return tokens of a person, who signs in on another device with the code that ``show`` is told."""

    def prompt(address: str, code: str, _expires: object) -> None:
        show(f"Open {address} and enter the code {code}.")

    credential = _identity().DeviceCodeCredential(
        client_id=client_id, tenant_id=tenant, authority=authority, prompt_callback=prompt
    )
    return AzureTokens(credential, scope=scope)


def certificate(*, scope: str, tenant: str, client_id: str, authority: str, path: str) -> AzureTokens:
    """Return tokens of an app registration with a certificate file, PEM or PKCS #12."""
    credential = _identity().CertificateCredential(
        tenant_id=tenant, client_id=client_id, certificate_path=path, authority=authority
    )
    return AzureTokens(credential, scope=scope)


def _identity() -> Any:
    try:
        return importlib.import_module("azure.identity")
    except ImportError as error:
        raise InputError("this way to sign in needs azure-identity", mend=_EXTRA) from error
