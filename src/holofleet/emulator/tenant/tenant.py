"""All objects of one tenant, and the work that happens later.

Reads go through :meth:`Tenant.seen` and :meth:`Tenant.find`, which hide what has not arrived yet; the methods
without a clock in their name see everything, as the service does inside.
"""

from __future__ import annotations

import heapq
import itertools
import uuid
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from holofleet.clock import Clock, render_utc
from holofleet.emulator.edm import Schema, load
from holofleet.emulator.message import missing
from holofleet.emulator.tenant.item import Item
from holofleet.emulator.tenant.settings import Settings

Task = Callable[["Tenant"], None]


@dataclass(frozen=True)
class Change:
    """One change of one object, for tests and audit logs.

    Args:
        act: ``create``, ``update`` or ``delete``.
        collection: Where the object is or was.
        id, type: Which object.
        before, after: Its properties; None before a creation and after a deletion.
        moment: When.
        actor: Who: an application, or a person's user principal name.
        cascade: True when it followed from another change.
    """

    act: str
    collection: str
    id: str
    type: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    moment: datetime
    actor: str
    cascade: bool = False


@dataclass
class Tenant:
    """See the module.

    Args:
        clock: Tells what has arrived; a test moves it.
        settings: How slow and small it is.
        schema: The types of Graph.
    """

    clock: Clock
    settings: Settings = field(default_factory=Settings)
    schema: Schema = field(default_factory=load)
    id: str = "5b0f2a52-8c3d-4a86-9a5e-2d7f1c6b9e10"
    actor: str = "holofleet"

    def __post_init__(self) -> None:
        self._collections: dict[str, dict[str, Item]] = {}
        self.singletons: dict[str, dict[str, Any]] = {}
        self.changes: list[Change] = []
        self.user_names: dict[str, str] = {}
        """Ids of users by user principal name in lower case, of deleted ones too."""
        self.groups_of: dict[str, set[str]] = {}
        """Ids of groups by member."""
        self.consumers: dict[str, set[str]] = {}
        """Ids of users by SKU id."""
        self.settled_licenses: dict[str, list[dict[str, Any]]] = {}
        """Licenses of groups as the service settled them last."""
        self.unlicensed: dict[str, set[str]] = {}
        """Ids of users that could not get the licenses of a group, by group."""
        self.plan_needs: dict[str, tuple[str, ...]] = {}
        """Service plans that a service plan needs, by id."""
        self.registered: dict[str, str] = {}
        """Directory device of each serial that is registered with Autopilot here."""
        self.registered_elsewhere: set[str] = set()
        """Serials that another tenant holds."""
        self.autopilot_errors: dict[str, tuple[int, str]] = {}
        """What an import says of a serial, instead of registering it."""
        self.reported_states: dict[tuple[str, str], str] = {}
        """Status that a managed device reports for a configuration: (configuration id, device id)."""
        self.downloads: dict[str, tuple[datetime, bytes]] = {}
        """Exports by their secret path: until when, and the archive."""
        self.leaked_tokens = 0
        """Downloads that came with a bearer token that was not theirs to have."""
        self.lock_outs = 0
        """Conditional access policies that were enabled for everybody without exclusion."""
        self.deletions_without_ref: list[str] = []
        """Objects that were deleted by a request that lacked ``/$ref``."""
        self._numbers = itertools.count(1)
        self._due: list[tuple[datetime, int, Hashable, Task]] = []
        self._waiting: set[Hashable] = set()

    # Time

    def now(self) -> datetime:
        """Return the present moment of this tenant."""
        return self.clock.now()

    def stamp(self) -> str:
        """Return the present moment as Graph writes it."""
        return render_utc(self.now())

    def later(self, delay: timedelta, key: Hashable, task: Task) -> None:
        """Have something done after a delay, once for all who ask with the same key before."""
        if key not in self._waiting:
            self._waiting.add(key)
            heapq.heappush(self._due, (self.now() + delay, next(self._numbers), key, task))

    def settle(self) -> None:
        """Do what is due, and what that makes due."""
        now = self.now()
        while self._due and self._due[0][0] <= now:
            _, _, key, task = heapq.heappop(self._due)
            self._waiting.discard(key)
            task(self)

    def next_due(self) -> datetime | None:
        """Return when something happens next by itself, for a test that moves the clock there."""
        return self._due[0][0] if self._due else None

    # Objects

    def new_id(self) -> str:
        """Return an id that follows from the seed and from how many were made."""
        return str(uuid.uuid5(uuid.UUID(int=self.settings.seed + 1), str(next(self._numbers))))

    def collection(self, name: str) -> dict[str, Item]:
        """Return all objects of a collection by id, whether visible or not."""
        return self._collections.setdefault(name, {})

    def collections(self) -> Iterator[tuple[str, dict[str, Item]]]:
        """Return all collections by name."""
        yield from sorted(self._collections.items())

    def create(
        self,
        collection: str,
        type_: str,
        properties: dict[str, Any],
        *,
        id_: str = "",
        delay: timedelta = timedelta(0),
        cascade: bool = False,
    ) -> Item:
        """Add an object; reads find it after ``delay``."""
        item = Item(id_ or self.new_id(), type_, properties, next(self._numbers), self.now() + delay)
        self.collection(collection)[item.id] = item
        self._note("create", collection, item, None, dict(properties), cascade)
        return item

    def update(
        self,
        collection: str,
        item: Item,
        properties: dict[str, Any],
        *,
        delay: timedelta = timedelta(0),
        cascade: bool = False,
    ) -> None:
        """Change properties of an object; reads show the change after ``delay``."""
        before = dict(item.properties)
        if delay:
            item.earlier = (self.now() + delay, dict(item.shown(self.now())))
        item.properties.update(properties)
        self._note("update", collection, item, before, dict(item.properties), cascade)

    def delete(self, collection: str, item: Item, *, cascade: bool = False) -> None:
        """Take an object away, at once."""
        del self.collection(collection)[item.id]
        self._note("delete", collection, item, dict(item.properties), None, cascade)

    def edit(self, collection: str, item: Item, properties: dict[str, Any], *, actor: str) -> None:
        """Change an object as somebody else would, behind the back of whoever talks to the emulator.

        Args:
            collection, item: What is changed.
            properties: What it says then.
            actor: Who did it; a user principal name for a person.
        """
        own, self.actor = self.actor, actor
        served: dict[str, Any] = {}
        if "version" in item.properties:
            served["version"] = item.properties["version"] + 1
        if "lastModifiedDateTime" in item.properties:
            served["lastModifiedDateTime"] = self.stamp()
        for setting in properties.get("omaSettings", ()):
            setting["secretReferenceValueId"] = f"{self.id}_{self.new_id()}"
        self.update(collection, item, {**served, **properties})
        self.actor = own

    def touch(self, collection: str, item: Item, *, cascade: bool = False) -> None:
        """Note that something changed that is no property of an object: its members, its assignments."""
        self._note("update", collection, item, dict(item.properties), dict(item.properties), cascade)

    def find(self, collection: str, identity: str) -> Item:
        """Return an object that reads find.

        Raises:
            GraphError: 404.
        """
        item = self.collection(collection).get(identity)
        if item is None or not item.visible(self.now()):
            raise missing(identity)
        return item

    def seen(self, collection: str) -> list[Item]:
        """Return the objects that reads find, in the order of their creation."""
        now = self.now()
        return [item for item in self.collection(collection).values() if item.visible(now)]

    def object(self, identity: str) -> tuple[str, Item] | None:
        """Return a directory object, visible or not, with its collection."""
        for name in ("users", "groups", "devices"):
            item = self.collection(name).get(identity)
            if item is not None:
                return name, item
        return None

    def _note(self, act: str, collection: str, item: Item, before: Any, after: Any, cascade: bool) -> None:
        self.changes.append(
            Change(act, collection, item.id, item.type, before, after, self.now(), self.actor, cascade)
        )
