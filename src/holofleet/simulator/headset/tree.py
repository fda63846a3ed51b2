"""The management tree of a headset: which nodes there are, what they hold, and how they answer a verb.

What exists follows from the catalog and the build; what is set follows from the server (and from whoever changes
it at the headset). Status codes are those of the OMA DM documentation of Windows: 404 no such node (or newer than
the build), 405 verb not allowed, 406 not available for this enrollment, 415 wrong format, 418 exists already, 425
not permitted, 500 a value that cannot be applied. Assumed, as no recording shows it: a node below a dynamic
instance (a Wi-Fi network, a tenant) needs Add first and answers Replace with 404; others take Replace at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from holofleet.resources import normal_uri
from holofleet.simulator.headset.syncml import Item
from holofleet.simulator.headset.values import ValueFacts, has_variable, judge

_CONFIG = "/Vendor/MSFT/Policy/Config/"
_RESULT = "/Vendor/MSFT/Policy/Result/"
_DMCLIENT = "./Device/Vendor/MSFT/DMClient/"
_NOT_FOR_THIS_ENROLLMENT = ("./Device/Vendor/MSFT/DeclaredConfiguration", f"{_DMCLIENT}LinkedEnrollment")

_normal = lru_cache(maxsize=16384)(normal_uri)
"""Headsets of a fleet meet the same few hundred addresses over and over."""


class Effect(Enum):
    """What an Exec makes the headset do."""

    NONE = "none"
    RESTART = "restart"
    WIPE = "wipe"
    UNENROLL = "unenroll"
    LOCK = "lock"


_EFFECTS = {
    "./Device/Vendor/MSFT/Reboot/RebootNow": Effect.RESTART,
    "./Device/Vendor/MSFT/RemoteWipe/doWipe": Effect.WIPE,
    "./Device/Vendor/MSFT/RemoteWipe/doWipePersistProvisionedData": Effect.WIPE,
    "./Device/Vendor/MSFT/RemoteLock/Lock": Effect.LOCK,
}


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What is known about a node.

    Args:
        template: Its LocURI in normal form; segments in braces stand for any one segment.
        value: What it holds.
        verbs: Allowed verbs, as SyncML spells them.
        default: What it answers when nothing was set; None for nothing.
        min_build: First build that has it, as comparable numbers; None if every build has it.
    """

    template: str
    value: ValueFacts
    verbs: frozenset[str]
    default: str | None = None
    min_build: tuple[int, ...] | None = None

    @property
    def is_policy(self) -> bool:
        """Whether it is a setting of the Policy CSP, which takes Replace without Add."""
        return _CONFIG in self.template

    def instance(self, oma_uri: str) -> str | None:
        """Return the innermost dynamic instance that holds this node, None if none does."""
        segments = self.template.split("/")
        last = max((i for i, part in enumerate(segments) if part.startswith("{")), default=None)
        return None if last is None else "/".join(oma_uri.split("/")[: last + 1])


Find = Callable[[str], NodeFacts | None]
IsInterior = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status code, the node's value for a Get, and why it was refused."""

    code: int
    item: Item | None = None
    effect: Effect = Effect.NONE
    why: str = ""


class Tree:
    """The tree of one headset.

    Args:
        find: Looks a node up by its LocURI in normal form.
        is_interior: Tells whether nodes can lie below a LocURI.
        build: The headset's build as comparable numbers.
        inventory: Values of nodes that the headset fills itself.
    """

    def __init__(
        self, find: Find, is_interior: IsInterior, *, build: tuple[int, ...], inventory: Mapping[str, str]
    ) -> None:
        self._find = find
        self._is_interior = is_interior
        self._build = build
        self._inventory = inventory
        self._values: dict[str, str] = {}
        self._instances: set[str] = set()
        self.refusals: dict[str, int] = {}
        self.user_signed_in = True
        self.provider_id = ""
        self.left_variables: list[str] = []

    # What happens at the headset itself

    def set_locally(self, oma_uri: str, data: str | None) -> None:
        """Change a node without any server, or forget it (None): a wearer, an update, another package."""
        uri = _normal(oma_uri)
        if data is None:
            self._values.pop(uri, None)
        else:
            self._values[uri] = data

    def adopt(self, provider_id: str, values: Mapping[str, str]) -> None:
        """Take what the provisioning document says about the server."""
        self.provider_id = provider_id
        base = f"{_DMCLIENT}Provider/{provider_id}"
        self._instances.add(base)
        self._values.update({f"{base}/{path}": value for path, value in values.items()})

    def value(self, oma_uri: str) -> str | None:
        """Return what was set, or None; for the headset's own use."""
        return self._values.get(_normal(oma_uri))

    def provider_value(self, path: str) -> str | None:
        """Return a value of the own server's DMClient node."""
        return self._values.get(f"{_DMCLIENT}Provider/{self.provider_id}/{path}")

    def settings(self) -> dict[str, str]:
        """Return what is set, without what the enrollment itself set."""
        own = f"{_DMCLIENT}Provider/{self.provider_id}/"
        return {uri: data for uri, data in self._values.items() if not uri.startswith(own)}

    def save(self) -> tuple[dict[str, str], set[str]]:
        """Return what :meth:`restore` takes: the state before an Atomic."""
        return dict(self._values), set(self._instances)

    def restore(self, state: tuple[dict[str, str], set[str]]) -> None:
        """Go back to a saved state."""
        self._values, self._instances = state

    # What a server asks

    def run(self, verb: str, item: Item) -> Answer:
        """Carry out a verb on one item and return the answer."""
        if item.target.startswith("/") or not item.target:
            return Answer(400, why=f"LocURI {item.target!r} is not relative to the tree")
        try:
            uri = _normal(item.target)
        except ValueError as error:
            return Answer(400, why=str(error))
        if uri in self.refusals and verb != "Get":
            return Answer(self.refusals[uri], why="refused on purpose")
        if uri.startswith("./User/") and not self.user_signed_in:
            return Answer(405, why="no user is signed in")
        if uri.startswith(_NOT_FOR_THIS_ENROLLMENT):
            return Answer(406, why="not available for this enrollment")
        if verb in ("Add", "Replace") and has_variable(item.data):
            self.left_variables.append(uri)
        return {"Get": self._get, "Delete": self._delete, "Exec": self._execute}.get(verb, self._write)(
            uri, item, verb
        )

    def _known(self, uri: str) -> NodeFacts | None:
        facts = self._find(uri)
        if facts is None or (facts.min_build is not None and self._build < facts.min_build):
            return None
        return facts

    def _exists(self, facts: NodeFacts, uri: str) -> bool:
        """Whether the instance that holds the node is there."""
        instance = facts.instance(uri)
        if instance is None or instance in self._instances:
            return True
        return any(known.startswith(f"{instance}/") for known in self._values)

    def _get(self, uri: str, item: Item, verb: str) -> Answer:
        if _RESULT in uri:
            return self._get_result(uri, item)
        data = self._values.get(uri, self._inventory.get(uri))
        facts = self._known(uri)
        if facts is None and data is None:
            return self._get_interior(uri, item)
        if facts is not None and verb not in facts.verbs:
            return Answer(405)
        form = facts.value.format if facts else "chr"
        if data is None and facts is not None and not facts.is_policy and self._exists(facts, uri):
            data = facts.default
        if data is None:
            return self._get_interior(uri, item)
        return Answer(200, Item(source=item.target, format=form, data=data))

    def _get_result(self, uri: str, item: Item) -> Answer:
        """The effective value: what was set, else the default."""
        config = uri.replace(_RESULT, _CONFIG)
        facts = self._known(config)
        data = None if facts is None else self._values.get(config, facts.default)
        if facts is None or data is None:
            return Answer(404)
        return Answer(200, Item(source=item.target, format=facts.value.format, data=data))

    def _get_interior(self, uri: str, item: Item) -> Answer:
        prefix = f"{uri}/"
        below = (
            known for known in (*self._values, *self._instances, *self._inventory) if known.startswith(prefix)
        )
        names = sorted({known[len(prefix) :].split("/")[0] for known in below})
        if not names and uri not in self._instances:
            return Answer(404)
        return Answer(200, Item(source=item.target, format="node", data="/".join(names)))

    def _write(self, uri: str, item: Item, verb: str) -> Answer:
        facts = self._known(uri)
        if facts is None:
            return self._add_instance(uri, item) if verb == "Add" else Answer(404)
        if verb not in facts.verbs:
            return Answer(405)
        if verb == "Add" and (uri in self._values or uri in self._instances):
            return Answer(418)
        if verb == "Replace" and not self._exists(facts, uri):
            return Answer(404, why="the instance does not exist yet")
        code, why = judge(uri, facts.value, form=item.format, data=item.data)
        if code != 200:
            return Answer(code, why=why)
        if facts.value.format == "node":
            self._instances.add(uri)
        else:
            self._values[uri] = item.data or ""
        return Answer(200)

    def _add_instance(self, uri: str, item: Item) -> Answer:
        """Add an interior node: possible where the catalog knows a node below such an instance."""
        if item.format != "node" or not self._is_interior(uri):
            return Answer(404)
        if uri in self._instances:
            return Answer(418)
        self._instances.add(uri)
        return Answer(200)

    def _delete(self, uri: str, item: Item, verb: str) -> Answer:
        if self.provider_id and uri in (f"{_DMCLIENT}Provider", f"{_DMCLIENT}Provider/{self.provider_id}"):
            return Answer(425, why="the server that manages the headset stays until it unenrolls")
        facts = self._known(uri)
        if facts is not None and verb not in facts.verbs:
            return Answer(405)
        prefix = f"{uri}/"
        doomed = [known for known in self._values if known == uri or known.startswith(prefix)]
        instances = {known for known in self._instances if known == uri or known.startswith(prefix)}
        if not doomed and not instances:
            return Answer(404)
        for known in doomed:
            below = self._known(known)
            if (
                below is not None
                and known != uri
                and "Delete" not in below.verbs
                and below.instance(known) is None
            ):
                return Answer(405)
        for known in doomed:
            del self._values[known]
        self._instances -= instances
        return Answer(200)

    def _execute(self, uri: str, item: Item, verb: str) -> Answer:
        own = f"{_DMCLIENT}Provider/{self.provider_id}/Unenroll"
        if uri == own or (uri == f"{_DMCLIENT}Unenroll" and item.data == self.provider_id):
            return Answer(200, effect=Effect.UNENROLL)
        facts = self._known(uri)
        if facts is None:
            return Answer(404)
        if verb not in facts.verbs:
            return Answer(405)
        effect = _EFFECTS.get(uri, Effect.NONE)
        return Answer(202 if effect is Effect.WIPE else 200, effect=effect)
