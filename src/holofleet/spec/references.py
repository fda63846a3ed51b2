"""Names that refer to one another: each must be declared, each declared once; the nearest name is offered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from holofleet.spec.faults import Faults
from holofleet.spec.model.deployment import DeploymentSettings
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.yaml_text import Path

OWN = "own"


def check_references(model: FleetFile, faults: Faults) -> None:
    """Add a fault for every name that is declared twice, or used and not declared."""
    _Check(model, faults).run()


class _Check:
    def __init__(self, model: FleetFile, faults: Faults) -> None:
        self.model = model
        self.faults = faults
        self.people = {person.upn for person in model.people}
        self.groups = {group.name for group in model.groups}
        self.clients = {client.name for client in model.clients}
        self.sites = {site.name for site in model.sites}
        self.headsets = {headset.serial for headset in model.headsets}
        self.deployments = {deployment.name for deployment in model.deployments}
        self.accounts = {headset.account for headset in model.headsets if headset.account}

    def run(self) -> None:
        self._declared_once()
        self._nouns()
        self._loans()
        self._settings(self.model.defaults, ("defaults",))
        for index, deployment in enumerate(self.model.deployments):
            path: Path = ("deployments", index)
            self._one((*path, "client"), "client", deployment.client, self.clients | {OWN})
            self._one((*path, "site"), "site", deployment.site, self.sites)
            self._one((*path, "headsets", "site"), "site", deployment.headsets.site, self.sites)
            self._many((*path, "headsets"), "headset", deployment.headsets.serials or (), self.headsets)
            self._settings(deployment, path)

    def _declared_once(self) -> None:
        model = self.model
        self._unique("headsets", "serial", "headset", (h.serial for h in model.headsets))
        self._unique("headsets", "name", "device name", (h.name for h in model.headsets))
        self._unique("headsets", "asset", "inventory number", (h.asset for h in model.headsets))
        self._unique("headsets", "account", "account", (h.account for h in model.headsets))
        self._unique("people", "upn", "person", (p.upn for p in model.people))
        self._unique("licenses", "sku", "product", (item.sku for item in model.licenses))
        for key, nouns in (
            ("groups", model.groups),
            ("clients", model.clients),
            ("sites", model.sites),
            ("deployments", model.deployments),
        ):
            self._unique(key, "name", key[:-1], (noun.name for noun in nouns))
        self._unique("rotas", "name", "rota", (rota.name for rota in model.calls.rotas), below=("calls",))
        self._unique("headsets", "formerly", "replaced headset", (h.formerly for h in model.headsets))
        self._unique("deployments", "formerly", "former name", (d.formerly for d in model.deployments))
        for index, client in enumerate(model.clients):
            if client.name == OWN:
                self.faults.add(
                    "file/reference",
                    ("clients", index, "name"),
                    f"`{OWN}` names the organization itself",
                    mend="Give the client another name.",
                )

    def _unique(self, key: str, part: str, noun: str, names: Iterable[str | None], *, below: Path = ()) -> None:
        first: dict[str, int] = {}
        for index, name in enumerate(names):
            if name is None:
                continue
            folded = name.casefold()
            if folded in first:
                self.faults.add(
                    "file/duplicate",
                    (*below, key, index, part),
                    f"{noun} {name} is declared twice, as {key}[{first[folded]}] and {key}[{index}]",
                    mend="Keep one of the two.",
                )
            else:
                first[folded] = index

    def _nouns(self) -> None:
        model = self.model
        for index, person in enumerate(model.people):
            self._one(("people", index, "site"), "site", person.site, self.sites)
            if (part := person.roles_for) is not None:
                where: Path = ("people", index, "roles_for")
                self._many((*where, "clients"), "client", part.clients or (), self.clients | {OWN})
                self._many((*where, "sites"), "site", part.sites or (), self.sites)
                self._many((*where, "deployments"), "deployment", part.deployments or (), self.deployments)
        for index, group in enumerate(model.groups):
            path: Path = ("groups", index, "members")
            self._many((*path, "upns"), "person", group.members.upns, self.people | self.accounts)
            self._many((*path, "accounts_of"), "deployment", group.members.accounts_of, self.deployments)
        for index, client in enumerate(model.clients):
            self._many(("clients", index, "experts"), "group or person", client.experts, self.groups | self.people)
        for index, rota in enumerate(model.calls.rotas):
            self._many(
                ("calls", "rotas", index, "experts"), "group or person", rota.experts, self.groups | self.people
            )
        sides = self.groups | self.clients | {OWN}
        for index, barrier in enumerate(model.calls.barriers):
            self._many(("calls", "barriers", index, "between"), "group or client", barrier.between, sides)
        for index, site in enumerate(model.sites):
            self._one(("sites", index, "client"), "client", site.client, self.clients | {OWN})
        for index, headset in enumerate(model.headsets):
            if headset.site is not None and headset.site not in self.sites:
                self._unknown(("headsets", index, "site"), "site", headset.site, self.sites)
        for key in ("auto_enrollment", "device_join"):
            self._many(("tenant", key, "groups"), "group", getattr(model.tenant, key).groups, self.groups)
        self._one(("tenant", "break_glass_group"), "group", model.tenant.break_glass_group, self.groups)
        for key, items in (("attestations", model.attestations), ("waivers", model.waivers)):
            for index, item in enumerate(items):
                self._one((key, index, "deployment"), "deployment", item.deployment, self.deployments)  # type: ignore[attr-defined]
        for index, waiver in enumerate(model.waivers):
            self._one(("waivers", index, "headset"), "headset", waiver.headset, self.headsets)

    def _loans(self) -> None:
        for index, loan in enumerate(self.model.loans):
            path: Path = ("loans", index)
            self._one((*path, "client"), "client", loan.client, self.clients)
            self._one((*path, "site"), "site", loan.site, self.sites)
            self._many((*path, "headsets"), "headset", loan.headsets, self.headsets)

    def _settings(self, settings: DeploymentSettings, path: Path) -> None:
        everybody = self.people | self.accounts
        if settings.enrollment and settings.enrollment.first_account != "none":
            self._one(
                (*path, "enrollment", "first_account"), "person", settings.enrollment.first_account, everybody
            )
        if settings.accounts and isinstance(settings.accounts.users, tuple):
            self._many((*path, "accounts", "users"), "person", settings.accounts.users, everybody)
        self._many((*path, "device_owners"), "person", settings.device_owners or (), everybody)
        if settings.assist:
            self._many(
                (*path, "assist", "experts"),
                "group or person",
                settings.assist.experts or (),
                self.groups | self.people,
            )
        for index, profile in enumerate(settings.kiosk.profiles or () if settings.kiosk else ()):
            at: Path = (*path, "kiosk", "profiles", index)
            self._one((*at, "group"), "group", profile.group, self.groups)
            self._one((*at, "user"), "person", profile.user, everybody)

    def _one(self, path: Path, noun: str, name: str | None, known: set[str]) -> None:
        if name is not None and name not in known:
            self._unknown(path, noun, name, known)

    def _many(self, path: Path, noun: str, names: Sequence[str], known: set[str]) -> None:
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name not in known:
                self._unknown((*path, index), noun, name, known)
            elif name in seen:
                self.faults.add(
                    "file/duplicate", (*path, index), f"{noun} {name} is listed twice", mend="Keep one of the two."
                )
            seen.add(name)

    def _unknown(self, path: Path, noun: str, name: str, known: set[str]) -> None:
        close = self.faults.suggest(name, known)
        mend = f"Did you mean `{close}`?" if close else "Declare it, or name one that is declared."
        self.faults.add("file/reference", path, f"unknown {noun} `{name[:120]}`", mend=mend)
