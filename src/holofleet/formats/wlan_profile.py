"""Wi-Fi profiles: ``./Device/Vendor/MSFT/WiFi/Profile/{SSID}/WlanXml``.

Covers open, WPA2-Personal and WPA3-Personal networks. Networks with certificates (802.1X) need a client
certificate first and are not written here. The passphrase is a variable (``{{secret:env:...}}``): no secret is
ever part of a document. Whoever fills it in has to XML-escape it, as for every variable inside XML.

Source: 'WLAN_profile schema' and 'WiFi CSP' (Microsoft).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from holofleet.errors import InputError
from holofleet.formats.markup import MarkupError, element, escape
from holofleet.formats.markup import parse as parse_markup

NAMESPACE = "http://www.microsoft.com/networking/WLAN/profile/v1"
MAX_SSID_BYTES = 32
"""IEEE 802.11: an SSID has 1 to 32 octets."""


class Security(StrEnum):
    """How a network is secured; the values are the schema's names of the authentication."""

    OPEN = "open"
    WPA2_PERSONAL = "WPA2PSK"
    WPA3_PERSONAL = "WPA3SAE"


class WlanProfileError(InputError):
    """A Wi-Fi profile that cannot be written or read."""


@dataclass(frozen=True, slots=True)
class WlanProfile:
    """One network.

    Args:
        ssid: Its name, 1 to 32 bytes of UTF-8, case-sensitive.
        security: Open, WPA2-Personal or WPA3-Personal.
        passphrase: The variable that stands for it; empty for an open network.
        hidden: The network does not announce its name.
        automatic: Join by itself when in range.
    """

    ssid: str
    security: Security = Security.OPEN
    passphrase: str = ""
    hidden: bool = False
    automatic: bool = True


def uri_segment(ssid: str) -> str:
    """Return an SSID as the segment of a LocURI: percent-encoded UTF-8."""
    return quote(ssid, safe="")


def render(profile: WlanProfile) -> str:
    """Render a profile as one line of XML; the same profile gives the same bytes.

    Raises:
        WlanProfileError: an SSID of no or more than 32 bytes, a passphrase for an open network, or none for a
            secured one.
    """
    octets = profile.ssid.encode()
    if not 1 <= len(octets) <= MAX_SSID_BYTES:
        raise WlanProfileError(
            f"the SSID {profile.ssid!r} has {len(octets)} bytes; 1 to {MAX_SSID_BYTES} are allowed"
        )
    if (profile.security is Security.OPEN) == bool(profile.passphrase):
        raise WlanProfileError(f"the network {profile.ssid!r} must have a passphrase exactly when it is secured")
    try:
        return _document(profile, octets.hex().upper())
    except ValueError as error:
        raise WlanProfileError(f"the network {profile.ssid!r}: {error}") from error


def _document(profile: WlanProfile, octets: str) -> str:
    ssid = element("SSID", None, element("hex", None, octets) + element("name", None, escape(profile.ssid)))
    hidden = element("nonBroadcast", None, "true") if profile.hidden else ""
    return element(
        "WLANProfile",
        {"xmlns": NAMESPACE},
        (
            element("name", None, escape(profile.ssid)),
            element("SSIDConfig", None, ssid + hidden),
            element("connectionType", None, "ESS"),
            element("connectionMode", None, "auto" if profile.automatic else "manual"),
            element("MSM", None, element("security", None, _security(profile))),
        ),
    )


def _security(profile: WlanProfile) -> str:
    encryption = "none" if profile.security is Security.OPEN else "AES"
    method = element(
        "authEncryption",
        None,
        (
            element("authentication", None, profile.security),
            element("encryption", None, encryption),
            element("useOneX", None, "false"),
        ),
    )
    if profile.security is Security.OPEN:
        return method
    key = (
        element("keyType", None, "passPhrase"),
        element("protected", None, "false"),
        element("keyMaterial", None, escape(profile.passphrase)),
    )
    return method + element("sharedKey", None, key)


def parse(text: str | bytes) -> WlanProfile:
    """Read a profile.

    Raises:
        WlanProfileError: not such a profile, or a kind of security that is not modelled.
    """
    try:
        root = parse_markup(text)
    except MarkupError as error:
        raise WlanProfileError(error.summary) from error
    texts = {}
    pending = [(root, "")]
    while pending:
        node, path = pending.pop()
        texts[path] = node.text
        pending.extend((child, f"{path}/{child.local}") for child in node.children)
    if root.name != f"{{{NAMESPACE}}}WLANProfile":
        raise WlanProfileError(f"the root is {root.local}, not WLANProfile")
    method = texts.get("/MSM/security/authEncryption/authentication", "open")
    if method not in set(Security):
        raise WlanProfileError(f"networks with the authentication {method!r} are not modelled")
    return WlanProfile(
        texts.get("/SSIDConfig/SSID/name", texts.get("/name", "")),
        Security(method),
        texts.get("/MSM/security/sharedKey/keyMaterial", ""),
        texts.get("/SSIDConfig/nonBroadcast") == "true",
        texts.get("/connectionMode", "auto") == "auto",
    )
