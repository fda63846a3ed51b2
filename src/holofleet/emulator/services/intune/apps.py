"""Apps: published some time after they were made, assigned only then."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Body
from holofleet.emulator.message import bad
from holofleet.emulator.routing import Route
from holofleet.emulator.services.intune.areas import APPS
from holofleet.emulator.services.intune.policy import Policies
from holofleet.emulator.tenant import Item, Tenant


def routes() -> Iterator[Route]:
    """Return the routes of apps."""
    yield from POLICIES.routes()


def _check(call: Call, body: Body, item: Item | None) -> None:
    if body.type == "microsoftStoreForBusinessApp":
        raise bad("Apps of the Microsoft Store for Business cannot be created or changed any more.")
    if item is None:
        # An uploaded package is published when its content is committed, which nobody does here.
        uploaded = body.type == "windowsUniversalAppX"
        body.properties["publishingState"] = "notPublished" if uploaded else "processing"
    if body.properties.get("displayName", "x") == "" or body.properties.get("publisher", "x") == "":
        raise bad("'displayName' and 'publisher' have at least one character.")


def _published(tenant: Tenant, identity: str) -> None:
    item = tenant.collection("mobileApps").get(identity)
    if item is not None:
        item.properties["publishingState"] = "published"


def _after(tenant: Tenant, item: Item) -> None:
    if item.properties["publishingState"] == "processing":
        tenant.later(tenant.settings.delays.publishing, ("publish", item.id), lambda t: _published(t, item.id))


def _before_assign(call: Call, item: Item) -> None:
    if item.properties["publishingState"] != "published":
        raise bad("The app is not published yet and cannot be assigned.")


POLICIES = Policies(
    "/deviceAppManagement/mobileApps",
    Listing(
        "mobileApps",
        "mobileApp",
        filters={"displayName": "eq startswith contains", "publisher": "eq", "id": "eq"},
        orders=("displayName",),
        expands=("assignments",),
        page=1000,
        most=1000,
    ),
    APPS,
    assignment="mobileAppAssignment",
    assign_key="mobileAppAssignments",
    check=_check,
    before_assign=_before_assign,
    after=_after,
    defaults={"isFeatured": False},
)
