"""Names under which we are addressed, and addresses that we hand out."""

from __future__ import annotations

import pytest

from holofleet.errors import InputError
from holofleet.web.hosts import Authority, Hosts, parse_authority, parse_url

HOSTS = Hosts(frozenset({"localhost", "127.0.0.1", "::1"}), device_port=8444)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost:8443", "localhost", 8443),
        ("LocalHost", "localhost", 443),
        ("127.0.0.1:1", "127.0.0.1", 1),
        ("[::1]:8443", "::1", 8443),
        ("[0:0:0:0:0:0:0:1]", "::1", 443),
    ],
)
def test_a_host_header_is_read(text: str, host: str, port: int) -> None:
    assert HOSTS.accept(text) == Authority(host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "elsewhere.example",
        "localhost.elsewhere.example",
        "localhost.",
        "localhost:0",
        "localhost:65536",
        "localhost:",
        "localhost:84 43",
        "user@localhost",
        "localhost/x",
        "localhost, elsewhere.example",
        "::1",
        "[::1",
        "[127.0.0.1]",
        "[::1]x",
        "locaſhost",
        "127.1",
    ],
)
def test_what_does_not_mean_us_is_refused(text: str) -> None:
    assert HOSTS.accept(text) is None


def test_addresses_come_from_the_request_where_nothing_is_configured() -> None:
    asked = Authority("localhost", 9443)
    assert HOSTS.enrollment_origin(asked, on_device_listener=False) == "https://localhost:9443"
    assert HOSTS.management_origin(asked, on_device_listener=False) == "https://localhost:8444"
    assert HOSTS.management_origin(asked, on_device_listener=True) == "https://localhost:9443"


def test_configured_addresses_win_and_their_names_are_accepted() -> None:
    hosts = Hosts(
        frozenset({"localhost"}),
        device_port=8444,
        public=parse_url("https://fleet.contoso.com"),
        device=parse_url("https://mdm.contoso.com:444/"),
    )
    asked = hosts.accept("fleet.contoso.com")
    assert asked is not None
    assert hosts.enrollment_origin(asked, on_device_listener=False) == "https://fleet.contoso.com"
    assert hosts.enrollment_origin(asked, on_device_listener=True) == "https://mdm.contoso.com:444"
    assert hosts.management_origin(asked, on_device_listener=False) == "https://mdm.contoso.com:444"
    assert hosts.accept("mdm.contoso.com:444") is not None


def test_an_ipv6_origin_has_brackets() -> None:
    parsed = parse_authority("[2001:db8::1]:8443")
    assert parsed is not None
    assert parsed.origin == "https://[2001:db8::1]:8443"


@pytest.mark.parametrize(
    "text",
    ["http://fleet.contoso.com", "fleet.contoso.com", "https://", "https://a/b", "https://a?x", "https://u@a"],
)
def test_a_public_address_is_https_with_a_host_and_nothing_more(text: str) -> None:
    with pytest.raises(InputError, match="handed out"):
        parse_url(text)
