"""Comparing by meaning: Graph adds properties, reorders collections, and spells the same thing in two ways.

A comparer takes the wanted and the seen value of one property and says whether they mean the same. The default
ignores what Graph adds: every part that is wanted has to be there and equal, whatever else stands beside it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

Comparer = Callable[[Any, Any], bool]
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ())


def same(wanted: Any, seen: Any) -> bool:
    """The default: equal, where nothing, empty text and an empty collection are one; added properties are fine."""
    if wanted in _EMPTY or isinstance(wanted, (list, tuple)):
        if wanted in _EMPTY:
            return seen in _EMPTY and not isinstance(seen, bool) and seen != 0
        return (
            isinstance(seen, (list, tuple))
            and len(wanted) == len(seen)
            and all(same(one, other) for one, other in zip(wanted, seen, strict=True))
        )
    if isinstance(wanted, dict):
        return isinstance(seen, dict) and all(same(value, seen.get(key)) for key, value in wanted.items())
    if isinstance(wanted, bool) or isinstance(seen, bool):
        return wanted is seen
    return bool(wanted == seen)


def any_order(wanted: Any, seen: Any) -> bool:
    """Collections whose order means nothing; elements count as often as they stand there."""
    left = list(seen or ())
    for element in wanted or ():
        match = next((other for other in left if same(element, other)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def at_least(wanted: Any, seen: Any) -> bool:
    """The seen collection may hold more (the service adds dependent plans by itself)."""
    return {_folded(item) for item in wanted or ()} <= {_folded(item) for item in seen or ()}


def any_case(wanted: Any, seen: Any) -> bool:
    """Texts that differ in case only are the same: user names, GUIDs, flags."""
    return bool(_folded(wanted or "") == _folded(seen or ""))


def words(wanted: Any, seen: Any) -> bool:
    """Flags in one text, ``a,b`` or ``b, a``."""
    return _words(wanted) == _words(seen)


def moment(wanted: Any, seen: Any) -> bool:
    """The same moment, whatever its spelling."""
    try:
        return datetime.fromisoformat(str(wanted)) == datetime.fromisoformat(str(seen))
    except (ValueError, TypeError):
        return same(wanted, seen)


def default(value: Any, by: Comparer = same) -> Comparer:
    """A property that Graph leaves out, or fills in, when it has its default."""
    return lambda wanted, seen: by(value if wanted is None else wanted, value if seen is None else seen)


def write_only(_wanted: Any, _seen: Any) -> bool:
    """A property that can be set and never read, such as a password: no difference is ever seen."""
    return True


def fingerprint(key: bytes, value: str | bytes) -> str:
    """Return a keyed digest of a secret value, so that two can be compared and none is shown."""
    data = value.encode() if isinstance(value, str) else value
    return "keyed:" + hmac.new(key, data, hashlib.sha256).hexdigest()[:32]


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _words(value: Any) -> frozenset[str]:
    return frozenset(part.strip().casefold() for part in str(value or "").split(",") if part.strip())
