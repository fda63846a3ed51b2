"""The query language of OData, as far as Graph's services take it here.

``filters.py`` reads and evaluates ``$filter``, ``query.py`` the other options. Which property takes which operator
is declared with each collection (:mod:`holofleet.emulator.services`); the rest is refused, as the service would.
"""

from holofleet.emulator.odata.filters import Allowed, Filter, parse_filter
from holofleet.emulator.odata.query import Expansion, Query, parse_query

__all__ = ["Allowed", "Expansion", "Filter", "Query", "parse_filter", "parse_query"]
