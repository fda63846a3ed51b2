"""CON-2: where a webhook goes, and where it never does."""

from __future__ import annotations

import pytest

from holofleet.errors import InputError
from holofleet.server.webhooks import Networks, require_sound

INNER = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "localhost",
    "",
]


@pytest.mark.parametrize("address", INNER)
def test_CON_2_an_address_that_is_not_public_is_not_reached(address: str) -> None:
    assert not Networks().allow(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]
)
def test_a_public_address_is_reached(address: str) -> None:
    assert Networks().allow(address)


def test_an_inner_network_is_reached_once_it_is_allowed_and_nothing_beside_it() -> None:
    networks = Networks(["10.20.0.0/16", "fd00:1::/32"])
    assert networks.allow("10.20.3.4")
    assert networks.allow("::ffff:10.20.3.4")
    assert networks.allow("fd00:1::5")
    assert not networks.allow("10.21.3.4")
    assert not networks.allow("127.0.0.1")


@pytest.mark.parametrize("text", ["10.20.0.1/16", "inner", "10.0.0.0/33"])
def test_a_network_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Networks([text])


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.contoso.com/fleet",
        "https://lee@hooks.contoso.com/",
        "https://lee:secret@hooks.contoso.com/",
        "https://hooks.contoso.com/#part",
        "https:///fleet",
        "https://hooks.contoso.com:0x50/",
        "https://hooks.contoso.com:99999/",
        "https://hooks .contoso.com/",
        "https://hooks.contoso.com\\@127.0.0.1/",
        "https://hooks.contoso.com/\r\nx: y",
        "ftp://hooks.contoso.com/",
        "https://höoks.contoso.com/",
        "https://hooks.contoso.com/" + "a" * 500,
        "",
    ],
)
def test_CON_2_an_address_that_is_not_plain_https_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        require_sound(url)


def test_an_address_is_taken_apart_as_the_request_needs_it() -> None:
    place = require_sound("https://Hooks.Contoso.com:8443/fleet?key=1")
    assert (place.host, place.port, place.target) == ("hooks.contoso.com", 8443, "/fleet?key=1")
    assert place.authority == "hooks.contoso.com:8443"
    assert require_sound("https://[2001:db8::1]").authority == "[2001:db8::1]"
