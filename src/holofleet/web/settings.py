"""How the web side of one server is set up: values from the command line, read once at start."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from holofleet.web.hosts import Hosts
from holofleet.web.limits import Limits
from holofleet.web.setup import SetupSection


@dataclass(frozen=True, slots=True)
class TrustedProxy:
    """A TLS-terminating proxy that tells us the headset's certificate in a header (DEP-1).

    Pass-through of TLS is the better way: a certificate is public, so whoever can reach us as this peer can be
    any headset.

    Args:
        peers: The addresses from which the header counts; from anywhere else it is ignored.
        header: Its name, lower case (``client-cert`` of RFC 9440 by default).
    """

    peers: tuple[IPv4Network | IPv6Network, ...]
    header: str = "client-cert"


class KioskPasskeys(StrEnum):
    """Which passkeys take a headset at its own page."""

    CARRIED = "carried"
    """Those that a person carries: a security key, a phone."""
    ANY = "any"
    """Those too that the headset keeps: only where nobody shares it."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Everything that the applications need to know beside their services.

    Args:
        hosts: The names under which we may be addressed.
        limits: What a peer may cost.
        proxy: Off unless an operator declares one.
        metrics: Whether ``/metrics`` answers, to loopback only.
        hsts: Whether browsers are told to come back with TLS only: for public names, not for loopback.
        soap_fault_status: The HTTP status of a SOAP fault. The default is 200: with another status a headset
            reports that status (``0x801901F4`` for 500) and not the reason in the fault, and other servers send
            200. SOAP 1.2 would have 500; which one a HoloLens 2 prefers is not proven on a device.
        assist_origins: Further origins whose pages may open the socket of calls.
        kiosk_passkeys: Which passkeys take a headset at its own page.
        setup: What the settings pages show of how the server was started.
    """

    hosts: Hosts
    limits: Limits = field(default_factory=Limits)
    proxy: TrustedProxy | None = None
    metrics: bool = False
    hsts: bool = False
    soap_fault_status: int = 200
    assist_origins: tuple[str, ...] = ()
    kiosk_passkeys: KioskPasskeys = KioskPasskeys.CARRIED
    setup: tuple[SetupSection, ...] = ()
