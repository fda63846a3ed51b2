"""Filters of lists: names quoted, and many names found in few requests.

Source: 'Use the $filter query parameter' and 'Known issues with Microsoft Graph' (Microsoft): ``in`` takes 15.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final

AMONG: Final = 15
"""Values of one ``in``."""
_LEAST: Final = 3
"""Letters that a beginning needs, so that it does not list a whole tenant. Ours."""


def quoted(text: str) -> str:
    """Return a text as a literal of a filter."""
    return "'" + text.replace("'", "''") + "'"


def begins(name: str, text: str) -> str:
    """Return the filter for a property that begins with a text."""
    return f"startswith({name},{quoted(text)})"


def among(name: str, values: Iterable[str]) -> Iterator[str]:
    """Yield filters for a property that has one of these values, as few as the service allows."""
    ordered = sorted(values)
    for start in range(0, len(ordered), AMONG):
        yield f"{name} in ({','.join(quoted(value) for value in ordered[start : start + AMONG])})"


def alike(name: str, values: Iterable[str]) -> Iterator[str]:
    """Yield filters that find all these values and perhaps more: by their common beginning where they have one.

    Accounts of headsets are named by a template, so one paged list finds ten thousand of them.
    """
    families: dict[str, list[str]] = defaultdict(list)
    for value in values:
        families["".join(takewhile(lambda letter: not letter.isdigit(), value))].append(value)
    single: list[str] = []
    for stem, members in sorted(families.items()):
        if len(members) > AMONG and "@" not in stem and len(stem) >= _LEAST:
            yield begins(name, _common(members))
        else:
            single += members
    yield from among(name, single)


def _common(values: Iterable[str]) -> str:
    """Return the beginning that all values share."""
    first, last = min(values), max(values)
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
