"""``apps.required`` in a tenant: what the Store brings, and why people have to upload the others."""

from __future__ import annotations

from dataclasses import dataclass

from holofleet import catalog
from holofleet.spec import DeploymentSettings
from holofleet.spec.model.lockdown import RequiredApp


@dataclass(frozen=True, slots=True)
class StoreApp:
    """An app that the Store brings."""

    name: str
    title: str
    package_family_name: str
    store_id: str
    min_version: str


def from_store(settings: DeploymentSettings) -> tuple[StoreApp, ...]:
    """Return the required apps of a deployment that a tenant can bring by itself."""
    return tuple(
        StoreApp(
            name=_name(said),
            title=title_of(said, settings),
            package_family_name=_family(said, settings),
            store_id=said.store_id,
            min_version=said.min_version or "",
        )
        for said in _required(settings)
        if said.store_id is not None and said.source in (None, "store")
    )


def by_hand(settings: DeploymentSettings) -> tuple[tuple[RequiredApp, str], ...]:
    """Return the other required apps, each with the reason."""
    return tuple((said, _reason(said)) for said in _required(settings) if _reason(said))


def _reason(said: RequiredApp) -> str:
    if said.source == "store-for-business":
        return "the Store for Business is closed"
    if said.source == "package" or (said.package is not None and said.store_id is None):
        return "packages are not uploaded"
    return "" if said.store_id is not None else "the file names no product id in the Store"


def title_of(said: RequiredApp, settings: DeploymentSettings) -> str:
    """Return the name of an app as people know it."""
    app = catalog.apps().get(said.app)
    if said.app == "assist" and settings.assist is not None and settings.assist.product == "remote-assist":
        app = catalog.apps().get("remote-assist")
    return app.title if app is not None else said.app


def _required(settings: DeploymentSettings) -> tuple[RequiredApp, ...]:
    return (settings.apps.required or ()) if settings.apps is not None else ()


def _name(said: RequiredApp) -> str:
    return said.app.partition("!")[0]


def _family(said: RequiredApp, settings: DeploymentSettings) -> str:
    assist = settings.assist
    if said.app == "assist" and assist is not None and assist.app is not None:
        return assist.app.package_family_name
    app = catalog.apps().get(said.app)
    if app is not None:
        return app.package_family or ""
    return _name(said)
