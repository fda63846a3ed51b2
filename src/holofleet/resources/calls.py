"""Calls as the fleet file wants them: what holds for a deployment's headsets, who answers, and who never meets.

Only our own server gives these; a tenant's calls are the vendor's, and are told to it in its own terms.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from holofleet.resources.nouns import Name, Resource

Span = tuple[int, int]
"""Beginning and end in minutes since Monday 00:00; the end is not part of it."""


class WeekHours(BaseModel):
    """Spans of each week, in a time zone of the IANA database; without spans: always."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    spans: tuple[Span, ...] = ()
    timezone: str = "UTC"


class CallRules(Resource):
    """What holds for calls of one deployment's headsets.

    Args:
        name: The deployment.
        client: Whose people use its headsets.
        experts: Groups and people who may be called; empty for every expert of the organization itself.
        product: ``remote-assist`` where calls are made with the vendor's app, and never with ours.
        barrier: ``client``: nobody of another client can be found, called or met.
        holder: Whether somebody must have checked the headset out before it calls.
        license: Product that the headset's account needs; empty for none.
        forbid: What its calls do without (``chat``, ``files``, ``snapshots``, ``location``, ``guests``).
        chat_days, records_days: How long is kept what experts wrote and who called whom.
        recordings_days: How long a recording is kept.
        withdrawn: What becomes of a recording when somebody takes back that they agreed.
    """

    kind: ClassVar[str] = "calls"
    name: Name
    client: Name = "own"
    experts: tuple[str, ...] = ()
    product: Literal["holofleet", "remote-assist"] = "holofleet"
    barrier: Literal["client", "none"] = "client"
    recording: Literal["forbidden", "allowed"] = "forbidden"
    low_bandwidth: Literal["snapshots", "low-resolution", "refuse"] = "snapshots"
    holder: Literal["required", "shown"] = "shown"
    license: str = ""
    forbid: tuple[str, ...] = ()
    hours: WeekHours = WeekHours()
    chat_days: int = 90
    records_days: int = 730
    recordings_days: int = 30
    withdrawn: Literal["deleted", "kept"] = "deleted"

    @property
    def key(self) -> str:
        return self.name


class Rota(Resource):
    """Experts who answer a call that names nobody, in the order in which they are asked.

    ``assets``: patterns of asset references, where ``*`` stands for anything; empty for every call.
    """

    kind: ClassVar[str] = "rota"
    name: Name
    display_name: str = ""
    experts: tuple[str, ...]
    assets: tuple[str, ...] = ()
    hours: WeekHours = WeekHours()

    @property
    def key(self) -> str:
        return self.name


class Barrier(Resource):
    """Two sides that never find, call or meet one another: groups, clients, or ``own``; sorted."""

    kind: ClassVar[str] = "barrier"
    sides: tuple[str, str]

    @property
    def key(self) -> str:
        return "--".join(self.sides)


CALLS: tuple[type[Resource], ...] = (CallRules, Rota, Barrier)
