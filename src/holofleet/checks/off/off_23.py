"""OFF-23: the proxy is transparent, or the headset is told of it."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule
from holofleet.spec.model.site import Proxy


def _excused(case: Case) -> NotApplicable | None:
    proxies = [site.network.proxy for _, site in case.sites if site.network.proxy is not None]
    if any(proxy.mode != "none" or _does_something(proxy) for proxy in proxies):
        return None
    return NotApplicable("no site has a proxy")


def _does_something(proxy: Proxy) -> bool:
    return proxy.inspects_tls or proxy.root_certificate is not None or bool(proxy.not_inspected)


def _check(case: Case) -> Iterator[Fault]:
    for index, site in case.sites:
        proxy = site.network.proxy
        if proxy is not None and proxy.mode == "none" and _does_something(proxy):
            yield Fault(
                f"site {site.name} has no proxy, and says what that proxy does with encrypted traffic",
                case.at("sites", index, "network", "proxy", "mode"),
                "Write `mode: transparent`, `static`, `pac` or `wpad`; or `proxy: none` and nothing else.",
                "A proxy that inspects is there. Headsets are told of it by one of the modes, or do not need to "
                "be told because it is transparent.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-23",
    title="The proxy is transparent, or headsets are told of it",
    why="A headset passes a transparent proxy without knowing of it. Any other it has to be told of: by an "
    "address, a script, or by finding it itself.",
    how="A site with `mode: none` says nothing else about a proxy. Modes `static`, `pac` and `wpad` go into the "
    "site's Wi-Fi profiles, so that they do not follow the headset elsewhere; without such profiles they hold for "
    "the whole headset. What headsets use, the nodes that they read back tell.",
    mend="Write the mode that fits the proxy, with `address` for `static` and `pac_url` for `pac`.",
    check=_check,
    verification="headsets of each site read back the proxy of their site",
    excused=_excused,
)
