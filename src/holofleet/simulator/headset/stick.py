"""A headset's own reading of a provisioning package on a stick, before it is compiled (``customizations.xml``).

It takes what it needs to come under management, and refuses what would stop a real set-up without a word. How a
real headset reads a package is not known beyond the names of settings; see docs/packages.md.

Source: exports of Windows Configuration Designer; 'Bulk enrollment using Windows Configuration Designer',
'FirstExperience' (Microsoft).
"""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.simulator.headset import markup
from holofleet.simulator.headset.enrollment import DISCOVERY_PATH, Credential
from holofleet.simulator.headset.markup import Element, MarkupError

_CONFIG = "urn:schemas-Microsoft-com:Windows-ICD-Package-Config.v1.0"
_SETTINGS = "urn:schemas-microsoft-com:windows-provisioning"


class StickRefusedError(ValueError):
    """The headset cannot use this package, and why."""


@dataclass(frozen=True, slots=True)
class Stick:
    """What a headset takes from a package.

    Args:
        server_url: Address of the server, without the path of discovery; empty where the package does not enroll.
        credential: What it enrolls with.
        networks: Names of the networks that it knows from now on.
    """

    server_url: str
    credential: Credential | None
    networks: tuple[str, ...]


def read_stick(body: bytes) -> Stick:
    """Read a package.

    Raises:
        StickRefusedError: another document, a reference in the place of a secret, an enrollment that lacks
            something, or a set-up that would wait for a network for ever.
    """
    try:
        root = markup.parse(body)
    except MarkupError as error:
        raise StickRefusedError(str(error)) from error
    if root.tag != "WindowsCustomizations" or root.find(f"{{{_CONFIG}}}PackageConfig/{{{_CONFIG}}}ID") is None:
        raise StickRefusedError("this is no package: no WindowsCustomizations with a PackageConfig")
    if b"{{" in body:
        raise StickRefusedError("a reference stands where a value is expected")
    common = root.find(_path("Settings/Customizations/Common"))
    if common is None:
        raise StickRefusedError("the package has no settings")
    networks = tuple(
        one.get("SSID", "") for one in common.iterfind(_path("ConnectivityProfiles/WLAN/WLANSetting/WLANConfig"))
    )
    local = common.find(_path("Accounts/Users/User")) is not None
    if common.findtext(_path("FirstExperience/SkipWifi")) == "True" and not networks and not local:
        raise StickRefusedError("the set-up asks for no network, and the package brings none")
    upn = common.find(_path("Workplace/Enrollments/UPN"))
    if upn is None:
        return Stick("", None, networks)
    return Stick(*_enrollment(upn), networks)


def _path(names: str) -> str:
    return "/".join(f"{{{_SETTINGS}}}{name}" for name in names.split("/"))


def _enrollment(upn: Element) -> tuple[str, Credential]:
    said = {name: upn.findtext(_path(name)) or "" for name in ("AuthPolicy", "DiscoveryServiceFullUrl", "Secret")}
    if said["AuthPolicy"] != "OnPremise":
        raise StickRefusedError(f"no enrollment with the policy {said['AuthPolicy']!r}")
    name, address = upn.get("UPN", ""), said["DiscoveryServiceFullUrl"]
    if not name or name != upn.get("Name") or not said["Secret"]:
        raise StickRefusedError("the enrollment lacks its user name or its password")
    if not address.startswith("https://") or not address.endswith(DISCOVERY_PATH):
        raise StickRefusedError(f"{address!r} is no address of a discovery service")
    return address.removesuffix(DISCOVERY_PATH), Credential(name, said["Secret"])
