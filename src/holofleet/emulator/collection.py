"""Lists of objects: filter, select, expand, order and pages, the same way for every collection.

A collection says what it supports (:class:`Listing`); what it does not support is refused, as the service would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.edm import Property
from holofleet.emulator.message import Response, bad
from holofleet.emulator.odata import Allowed, Expansion, parse_filter
from holofleet.emulator.tenant import Item

Shape = Callable[[Call, Item, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Listing:
    """How the objects of a collection are read.

    Args:
        name: The collection in the tenant; also its name in context URLs.
        type: The declared type.
        filters: Operators by property; nothing when ``$filter`` is not supported at all.
        orders: Properties that ``$orderby`` takes.
        expands: Navigation properties that ``$expand`` takes.
        page, most: Objects of a page, and the most that ``$top`` may ask for.
        cap: Objects that a page has at most, whatever ``$top`` asks for; 0 for no cap.
        default: Properties that come without ``$select``; nothing for all.
        withheld: Properties that come only with ``$select``.
        consistency: Whether advanced queries need ConsistencyLevel, as in the directory.
        shape: Changes what reads show of an object.
        polymorph: Whether objects of a list carry their ``@odata.type``.
    """

    name: str
    type: str
    filters: Allowed = field(default_factory=dict)
    orders: tuple[str, ...] = ()
    expands: tuple[str, ...] = ()
    page: int = 100
    most: int = 999
    cap: int = 0
    default: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    consistency: bool = False
    shape: Shape | None = None
    polymorph: bool = False

    def many(self, call: Call, items: Sequence[Item], *, context: str = "") -> Response:
        """Answer with a page of these objects, after the options of the request."""
        query = call.query
        self.require_known(call)
        self._advanced(call)
        if query.filter:
            test = parse_filter(query.filter, self.filters)
            if test.advanced and self.consistency:
                self._require_consistency(call, "The filter")
            now = call.now
            items = [item for item in items if test.matches({"id": item.id, **item.shown(now)})]
        if query.orderby:
            items = self._ordered(call, items)
        total = len(items) if query.count else None
        page = self._size(call)
        start = self._start(call, items)
        chosen = items[start : start + page]
        after = f"{chosen[-1].order}:{chosen[-1].id}" if len(items) > start + page else None
        rendered = [self.render(call, item) for item in chosen]
        return call.page(rendered, after=after, context=context or self.name, total=total)

    def one(self, call: Call, item: Item, *, context: str = "") -> Response:
        """Answer with one object."""
        for option in ("filter", "top", "orderby", "search"):
            if option in call.query.given:
                raise bad(f"The query option '${option}' cannot be applied to a single object.")
        value = self.render(call, item)
        return Response(200, {"@odata.context": call.context(f"{context or self.name}/$entity"), **value})

    def render(self, call: Call, item: Item) -> dict[str, Any]:
        """Return an object as reads show it."""
        query = call.query
        self.require_known(call)
        known = call.tenant.schema.properties(item.type, call.version)
        value: dict[str, Any] = {}
        if self.polymorph or item.type != self.type:
            value["@odata.type"] = f"#microsoft.graph.{item.type}"
        shown = item.shown(call.now)
        if self.shape is not None:
            shown = self.shape(call, item, shown)
        everything = [name for name in known if name not in self.withheld]
        for name in query.select or self.default or everything:
            found = known.get(name)
            if name != "id" and found is not None and not found.navigation:
                value[name] = read_value(call, found, shown.get(name))
        if "id" in query.select or not query.select:
            value["id"] = item.id
        for expansion in query.expand:
            value[expansion.name] = self._expanded(call, item, expansion)
        return value

    def require_known(self, call: Call) -> None:
        """Refuse properties that the declared type does not have, and expansions that it does not offer.

        Raises:
            GraphError: 400.
        """
        declared = call.tenant.schema.properties(self.type, call.version)
        for name in call.query.select:
            if name not in declared and name != "@odata.type":
                raise bad(f"Could not find a property named '{name}' on type 'microsoft.graph.{self.type}'.")
        for expansion in call.query.expand:
            if expansion.name not in self.expands:
                raise bad(f"Parsing OData Select and Expand failed: '{expansion.name}' cannot be expanded.")

    def _expanded(self, call: Call, item: Item, expansion: Expansion) -> Any:
        known = call.tenant.schema.properties(item.type, call.version).get(expansion.name)
        if known is None or not known.navigation:
            raise bad(f"Parsing OData Select and Expand failed: '{expansion.name}' cannot be expanded.")
        parts = list(item.contained(expansion.name).values())
        if not parts and expansion.name in item.links:
            linked = [call.tenant.object(target) for target in item.linked(expansion.name, call.now)[:20]]
            parts = [found[1] for found in linked if found is not None]
        rendered = [part_of(call, part, expansion) for part in parts]
        return rendered if known.collection else (rendered[0] if rendered else None)

    def _advanced(self, call: Call) -> None:
        query = call.query
        if query.search:
            raise bad("The query option '$search' is not supported here.")
        if query.count and self.consistency:
            if call.headers.get("consistencylevel", "").casefold() != "eventual":
                raise bad("$count requires the header 'ConsistencyLevel: eventual'.")
        elif query.count and not self.filters:
            raise bad("The query option '$count' is not supported here.")

    def _require_consistency(self, call: Call, what: str) -> None:
        if call.headers.get("consistencylevel", "").casefold() != "eventual" or not call.query.count:
            raise bad(
                f"{what} uses an operator or property that is not supported. "
                "Check the header 'ConsistencyLevel: eventual' and '$count=true'.",
                code="Request_UnsupportedQuery",
            )

    def _ordered(self, call: Call, items: Sequence[Item]) -> list[Item]:
        name, _, direction = call.query.orderby.partition(" ")
        if name not in self.orders or direction.strip() not in ("", "asc", "desc"):
            raise bad(f"The query option '$orderby={call.query.orderby}' is not supported here.")
        if self.consistency and call.query.filter:
            self._require_consistency(call, "Ordering a filtered list")
        now = call.now
        return sorted(
            items,
            key=lambda item: (str(item.shown(now).get(name) or ""), item.order),
            reverse=direction.strip() == "desc",
        )

    def _size(self, call: Call) -> int:
        own = call.tenant.settings.page_sizes.get(self.name) or self.cap
        if call.query.top is None:
            return own or self.page
        if call.query.top > self.most:
            raise bad(
                f"Invalid page size specified: '{call.query.top}'. Must be between 1 and {self.most} inclusive."
            )
        return min(call.query.top, own) if own else call.query.top

    def _start(self, call: Call, items: Sequence[Item]) -> int:
        """Return where the page begins: behind the last object of the one before, should that be gone too."""
        place = call.place()
        if not place:
            return 0
        order, _, identity = place.partition(":")
        if not order.isdecimal():
            raise bad("The page token is not valid.")
        for at, item in enumerate(items):
            if item.id == identity:
                return at + 1
        return next((at for at, item in enumerate(items) if item.order > int(order)), len(items))


def part_of(call: Call, part: Item, expansion: Expansion | None = None) -> dict[str, Any]:
    """Return a contained object as reads show it, with what of it is to be expanded."""
    known = call.tenant.schema.properties(part.type, call.version)
    held = ["id", *(name for name in part.properties if name in known)]
    names: Sequence[str] = expansion.select if expansion and expansion.select else held
    value: dict[str, Any] = {}
    if part.type not in _PLAIN:
        value["@odata.type"] = f"#microsoft.graph.{part.type}"
    for name in names:
        if name not in known:
            raise bad(f"Could not find a property named '{name}' on type 'microsoft.graph.{part.type}'.")
        value[name] = part.id if name == "id" else read_value(call, known[name], part.properties.get(name))
    for nested in expansion.expand if expansion else ():
        if nested.name not in known or not known[nested.name].navigation:
            raise bad(f"Parsing OData Select and Expand failed: '{nested.name}' cannot be expanded.")
        value[nested.name] = [part_of(call, inner, nested) for inner in part.contained(nested.name).values()]
    return value


_PLAIN = frozenset(
    [
        "deviceConfigurationAssignment",
        "deviceCompliancePolicyAssignment",
        "enrollmentConfigurationAssignment",
        "mobileAppAssignment",
        "windowsAutopilotDeploymentProfileAssignment",
        "windowsFeatureUpdateProfileAssignment",
        "deviceComplianceScheduledActionForRule",
        "deviceComplianceActionItem",
    ]
)


_EMPTY: dict[str, Any] = {
    "String": "",
    "Boolean": False,
    "Int32": 0,
    "Int64": 0,
    "Double": 0.0,
    "Binary": "",
    "Guid": "00000000-0000-0000-0000-000000000000",
    "DateTimeOffset": "0001-01-01T00:00:00Z",
    "Date": "0001-01-01",
    "TimeOfDay": "00:00:00.0000000",
    "Duration": "PT0S",
}
"""What the service says of values that nobody gave and that cannot be null."""


def read_value(call: Call, declared: Property, value: Any) -> Any:
    """Return a value as reads show it: what nobody said has its default, at every depth."""
    if value is None:
        return _unsaid(call, declared)
    return visible_value(call, declared.type, value)


def _unsaid(call: Call, declared: Property) -> Any:
    schema = call.tenant.schema
    if declared.collection:
        return []
    if declared.nullable:
        return None
    if declared.type in schema.enums:
        return next(m for m, versions in schema.enums[declared.type].members.items() if call.version in versions)
    if declared.type in schema.types:
        abstract = schema.types[declared.type].abstract
        return None if abstract else visible_value(call, declared.type, {})
    return _EMPTY[declared.type]


def visible_value(call: Call, type_: str, value: Any) -> Any:
    """Return a complex value with all properties that it has in the version of the request, and no others."""
    schema = call.tenant.schema
    if isinstance(value, list):
        return [visible_value(call, type_, member) for member in value]
    if not isinstance(value, Mapping) or type_ not in schema.types:
        return value
    actual = str(value.get("@odata.type", "")).removeprefix("#microsoft.graph.")
    known = schema.properties(actual if actual in schema.types else type_, call.version)
    tags = {name: member for name, member in value.items() if name.startswith("@")}
    return tags | {
        name: read_value(call, found, value.get(name))
        for name, found in known.items()
        if not found.navigation or name in value
    }
