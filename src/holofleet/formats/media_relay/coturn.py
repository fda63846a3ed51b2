"""``turnserver.conf`` for coturn 4.6 and newer.

Nothing is left to defaults that differ between releases or that have let callers into inner networks: no command
line, no TCP relays, no multicast, no anonymous use, credentials by shared secret only, and every network that is
not public denied by name, because releases differ in what they deny by themselves.

Source: coturn's own manual; TURN REST credentials after 'A REST API For Access To TURN Services'
(draft-uberti-behave-turn-rest-00).
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.formats.media_relay.relay import DENIED, Network, Relay

USER_QUOTA = 4
NONCE_S = 600


def configuration(relay: Relay) -> str:
    """Return the text of ``turnserver.conf``; it holds the secrets, so the file belongs to the relay alone."""
    return "\n".join(
        ["# Written by holofleet, which will write it anew: change nothing here.", *_lines(relay), ""]
    )


def _lines(relay: Relay) -> Iterator[str]:
    yield f"listening-ip={relay.listen or relay.address}"
    yield f"relay-ip={relay.address}"
    if relay.public and relay.public != relay.address:
        yield f"external-ip={relay.public}/{relay.address}"
    yield f"listening-port={relay.port}"
    if relay.certificate:
        yield f"tls-listening-port={relay.tls_port}"
        yield f"cert={relay.certificate}"
        yield f"pkey={relay.key}"
        yield "no-tlsv1"
        yield "no-tlsv1_1"
        yield "no-dtls"
    else:
        yield "no-tls"
        yield "no-dtls"
    yield f"min-port={relay.relay_ports[0]}"
    yield f"max-port={relay.relay_ports[1]}"
    yield f"realm={relay.realm}"
    yield f"server-name={relay.realm}"
    yield "fingerprint"
    yield "use-auth-secret"
    yield from (f"static-auth-secret={secret}" for secret in relay.secrets)
    yield f"stale-nonce={NONCE_S}"
    yield f"user-quota={USER_QUOTA}"
    yield f"total-quota={relay.sessions}"
    yield f"max-bps={relay.bytes_per_s}"
    yield "no-cli"
    yield "no-tcp-relay"
    yield "no-multicast-peers"
    yield "no-rfc5780"
    yield "no-stun-backward-compatibility"
    yield "no-software-attribute"
    yield "secure-stun"
    yield "simple-log"
    yield "log-file=stdout"
    yield from (f"denied-peer-ip={_range(network)}" for network in DENIED)
    # Two callers behind this relay meet at its own address.
    yield f"allowed-peer-ip={relay.address}"
    if relay.public and relay.public != relay.address:
        yield f"allowed-peer-ip={relay.public}"
    yield from (f"allowed-peer-ip={_range(network)}" for network in relay.networks)


def _range(network: Network) -> str:
    first, last = network.network_address, network.broadcast_address
    return str(first) if first == last else f"{first}-{last}"
