"""Configuration of the media relay, and the firewall behind it."""

from __future__ import annotations

import subprocess
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from holofleet.cli.app import main
from holofleet.errors import InputError
from holofleet.formats.media_relay import DENIED, Relay, configuration, egress

SECRET = "0123456789abcdef0123456789abcdef"
PLAIN: dict[str, Any] = {"realm": "turn.contoso.com", "address": "203.0.113.7", "secrets": (SECRET,)}


def lines(**said: Any) -> list[str]:
    return configuration(Relay(**(PLAIN | said))).splitlines()


def test_nobody_uses_it_without_a_credential_and_nobody_administers_it() -> None:
    text = lines()
    assert {"use-auth-secret", "secure-stun", "no-cli", "no-tcp-relay", "no-multicast-peers"} <= set(text)
    assert f"static-auth-secret={SECRET}" in text
    assert not any(line.startswith(("user=", "oauth", "mobility", "web-admin")) for line in text)


def test_both_secrets_stand_in_it_while_one_follows_the_other() -> None:
    both = lines(secrets=(SECRET, SECRET[::-1]))
    assert [line for line in both if line.startswith("static-auth-secret")] == [
        f"static-auth-secret={SECRET}",
        f"static-auth-secret={SECRET[::-1]}",
    ]


@pytest.mark.parametrize("inner", ["10.1.2.3", "127.0.0.1", "192.168.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"])
def test_every_inner_address_is_in_a_denied_network(inner: str) -> None:
    address = ip_address(inner)
    assert any(address in network for network in DENIED if network.version == address.version)


@pytest.mark.parametrize("public", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1"])
def test_no_public_address_is_denied(public: str) -> None:
    address = ip_address(public)
    assert not any(address in network for network in DENIED if network.version == address.version)


def test_a_plant_names_its_media_subnets_and_only_they_are_opened() -> None:
    opened = [line for line in lines(reachable=("10.20.0.0/24",)) if line.startswith("allowed-peer-ip")]
    assert opened == ["allowed-peer-ip=203.0.113.7", "allowed-peer-ip=10.20.0.0-10.20.0.255"]


def test_behind_a_router_both_addresses_are_said() -> None:
    text = lines(address="10.0.0.5", public="203.0.113.7")
    assert "external-ip=203.0.113.7/10.0.0.5" in text
    assert {"allowed-peer-ip=10.0.0.5", "allowed-peer-ip=203.0.113.7"} <= set(text)


def test_without_a_certificate_there_is_no_tls_and_with_one_only_new_tls() -> None:
    assert {"no-tls", "no-dtls"} <= set(lines())
    secure = lines(certificate="/etc/turn.pem", key="/etc/turn.key", tls_port=443)
    assert {"cert=/etc/turn.pem", "pkey=/etc/turn.key", "tls-listening-port=443", "no-tlsv1", "no-tlsv1_1"} <= set(
        secure
    )
    assert "no-tls" not in secure


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"secrets": ()}, "one secret, or two"),
        ({"secrets": ("short",)}, "32 characters"),
        ({"secrets": (SECRET + "\nallow-loopback-peers",)}, "printable"),
        ({"realm": "turn contoso"}, "without blanks"),
        ({"address": "turn.contoso.com"}, "not an IP address"),
        ({"reachable": ("10.0.0.1/8",)}, "not a network"),
        ({"relay_ports": (50000, 50003)}, "16 ports"),
        ({"relay_ports": (80, 2000)}, "from 1024 on"),
        ({"certificate": "/etc/turn.pem"}, "its key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_open_it_or_break_it_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Relay(**(PLAIN | wrong))


def test_the_kernels_own_checker_takes_the_rules(tmp_path: Path) -> None:
    file = tmp_path / "egress.nft"
    file.write_text(egress(Relay(**PLAIN, reachable=("10.20.0.0/24", "fd00:20::/64")), user="root"))
    done = subprocess.run(
        ["unshare", "-rn", "/usr/sbin/nft", "-c", "-f", str(file)], capture_output=True, text=True, check=False
    )
    if "unshare" in done.stderr:
        pytest.skip("this machine lets nobody make a network of their own")
    assert done.returncode == 0, done.stderr


def run(folder: Path, *more: str) -> object:
    named = ["--realm", "turn.contoso.com", "--address", "203.0.113.7", "--out", str(folder)]
    with pytest.raises(SystemExit) as ended:
        main(["relay", "config", *named, *more])
    return ended.value.code


def test_the_command_makes_a_secret_once_and_follows_it_by_another_when_told(tmp_path: Path) -> None:
    assert run(tmp_path / "relay") == 0
    first = (tmp_path / "relay/secret").read_text().split()
    assert run(tmp_path / "relay") == 0
    assert (tmp_path / "relay/secret").read_text().split() == first
    assert run(tmp_path / "relay", "--rotate") == 0
    both = (tmp_path / "relay/secret").read_text().split()
    assert (len(both), both[1]) == (2, first[0])
    text = (tmp_path / "relay/turnserver.conf").read_text()
    assert [line.partition("=")[2] for line in text.splitlines() if line.startswith("static-auth")] == both
    assert {(file.stat().st_mode & 0o777) for file in (tmp_path / "relay").iterdir()} == {0o600}


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "relay"
    folder.mkdir()
    (folder / "secret").write_text(SECRET)
    (folder / "secret").chmod(0o644)
    assert run(folder) == 2
    assert "secret" in capsys.readouterr().err
    assert not (folder / "turnserver.conf").exists()


def test_ports_that_are_no_range_are_refused_with_an_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--media-ports", "49152") == 2
    assert "49152-50151" in capsys.readouterr().err
