"""The proxy auto-configuration file, run by a JavaScript engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from holofleet import catalog
from holofleet.formats import allow_lists
from holofleet.formats.allow_lists import AllowList, Entry, Inside, Need
from holofleet.formats.allow_lists.proxy_script import as_pac

PROXY = "PROXY proxy.contoso.com:8080"
REFUSED = "PROXY 127.0.0.1:9"
HOSTILE = 'x\n}; function FindProxyForURL() { return "DIRECT"; } //\u2028 */ </script>'
ENDPOINTS = catalog.endpoints()


def asked(chromium: Browser, allowed: AllowList, *hosts: str) -> list[str]:
    text = as_pac(allowed, proxy="proxy.contoso.com:8080")
    page = chromium.new_page()
    try:
        script = (
            f"hosts => {{ {text}\n return hosts.map(host => FindProxyForURL('https://' + host + '/', host)); }}"
        )
        answers: list[str] = page.evaluate(script, list(hosts))
        return answers
    finally:
        page.close()


def site() -> AllowList:
    base = allow_lists.of_scenarios(ENDPOINTS, ["near-offline"])
    own = Entry("own.contoso.com", ("tcp/8443",), Need.REQUIRED, ("site",), (HOSTILE,))
    inside = (Inside("parts.contoso.com", HOSTILE),)
    return replace(base, title=HOSTILE, entries=(*base.entries, own), inside=inside)


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("login.microsoftonline.com", PROXY),
        ("LOGIN.microsoftonline.com", PROXY),
        ("login.microsoftonline.com.", PROXY),
        ("login.microsoftonline.com.evil.example", REFUSED),
        ("x.manage.microsoft.com", PROXY),
        ("a.b.manage.microsoft.com", PROXY),
        ("xmanage.microsoft.com", REFUSED),
        ("a.microsoft.com", REFUSED),
        ("www.microsoft.com", PROXY),
        ("client.wns.windows.com", "DIRECT"),
        ("any.wns.windows.com", "DIRECT"),
        ("parts.contoso.com", "DIRECT"),
        ("own.contoso.com", PROXY),
        ("time.windows.com", REFUSED),  # UDP only
        ("evil.example", REFUSED),
        ("constructor.example", REFUSED),
    ],
)
def test_FIL_1_a_proxy_file_sends_only_what_is_listed_to_the_proxy(
    chromium: Browser, host: str, answer: str
) -> None:
    assert asked(chromium, site(), host) == [answer]


def test_every_whole_name_of_the_catalog_reaches_the_proxy_or_goes_past_it(chromium: Browser) -> None:
    everything = allow_lists.whole(ENDPOINTS)
    whole = [one.host for one in everything.entries if not one.wildcard and one.tcp]
    push = (".wns.windows.com", ".notify.live.net")
    assert asked(chromium, everything, *whole) == ["DIRECT" if h.endswith(push) else PROXY for h in whole]


def test_a_list_of_nothing_refuses_everything(chromium: Browser) -> None:
    assert asked(chromium, AllowList("", "", ()), "contoso.com") == [REFUSED]


def test_a_proxy_that_is_none_is_refused() -> None:
    for proxy in ("proxy.contoso.com", 'a"; b:80', "a:0", "a:99999", ":80"):
        with pytest.raises(ValueError, match="host and a port"):
            as_pac(AllowList("", "", ()), proxy=proxy)
