"""The flags of ``holofleet serve`` that name an OpenID provider."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.server.sign_in import OpenIDProvider
    from holofleet.server.sign_in.client_proof import ClientProof


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ProviderFlags:
    """Where people may sign in with an account of their organization."""

    oidc_issuer: Annotated[
        str | None, Parameter(help="OpenID provider, as it names itself: https://login.example.com/realm.")
    ] = None
    oidc_client_id: Annotated[str | None, Parameter(help="What the provider calls this server.")] = None
    oidc_secret: Annotated[
        str | None, Parameter(help="Reference to the client secret: env:HOLOFLEET_SECRET_NAME or file:NAME.")
    ] = None
    oidc_key: Annotated[
        Path | None, Parameter(help="Instead: PEM file (mode 0600) with client certificate and RSA key.")
    ] = None
    oidc_ca: Annotated[Path | None, Parameter(help="CA file to trust for the provider only.")] = None
    oidc_name: Annotated[str, Parameter(help="What the button calls it.")] = "your organization"

    def provider(self, secrets_folder: Path | None) -> OpenIDProvider | None:
        """Return the provider, or ``None`` where none is named. It is not asked anything yet.

        Raises:
            InputError: flags that do not fit together, or a secret that is not there.
        """
        if self.oidc_issuer is None:
            if any((self.oidc_client_id, self.oidc_secret, self.oidc_key, self.oidc_ca)):
                raise InputError("--oidc-issuer is missing", mend="The other --oidc flags are about it.")
            return None
        if not self.oidc_client_id:
            raise InputError("--oidc-client-id is missing", mend="The provider shows it where we are registered.")
        if (self.oidc_secret is None) == (self.oidc_key is None):
            raise InputError(
                "how do we prove to the provider who we are?", mend="Say either --oidc-key or --oidc-secret."
            )
        from holofleet.clock import SystemClock
        from holofleet.server.sign_in import OpenIDProvider, ProviderSettings
        from holofleet.server.sign_in.https import HttpsCalls

        settings = ProviderSettings(self.oidc_issuer, self.oidc_client_id, self.oidc_name)
        return OpenIDProvider(settings, self._proof(secrets_folder), HttpsCalls(self.oidc_ca), SystemClock())

    def _proof(self, secrets_folder: Path | None) -> ClientProof:
        from holofleet.cli.connection import read_private
        from holofleet.server.management.secret_sources import SecretSources
        from holofleet.server.sign_in.client_proof import CertificateKey, SharedSecret

        if self.oidc_key is not None:
            return CertificateKey(read_private(self.oidc_key).encode())
        sources = SecretSources(key=b"", environment=os.environ, folder=secrets_folder)
        secret = sources.value(self.oidc_secret or "")
        if secret is None:
            raise InputError(
                "--oidc-secret names no secret",
                mend="Write env:HOLOFLEET_SECRET_NAME, or file:NAME with --secrets DIR; never the secret itself.",
            )
        return SharedSecret(secret)


NO_PROVIDER = ProviderFlags()
