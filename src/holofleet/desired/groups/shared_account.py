"""``accounts.certificate``: a shared account that a certificate signs in.

Writes ``Policy/Config/MixedReality/ConfigureSharedAccount`` where an issuer is named. Serves SHR-01. The
certificate itself comes by SCEP (``account_certificate.py``).
"""

from __future__ import annotations

from holofleet.desired.groups.group import POLICY, Group
from holofleet.desired.sheet import Sheet
from holofleet.formats.shared_account import SharedAccount, SharedAccountError, render

NODE = POLICY + "MixedReality/ConfigureSharedAccount"
_KEYS = (
    "accounts.certificate.issuer_thumbprint",
    "accounts.certificate.issuer_name",
    "accounts.certificate.key_usages",
)


def _write(sheet: Sheet) -> None:
    certificate = sheet.wanted.value("accounts.certificate")
    if sheet.wanted.value("accounts.kind") != "shared-certificate" or certificate is None:
        return
    if certificate.issuer_thumbprint is None and certificate.issuer_name is None:
        return
    account = SharedAccount(
        certificate.issuer_thumbprint or "", certificate.issuer_name or "", tuple(certificate.key_usages)
    )
    try:
        sheet.node(NODE, render(account), key=_KEYS)
    except SharedAccountError as error:
        sheet.fault(
            "compile/value", f"accounts.certificate: {error.summary}", at=sheet.wanted.origin(_KEYS).position
        )


GROUP = Group(writes={NODE: "accounts.certificate"}, write=_write)
