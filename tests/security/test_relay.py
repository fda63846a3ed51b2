"""AST-2: a relay is no way in. A real coturn with the configuration that we write, and the kernel behind it."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from tests.turn_client import RefusedError, TurnClient, credential
from tests.turn_server import FORMER, SECRET, Coturn, coturn
from tests.web_server import trust

from holofleet.formats.media_relay import Relay, egress

NUMBERS = count()


def soon() -> int:
    """Return ten minutes from now; when a credential ends."""
    return int(time.time()) + 600


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    with coturn(tmp_path_factory.mktemp("relay")) as running:
        yield running


def client(relay: Coturn, *, secret: str = SECRET, expires: int | None = None) -> TurnClient:
    # Each test has a user of its own: relays outlive the sockets of those that asked for them.
    return TurnClient(
        relay.address, *credential(secret, soon() if expires is None else expires, f"call:{next(NUMBERS)}")
    )


@pytest.mark.parametrize("secret", [SECRET, FORMER])
def test_AST_2_the_secret_and_the_one_before_it_give_a_relay(relay: Coturn, secret: str) -> None:
    with client(relay, secret=secret) as one:
        assert one.allocate()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "made", [{"expires": 1}, {"secret": "some-other-secret-0123456789abcdefgh"}], ids=["expired", "forged"]
)
def test_AST_2_an_expired_or_forged_credential_gives_none(relay: Coturn, made: dict[str, object]) -> None:
    with client(relay, **made) as one, pytest.raises(RefusedError) as refused:  # type: ignore[arg-type]
        one.allocate()
    assert refused.value.code == 401


def test_AST_2_without_a_credential_not_even_an_address_is_told(relay: Coturn) -> None:
    with TurnClient(relay.address, "", "") as one, pytest.raises(RefusedError) as refused:
        one.allocate()
    assert refused.value.code in (400, 401, 0)


@pytest.mark.parametrize(
    "peer",
    [
        "127.0.0.2",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.5.4",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_AST_2_no_address_that_is_not_public_can_be_reached_through_it(relay: Coturn, peer: str) -> None:
    with client(relay) as one:
        one.allocate()
        for ask in (lambda: one.permit(peer), lambda: one.bind(peer, 80)):
            with pytest.raises(RefusedError) as refused:
                ask()
            assert refused.value.code == 403


@pytest.mark.parametrize(
    "peer", ["::1", "::", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fd00::1", "fe80::1"]
)
def test_AST_2_no_form_of_an_inner_address_passes_in_the_other_family(relay: Coturn, peer: str) -> None:
    with client(relay) as one:
        one.allocate()
        for ask in (lambda: one.permit(peer), lambda: one.bind(peer, 80)):
            with pytest.raises(RefusedError) as refused:
                ask()
            assert refused.value.code in (403, 443)  # denied, or of a family that this allocation has not


def test_AST_2_what_is_sent_to_a_port_of_ours_without_permission_never_arrives(relay: Coturn) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as victim, client(relay) as one:
        victim.bind(("127.0.0.2", 0))
        victim.settimeout(0.5)
        one.allocate()
        one.send("127.0.0.2", victim.getsockname()[1], b"into the inner network")
        with pytest.raises(TimeoutError):
            victim.recv(100)


def test_AST_2_a_user_has_a_bounded_number_of_relays(relay: Coturn) -> None:
    name, password = credential(SECRET, soon(), "greedy:party")
    clients = [TurnClient(relay.address, name, password) for _ in range(6)]
    try:
        codes = []
        for one in clients:
            try:
                one.allocate()
            except RefusedError as refused:
                codes.append(refused.code)
        assert codes
        assert set(codes) == {486}
    finally:
        for one in clients:
            one.socket.close()


def test_AST_2_two_callers_of_one_relay_reach_each_other_and_only_by_permission(tmp_path: Path) -> None:
    with coturn(tmp_path, loopback_peers=True) as running, client(running) as one, client(running) as other:
        here, there = one.allocate(), other.allocate()
        one.send(*there, b"before permission")
        one.permit(there[0])
        other.permit(here[0])
        one.send(*there, b"hello")
        assert other.receive() == b"hello"


@pytest.fixture(scope="module")
def relay_with_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    files = trust().server
    folder = tmp_path_factory.mktemp("tls")
    made = coturn(folder, certificate=str(files.certificate_file), key=str(files.key_file), loopback_peers=True)
    with made as running:
        yield running


def test_AST_2_where_only_tls_passes_callers_meet_over_it(relay_with_tls: Coturn) -> None:
    def caller() -> TurnClient:
        made = credential(SECRET, soon(), f"call:{next(NUMBERS)}")
        return TurnClient(("127.0.0.1", relay_with_tls.tls_port), *made, tls=trust().client_context())

    with caller() as one, caller() as other:
        here, there = one.allocate(), other.allocate()
        one.permit(there[0])
        other.permit(here[0])
        one.send(*there, b"hello over TLS")
        assert other.receive() == b"hello over TLS"


def test_AST_2_old_tls_and_datagrams_under_tls_are_not_offered(relay_with_tls: Coturn) -> None:
    old = trust().client_context()
    with pytest.warns(DeprecationWarning, match="TLS"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", relay_with_tls.tls_port), 2) as raw,
        pytest.raises((ssl.SSLError, ConnectionError, TimeoutError)),  # it does not even answer
    ):
        old.wrap_socket(raw, server_hostname="localhost")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        # Nothing may listen there: DTLS would be one more parser.
        datagrams.bind(("127.0.0.1", relay_with_tls.tls_port))


def _namespace() -> list[str] | None:
    """Return how to run a command in a network of its own as root there, or ``None`` where that is refused."""
    for way in (["unshare", "-n"], ["unshare", "-rn"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0
        ):
            return way
    return None


NETWORK = """
set -e
ip link set lo up
ip link add outside type veth peer name far
ip link set far up
ip addr add 203.0.113.7/24 dev outside
ip addr add 10.9.9.1/24 dev outside
ip link set outside up
ip route add default dev outside
nft -f "$1"
nft -f "$1"
shift
exec "$@"
"""
PROBE = """
import os, pwd, socket
os.setgroups([])
os.setuid(pwd.getpwnam("nobody").pw_uid)
for host, source, port in (
    ("8.8.8.8", 49160, 5000),
    ("203.0.113.7", 49160, 49170),
    ("203.0.113.7", 49160, 22),
    ("10.9.9.7", 49160, 80),
    ("127.0.0.1", 49160, 80),
    ("169.254.169.254", 49160, 80),
    ("8.8.8.8", 40000, 53),
    ("10.20.0.5", 49160, 5000),
):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("0.0.0.0", source))
        try:
            sender.sendto(b"x", (host, port))
            print(host, port, "sent")
        except OSError:
            print(host, port, "refused")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="the rules name a user that only root can become")
def test_AST_2_the_kernel_refuses_the_relays_user_what_its_lists_refuse(tmp_path: Path) -> None:
    way = _namespace()
    if way is None:
        pytest.skip("this machine lets nobody make a network of their own")
    rules = tmp_path / "egress.nft"
    named = Relay("turn.contoso.com", "203.0.113.7", (SECRET,), reachable=("10.20.0.0/24",))
    rules.write_text(egress(named, user="nobody"))
    command = [*way, "bash", "-c", NETWORK, "network", str(rules), sys.executable, "-c", PROBE]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "8.8.8.8 5000 sent",
        "203.0.113.7 49170 sent",
        "203.0.113.7 22 refused",
        "10.9.9.7 80 refused",
        "127.0.0.1 80 refused",
        "169.254.169.254 80 refused",
        "8.8.8.8 53 refused",
        "10.20.0.5 5000 sent",
    ]
