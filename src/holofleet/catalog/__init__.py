"""Cited facts as data: CSP nodes, apps, builds, settings pages, licenses, endpoints and guide statements.

What lives here: the data files below ``data/`` (reviewed by hand, each fact with its source), and small values to
look them up. What does not: rules (:mod:`holofleet.checks`), the fleet file, and anything that a headset reported.
Everything is read when it is first asked for and then kept; looking up a node reads no statement. Start reading at
``node.py``; the form of the data files stands in ``reading.py``.
"""

from __future__ import annotations

from functools import cache

from holofleet.catalog import app, build, endpoint, node_catalog, product, settings_page, source, statement
from holofleet.catalog.app import App
from holofleet.catalog.build import Build, Builds, Release
from holofleet.catalog.endpoint import Endpoint, Endpoints
from holofleet.catalog.evidence import Evidence
from holofleet.catalog.node import Baseline, Node, Verb
from holofleet.catalog.node_catalog import NodeCatalog, Unsupported
from holofleet.catalog.product import Licenses, Product, ServicePlan
from holofleet.catalog.refusal import UnknownNodeError, ValueRefusedError
from holofleet.catalog.settings_page import SettingsPage
from holofleet.catalog.source import Source
from holofleet.catalog.statement import Guide, Statement

__all__ = [
    "App",
    "Baseline",
    "Build",
    "Builds",
    "Endpoint",
    "Endpoints",
    "Evidence",
    "Guide",
    "Licenses",
    "Node",
    "NodeCatalog",
    "Product",
    "Release",
    "ServicePlan",
    "SettingsPage",
    "Source",
    "Statement",
    "UnknownNodeError",
    "Unsupported",
    "ValueRefusedError",
    "Verb",
    "apps",
    "builds",
    "endpoints",
    "guides",
    "licenses",
    "nodes",
    "settings_pages",
    "sources",
    "statements",
]


@cache
def nodes() -> NodeCatalog:
    """The CSP nodes of HoloLens 2."""
    return node_catalog.load()


@cache
def apps() -> dict[str, App]:
    """Apps by short name (``remote-assist``, ``edge``)."""
    return app.load()


@cache
def builds() -> Builds:
    """The known builds of Windows Holographic."""
    return build.load()


@cache
def settings_pages() -> dict[str, SettingsPage]:
    """Pages of the Settings app, by name."""
    return settings_page.load()


@cache
def licenses() -> Licenses:
    """Products and service plans."""
    return product.load()


@cache
def statements() -> dict[str, Statement]:
    """The statements of the four deployment guides, by id."""
    return statement.load()


@cache
def guides() -> dict[str, Guide]:
    """The four deployment guides, by the prefix of their statements."""
    return statement.load_guides()


@cache
def endpoints() -> Endpoints:
    """Hosts and ports that headsets need."""
    return endpoint.load()


@cache
def sources() -> dict[str, Source]:
    """What the facts come from, by id."""
    return source.load()
