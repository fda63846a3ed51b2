"""A snapshot as a draft of a fleet file: who gets the same becomes a deployment.

A draft is compiled before it is shown, once with each scenario, and compared with what was read: the scenario that
adds least is written, and every setting that would differ is told. So what an import says of itself is measured,
not hoped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from holofleet import catalog, desired, spec
from holofleet.errors import HolofleetError
from holofleet.imports.tenant import enclosures, keys
from holofleet.imports.tenant.kept import COUNTRY, DOMAIN, GUID, SERIAL, SKU_KIND, TAG, TEXT, UPN_KIND, kept, slug
from holofleet.imports.tenant.nodes import Nodes, Said
from holofleet.imports.tenant.remark import Remark
from holofleet.imports.tenant.writing import as_yaml
from holofleet.resources import Setting
from holofleet.resources.document import UNCARRIED
from holofleet.resources.tenant_snapshot import Profile, TenantSnapshot

_TEMPLATE = "hl-{{serial}}"
_NO_TENANT = "00000000-0000-0000-0000-000000000000"
_SHOWN = 8
_UNREAD = (
    "conditional access, certificate sign-in, licenses of groups and settings of the whole tenant were not read; "
    "say them in this file, and holofleet plan compares them."
)
_PREFIX = re.compile(r"\s*hololens[\s_-]+", re.IGNORECASE)
_REQUESTS = "./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/"
_P2, _P1 = ("P2", "E5"), ("PREMIUM", "E3", "EMS", "SPB")


@dataclass(frozen=True, slots=True)
class Draft:
    """A fleet file, the files beside it, and what a person should know."""

    fleet: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    remarks: tuple[Remark, ...] = ()

    @property
    def lost(self) -> bool:
        """The fleet file says less than the tenant, or something else."""
        return any(remark.lost for remark in self.remarks)

    def yaml(self) -> str:
        """Return the fleet file, remarks as comments at its head."""
        return as_yaml(self.fleet, self.remarks)


@dataclass(slots=True)
class _Set:
    """Headsets that get the same."""

    name: str
    serials: tuple[str, ...]
    settings: Mapping[str, Setting]
    said: Said


def draft(snapshot: TenantSnapshot) -> Draft:
    """Return what a fleet file can say of a tenant; pure."""
    maker = _Maker(snapshot)
    made = maker.made()
    return _with_scenarios(made, maker.sets)


class _Maker:
    def __init__(self, snapshot: TenantSnapshot) -> None:
        self._snapshot = snapshot
        self._remarks: list[Remark] = []
        self._tenant = kept(GUID, snapshot.tenant) or _NO_TENANT
        self._headsets = {h.serial: h for h in snapshot.headsets if kept(SERIAL, h.serial) == h.serial}
        self.sets: list[_Set] = []

    def made(self) -> Draft:
        refused = len(self._snapshot.headsets) - len(self._headsets)
        if refused:
            self._remark(f"{refused} headsets were left out: their serial numbers cannot stand in a fleet file.")
        self._profiles()
        self._remark(_UNREAD, lost=False)
        for what, count in self._snapshot.others.items():
            self._remark(f"{count} {what} were not looked into.", lost=False)
        for (what, key), names in self._snapshot.uncarried.items():
            self._remark(f"{len(names)} {what} were left out: {_listed(names)}; say them by {key}, and plan.")
        for (what, phrase), names in self._snapshot.unfollowed.items():
            self._remark(f"{len(names)} {what} have {phrase}, and may reach headsets that way: {_listed(names)}.")
        fleet = self._head() | self._people() | self._places()
        fleet["headsets"] = [self._headset(serial) for serial in self._headsets]
        fleet["deployments"] = [self._deployment(one) for one in self.sets]
        for one in self.sets:
            self._remarks += one.said.remarks
        files = {name: content for one in self.sets for name, content in one.said.files.items()}
        return Draft(fleet, files, tuple(self._remarks))

    def _remark(self, text: str, *, about: str = "", lost: bool = True) -> None:
        self._remarks.append(Remark(about, text, lost))

    def _head(self) -> dict[str, Any]:
        seen = self._snapshot
        seats = {name: number for name, number in sorted(seen.seats.items()) if kept(SKU_KIND, name) == name}
        country, domain = kept(COUNTRY, seen.country), kept(DOMAIN, seen.domain)
        for what, value in (("country", country), ("domain", domain)):
            if value is None:
                self._remark(f"the tenant names no {what} that a fleet file can say; complete it.")
        names = " ".join(seats).upper()
        edition = "P2" if any(w in names for w in _P2) else "P1" if any(w in names for w in _P1) else "free"
        return {
            "holofleet": 1,
            "organization": {
                "name": kept(TEXT, seen.organization) or "Imported",
                "country": country or "US",
            },
            "tenant": {"id": self._tenant, "domain": domain or "contoso.com", "edition": edition},
            "licenses": [{"sku": name, "seats": number} for name, number in seats.items()],
        }

    def _people(self) -> dict[str, Any]:
        upns = sorted({upn for one in self.sets for upn in one.said.people})
        groups = {id_: name for one in self.sets for id_, name in one.said.groups.items()}
        made: dict[str, Any] = {}
        if upns:
            made["people"] = [{"upn": upn} for upn in upns]
        if groups:
            made["groups"] = [{"name": name, "object_id": id_} for id_, name in sorted(groups.items())]
        return made

    def _places(self) -> dict[str, Any]:
        sites = [{"name": one.name, "network": one.said.network} for one in self.sets if one.said.network]
        return {"sites": sites} if sites else {}

    def _headset(self, serial: str) -> dict[str, Any]:
        headset = self._headsets[serial]
        entry: dict[str, Any] = {"serial": serial}
        if headset.registered:
            entry["autopilot"] = True
        tag = kept(TAG, headset.group_tag)
        if tag is not None:
            entry["group_tag"] = tag
        account = kept(UPN_KIND, self._snapshot.accounts.get(serial, ""))
        if account is not None:
            entry["account"] = account
        return entry

    def _profiles(self) -> None:
        """Part the headsets by what reaches them."""
        reached: dict[str, list[Profile]] = {serial: [] for serial in self._headsets}
        for profile in self._snapshot.profiles:
            for phrase in (*profile.unread, *profile.reach.unclear):
                self._remark(f"{phrase} was left out.", about=profile.name)
            for serial in self._snapshot.reached(profile.reach) & reached.keys():
                reached[serial].append(profile)
        parts: dict[tuple[str, ...], list[str]] = {}
        for serial, profiles in reached.items():
            parts.setdefault((*(p.id for p in profiles), *self._beside(serial)), []).append(serial)
        for serials in parts.values():
            self._set(tuple(serials), reached[serials[0]])

    def _beside(self, serial: str) -> Iterable[str]:
        """Yield what else makes headsets different: set-up and apps."""
        seen = self._snapshot
        reaches = [one.reach for one in seen.set_ups] + [one.reach for one in seen.status_pages]
        for place, reach in enumerate([*reaches, *(one.reach for one in seen.apps)]):
            if serial in seen.reached(reach):
                yield str(place)

    def _set(self, serials: tuple[str, ...], profiles: Iterable[Profile]) -> None:
        exact = [g.name for g in self._snapshot.groups if g.serials & self._headsets.keys() == frozenset(serials)]
        shown = _PREFIX.sub("", min(exact, default=""))
        name = slug(shown, "headsets", {one.name for one in self.sets})
        settings = self._merged(name, profiles)
        nodes = Nodes(settings.values(), self._tenant, name)
        for take in (*keys.TAKERS, *enclosures.TAKERS, keys.rest):
            take(nodes)
        self._accounts(nodes, serials, profiles)
        self._set_up(nodes, serials)
        self._apps(nodes, serials)
        self._unlike_groups(nodes.said)
        self.sets.append(_Set(name, serials, settings, nodes.said))

    def _merged(self, name: str, profiles: Iterable[Profile]) -> dict[str, Setting]:
        found: dict[str, Setting] = {}
        unclear: set[str] = set()
        refused: set[str] = set()
        for profile in profiles:
            for setting in profile.settings:
                other = found.setdefault(setting.oma_uri, setting)
                if other.data != setting.data:
                    unclear.add(setting.oma_uri)
                if UNCARRIED.search(setting.data):
                    refused.add(setting.oma_uri)
        for uri in sorted(unclear):
            del found[uri]
            self._remark(f"{uri} was left out: profiles of these headsets contradict each other.", about=name)
        for uri in sorted(refused & found.keys()):
            del found[uri]
            self._remark(f"{uri} was left out: no message can carry its value.", about=name)
        return found

    def _accounts(self, nodes: Nodes, serials: tuple[str, ...], profiles: Iterable[Profile]) -> None:
        for profile in profiles:
            request = profile.certificate
            if request is None:
                continue
            known = nodes.said.keys.get("accounts.certificate")
            if known is None and not request.account.partition("@")[0].endswith("{{serial}}"):
                nodes.remark(f"the certificate request {profile.name!r} was left out: no account signs in by it.")
                continue
            more = {"scep_url": request.url, "valid_years": request.valid_years}
            more |= {"ca_thumbprint": request.root} if request.root else {}
            nodes.say("accounts.certificate", (known or {}) | more)
            nodes.say("accounts.kind", "shared-certificate")
        accounts = self._snapshot.accounts
        if all(serial in accounts for serial in serials):
            nodes.say("accounts.users", "per-headset")
            nodes.said.keys.setdefault("accounts.kind", "individual")
            domains = {accounts[serial].rpartition("@")[2].lower() for serial in serials}
            if len(domains) == 1 and domains != {self._snapshot.domain.lower()}:
                nodes.say("accounts.domain", domains.pop())
            if all(accounts[s].partition("@")[0].lower() == f"hl-{s}".lower() for s in serials):
                nodes.say("accounts.name", _TEMPLATE)
        elif "sign_in.auto_logon" in nodes.said.keys:
            del nodes.said.keys["sign_in.auto_logon"]
            nodes.remark(
                "automatic sign-in was left out: not every headset has an account with its serial number."
            )

    def _set_up(self, nodes: Nodes, serials: tuple[str, ...]) -> None:
        seen = self._snapshot
        for one in seen.set_ups:
            if not set(serials) <= seen.reached(one.reach) or "enrollment.autopilot" in nodes.said.keys:
                continue
            said: dict[str, Any] = {"profile": slug(one.name, "hololens", ())}
            said |= {"device_name": one.device_name} if one.device_name else {}
            said |= {"language": one.language} if one.language else {}
            page = next((p for p in seen.status_pages if set(serials) <= seen.reached(p.reach)), None)
            if page is not None:
                said |= {"timeout_min": page.timeout_min, "reset_button": page.reset_button}
            if said["profile"] != one.name:
                nodes.remark(f"the Autopilot profile {one.name!r} is called {said['profile']} here.", lost=False)
            if not nodes.say("enrollment.autopilot", said):
                nodes.remark(f"the Autopilot profile {one.name!r} was left out: a fleet file cannot say it.")

    def _apps(self, nodes: Nodes, serials: tuple[str, ...]) -> None:
        required: list[dict[str, Any]] = []
        for app in self._snapshot.apps:
            if not set(serials) <= self._snapshot.reached(app.reach):
                continue
            by_title = (name for name, known in catalog.apps().items() if app.name in (name, known.title))
            shown = app.name if "!" in app.name else next(by_title, "")
            entry = {"app": shown, "source": "store", "store_id": app.store_id}
            if app.store_id and shown and nodes.say("apps.required", [*required, entry]):
                required.append(entry)
            else:
                nodes.remark(
                    f"the app {app.name!r} was left out: its package cannot be named by what the tenant tells."
                )

    def _unlike_groups(self, said: Said) -> None:
        """Give the groups of a kiosk names that no other group of the file has."""
        known = {id_: name for one in self.sets for id_, name in one.said.groups.items()}
        names = {group.id: group.name for group in self._snapshot.groups}
        for id_, old in list(said.groups.items()):
            taken = {*known.values(), *(name for other, name in said.groups.items() if other != id_)}
            new = known.get(id_) or slug(names.get(id_, old), "kiosk-group", taken)
            said.groups[id_] = new
            for profile in said.keys.get("kiosk.profiles", ()):
                if profile.get("group") == old:
                    profile["group"] = new

    def _deployment(self, one: _Set) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": one.name, "scenario": "", "headsets": list(one.serials)}
        if one.said.network:
            entry["site"] = one.name
        return entry | one.said.nested()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _with_scenarios(made: Draft, sets: list[_Set]) -> Draft:
    """Choose for each deployment the scenario that changes least, and tell what it changes."""
    tried = {scenario: _differences(_said(made, dict.fromkeys((s.name for s in sets), scenario)), sets)
             for scenario in spec.SCENARIOS}  # fmt: skip
    usable = {scenario: found for scenario, found in tried.items() if not isinstance(found, Remark)}
    first = next(iter(spec.SCENARIOS))
    chosen = {
        one.name: min(usable, key=lambda scenario: len(usable[scenario].get(one.name, ())), default=first)
        for one in sets
    }
    final = _said(made, chosen)
    found = _differences(final, sets)
    more = [found] if isinstance(found, Remark) else [remark for remarks in found.values() for remark in remarks]
    return replace(final, remarks=(*made.remarks, *more))


def _said(made: Draft, chosen: Mapping[str, str]) -> Draft:
    deployments = [one | {"scenario": chosen[one["name"]]} for one in made.fleet["deployments"]]
    return replace(made, fleet={**made.fleet, "deployments": deployments})


def _differences(made: Draft, sets: list[_Set]) -> dict[str, list[Remark]] | Remark:
    """Compile a draft and compare it with what was read; a remark where it cannot be compiled."""
    try:
        loaded = spec.parse({"fleet.yaml": as_yaml(made.fleet, ())}, enclosures=made.files)
        state = desired.compile(loaded, target="graph")
    except HolofleetError as error:
        return Remark(
            "", f"this draft does not compile yet: {error.summary} {getattr(error, 'detail', '')}".strip()
        )
    found: dict[str, list[Remark]] = {}
    for one in sets:
        headset = state.headsets[one.serials[0]]
        compiled = {setting.oma_uri: setting for setting in state.documents[headset.document].settings}
        found[one.name] = list(_compared(one, compiled))
    return found


def _compared(one: _Set, compiled: Mapping[str, Setting]) -> Iterable[Remark]:
    requests = "scep_url" in one.said.keys.get("accounts.certificate", {})
    added = sorted(
        uri for uri in compiled.keys() - one.settings.keys() if not (requests and uri.startswith(_REQUESTS))
    )
    if added:
        shown = ", ".join(_short(uri) for uri in added[:_SHOWN])
        more = f" and {len(added) - _SHOWN} more" if len(added) > _SHOWN else ""
        text = f"the scenario adds {len(added)} settings that the tenant does not have: {shown}{more}."
        yield Remark(one.name, text, lost=False)
    for uri in sorted(one.settings.keys() - compiled.keys() - one.said.told):
        yield Remark(one.name, f"{uri} is in the tenant, and this draft does not bring it.")
    for uri in sorted(compiled.keys() & one.settings.keys()):
        mine, theirs = compiled[uri], one.settings[uri]
        if not _same(mine.data, theirs.data) and not mine.secrets:
            yield Remark(one.name, f"{uri} will have another text than it has now; compare them.", lost=False)


def _short(uri: str) -> str:
    return "/".join(uri.split("/")[-2:])


def _same(mine: str, theirs: str) -> bool:
    account = mine.replace("{{account}}", theirs) if mine == "{{account}}" else mine
    return account.lower() == theirs.lower() or "".join(mine.split()) == "".join(theirs.split())
