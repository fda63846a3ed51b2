"""What a headset, or the vendor's tool, refuses although the format lets it be written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from holofleet.formats.markup import escape
from holofleet.formats.provisioning_package.model import LocalUser, Package
from holofleet.formats.wlan_profile import MAX_SSID_BYTES, Security, WlanProfile

_VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){1,3}")
_ELEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_FILE = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_REFERENCE = re.compile(r"\{\{secret:[^{}\s]+\}\}")
_NOT_IN_NAMES = frozenset('"/\\[]:;|=,+*?<>@')
_CLASSES = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
_RESERVED = frozenset(
    {"administrator", "guest", "defaultaccount", "defaultuser0", "system", "wdagutilityaccount", "none"}
)


def faults(package: Package) -> Iterator[str]:
    """Yield a sentence for each thing that keeps a package from doing what it says. Secrets are never repeated."""
    yield from _texts(package)
    if not 1 <= len(package.name) <= 64:
        yield "the name of a package has 1 to 64 characters"
    if not _VERSION.fullmatch(package.version):
        yield f"{package.version!r} is no version; write two to four numbers, as in 1.0"
    if package.empty:
        yield "the package would change nothing"
    if package.first_experience.skip_wifi and not package.networks and package.local_user is None:
        yield "set-up may only skip the network when the package brings one, or a local account that needs none"
    yield from _ways_in(package)
    if package.local_user is not None:
        yield from _local_user(package.local_user)
    yield from _networks(package.networks)
    yield from _named(package)


def _texts(package: Package) -> Iterator[str]:
    user, token, enrollment = package.local_user, package.bulk_token, package.enrollment
    texts: dict[str, tuple[str, ...]] = {"the name of the package": (package.name,)}
    if user is not None:
        texts["the local account"] = (user.name, user.password)
    if token is not None:
        texts["the bulk token"] = (token.token, token.authority)
    if enrollment is not None:
        texts["the enrollment"] = (enrollment.upn, enrollment.secret, enrollment.server_url)
    for network in package.networks:
        texts[f"the network {network.ssid!r}"] = (network.ssid, network.passphrase)
    for policy in package.policies:
        texts[f"the policy {policy.area}/{policy.name}"] = (policy.value,)
    for what, said in texts.items():
        if not all(_carried(text) for text in said):
            yield f"{what} holds a character that XML cannot carry"


def _carried(text: str) -> bool:
    try:
        escape(text)
    except ValueError:
        return False
    return True


def _ways_in(package: Package) -> Iterator[str]:
    """Judge how the headset comes to us: one account, one enrollment, and none of them behind a tenant lock."""
    if package.local_user is not None and package.bulk_token is not None:
        yield "a package makes a local account or joins Entra ID, not both"
    if package.bulk_token is not None and package.enrollment is not None:
        yield "a bulk token enrolls by itself; leave out the user name and password, or the token"
    if package.tenant_locked and package.local_user is not None:
        yield "a headset that is locked to its tenant refuses a local account from a package"
    if package.tenant_locked and package.bulk_token is not None:
        yield "a headset that is locked to its tenant refuses to join Entra ID by a package"
    if package.bulk_token is not None and not package.bulk_token.token:
        yield "the bulk token is empty"
    if package.enrollment is not None:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", package.enrollment.upn):
            yield f"{package.enrollment.upn!r} is no user name with a domain"
        if not package.enrollment.server_url.startswith("https://"):
            yield "the address of the enrollment server begins with https://"
        if not package.enrollment.secret:
            yield "the password of the enrollment is empty"


def _local_user(user: LocalUser) -> Iterator[str]:
    if not 1 <= len(user.name) <= 20:
        yield f"the name of a local account has 1 to 20 characters; {user.name!r} has {len(user.name)}"
    if _NOT_IN_NAMES & set(user.name) or not user.name.strip(". ") or user.name != user.name.strip():
        yield f"{user.name!r} is no name for a local account"
    if user.name.lower() in _RESERVED:
        yield f"Windows keeps the name {user.name!r} for itself"
    if _REFERENCE.fullmatch(user.password):
        return
    classes = sum(any(is_one(char) for char in user.password) for is_one in _CLASSES)
    if len(user.password) < 8 or classes < 3:
        yield "the password of the local account needs 8 characters, of three of: a-z, A-Z, digits, signs"
    elif len(user.password) > 127:
        yield "the password of the local account has more than 127 characters"
    elif len(user.name) > 2 and user.name.lower() in user.password.lower():
        yield "the password of the local account holds its name"


def _networks(networks: Iterable[WlanProfile]) -> Iterator[str]:
    for network in networks:
        called = f"the network {network.ssid!r}"
        if not 1 <= len(network.ssid.encode(errors="replace")) <= MAX_SSID_BYTES:
            yield f"{called}: a name has 1 to {MAX_SSID_BYTES} bytes"
        if network.security not in (Security.OPEN, Security.WPA2_PERSONAL):
            yield f"{called}: a package carries open and WPA2-Personal networks only"
        if (network.security is Security.OPEN) == bool(network.passphrase):
            yield f"{called}: it has a passphrase exactly when it is secured"
        elif (
            network.passphrase and not _REFERENCE.fullmatch(network.passphrase) and not _phrase(network.passphrase)
        ):
            yield f"{called}: a passphrase has 8 to 63 printable ASCII characters, or 64 hexadecimal digits"


def _phrase(text: str) -> bool:
    return re.fullmatch(r"[ -~]{8,63}|[0-9A-Fa-f]{64}", text) is not None


def _named(package: Package) -> Iterator[str]:
    for policy in package.policies:
        if not (_ELEMENT.fullmatch(policy.area) and _ELEMENT.fullmatch(policy.name)):
            yield f"the policy {policy.area}/{policy.name} cannot stand in a package"
    for path in (*(root.path for root in package.roots), *([package.kiosk] if package.kiosk else ())):
        if not _FILE.fullmatch(path) or any(not part.strip(".") for part in path.split("/")):
            yield f"{path!r} is no file beside customizations.xml"
    called: tuple[tuple[str, list[str]], ...] = (
        ("network", [network.ssid for network in package.networks]),
        ("certificate", [root.name for root in package.roots]),
        ("policy", [f"{policy.area}/{policy.name}" for policy in package.policies]),
    )
    for what, names in called:
        yield from (f"the {what} {name!r} stands there twice" for name, n in Counter(names).items() if n > 1)


def cautions(package: Package) -> Iterator[str]:
    """Yield what a person should know before a package is applied."""
    said = {f"{policy.area}/{policy.name}": policy.value for policy in package.policies}
    if said.get("System/AllowStorageCard") == "0":
        yield (
            "System/AllowStorageCard is 0: a headset reads nothing more from the stick once this package is "
            "applied. Put no other package on it, or let the others come first."
        )
    if said.get("Security/AllowAddProvisioningPackage") == "0":
        yield (
            "Security/AllowAddProvisioningPackage is 0: no further package can be applied afterwards. To change "
            "anything, the headset is flashed again and gets a new package."
        )
    if package.bulk_token is not None:
        yield (
            "The bulk token ends 30 days after it was made, at the latest. Who sets the headset up does not "
            "become its owner. Joining Entra ID counts against the number of devices that the token's account may "
            "join."
        )
    if package.enrollment is not None:
        yield (
            "The user name and password enroll as many headsets as they were issued for, and no longer than they "
            "were issued for (holofleet credentials issue --uses N --expires 30d)."
        )
        yield (
            "Sources differ on whether HoloLens 2 enrolls by a package with user name and password. Try one "
            "headset first; by hand: Settings, Access work or school, Enroll only in device management."
        )
