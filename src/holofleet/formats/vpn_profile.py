"""VPN profiles: ``./Device/Vendor/MSFT/VPNv2/{ProfileName}/ProfileXML``.

What is written here is the one built-in profile that needs no secret: IKEv2, in which the headset's certificate
proves who it is. User names over IKEv2 need an EAP configuration, and everything else (plug-ins, routes, rules)
many choices: for those people bring a profile of their own, which :func:`checked` looks at.

Source: 'ProfileXML XSD' and 'VPNv2 CSP' (Microsoft) for elements, their order and the list of servers; that
HoloLens offers IKEv2, L2TP and PPTP: 'Connect HoloLens to a network' (Microsoft).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from holofleet.errors import InputError
from holofleet.formats.markup import Element, MarkupError, element, escape, parse

_SERVER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?\Z")
_PROTOCOLS = ("IKEv2", "L2TP", "PPTP", "Automatic")
_BETWEEN = re.compile(r">\s+<")
_DECLARATION = re.compile(r"<\?xml[^>]*\?>\s*")
_SECRET = re.compile(r"\{\{secret:[^{}]+\}\}\Z")


class VpnProfileError(InputError):
    """A VPN profile that a headset could not use; the message never quotes a key."""


def uri(name: str) -> str:
    """Return the node of the profile of that name; a name is percent-encoded in it."""
    return f"./Device/Vendor/MSFT/VPNv2/{quote(name, safe='')}/ProfileXML"


def render(servers: Sequence[str]) -> str:
    """Render a profile as one line of XML; the same servers give the same bytes.

    Only traffic for the company's addresses goes through it: calls find their own, shorter way.

    Args:
        servers: Host names or addresses of the gateways, the preferred one first.

    Raises:
        VpnProfileError: no server, or one that is no host name and no address.
    """
    if not servers:
        raise VpnProfileError("a VPN names at least one server")
    for server in servers:
        if not _SERVER.match(server):
            raise VpnProfileError(f"{server!r} is no host name and no address")
    native = (
        element("Servers", None, escape(",".join(servers))),
        element("RoutingPolicyType", None, "SplitTunnel"),
        element("NativeProtocolType", None, "IKEv2"),
        element("Authentication", None, element("MachineMethod", None, "Certificate")),
    )
    return element("VPNProfile", None, element("NativeProfile", None, native))


def checked(data: bytes) -> str:
    """Return somebody's own profile as it travels: without declaration and space between elements.

    Raises:
        VpnProfileError: no XML of that kind, not exactly one way to connect, a protocol that a headset does not
            offer, or a key in plain text.
    """
    try:
        root = parse(data)
    except MarkupError as error:
        raise VpnProfileError(error.summary) from error
    if root.name != "VPNProfile":
        raise VpnProfileError(f"the root is {root.local}, not VPNProfile")
    native = root.all("NativeProfile")
    if len(native) + len(root.all("PluginProfile")) != 1:
        raise VpnProfileError("a VPN profile holds exactly one NativeProfile or PluginProfile")
    if native:
        _check_native(native[0])
    text = data.decode("utf-8-sig").strip()
    return _BETWEEN.sub("><", _DECLARATION.sub("", text, count=1)).replace("\r\n", "\n")


def _check_native(native: Element) -> None:
    if not _text(native, "Servers"):
        raise VpnProfileError(f"the NativeProfile at line {native.line} names no Servers")
    protocol = _text(native, "NativeProtocolType")
    if protocol and protocol.lower() not in {one.lower() for one in _PROTOCOLS}:
        raise VpnProfileError(
            f"a headset does not offer the protocol {protocol[:40]!r}",
            detail=f"It offers {', '.join(_PROTOCOLS)}.",
        )
    key = _text(native, "L2tpPsk")
    if key and not _SECRET.match(key):
        raise VpnProfileError(
            "the profile holds a pre-shared key in plain text",
            detail="Who reads the fleet's files would read it.",
            mend="Write {{secret:env:HOLOFLEET_SECRET_VPN}} in its place.",
        )


def _text(parent: Element, name: str) -> str:
    return "".join(child.text for child in parent.all(name)).strip()
