"""Other documents inside settings: wireless networks and shared accounts.

Source: 'WLAN_profile schema' and 'Policy CSP - MixedReality' (Microsoft).
"""

from __future__ import annotations

from holofleet.simulator.headset import markup
from holofleet.simulator.headset.markup import Element, MarkupError, content, local_name
from holofleet.simulator.headset.payload.error import PayloadError

WLAN = "{http://www.microsoft.com/networking/WLAN/profile/v1}"


def read_document(data: str, *, root: str = "") -> Element:
    """Read well-formed XML, with a stated root if there is one.

    Raises:
        PayloadError: not well-formed, or another root.
    """
    try:
        element = markup.parse(data.strip().encode())
    except MarkupError as error:
        raise PayloadError(str(error)) from error
    if root and local_name(element) != root:
        raise PayloadError(f"the root is {local_name(element)}, not {root}")
    return element


def read_wlan_profile(data: str) -> str:
    """Read a WLAN profile and return the network's name.

    Raises:
        PayloadError: a headset could not join a network with it.
    """
    root = read_document(data)
    if root.tag != f"{WLAN}WLANProfile":
        raise PayloadError(f"the root is {root.tag}, not WLANProfile of version 1")
    name = content(root.find(f"{WLAN}SSIDConfig/{WLAN}SSID/{WLAN}name"))
    hexadecimal = content(root.find(f"{WLAN}SSIDConfig/{WLAN}SSID/{WLAN}hex"))
    if not content(root.find(f"{WLAN}name")) or not (name or hexadecimal):
        raise PayloadError("a WLAN profile needs its name and an SSID")
    if content(root.find(f"{WLAN}connectionType")) not in ("ESS", "IBSS"):
        raise PayloadError("a WLAN profile needs connectionType ESS or IBSS")
    security = f"{WLAN}MSM/{WLAN}security/"
    authentication = content(root.find(f"{security}{WLAN}authEncryption/{WLAN}authentication"))
    key = root.find(f"{security}{WLAN}sharedKey/{WLAN}keyMaterial")
    if authentication in ("WPA2PSK", "WPAPSK", "WPA3SAE") and not content(key):
        raise PayloadError(f"{authentication} without a key")
    return name or bytes.fromhex(hexadecimal).decode(errors="replace")


def read_shared_account(data: str) -> None:
    """Read a SharedAccountConfiguration.

    Raises:
        PayloadError: not exactly one account that is found by the issuer of its certificate.
    """
    accounts = read_document(data, root="SharedAccountConfiguration").findall("SharedAccount")
    if len(accounts) != 1:
        raise PayloadError(f"{len(accounts)} shared accounts, exactly one is possible")
    issuer = [child for child in accounts[0] if local_name(child) in ("IssuerThumbprint", "IssuerName")]
    if len(issuer) != 1 or not content(issuer[0]):
        raise PayloadError("a shared account names its issuer once, by thumbprint or by name")
