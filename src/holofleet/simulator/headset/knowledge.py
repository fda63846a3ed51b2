"""What a headset knows about nodes: the facts of the catalog in the headset's own terms.

Only facts are taken over (format, verbs, default, build, range, choices). The catalog's judgement of values is not
used: a headset judges for itself (:mod:`holofleet.simulator.headset.values`).
"""

from __future__ import annotations

from functools import lru_cache

from holofleet import catalog
from holofleet.catalog.values.markup import ADMXAllowed, XMLAllowed
from holofleet.catalog.values.numbers import FlagsAllowed, IntAllowed
from holofleet.catalog.values.texts import TextAllowed
from holofleet.resources import Format
from holofleet.simulator.headset.tree import NodeFacts
from holofleet.simulator.headset.values import ValueFacts


@lru_cache(maxsize=4096)
def find(oma_uri: str) -> NodeFacts | None:
    """Return the facts of a node that can be managed over MDM, None if there is none."""
    node = catalog.nodes().find(oma_uri)
    if node is None or not node.settable_over_mdm:
        return None
    return NodeFacts(
        template=node.oma_uri,
        value=_value_facts(node),
        verbs=frozenset(str(verb) for verb in node.access),
        default=_render(node.default),
        min_build=None if node.min_build is None else comparable(str(node.min_build)),
    )


def is_interior(oma_uri: str) -> bool:
    """Tell whether known nodes lie below an address."""
    return catalog.nodes().has_below(oma_uri)


def comparable(build: str) -> tuple[int, ...]:
    """Return a build (``10.0.22621.1244``) as numbers that compare."""
    return tuple(int(part) for part in build.split("."))


def page_names(build: str) -> frozenset[str]:
    """Return the names of the Settings pages that a build has."""
    known = catalog.Build.parse(build)
    return frozenset(page.name for page in catalog.settings_pages().values() if page.on(known))


def _render(value: str | int | bool | None) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value_facts(node: catalog.Node) -> ValueFacts:
    form, allowed = str(node.format), node.allowed
    if isinstance(allowed, FlagsAllowed):
        return ValueFacts(form, choices=_texts(allowed.values), bits=True)
    if isinstance(allowed, IntAllowed) and node.format is Format.INT:
        bounded = allowed.minimum, allowed.maximum
        low, high = (None, None) if allowed.values else bounded
        return ValueFacts(form, choices=_texts(allowed.values), low=low, high=high)
    if isinstance(allowed, ADMXAllowed):
        return ValueFacts(form, admx=True, admx_ids=None if allowed.ids is None else frozenset(allowed.ids))
    if isinstance(allowed, XMLAllowed):
        return ValueFacts(form, markup_root=allowed.root)
    if isinstance(allowed, TextAllowed):
        pattern = allowed.pattern.pattern if allowed.pattern else None
        return ValueFacts(form, choices=_texts(allowed.values), max_length=allowed.max_length, pattern=pattern)
    return ValueFacts(form)


def _texts(values: dict[int, str] | dict[str, str]) -> frozenset[str]:
    return frozenset(str(value) for value in values)
