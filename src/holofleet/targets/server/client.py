"""The HTTP client of the server's JSON API.

TLS is always verified, against the system's trust store or one CA file; there is no switch against it
(SECURITY CLI-1). Errors of the server come back as the exceptions of :mod:`holofleet.errors`, with what was
wrong, why and how to mend it.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx2

from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError, PeerError, RefusedError

_TIMEOUT_S = 120.0
_PAGES_AT_ONCE = 90
_PACE_S = 0.06
"""The server takes 100 calls at once and 20 a second after that; see docs/api.md."""
_STATUS_ERRORS: dict[int, type[HolofleetError]] = {
    401: RefusedError,
    403: RefusedError,
    404: NotFoundError,
    409: ConflictError,
}


class ApiClient:
    """Calls one server; every method returns the decoded JSON body.

    Args:
        http: A client whose base URL is the server's address and that carries the authorization.
        name: The name that the server's certificate is checked for, where it is not the one in the address.
    """

    def __init__(self, http: httpx2.Client, *, name: str = "") -> None:
        self._http = http
        self._extensions: dict[str, Any] = {"sni_hostname": name} if name else {}

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        token: str,
        ca: Path | None = None,
        name: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> ApiClient:
        """Return a client for ``url`` that trusts the system's roots, or only the certificates in ``ca``.

        Args:
            url: Where the server is.
            token: An API token.
            ca: PEM file of what is trusted: authorities, or the server's own certificate.
            name: A name that the server's certificate has to hold, where the address is not one of them.
            headers: What every request says beside its token.

        Raises:
            InputError: not an https address, or a CA file that cannot be read.
        """
        if not url.startswith("https://"):
            raise InputError(f"the server's address has to start with https://, not {url!r}")
        try:
            context = ssl.create_default_context(cafile=str(ca) if ca else None)
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        except (OSError, ssl.SSLError) as error:
            raise InputError(f"{ca}: this CA file cannot be used", detail=str(error)) from error
        client = httpx2.Client(
            base_url=url.rstrip("/"),
            verify=context,
            headers={**(headers or {}), "Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_S,
            follow_redirects=False,
        )
        if name:
            client.headers["Host"] = f"{name}:{client.base_url.port or 443}"
        return cls(client, name=name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **params: str | int | None) -> Any:
        """GET ``/api/v1`` + ``path``; parameters that are ``None`` are left out."""
        return self._call("GET", path, params={k: v for k, v in params.items() if v is not None})

    def pages(self, path: str, **params: str | int | None) -> Iterator[Any]:
        """Yield the pages of a list one after the other; long lists slowly, so that the server's rate is kept."""
        after: str | None = None
        for calls in count():
            page = self.get(path, **params, after=after)
            yield page
            after = page["next"]
            if after is None:
                return
            if calls >= _PAGES_AT_ONCE:
                time.sleep(_PACE_S)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """PUT a JSON body."""
        return self._call("PUT", path, json=body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """PATCH a JSON body."""
        return self._call("PATCH", path, json=body)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST a JSON body."""
        return self._call("POST", path, json=body)

    def save(self, path: str, body: Mapping[str, Any], file: Path) -> int:
        """POST a JSON body and write what comes back into a new file of ours alone; return its size.

        Raises:
            InputError: the file is there already, or cannot be written.
            PeerError: the answer ended early; the file is deleted again.
        """
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                try:
                    return self._save(path, body, stream)
                except BaseException:
                    file.unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise InputError(f"{file} cannot be written", detail=error.strerror or str(error)) from error

    def _save(self, path: str, body: Mapping[str, Any], stream: BinaryIO) -> int:
        try:
            with self._http.stream("POST", f"/api/v1{path}", json=body, extensions=self._extensions) as response:
                if response.status_code >= 400:
                    response.read()
                    raise _error(response)
                return sum(stream.write(part) for part in response.iter_bytes())
        except httpx2.HTTPError as error:
            raise PeerError(
                f"{path}: the answer ended early",
                detail="The connection was lost, or what the server keeps is damaged.",
                mend="Try again; if it ends at the same place, look into the server's log.",
            ) from error

    def delete(self, path: str) -> Any:
        """DELETE a resource."""
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, **kwargs: Any) -> Any:
        try:
            response = self._http.request(method, f"/api/v1{path}", extensions=self._extensions, **kwargs)
        except httpx2.TransportError as error:
            raise PeerError(
                f"the server at {self._http.base_url} cannot be reached",
                detail=f"{error}.",
                mend="Check the address, that the server runs, and --ca if its certificate is one of its own.",
            ) from error
        if response.status_code >= 400:
            raise _error(response)
        if response.status_code == 204:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise PeerError(f"{method} {path}: the server did not answer with JSON") from error


def _error(response: httpx2.Response) -> HolofleetError:
    try:
        problem = response.json()
        title, detail, mend = (str(problem.get(key) or "") for key in ("title", "detail", "mend"))
    except (ValueError, AttributeError):
        title, detail, mend = "", "", ""
    kind = _STATUS_ERRORS.get(response.status_code, InputError if response.status_code < 500 else PeerError)
    return kind(title or f"the server answered {response.status_code}", detail=detail, mend=mend)
