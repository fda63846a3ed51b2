"""Words that the catalog knows: apps, settings pages, endpoint groups, guide statements.

The catalog is asked only for the kinds of words that a fleet uses. Builds and products are not judged here:
newer ones than the catalog's are no error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache

from holofleet import catalog
from holofleet.formats import page_visibility
from holofleet.spec.faults import Faults
from holofleet.spec.model.deployment import DeploymentSettings
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.yaml_text import Path


@cache
def _pages() -> frozenset[str]:
    return frozenset(catalog.settings_pages()) | frozenset(page_visibility.group_names())


@cache
def _endpoint_groups() -> frozenset[str]:
    return frozenset(endpoint.group for endpoint in catalog.endpoints().endpoints)


def check_words(model: FleetFile, faults: Faults) -> None:
    """Add a fault for every word that the catalog would have to know and does not."""
    _settings(model.defaults, ("defaults",), faults)
    for index, deployment in enumerate(model.deployments):
        _settings(deployment, ("deployments", index), faults)
    for index, site in enumerate(model.sites):
        if site.network.firewall is None:
            continue
        path: Path = ("sites", index, "network", "firewall")
        for number, name in enumerate(site.network.firewall.open):
            _word(faults, (*path, "open", number), "endpoint group", name, _endpoint_groups)
        for number, closed in enumerate(site.network.firewall.closed):
            _word(faults, (*path, "closed", number, "group"), "endpoint group", closed.group, _endpoint_groups)
    for index, attestation in enumerate(model.attestations):
        _word(faults, ("attestations", index, "rule"), "guide statement", attestation.rule, catalog.statements)
    for index, waiver in enumerate(model.waivers):
        _word(faults, ("waivers", index, "rule"), "guide statement", waiver.rule, catalog.statements)


def _settings(settings: DeploymentSettings, path: Path, faults: Faults) -> None:
    kiosk, control, pages, apps = settings.kiosk, settings.app_control, settings.settings_pages, settings.apps
    if kiosk:
        _apps(faults, (*path, "kiosk", "apps"), kiosk.apps)
        for index, profile in enumerate(kiosk.profiles or ()):
            _apps(faults, (*path, "kiosk", "profiles", index, "apps"), profile.apps)
    if control:
        _apps(faults, (*path, "app_control", "deny"), control.deny)
        _apps(faults, (*path, "app_control", "allow"), control.allow)
    for index, required in enumerate((apps.required if apps else None) or ()):
        _app(faults, (*path, "apps", "required", index, "app"), required.app)
    for way in ("show", "hide"):
        for index, name in enumerate((getattr(pages, way) if pages else None) or ()):
            _word(faults, (*path, "settings_pages", way, index), "settings page", name, _pages)


def _apps(faults: Faults, path: Path, names: tuple[str, ...] | None) -> None:
    for index, name in enumerate(names or ()):
        _app(faults, (*path, index), name)


def _app(faults: Faults, path: Path, name: str) -> None:
    if "_" not in name:  # a package family name carries its publisher behind an underscore
        _word(faults, path, "app", name, catalog.apps)


def _word(faults: Faults, path: Path, noun: str, word: str, known: Callable[[], Collection[str]]) -> None:
    if word in known():
        return
    close = faults.suggest(word, sorted(known()))
    mend = f"Did you mean `{close}`?" if close else f"Known are: {', '.join(sorted(known())[:12])} ..."
    if noun == "app":
        mend += " Any app can be named by its package family name."
    faults.add("file/reference", path, f"unknown {noun} `{word[:120]}`", mend=mend)
