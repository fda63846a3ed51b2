"""Certificate sign-in of shared accounts, from ``accounts.certificate``. Serves SHR-01.

Whoever can issue for a trusted authority can sign in as any of the accounts, so that only the issuer that the
deployment names and the authorities above it are uploaded: a root for an inspecting proxy never is. The issuer
comes from the deployment's ``certificates``.

Source: 'Shared Microsoft Entra accounts in HoloLens' and 'Microsoft Entra certificate-based authentication'
(Microsoft).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from holofleet.desired.cloud.accounts import account_groups
from holofleet.desired.cloud.draft import Draft
from holofleet.formats.certificate import Certificate, CertificateError, read
from holofleet.resources import Authority, CertificateSignIn
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.identity import AccountCertificate

_KEY = "accounts.certificate"


def write(draft: Draft) -> None:
    """Write one noun for each issuer, for the groups of all deployments whose accounts it issues for."""
    found: dict[str, tuple[tuple[Certificate, ...], str, list[EffectiveDeployment]]] = {}
    for deployment in draft.deployments:
        said = deployment.settings.accounts
        if said is None or said.kind != "shared-certificate" or said.certificate is None:
            continue
        chain = _chain(_authorities(draft.spec, deployment), said.certificate)
        reason = _reason(chain, said.certificate)
        if reason:
            draft.miss_key(deployment, _KEY, reason)
            continue
        crl = said.certificate.crl_url or ""
        first, known_crl, users = found.setdefault(chain[0].thumbprint, (chain, crl, []))
        if known_crl != crl:
            draft.fault(
                f"{_KEY}: {users[0].name} and {deployment.name} name two revocation lists of {first[0].subject}",
                mend="Write the same crl_url in both.",
                at=deployment.origin(_KEY).position,
            )
        users.append(deployment)
    for chain, crl, users in found.values():
        draft.add(_noun(draft, chain, crl, users))


def _noun(
    draft: Draft, chain: Sequence[Certificate], crl: str, users: list[EffectiveDeployment]
) -> CertificateSignIn:
    return CertificateSignIn(
        name=_slug(chain[0]),
        display_name=f"HoloLens accounts by {_common_name(chain[0])}",
        issuer=chain[0].subject,
        accounts=account_groups(draft, users),
        authorities=tuple(
            Authority(
                name=_slug(one),
                sha256=draft.keep(one.der),
                root=one.self_signed,
                crl_url=crl if index == 0 else "",
            )
            for index, one in enumerate(chain)
        ),
    )


def _reason(chain: Sequence[Certificate], said: AccountCertificate) -> str:
    """Say why nothing can be set up, or return an empty text."""
    if not chain:
        return "the issuer's own certificate is not among `certificates`, so the tenant cannot trust it"
    if not chain[-1].self_signed:
        return "the root above the issuer is not among `certificates`, so the tenant cannot trust it"
    if said.crl_url is None:
        return "crl_url is missing: without a revocation list nobody is signed in by certificate"
    if not said.crl_url.startswith("http://"):
        return "Entra ID fetches revocation lists over plain http only"
    return ""


def _authorities(spec: Spec, deployment: EffectiveDeployment) -> list[Certificate]:
    found = []
    for entry in deployment.settings.certificates or ():
        content = spec.attachment(entry.file)
        if content is None or entry.store not in ("root", "intermediate"):
            continue
        try:
            found.append(read(content))
        except CertificateError:
            continue  # the compiler of the key says what is wrong
    return [one for one in found if one.authority]


def _chain(known: Iterable[Certificate], said: AccountCertificate) -> tuple[Certificate, ...]:
    """Return the issuer and the authorities above it, as far as they are known."""
    listed = list(known)
    chain = [one for one in listed if _is(one, said)][:1]
    while chain and not chain[-1].self_signed:
        above = [one for one in listed if one.subject == chain[-1].issuer and one not in chain]
        if not above:
            break
        chain.append(above[0])
    return tuple(chain)


def _is(one: Certificate, said: AccountCertificate) -> bool:
    if said.issuer_thumbprint is not None:
        return re.sub(r"[^0-9A-Fa-f]", "", said.issuer_thumbprint).upper() == one.thumbprint
    return said.issuer_name is not None and _names(said.issuer_name) == _names(one.subject)


def _names(subject: str) -> frozenset[str]:
    """Return the parts of a name; Windows and the standard write them in opposite orders."""
    parts = re.split(r"(?<!\\),", subject)
    return frozenset(re.sub(r"\s*=\s*", "=", part.strip()).casefold() for part in parts)


def _common_name(one: Certificate) -> str:
    match = re.search(r"CN=((?:\\.|[^,\\])+)", one.subject)
    return re.sub(r"\\(.)", r"\1", match.group(1)) if match else one.thumbprint


def _slug(one: Certificate) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", _common_name(one).lower()).strip("-")[:40].strip("-")
    return f"{words or 'issuer'}.{one.thumbprint[:8].lower()}"
