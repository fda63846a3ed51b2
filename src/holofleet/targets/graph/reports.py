"""What headsets report to Intune, as a State that can be laid beside the desired one.

Intune says of each profile on each device whether it was applied, not which values stand there. A profile that a
device reports as compliant proves all that it carries, as long as the profile itself is as the fleet file says;
one in error or in conflict proves that it is otherwise; all else proves nothing, and is left out. Devices are
joined to the fleet by serial number, and their profile reports to them by device id; a report that could be of
two devices is nobody's.

Source: 'managedDevice', 'deviceConfigurationDeviceStatus', Microsoft Graph reference. That a report's id ends in
the device's is seen in other implementations; where it does not, the device name decides if it is unique.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from holofleet.clock import parse_utc
from holofleet.resources import DeviceGroup, Document, Headset, Setting, State, normal_uri
from holofleet.targets.graph.kinds.device_groups import MODEL, headsets_of
from holofleet.targets.graph.kinds.filters import quoted
from holofleet.targets.graph.kinds.marked import address_of
from holofleet.targets.graph.lowering import Profile, lower
from holofleet.targets.graph.lowering.profiles import Theme
from holofleet.targets.graph.operations import intune, reports
from holofleet.targets.graph.reconcile import Scope
from holofleet.targets.graph.work import Work
from holofleet.targets.reported import Reports, otherwise, proved

_PROVED: Final = frozenset({"compliant", "remediated"})
_OTHERWISE: Final = frozenset({"nonCompliant", "error", "conflict"})
_SELECT: Final = "id,deviceName,serialNumber,lastSyncDateTime,complianceState,osVersion,isEncrypted"
_NATIVE: Final = (
    (Theme.UPDATES, "./Device/Vendor/MSFT/Policy/Config/Update/"),
    (Theme.CERTIFICATE, "./Device/Vendor/MSFT/RootCATrustedCertificates/"),
    (Theme.ACCOUNT, "./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/"),
)
"""Nodes that profiles of a theme carry by properties of their own."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One enrolled headset as Intune lists it."""

    id: str
    serial: str
    name: str
    seen_at: datetime | None
    compliance: str
    build: str
    encrypted: bool | None


def enrolled() -> Work[tuple[Enrolled, ...]]:
    """Read all enrolled headsets of the tenant: one paged list."""
    query = {"$filter": f"model eq {quoted(MODEL)}", "$select": _SELECT}
    (response,) = yield [reports.LIST_MANAGED.request(query=query)]
    return tuple(_enrolled(item) for item in response.value if item.get("serialNumber"))


def reported(scope: Scope, doubted: frozenset[str] = frozenset()) -> Work[Reports]:
    """Read what the headsets of a State reported of the profiles that it makes.

    Two steps: the lists of headsets and profiles, then the reports of each profile of ours, all together.

    Args:
        scope: With the State that is wanted.
        doubted: Names of profiles that are not as the State wants them: what is reported of them proves nothing.
    """
    query = {"$filter": f"model eq {quoted(MODEL)}", "$select": _SELECT}
    devices, profiles = yield [
        reports.LIST_MANAGED.request(query=query),
        intune.LIST_PROFILES.request(query={"$select": "id,displayName,description"}),
    ]
    found = [_enrolled(item) for item in devices.value if item.get("serialNumber")]
    named = {}
    for item in profiles.value:
        address = address_of(item, scope)
        if address is not None and address.kind == "profile" and address.name not in doubted:
            named[address.name] = str(item["id"])
    answers = []
    if named:
        answers = list((yield [intune.LIST_PROFILE_STATUSES.request(id=id_) for id_ in named.values()]))
    said = {name: _by_device(answer.value, found) for name, answer in zip(named, answers, strict=True)}
    return _joined(scope, found, said)


def _enrolled(item: Mapping[str, Any]) -> Enrolled:
    seen = item.get("lastSyncDateTime")
    return Enrolled(
        id=str(item["id"]),
        serial=str(item["serialNumber"]),
        name=str(item.get("deviceName") or ""),
        seen_at=_moment(seen),
        compliance=str(item.get("complianceState") or "unknown"),
        build=str(item.get("osVersion") or ""),
        encrypted=item.get("isEncrypted"),
    )


def _moment(text: Any) -> datetime | None:
    """Return a moment; the service says year one for never."""
    if not isinstance(text, str) or text.startswith("0001-"):
        return None
    try:
        return parse_utc(text)
    except ValueError:
        return None


def _by_device(rows: Iterable[Mapping[str, Any]], found: Sequence[Enrolled]) -> dict[str, str]:
    """Return the status of a profile by device id; what fits two devices fits none."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for device in found:
        by_name[device.name.casefold()].append(device.id)
    ids = {device.id for device in found}
    statuses: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        ending = str(row.get("id")).rpartition("_")[2]
        same = by_name.get(str(row.get("deviceDisplayName")).casefold(), [])
        device_id = ending if ending in ids else same[0] if len(same) == 1 else ""
        if device_id:
            statuses[device_id].add(str(row.get("status")))
    return {id_: words.pop() for id_, words in statuses.items() if len(words) == 1}


def _joined(scope: Scope, found: Sequence[Enrolled], said: Mapping[str, Mapping[str, str]]) -> Reports:
    by_serial = {device.serial: device for device in found}
    headsets: list[Headset] = []
    documents: dict[str, Document] = {}
    for group in scope.state.of_kind(DeviceGroup).values():
        members = headsets_of(group, scope)
        document = scope.state.documents[group.document]
        carried = _carried(document, lower(document, members))
        for headset in members:
            device = by_serial.get(headset.serial)
            if device is None or device.seen_at is None:
                continue
            told = {name: said.get(f"{group.name}/{name}", {}).get(device.id, "unknown") for name in carried}
            reported_ = Document(tuple(_said(carried, told, headset)))
            documents[reported_.hash] = reported_
            headsets.append(headset.model_copy(update={"document": reported_.hash}))
    heard = {device.serial: device.seen_at for device in found if device.seen_at is not None}
    return Reports(State(headsets, documents.values()), heard)


def _said(
    carried: Mapping[str, Sequence[Setting]], told: Mapping[str, str], headset: Headset
) -> Iterable[Setting]:
    variables = {"serial": headset.serial, **headset.variables}
    for name, settings in carried.items():
        for setting in settings:
            if told[name] in _PROVED and not setting.secrets:
                yield proved(setting, variables)
            elif told[name] in _OTHERWISE:
                yield otherwise(setting)


def _carried(document: Document, profiles: Iterable[Profile]) -> dict[str, list[Setting]]:
    """Return the settings of a document by the name of the profile that carries them."""
    owner: dict[str, str] = {}
    native: dict[Theme, list[str]] = defaultdict(list)
    for profile in profiles:
        native[profile.theme].append(profile.name)
        owner |= {setting["omaUri"]: profile.name for setting in profile.properties.get("omaSettings", ())}
    carried: dict[str, list[Setting]] = defaultdict(list)
    for setting in document.settings:
        name = owner.get(normal_uri(setting.oma_uri)) or _native(setting, native)
        if name:
            carried[name].append(setting)
    return dict(carried)


def _native(setting: Setting, native: Mapping[Theme, Sequence[str]]) -> str:
    for theme, prefix in _NATIVE:
        if setting.oma_uri.startswith(prefix):
            parts = setting.oma_uri.removeprefix(prefix).lower().split("/")
            names = native.get(theme, ())
            return next((name for name in names if len(names) == 1 or name.split()[-1].lower() in parts), "")
    return ""
