"""Reads what a tenant has for HoloLens, for an import. Only reads: no other operation is named here.

What counts as HoloLens: devices that Autopilot or Intune know as the model HoloLens 2. A configuration matters
when it reaches one of them: by a group that has it as a member, or because every device gets it. What matters
is read whole; the rest is counted by kind.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from holofleet.resources.tenant_snapshot import (
    App,
    CertificateRequest,
    Group,
    Headset,
    Profile,
    Reach,
    SetUp,
    StatusPage,
    TenantSnapshot,
)
from holofleet.targets.graph import raising
from holofleet.targets.graph.kinds import status_pages
from holofleet.targets.graph.kinds.device_groups import MODEL
from holofleet.targets.graph.kinds.filters import quoted
from holofleet.targets.graph.lowering import scep
from holofleet.targets.graph.operations import Operation, Request, Response, autopilot, directory, intune, reports
from holofleet.targets.graph.work import Work

READS: Final[tuple[Operation, ...]] = (
    directory.GET_ORGANIZATION,
    directory.LIST_SKUS,
    directory.LIST_DEVICES,
    directory.LIST_USERS,
    directory.GET_GROUP,
    directory.LIST_MEMBERS,
    autopilot.LIST_IDENTITIES,
    autopilot.LIST_DEPLOYMENT_PROFILES,
    reports.LIST_MANAGED,
    intune.LIST_PROFILES,
    intune.GET_PLAIN_TEXT,
    intune.GET_SCEP_ROOT,
    intune.LIST_COMPLIANCE,
    intune.LIST_RESTRICTIONS,
    intune.LIST_APPS,
)
"""Every operation that an import may send, for the permissions that it needs."""
_ZTDID: Final = "[ZTDID]:"
_GROUP: Final = "#microsoft.graph.groupAssignmentTarget"
_NOT_GROUP: Final = "#microsoft.graph.exclusionGroupAssignmentTarget"
_ALL: Final = "#microsoft.graph.allDevicesAssignmentTarget"
_NO_FILTER: Final = (None, "", "none")
_YEARS: Final = "years"
_STORE: Final = re.compile(r"[A-Z0-9]{12}\Z")
Item = Mapping[str, Any]


def read() -> Work[TenantSnapshot]:
    """Read a tenant: lists first, then groups that something is given to, then values that lists do not show."""
    assigned = {"$expand": "assignments"}
    model = {"$filter": f"model eq {quoted(MODEL)}"}
    (
        organization,
        skus,
        registered,
        managed,
        devices,
        users,
        profiles,
        set_ups,
        enrollment,
        compliance,
        apps,
    ) = yield [
        directory.GET_ORGANIZATION.request(),
        directory.LIST_SKUS.request(),
        autopilot.LIST_IDENTITIES.request(),
        reports.LIST_MANAGED.request(query=model | {"$select": "id,serialNumber,model,azureADDeviceId"}),
        directory.LIST_DEVICES.request(query=model | {"$select": "id,deviceId,physicalIds", "$top": "999"}),
        directory.LIST_USERS.request(query={"$select": "id,userPrincipalName", "$top": "999"}),
        intune.LIST_PROFILES.request(query=assigned),
        autopilot.LIST_DEPLOYMENT_PROFILES.request(query=assigned),
        intune.LIST_RESTRICTIONS.request(query=assigned),
        intune.LIST_COMPLIANCE.request(query=assigned),
        intune.LIST_APPS.request(query=assigned),
    ]
    headsets = _headsets(registered.value, managed.value)
    serials = _objects(devices.value, registered.value, managed.value)
    listed = [profiles, set_ups, enrollment, compliance, apps]
    groups = yield from _groups([item for one in listed for item in one.value], serials)
    seen = TenantSnapshot("", headsets=headsets, groups=groups)
    meant = [item for item in profiles.value if seen.reached(_reach(item))]
    texts, roots = yield from _beside(meant)
    thumbprints = {str(item["id"]): raising.root_of(item) for item in profiles.value}
    others = Counter[str]()
    others["configuration profiles for other devices"] = len(profiles.value) - len(meant)
    ids = {str(item["id"]) for item in meant}  # these say it themselves
    by_kind = {
        "configuration profiles": [item for item in profiles.value if str(item["id"]) not in ids],
        "Autopilot profiles": set_ups.value,
        "enrollment settings": [item for item in enrollment.value if _is_page(item)],
        "apps": [item for item in apps.value if _is_required(item)],
    }
    return TenantSnapshot(
        **_organization(organization.value),
        seats=_seats(skus.value),
        headsets=headsets,
        groups=groups,
        profiles=tuple(
            _profile(item, texts, thumbprints.get(roots.get(str(item["id"]), ""), "")) for item in meant
        ),
        set_ups=tuple(_set_up(item) for item in _kept(seen, set_ups, others, "Autopilot profiles")),
        status_pages=tuple(
            _page(item) for item in _kept(seen, enrollment, others, "enrollment settings", _is_page)
        ),
        apps=tuple(_app(item) for item in _kept(seen, apps, others, "apps", _is_required)),
        accounts=_accounts(users.value, headsets),
        uncarried=_uncarried(seen, compliance.value, enrollment.value),
        unfollowed=_unfollowed(by_kind),
        others={what: count for what, count in sorted(_more(others, seen, compliance).items()) if count},
    )


def _more(others: Counter[str], seen: TenantSnapshot, compliance: Response) -> Counter[str]:
    mine = sum(bool(seen.reached(_reach(item))) for item in compliance.value)
    others["compliance policies for other devices"] = len(compliance.value) - mine
    return others


def _uncarried(
    seen: TenantSnapshot, compliance: Iterable[Item], enrollment: Iterable[Item]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return what headsets get that no draft says, with the names, by the key that would say it."""
    rules = [item for item in compliance if seen.reached(_reach(item))]
    limits = [item for item in enrollment if _is_restriction(item)]
    found = {
        ("compliance policies", "updates.build and tenant.compliance"): rules,
        ("enrollment restrictions", "accounts and enrollment.autopilot"): limits,
    }
    return {key: tuple(sorted(_named(item) for item in items)) for key, items in found.items() if items}


def _is_restriction(item: Item) -> bool:
    """Return whether somebody made a restriction; the default ones are in every tenant."""
    kind = str(item.get("@odata.type") or "")
    return "Restriction" in kind and not str(item.get("id") or "").partition("_")[2].startswith("Default")


def _named(item: Item) -> str:
    return str(item.get("displayName") or item["id"])


def _kept(
    seen: TenantSnapshot, response: Response, others: Counter[str], what: str, holds: Any = lambda item: True
) -> Iterable[Item]:
    kept = [item for item in response.value if holds(item) and seen.reached(_reach(item))]
    others[f"{what} that are not for headsets"] = len(response.value) - len(kept)
    return kept


def _unfollowed(by_kind: Mapping[str, Iterable[Item]]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, items in by_kind.items():
        for item in items:
            for phrase in _reach(item).unclear:
                found[kind, phrase].append(_named(item))
    return {key: tuple(sorted(names)) for key, names in sorted(found.items())}


def _organization(items: Sequence[Item]) -> dict[str, str]:
    item = items[0] if items else {}
    domains = [one for one in item.get("verifiedDomains") or () if one.get("isDefault")]
    return {
        "tenant": str(item.get("id") or ""),
        "organization": str(item.get("displayName") or ""),
        "country": str(item.get("countryLetterCode") or ""),
        "domain": str(domains[0].get("name") or "") if domains else "",
    }


def _seats(items: Iterable[Item]) -> dict[str, int]:
    return {
        str(item.get("skuPartNumber")): int((item.get("prepaidUnits") or {}).get("enabled") or 0) for item in items
    }


def _headset(item: Item) -> bool:
    return str(item.get("model") or "").lower() == MODEL.lower() and bool(item.get("serialNumber"))


def _headsets(registered: Iterable[Item], managed: Iterable[Item]) -> tuple[Headset, ...]:
    found = {
        str(item["serialNumber"]): Headset(str(item["serialNumber"]), str(item.get("groupTag") or ""), True)
        for item in registered
        if _headset(item)
    }
    for item in managed:
        if _headset(item):
            found.setdefault(str(item["serialNumber"]), Headset(str(item["serialNumber"])))
    return tuple(found[serial] for serial in sorted(found))


def _objects(devices: Iterable[Item], registered: Iterable[Item], managed: Iterable[Item]) -> dict[str, str]:
    """Return serial numbers by the ids of directory objects."""
    keys: dict[str, str] = {}
    for item in registered:
        if _headset(item):
            keys[str(item["id"]).lower()] = str(item["serialNumber"])
            keys[str(item.get("azureActiveDirectoryDeviceId") or item["id"]).lower()] = str(item["serialNumber"])
            keys[str(item.get("azureAdDeviceId") or item["id"]).lower()] = str(item["serialNumber"])
    for item in managed:
        if _headset(item) and item.get("azureADDeviceId"):
            keys[str(item["azureADDeviceId"]).lower()] = str(item["serialNumber"])
    found: dict[str, str] = {}
    for item in devices:
        texts = [str(text) for text in item.get("physicalIds") or ()]
        tried = [text[len(_ZTDID) :].lower() for text in texts if text.upper().startswith(_ZTDID)]
        serial = next((keys[key] for key in [*tried, str(item.get("deviceId")).lower()] if key in keys), None)
        if serial is not None:
            found[str(item["id"])] = serial
    return found


def _reach(item: Item) -> Reach:
    groups: list[str] = []
    excluded: list[str] = []
    unclear: list[str] = []
    everything = False
    for assignment in item.get("assignments") or ():
        target = assignment.get("target") or {}
        kind, group = target.get("@odata.type"), str(target.get("groupId") or "")
        if target.get("deviceAndAppManagementAssignmentFilterType") not in _NO_FILTER:
            unclear.append("an assignment with a filter")
        elif kind == _GROUP:
            groups.append(group)
        elif kind == _NOT_GROUP:
            excluded.append(group)
        elif kind == _ALL:
            everything = True
        else:
            unclear.append(f"an assignment to {str(kind).rpartition('.')[2][:60]}")
    return Reach(tuple(groups), tuple(excluded), everything, tuple(sorted(set(unclear))))


def _groups(items: Iterable[Item], serials: Mapping[str, str]) -> Work[tuple[Group, ...]]:
    """Read the groups that something is given to, with the headsets in them; a group that is gone has none."""
    named = {group for item in items for reach in [_reach(item)] for group in (*reach.groups, *reach.excluded)}
    ids = sorted(named - {""})
    if not ids:
        return ()
    query = {"$select": "id", "$top": "999"}
    asked: list[Request] = [
        directory.GET_GROUP.request(id=id_, query={"$select": "id,displayName"}, accept={404}) for id_ in ids
    ]
    asked += [directory.LIST_MEMBERS.request(id=id_, query=query, accept={404}) for id_ in ids]
    responses = yield asked
    names, members = responses[: len(ids)], responses[len(ids) :]
    return tuple(
        Group(
            id_,
            str((name.body or {}).get("displayName") or "") if name.ok else "",
            frozenset(serials[str(one["id"])] for one in listed.value if str(one["id"]) in serials),
        )
        for id_, name, listed in zip(ids, names, members, strict=True)
    )


def _beside(items: Sequence[Item]) -> Work[tuple[dict[str, Any], dict[str, str]]]:
    """Ask for encrypted values by their references, and for the profiles of the roots that SCEP profiles name."""
    encrypted = [
        (str(item["id"]), str(setting["secretReferenceValueId"]))
        for item in items
        for setting in item.get("omaSettings") or ()
        if setting.get("isEncrypted") and setting.get("secretReferenceValueId")
    ]
    bound = [str(item["id"]) for item in items if item.get("@odata.type") == scep.TYPE]
    asked: list[Request] = [
        intune.GET_PLAIN_TEXT.request(id=id_, reference=reference, accept={403, 404})
        for id_, reference in encrypted
    ]
    asked += [intune.GET_SCEP_ROOT.request(id=id_, query={"$select": "id"}, accept={404}) for id_ in bound]
    if not asked:
        return {}, {}
    responses = yield asked
    values = [(response.body or {}).get("value") if response.ok else None for response in responses]
    ids = [str((response.body or {}).get("id") or "") for response in responses[len(encrypted) :]]
    texts = {reference: value for (_, reference), value in zip(encrypted, values, strict=False)}
    return texts, dict(zip(bound, ids, strict=True))


def _profile(item: Item, texts: Mapping[str, Any], root: str) -> Profile:
    made = raising.raised(item, texts)
    request = None
    if item.get("@odata.type") == scep.TYPE:
        urls = [str(url) for url in item.get("scepServerUrls") or ()]
        years = item.get("certificateValidityPeriodScale") == _YEARS
        if urls and item.get("certificateStore") == "machine":
            number = int(item.get("certificateValidityPeriodValue") or 1) if years else 1
            request = CertificateRequest(urls[0], raising.account_in(item), number, root)
        if request is None or len(urls) > 1 or not years:
            made.unread.append("a certificate request that a fleet file says in another way")
    name = str(item.get("displayName") or item["id"])
    return Profile(str(item["id"]), name, _reach(item), tuple(made.settings), request, tuple(made.unread))


def _set_up(item: Item) -> SetUp:
    language = str(item.get("language") or item.get("locale") or "")
    return SetUp(
        str(item.get("displayName") or ""),
        _reach(item),
        str(item.get("deviceNameTemplate") or ""),
        "" if language == "os-default" else language,
    )


def _is_page(item: Item) -> bool:
    return item.get("@odata.type") == status_pages.TYPE


def _page(item: Item) -> StatusPage:
    return StatusPage(
        str(item.get("displayName") or ""),
        _reach(item),
        int(item.get("installProgressTimeoutInMinutes") or 60),
        bool(item.get("allowDeviceResetOnInstallFailure")),
    )


def _is_required(item: Item) -> bool:
    return any(one.get("intent") == "required" for one in item.get("assignments") or ())


def _app(item: Item) -> App:
    product = str(item.get("packageIdentifier") or "").upper()
    return App(str(item.get("displayName") or ""), _reach(item), product if _STORE.match(product) else "")


def _accounts(users: Iterable[Item], headsets: Iterable[Headset]) -> dict[str, str]:
    """Return accounts whose name ends with the serial number of a headset, after another character or alone."""
    by_serial = {headset.serial.lower(): headset.serial for headset in headsets}
    found: dict[str, str] = {}
    for user in users:
        upn = str(user.get("userPrincipalName") or "")
        local = upn.partition("@")[0].lower()
        tail = re.split(r"[-_.]", local)[-1]
        serial = by_serial.get(local) or by_serial.get(tail)
        if serial is not None:
            found.setdefault(serial, upn)
    return found
