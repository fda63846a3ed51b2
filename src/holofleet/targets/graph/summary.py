"""Many errors of one run, as a person reads them: each reason once, with what it is about and ids for support."""

from __future__ import annotations

from collections.abc import Mapping

from holofleet.errors import HolofleetError
from holofleet.plans.render import some_of
from holofleet.targets.graph.errors import GraphError

_REASONS = 12


def summed(errors: Mapping[str, HolofleetError]) -> tuple[str, str]:
    """Return what went wrong, and what mends it.

    Args:
        errors: By what they are about.
    """
    alike: dict[str, list[str]] = {}
    first: dict[str, HolofleetError] = {}
    for about, error in errors.items():
        reason = _reason(error)
        alike.setdefault(reason, []).append(about)
        first.setdefault(reason, error)
    told = [_sentence(reason, about, first[reason]) for reason, about in list(alike.items())[:_REASONS]]
    more = len(alike) - len(told)
    told += [f"And {more} other reasons."] if more else []
    mends = dict.fromkeys(error.mend for error in first.values() if error.mend)
    return " ".join(told), " ".join(mends)


def _reason(error: HolofleetError) -> str:
    """Return what errors share: of a refusal of Graph its words, without whose request it was."""
    return error.words if isinstance(error, GraphError) else error.summary


def _sentence(reason: str, about: list[str], error: HolofleetError) -> str:
    listed = some_of(about)
    if not isinstance(error, GraphError):
        detail = f" {error.detail}" if error.detail else ""
        return f"{listed}: {reason}.{detail}" if listed not in reason else f"{reason}.{detail}"
    where = f"{error.request.operation.name}, {error.request.operation.method} {error.request.path}"
    ids = f"; {error.detail}" if error.detail else ""
    return f"{listed}: {reason.rstrip('.')} ({where}{ids})."
