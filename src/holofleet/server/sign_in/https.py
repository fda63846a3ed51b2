"""HTTP to the provider: TLS with a checked certificate, no redirects, 5 seconds, 64 KiB (SECURITY CON-2)."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holofleet.errors import InputError, PeerError
from holofleet.server.sign_in.provider import parse_object

if TYPE_CHECKING:
    import httpx2

TIMEOUT_S = 5.0
MOST_BYTES = 64 * 1024


class HttpsCalls:
    """Implements :class:`holofleet.server.sign_in.provider.Https`.

    Args:
        ca_file: Trust these certificates instead of the system's.
    """

    def __init__(self, ca_file: Path | None = None) -> None:
        """Read the trusted certificates.

        Raises:
            InputError: they cannot be read.
        """
        try:
            self._context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        except (OSError, ssl.SSLError) as error:
            raise InputError(f"the certificates in {ca_file} cannot be read", detail=str(error)) from error

    def get(self, url: str) -> Mapping[str, Any]:
        return self._object("GET", url, None, {})

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Mapping[str, Any]:
        return self._object("POST", url, form, headers)

    def _object(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> Mapping[str, Any]:
        import httpx2

        try:
            with (
                httpx2.Client(verify=self._context, follow_redirects=False, timeout=TIMEOUT_S) as client,
                client.stream(method, url, data=form, headers={"accept": "application/json", **headers}) as answer,
            ):
                if answer.status_code != 200:
                    raise PeerError(f"the OpenID provider answered with status {answer.status_code}")
                return parse_object(_bounded(answer))
        except httpx2.HTTPError as error:
            raise PeerError("the OpenID provider cannot be reached", detail=type(error).__name__) from error


def _bounded(answer: httpx2.Response) -> bytes:
    content = b""
    for part in answer.iter_bytes():
        content += part
        if len(content) > MOST_BYTES:
            raise PeerError(f"the OpenID provider sent more than {MOST_BYTES} bytes")
    return content
