"""``certificates`` and the inspecting proxy's root: what headsets trust.

Writes ``RootCATrustedCertificates/{Root|CA|TrustedPublisher|TrustedPeople}``. Serves OFF-22. Certificates come
from files beside the fleet file; where only its text is known they are shown as undelivered.
"""

from __future__ import annotations

from holofleet.desired.groups.group import Group
from holofleet.desired.sheet import Missing, Sheet
from holofleet.desired.statement import Layer
from holofleet.diagnostics import Position
from holofleet.formats.certificate import Certificate, CertificateError, read

_NODE = "./Device/Vendor/MSFT/RootCATrustedCertificates/"
_STORES = {"root": "Root", "intermediate": "CA", "publisher": "TrustedPublisher", "people": "TrustedPeople"}
_KEY = "certificates"
_PROXY_KEY = "sites.network.proxy.root_certificate"


def _write(sheet: Sheet) -> None:
    wanted = sheet.wanted
    origin = wanted.origin(_KEY)
    said: set[str] = set()
    for index, entry in enumerate(wanted.settings.certificates or ()):
        at = wanted.entry(_KEY, index)
        certificate = _read(sheet, entry.file, _KEY, at)
        if certificate is None or not _fits(sheet, certificate, entry.store, entry.file, at):
            continue
        uri = f"{_NODE}{_STORES[entry.store]}/{certificate.thumbprint}/EncodedCertificate"
        if uri in said:
            sheet.fault(
                "compile/conflict", f"{_KEY}: `{entry.file}` is the same certificate as another one", at=at
            )
            continue
        said.add(uri)
        sheet.state(uri, certificate.base64, layer=origin.layer, key=_KEY, rule=origin.rule or "OFF-22", at=at)
    _root_of_proxy(sheet, said)


def _root_of_proxy(sheet: Sheet, said: set[str]) -> None:
    site, index = sheet.wanted.site, sheet.wanted.site_index
    if site is None or index is None or site.network.proxy is None or site.network.proxy.root_certificate is None:
        return
    file = site.network.proxy.root_certificate
    at = sheet.wanted.place("sites", index, "network", "proxy", "root_certificate")
    certificate = _read(sheet, file, _PROXY_KEY, at)
    if certificate is None or not _fits(sheet, certificate, "root", file, at):
        return
    uri = f"{_NODE}Root/{certificate.thumbprint}/EncodedCertificate"
    if uri not in said:
        sheet.state(uri, certificate.base64, layer=Layer.DEPLOYMENT, key=_PROXY_KEY, rule="OFF-22", at=at)


def _read(sheet: Sheet, file: str, key: str, at: Position | None) -> Certificate | None:
    content = sheet.wanted.spec.attachment(file)
    if content is None:
        reason = f"the certificate `{file}` is not beside the fleet file"
        sheet.missing.append(Missing(sheet.item(key, reason, at=at), blocks=True))
        return None
    try:
        return read(content)
    except CertificateError as error:
        sheet.fault("compile/value", f"{key}: `{file}`: {error.summary}", error.detail, error.mend, at=at)
        return None


def _fits(sheet: Sheet, certificate: Certificate, store: str, file: str, at: Position | None) -> bool:
    """Refuse a certificate in a store where it could do nothing but harm."""
    wrong = ""
    if store in ("root", "intermediate") and not certificate.authority:
        wrong = "is no certificate of an authority; it could sign nothing"
    elif store == "root" and not certificate.self_signed:
        wrong = "is no root: another authority signed it"
    if wrong:
        mend = "Name the root itself, or put this one into store `intermediate`, `publisher` or `people`."
        sheet.fault("compile/value", f"{_KEY}: `{file}` {wrong}", mend=mend, at=at)
    return not wrong


GROUP = Group(
    writes={f"{_NODE}{store}/{{CertHash}}/EncodedCertificate": _KEY for store in _STORES.values()}, write=_write
)
