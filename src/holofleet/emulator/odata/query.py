"""Query options: ``$select``, ``$expand``, ``$top``, ``$orderby``, ``$count``, ``$search``, ``$skiptoken``.

Graph takes the names also without the ``$``; what it does not know it often ignores. Here the unknown is refused:
a client that sends it means something that does not happen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from holofleet.emulator.message import bad

_KNOWN = frozenset(
    [
        "select",
        "expand",
        "filter",
        "top",
        "skip",
        "skiptoken",
        "orderby",
        "count",
        "search",
        "deltatoken",
        "format",
    ]
)


@dataclass(frozen=True)
class Expansion:
    """One navigation property to bring along, with what of it."""

    name: str
    select: tuple[str, ...] = ()
    expand: tuple[Expansion, ...] = ()


@dataclass(frozen=True)
class Query:
    """The options of one request.

    Args:
        given: All options as they came, by name without ``$``.
        top: None when not given.
    """

    given: dict[str, str]
    select: tuple[str, ...] = ()
    expand: tuple[Expansion, ...] = ()
    filter: str = ""
    orderby: str = ""
    top: int | None = None
    count: bool = False
    search: str = ""
    skiptoken: str = ""
    deltatoken: str = ""


def parse_query(text: str) -> Query:
    """Read what follows the question mark of an address.

    Raises:
        GraphError: 400: an option that is unknown, given twice or malformed.
    """
    given: dict[str, str] = {}
    for pair in filter(None, text.split("&")):
        name, _, value = pair.partition("=")
        name = unquote(name).removeprefix("$").casefold()
        if name not in _KNOWN:
            raise bad(f"The query parameter '{unquote(pair.partition('=')[0])}' is not supported.")
        if name in given:
            raise bad(f"The query parameter '${name}' is given twice.")
        given[name] = unquote_plus(value)
    if "skip" in given:
        raise bad("The query option '$skip' is not supported: follow @odata.nextLink.")
    return Query(
        given,
        select=_names(given.get("select")),
        expand=tuple(_expansions(given.get("expand", ""))),
        filter=given.get("filter", ""),
        orderby=given.get("orderby", ""),
        top=_top(given.get("top")),
        count=_boolean(given.get("count", "false")),
        search=given.get("search", ""),
        skiptoken=given.get("skiptoken", ""),
        deltatoken=given.get("deltatoken", ""),
    )


def _names(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise bad("The query option '$select' has an empty name.")
    return names


def _top(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise bad(f"Invalid page size specified: '{text}'.")
    return int(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise bad(f"Invalid value for the query option '$count': '{text}'.")
    return text == "true"


def _expansions(text: str) -> Iterator[Expansion]:
    for part in _split(text, ","):
        name, _, rest = part.partition("(")
        options: dict[str, str] = {}
        if rest:
            if not rest.endswith(")"):
                raise bad(f"Parsing $expand failed at '{part}'.")
            for option in _split(rest[:-1], ";"):
                key, _, value = option.partition("=")
                options[key.strip().removeprefix("$").casefold()] = value
        if not name or options.keys() - {"select", "expand"}:
            raise bad(f"Parsing $expand failed at '{part}'.")
        yield Expansion(name.strip(), _names(options.get("select")), tuple(_expansions(options.get("expand", ""))))


def _split(text: str, sign: str) -> Iterator[str]:
    depth, start = 0, 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == sign and depth == 0:
            yield text[start:position].strip()
            start = position + 1
    if text[start:].strip():
        yield text[start:].strip()
