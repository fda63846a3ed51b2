"""OFF-22: a proxy that opens encrypted traffic needs its root on the headset and knows what to leave alone."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule
from holofleet.spec.model.site import Proxy, Site


def _inspecting(case: Case) -> Iterator[tuple[int, Site, Proxy]]:
    for index, site in case.sites:
        proxy = site.network.proxy
        if proxy is not None and proxy.inspects_tls:
            yield index, site, proxy


def _excused(case: Case) -> NotApplicable | None:
    if any(_inspecting(case)):
        return None
    return NotApplicable("no proxy opens encrypted traffic (proxy.inspects_tls)")


def _check(case: Case) -> Iterator[Fault]:
    carried = any(certificate.store == "root" for certificate in case.value("certificates") or ())
    for index, site, proxy in _inspecting(case):
        place = case.at("sites", index, "network", "proxy", "inspects_tls")
        if proxy.root_certificate is None and not carried:
            yield Fault(
                f"the proxy of site {site.name} opens encrypted traffic, and headsets do not know its root",
                place,
                "Write `root_certificate: inspection-root.pem` at the proxy, or the root in `certificates`.",
                "A headset refuses what is signed by a root that it does not know, its first start included.",
                subject=f"site:{site.name}",
            )
        if not proxy.not_inspected:
            yield Fault(
                f"the proxy of site {site.name} opens all encrypted traffic, without exception",
                place,
                "Write `not_inspected: [login.live.com]` with every host that does not bear it.",
                "Connections with a certificate on both sides, such as management, and services that know their "
                "own certificate, such as updates, break when somebody opens them.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-22",
    title="A proxy that opens encrypted traffic is prepared for",
    why="The guide allows a proxy, with or without inspection. With inspection, headsets have to trust the root "
    "of the proxy before they meet it, and some connections cannot be opened at all.",
    how="For each site whose proxy says `inspects_tls: true`, its root stands in `root_certificate` or in "
    "`certificates` (store root), and `not_inspected` names the hosts that it leaves alone. Which hosts break, "
    "only a probe through the proxy tells. Roots in `certificates` are met when headsets report them.",
    mend="Name the root and the hosts, or leave inspection off for the headsets' network.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/RootCATrustedCertificates/Root/{CertHash}/EncodedCertificate", ("certificates",)
        ),
    ),
    verification="a probe through the proxy sees the expected issuer of each endpoint",
    excused=_excused,
)
