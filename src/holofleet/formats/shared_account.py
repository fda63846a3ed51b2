"""Which certificates offer the shared sign-in: ``Policy/Config/MixedReality/ConfigureSharedAccount``.

The document names the issuer of the device certificate by thumbprint or by name, and further key usages that the
certificate must have. Smart card logon and client authentication are always required and need not be named.

Source: 'Shared Microsoft Entra accounts in HoloLens' (Microsoft). Insider builds; the first production build is in
no publication.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from holofleet.errors import InputError
from holofleet.formats.markup import MarkupError, element, escape
from holofleet.formats.markup import parse as parse_markup

_THUMBPRINT = re.compile(r"[0-9A-Fa-f]{40}\Z")
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+\Z")
_MAX_NAME, _MAX_OID, _MAX_OIDS = 512, 100, 5


class SharedAccountError(InputError):
    """A shared-account document that a headset would refuse."""


@dataclass(frozen=True, slots=True)
class SharedAccount:
    """Exactly one of ``issuer_thumbprint`` (SHA-1, hex) and ``issuer_name``; up to five further key usages."""

    issuer_thumbprint: str = ""
    issuer_name: str = ""
    key_usages: tuple[str, ...] = ()


def render(account: SharedAccount) -> str:
    """Render the policy value as one line of XML.

    Raises:
        SharedAccountError: no issuer or two, a thumbprint that is not SHA-1 in hex, or a bad key usage.
    """
    _check(account)
    issuer = (
        element("IssuerThumbprint", None, escape(account.issuer_thumbprint))
        if account.issuer_thumbprint
        else element("IssuerName", None, escape(account.issuer_name))
    )
    usages = "".join(element("Oid", None, oid) for oid in account.key_usages)
    inner = issuer + (element("EkuOidRequirements", None, usages) if usages else "")
    return element("SharedAccountConfiguration", None, element("SharedAccount", None, inner))


def parse(text: str | bytes) -> SharedAccount:
    """Read the policy value.

    Raises:
        SharedAccountError: not such a document, or one that :func:`render` would not write.
    """
    try:
        root = parse_markup(text)
    except MarkupError as error:
        raise SharedAccountError(error.summary) from error
    accounts = root.all("SharedAccount")
    if root.name != "SharedAccountConfiguration" or len(accounts) != 1 or len(root.children) != 1:
        raise SharedAccountError("a SharedAccountConfiguration holds exactly one SharedAccount")
    values: dict[str, str] = {}
    usages: tuple[str, ...] = ()
    for child in accounts[0].children:
        if child.name == "EkuOidRequirements":
            usages = tuple(oid.text.strip() for oid in child.children)
        elif child.name in ("IssuerThumbprint", "IssuerName") and child.name not in values:
            values[child.name] = child.text.strip()
        else:
            raise SharedAccountError(f"{child.local} at line {child.line} is not allowed in SharedAccount")
    account = SharedAccount(values.get("IssuerThumbprint", ""), values.get("IssuerName", ""), usages)
    _check(account)
    return account


def _check(account: SharedAccount) -> None:
    if bool(account.issuer_thumbprint) == bool(account.issuer_name):
        raise SharedAccountError(
            "a shared account names its issuer by thumbprint or by name, and by one of them only"
        )
    if account.issuer_thumbprint and not _THUMBPRINT.match(account.issuer_thumbprint):
        raise SharedAccountError("the issuer's thumbprint is not a SHA-1 in hex (40 digits)")
    if len(account.issuer_name) > _MAX_NAME:
        raise SharedAccountError(f"the issuer's name has more than {_MAX_NAME} characters")
    if len(account.key_usages) > _MAX_OIDS:
        raise SharedAccountError(f"more than {_MAX_OIDS} key usages")
    for oid in account.key_usages:
        if len(oid) > _MAX_OID or not _OID.match(oid):
            raise SharedAccountError(f"{oid!r} is not an object identifier of at most {_MAX_OID} characters")
