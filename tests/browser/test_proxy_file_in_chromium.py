"""The proxy auto-configuration file, run by a JavaScript engine."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from holofleet.formats import allow_lists
from holofleet.formats.allow_lists import AllowList, Entry, Need

PROXY = "PROXY proxy.contoso.com:8080"
REFUSED = "PROXY 127.0.0.1:9"
HOSTILE = 'x\n}; function FindProxyForURL() { return "DIRECT"; } //\u2028 */ </script>'


def asked(chromium: Browser, allowed: AllowList, *urls: tuple[str, str]) -> list[str]:
    text = allow_lists.pac(allowed, HOSTILE, proxy="proxy.contoso.com:8080")
    page = chromium.new_page()
    try:
        script = f"urls => {{ {text}\n return urls.map(one => FindProxyForURL(one[0], one[1])); }}"
        answers: list[str] = page.evaluate(script, [list(url) for url in urls])
        return answers
    finally:
        page.close()


def own(host: str, *ports: str, inside: bool = False) -> Entry:
    return Entry(host, ports, Need.REQUIRED, ("own",), (HOSTILE,), inside=inside)


@pytest.mark.parametrize(
    ("url", "host", "answer"),
    [
        ("https://login.microsoftonline.com/", "login.microsoftonline.com", PROXY),
        ("https://LOGIN.microsoftonline.com:443/", "LOGIN.microsoftonline.com", PROXY),
        ("https://login.microsoftonline.com./", "login.microsoftonline.com.", PROXY),
        ("https://login.microsoftonline.com:8443/", "login.microsoftonline.com", REFUSED),
        ("https://login.microsoftonline.com.evil.example/", "login.microsoftonline.com.evil.example", REFUSED),
        ("http://www.msftconnecttest.com/connecttest.txt", "www.msftconnecttest.com", PROXY),
        ("https://x.manage.microsoft.com/", "x.manage.microsoft.com", PROXY),
        ("https://a.b.manage.microsoft.com/", "a.b.manage.microsoft.com", PROXY),
        ("https://xmanage.microsoft.com/", "xmanage.microsoft.com", REFUSED),
        ("https://client.wns.windows.com/", "client.wns.windows.com", "DIRECT"),
        ("http://a.microsoft.com/pkiops/x.crl", "a.microsoft.com", PROXY),
        ("http://a.microsoft.com/other", "a.microsoft.com", REFUSED),
        ("https://a.microsoft.com/", "a.microsoft.com", REFUSED),
        ("https://parts.contoso.com/", "parts.contoso.com", "DIRECT"),
        ("wss://own.contoso.com:8443/", "own.contoso.com", PROXY),
        ("http://evil.example/?http://login.live.com/", "evil.example", REFUSED),
        ("https://constructor/", "constructor", REFUSED),
        ("nothing", "nothing", REFUSED),
    ],
)
def test_FIL_1_a_proxy_file_sends_only_what_is_listed_to_the_proxy(
    chromium: Browser, url: str, host: str, answer: str
) -> None:
    allowed = allow_lists.with_entries(
        allow_lists.of_scenarios(["near-offline"]),
        [own("parts.contoso.com", "tcp/443", inside=True), own("own.contoso.com", "tcp/8443")],
    )
    assert asked(chromium, allowed, (url, host)) == [answer]


def test_every_whole_name_of_the_catalog_reaches_its_proxy_or_goes_past_it(chromium: Browser) -> None:
    everything = allow_lists.of_groups(allow_lists.known_groups())
    whole = [one for one in everything.entries if not one.wildcard and 443 in one.tcp]
    answers = asked(chromium, everything, *((f"https://{one.host}/", one.host) for one in whole))
    assert answers == ["DIRECT" if one.direct else PROXY for one in whole]


def test_a_list_of_nothing_refuses_everything(chromium: Browser) -> None:
    assert asked(chromium, AllowList((), ()), ("https://contoso.com/", "contoso.com")) == [REFUSED]
