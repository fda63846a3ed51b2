"""``customizations.xml``: deterministic, indented, for the vendor's tool and for people.

Its two namespaces differ in the case of one letter; both are as the tool writes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from holofleet.formats.markup import escape
from holofleet.formats.provisioning_package.model import OWNER, RANK, Package
from holofleet.formats.wlan_profile import Security, WlanProfile

CONFIG = "urn:schemas-Microsoft-com:Windows-ICD-Package-Config.v1.0"
SETTINGS = "urn:schemas-microsoft-com:windows-provisioning"
NOTES = (
    "Made by holofleet. Values of policies are values of the policy CSP, not words of the vendor's tool; "
    "not verified."
)

_SECURITY = {Security.OPEN: "Open", Security.WPA2_PERSONAL: "WPA2-Personal"}


@dataclass(frozen=True, slots=True)
class _Node:
    name: str
    content: str | tuple[_Node, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    def lines(self, depth: int = 0) -> Iterable[str]:
        pad = "  " * depth
        marks = "".join(f' {key}="{escape(value)}"' for key, value in self.attributes)
        if isinstance(self.content, str):
            yield f"{pad}<{self.name}{marks}>{escape(self.content)}</{self.name}>"
            return
        yield f"{pad}<{self.name}{marks}>"
        for child in self.content:
            yield from child.lines(depth + 1)
        yield f"{pad}</{self.name}>"


def _keyed(name: str, key: str, value: str, content: str | tuple[_Node, ...]) -> _Node:
    """Return an element that a name identifies; the tool writes it twice."""
    return _Node(name, content, ((key, value), ("Name", value)))


def render(package: Package) -> str:
    """Return the text: the same package gives the same bytes.

    Raises:
        ValueError: a text holds what XML cannot, or a network is of a kind that the tool does not know; both
            are among :func:`~holofleet.formats.provisioning_package.faults`.
    """
    config = _Node(
        "PackageConfig",
        (
            _Node("ID", f"{{{package.id}}}"),
            _Node("Name", package.name),
            _Node("Version", package.version),
            _Node("OwnerType", OWNER),
            _Node("Rank", str(RANK)),
            _Node("Notes", NOTES),
        ),
        (("xmlns", CONFIG),),
    )
    return _text(_Node("WindowsCustomizations", (config, _all_settings(package))))


def render_answers(package: Package) -> str:
    """Return the settings alone, without doubled names: what the tool calls the answer file of a package."""
    return _text(_without_names(_all_settings(package)))


def _text(root: _Node) -> str:
    return '<?xml version="1.0" encoding="utf-8"?>\n' + "".join(f"{line}\n" for line in root.lines())


def _all_settings(package: Package) -> _Node:
    common = _Node("Common", tuple(_settings(package)))
    return _Node("Settings", (_Node("Customizations", (common,)),), (("xmlns", SETTINGS),))


def _without_names(node: _Node) -> _Node:
    attributes = tuple(said for said in node.attributes if said[0] != "Name")
    if isinstance(node.content, str):
        return _Node(node.name, node.content, attributes)
    return _Node(node.name, tuple(_without_names(child) for child in node.content), attributes)


def _settings(package: Package) -> Iterable[_Node]:
    """Yield the groups of settings by name, as the tool sorts them."""
    accounts = tuple(_accounts(package))
    if accounts:
        yield _Node("Accounts", accounts)
    if package.kiosk:
        yield _Node("AssignedAccess", (_Node("MultiAppAssignedAccessSettings", package.kiosk),))
    if package.roots:
        roots = (
            _keyed("RootCertificate", "CertificateName", root.name, (_Node("CertificatePath", root.path),))
            for root in package.roots
        )
        yield _Node("Certificates", (_Node("RootCertificates", tuple(roots)),))
    if package.networks:
        networks = _Node("WLANSetting", tuple(_network(network) for network in package.networks))
        yield _Node("ConnectivityProfiles", (_Node("WLAN", (networks,)),))
    first = package.first_experience
    skipped = (
        ("SkipCalibration", first.skip_calibration),
        ("SkipTraining", first.skip_training),
        ("SkipWifi", first.skip_wifi),
    )
    if any(said for _, said in skipped):
        yield _Node("FirstExperience", tuple(_Node(name, "True") for name, said in skipped if said))
    if package.policies:
        yield _Node("Policies", tuple(_policies(package)))
    if package.enrollment is not None:
        said = package.enrollment
        upn = (
            _Node("AuthPolicy", "OnPremise"),
            _Node("DiscoveryServiceFullUrl", said.server_url),
            _Node("Secret", said.secret),
        )
        yield _Node("Workplace", (_Node("Enrollments", (_keyed("UPN", "UPN", said.upn, upn),)),))


def _accounts(package: Package) -> Iterable[_Node]:
    if package.bulk_token is not None:
        token = package.bulk_token
        yield _Node("Azure", (_Node("Authority", token.authority), _Node("BPRT", token.token)))
    if package.local_user is not None:
        user = package.local_user
        group = "Administrators" if user.administrator else "Standard Users"
        content = (_Node("Password", user.password), _Node("UserGroup", group))
        yield _Node("Users", (_keyed("User", "UserName", user.name, content),))


def _network(network: WlanProfile) -> _Node:
    if network.security not in _SECURITY:
        raise ValueError(f"the vendor's tool knows no network of the kind {network.security}")
    key = (_Node("SecurityKey", network.passphrase),) if network.passphrase else ()
    content = (
        _Node("AutoConnect", str(network.automatic)),
        _Node("HiddenNetwork", str(network.hidden)),
        *key,
        _Node("SecurityType", _SECURITY[network.security]),
    )
    return _keyed("WLANConfig", "SSID", network.ssid, (_Node("WLANXmlSettings", content),))


def _policies(package: Package) -> Iterable[_Node]:
    areas: dict[str, list[_Node]] = {}
    for policy in sorted(package.policies, key=lambda one: (one.area, one.name)):
        areas.setdefault(policy.area, []).append(_Node(policy.name, policy.value))
    for area, named in areas.items():
        yield _Node(area, tuple(named))
