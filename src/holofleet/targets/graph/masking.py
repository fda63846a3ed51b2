"""Secrets of request bodies: where they stand, what they are, and how they are hidden.

A path names properties from the top: ``passwordProfile.password``; ``rows[].hash`` for every element of a
collection, ``omaSettings[2].value`` for one. Annotations with dots (``members@odata.bind``) never hold secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from holofleet.targets.graph.operations import Request

MASK = "****"
_STEP = re.compile(r"([^.\[\]]+)|\[(\d*)\]")
_SHORTEST = 4


def masked(request: Request) -> Any:
    """Return a copy of the body in which every secret is ``****``."""
    paths = _paths(request)
    if not paths or request.body is None:
        return request.body
    body = deepcopy(request.body)
    for path in paths:
        _visit(body, path, lambda _: MASK)
    return body


def secrets(request: Request) -> tuple[str, ...]:
    """Return the texts of the secrets in the body, longest first, so that messages can be cleaned of them."""
    found: list[str] = []

    def note(value: Any) -> Any:
        if isinstance(value, str) and len(value) >= _SHORTEST:
            found.append(value)
        return value

    for path in _paths(request):
        _visit(request.body, path, note)
    return tuple(sorted(found, key=len, reverse=True))


def cleaned(text: str, hidden: tuple[str, ...]) -> str:
    """Return a text from outside without any of the given secrets."""
    for secret in hidden:
        text = text.replace(secret, MASK)
    return text


def _paths(request: Request) -> list[list[str]]:
    return [_steps(path) for path in (*request.operation.secrets, *request.secrets)]


def _steps(path: str) -> list[str]:
    return [name or f"[{index}]" for name, index in _STEP.findall(path)]


def _visit(value: Any, steps: list[str], change: Callable[[Any], Any]) -> None:
    """Replace what the steps lead to by what ``change`` makes of it; what is not there is left."""
    step, rest = steps[0], steps[1:]
    keys: list[Any]
    if step.startswith("["):
        if not isinstance(value, list):
            return
        keys = list(range(len(value))) if step == "[]" else [int(step[1:-1])]
        keys = [key for key in keys if key < len(value)]
    elif isinstance(value, dict) and step in value:
        keys = [step]
    else:
        return
    for key in keys:
        if rest:
            _visit(value[key], rest, change)
        elif value[key] is not None:
            value[key] = change(value[key])
