"""Rules for calls of a published State."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from holofleet.resources import Barrier, CallRules, Rota, State


@dataclass(frozen=True, slots=True)
class PublishedCalls:
    """All that a fleet file says about calls.

    Args:
        rules: By deployment.
        rotas: In the order of the file.
        barriers: Pairs of sides: names of groups or clients.
    """

    rules: Mapping[str, CallRules] = field(default_factory=dict)
    rotas: tuple[Rota, ...] = ()
    barriers: tuple[tuple[str, str], ...] = ()

    def rotas_for(self, asset: str) -> tuple[Rota, ...]:
        """Return the rotas that answer for an asset: those that name it, else those that name none."""
        folded = asset.casefold()
        named = tuple(
            rota
            for rota in self.rotas
            if folded and any(fnmatchcase(folded, pattern.casefold()) for pattern in rota.assets)
        )
        return named or tuple(rota for rota in self.rotas if not rota.assets)


def published_calls(state: State) -> PublishedCalls:
    """Return what a State says about calls; pure."""
    return PublishedCalls(
        rules={rules.name: rules for rules in state.of_kind(CallRules).values()},
        rotas=tuple(state.of_kind(Rota).values()),
        barriers=tuple(barrier.sides for barrier in state.of_kind(Barrier).values()),
    )
