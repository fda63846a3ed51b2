"""Values of the server as JSON: names stay, moments become RFC 3339, days ISO 8601, enums their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from holofleet.clock import render_utc


def render(value: Any) -> Any:
    """Return ``value`` as JSON can hold it.

    Raises:
        TypeError: a type that has no agreed form; none is guessed, so that nothing leaks by its ``repr``.
    """
    if value is None or (isinstance(value, bool | int | float) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return render_utc(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: render(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): render(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(render(item) for item in value)
    if isinstance(value, tuple | list):
        return [render(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON")
