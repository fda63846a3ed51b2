"""Settings documents made ready for sending: once per document and process, not once per headset.

A document never changes, so that its commands are rendered once and what the catalog knows of its nodes is
looked up once. Settings with variables are rendered per headset.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol
from xml.sax.saxutils import escape as escape_xml

from holofleet.catalog import Build
from holofleet.protocols.syncml import Add, Fragment, Item, Replace, fragment
from holofleet.resources import Document, Setting
from holofleet.resources.document import VARIABLE

TENANT_LOCK = "./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"
"""The node that keeps a reset headset in its first start until it reaches the network. Source: TenantLockdown CSP
(Microsoft)."""
SECRET = "secret:"  # noqa: S105 - how a variable begins that is a secret, not one
_PLAIN = "text/plain"


class NodeFacts(Protocol):
    """What has to be known of a node to write, read, compare and remove it."""

    @property
    def readable(self) -> bool: ...
    @property
    def deletable(self) -> bool: ...
    @property
    def verb(self) -> str: ...
    @property
    def min_build(self) -> Build | None: ...
    @property
    def secret(self) -> bool: ...
    def equal(self, a: str, b: str, /) -> bool: ...


class UnknownNode:
    """Facts of a node that the catalog does not know: anything may be tried, texts are compared as they are."""

    readable = True
    deletable = True
    verb = "Replace"
    min_build: Build | None = None
    secret = False

    def equal(self, a: str, b: str, /) -> bool:
        return a.strip() == b.strip()


FactsOf = Callable[[str], NodeFacts]


def facts_from_catalog(oma_uri: str) -> NodeFacts:
    """Return what the catalog knows of a node, or :class:`UnknownNode`."""
    from holofleet import catalog

    return catalog.nodes().find(oma_uri) or UnknownNode()


@dataclass(frozen=True)
class PreparedSetting:
    """One setting of a prepared document.

    Args:
        index: Its place in the document, which is how a cursor names it.
        needs: What fills its variables: ``serial``, ``account``, ``secret:env:HOLOFLEET_SECRET_X``.
    """

    index: int
    setting: Setting
    facts: NodeFacts
    needs: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = (_name(match) for match in VARIABLE.finditer(self.setting.data))
        object.__setattr__(self, "needs", tuple(dict.fromkeys(found)))

    @property
    def holds_secret(self) -> bool:
        """Whether its value on the headset is a secret, so that it is never kept or shown."""
        return self.facts.secret or any(need.startswith(SECRET) for need in self.needs)

    @property
    def uri(self) -> str:
        """LocURI in normal form."""
        return self.setting.oma_uri

    @property
    def for_user(self) -> bool:
        """Whether it may be sent only while a user of the management account is signed in."""
        return self.setting.oma_uri.startswith("./User/")

    @cached_property
    def fragments(self) -> dict[str, Fragment]:
        """The rendered command by verb; empty where variables differ from headset to headset."""
        if self.needs:
            return {}
        return {verb: self.render(verb, self.setting.data) for verb in ("Add", "Replace")}

    def render(self, verb: str, data: str) -> Fragment:
        """Render the command that writes ``data``."""
        item = Item(self.uri, format=str(self.setting.format), type=_PLAIN, data=data)
        return fragment(Add("", (item,)) if verb == "Add" else Replace("", (item,)))

    def fill(self, values: Mapping[str, str]) -> str | None:
        """Return the data with variables filled in, or ``None`` if one has no value.

        ``values`` holds variables by name and secrets as ``secret:REFERENCE``. In a value that is XML the
        filled-in text is escaped, so that a name with ``&`` stays a name.
        """
        if any(need not in values for need in self.needs):
            return None
        in_xml = self.in_xml
        return VARIABLE.sub(
            lambda match: for_xml(values[_name(match)]) if in_xml else values[_name(match)], self.setting.data
        )

    @property
    def in_xml(self) -> bool:
        """Whether its data is XML by itself, so that what is filled in is escaped."""
        return self.setting.data.lstrip().startswith("<")


@dataclass(frozen=True)
class PreparedDocument:
    """A document with its nodes' facts, in sending order."""

    hash: str
    settings: tuple[PreparedSetting, ...]

    @classmethod
    def of(cls, document: Document, facts_of: FactsOf) -> PreparedDocument:
        """Prepare a document."""
        prepared = tuple(PreparedSetting(i, s, facts_of(s.oma_uri)) for i, s in enumerate(document.settings))
        return cls(document.hash, prepared)

    @cached_property
    def by_uri(self) -> dict[str, PreparedSetting]:
        """The settings by LocURI in normal form."""
        return {setting.uri: setting for setting in self.settings}

    @cached_property
    def filled(self) -> tuple[PreparedSetting, ...]:
        """The settings with variables, whose value may change while the document stays."""
        return tuple(setting for setting in self.settings if setting.needs)


def is_on(value: str) -> bool:
    """Tell whether a value of the tenant lock locks; in doubt it does."""
    return value.strip().lower() not in ("false", "0", "")


def for_xml(value: str) -> str:
    """Return a text as it stands in XML, in content as well as between double quotes."""
    return escape_xml(value, {'"': "&quot;"})


def _name(match: re.Match[str]) -> str:
    return match.group(1) if match.group(2) is None else f"{match.group(1)}:{match.group(2)}"


NOTHING = PreparedDocument("", ())
"""What a headset has that was never given a document."""
