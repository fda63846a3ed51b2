"""Calls: what holds for each deployment's headsets, who answers, and who never meets.

Reads ``assist``, ``calls`` and the experts of clients. Writes no node: calls are decided on the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from holofleet import resources
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.calls import week_minutes
from holofleet.spec.model.upkeep import Assist, Keep


def resources_of(spec: Spec) -> Iterator[resources.Resource]:
    """Yield call rules of every deployment, rotas and barriers; only for our own server."""
    zone = spec.model.organization.timezone
    experts = {client.name: client.experts for client in spec.model.clients}
    for deployment in spec.deployments():
        yield _rules(deployment, experts.get(deployment.client, ()), zone)
    for rota in spec.model.calls.rotas:
        yield resources.Rota(
            name=rota.name,
            display_name=rota.display_name or "",
            experts=rota.experts,
            assets=tuple(sorted(rota.assets)),
            hours=_hours(rota.hours, rota.timezone or zone),
        )
    for barrier in spec.model.calls.barriers:
        first, second = sorted(barrier.between)
        yield resources.Barrier(sides=(first, second))


def _rules(deployment: EffectiveDeployment, of_client: tuple[str, ...], zone: str) -> resources.CallRules:
    said = deployment.settings.assist or Assist()
    keep = said.keep or Keep()
    return resources.CallRules(
        name=deployment.name,
        client=deployment.client,
        # A client's own list goes first: it is the narrower word, and the one that was agreed with them.
        experts=tuple(sorted(of_client or said.experts or ())),
        product=said.product or "holofleet",
        barrier=said.barrier or "client",
        recording=said.recording or "forbidden",
        low_bandwidth=said.low_bandwidth or "snapshots",
        holder=said.holder or _holder(deployment),
        license=said.license or "",
        forbid=tuple(sorted(said.forbid or ())),
        hours=_hours(said.hours or (), zone),
        chat_days=_or(keep.expert_chat_days, 90),
        records_days=_or(keep.records_days, 730),
        recordings_days=_or(keep.recordings_days, 30),
        withdrawn=said.withdrawn or "deleted",
    )


def _holder(deployment: EffectiveDeployment) -> Literal["required", "shown"]:
    """Where a check-out is required, nobody calls from a headset that nobody has (rule SHR-37)."""
    accounts = deployment.settings.accounts
    custody = accounts.custody if accounts is not None else None
    return "required" if custody is not None and custody.check_out == "required" else "shown"


def _hours(entries: Iterable[str], zone: str) -> resources.WeekHours:
    spans = sorted({span for entry in entries for span in week_minutes(entry)})
    return resources.WeekHours(spans=tuple(spans), timezone=zone) if spans else resources.WeekHours()


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
