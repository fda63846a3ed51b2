"""Apps of the Store, from ``apps.required``. Serves EXT-27, OFF-43.

Apps that people have to upload are said to be undelivered (:mod:`holofleet.desired.groups.undelivered`) and have
a manual step. Whether the Store's new kind of app installs on a headset stands in no document of the vendor.
"""

from __future__ import annotations

from holofleet.desired.cloud.draft import Draft
from holofleet.desired.required_apps import StoreApp, from_store
from holofleet.resources import App


def write(draft: Draft) -> None:
    """Write one app for each product, assigned to the device groups of all deployments that require it."""
    wanted: dict[str, tuple[StoreApp, list[str]]] = {}
    for deployment in draft.deployments:
        for app in from_store(deployment.settings):
            first, users = wanted.setdefault(app.name, (app, []))
            if first.store_id != app.store_id:
                draft.fault(
                    f"apps.required: {users[0]} and {deployment.name} name different products for {app.name}",
                    mend="Write the same store_id in both.",
                    at=deployment.origin("apps.required").position,
                )
            users.append(deployment.name)
            if _version(app.min_version) > _version(first.min_version):
                wanted[app.name] = (app, users)
    for name, (app, users) in wanted.items():
        draft.add(
            App(
                name=name,
                display_name=app.title,
                store_id=app.store_id,
                package_family_name=app.package_family_name,
                min_version=app.min_version,
                groups=draft.groups_of(*users),
            )
        )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")) if text else ()
