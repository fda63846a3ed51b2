"""Messages left by headsets: for the experts to whom they were left, and for nobody else."""

from __future__ import annotations

from starlette.responses import Response

from holofleet.errors import NotFoundError
from holofleet.server.assist import Party
from holofleet.server.assist.left import PartKind
from holofleet.server.authorization import Action
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

PATH = "/calls/left"


@declares(Action.ANSWER_CALLS)
def left_page(visit: Visit) -> Response:
    """``/calls/left``: who left me what, and who sees to it."""
    me = _me(visit)
    found = visit.services.assist.left.mine(me)
    ids = {one.id for one in found}
    done = visit.asked("done")
    return visit.render(
        "left.html",
        here="left",
        messages=found,
        me=me.key,
        waiting=sum(one.taken_at is None for one in found),
        done=done if done in ("taken", "deleted") else "",
        now_at=visit.asked("message") if visit.asked("message") in ids else "",
    )


@declares(Action.ANSWER_CALLS)
def act_on_message(visit: Visit) -> Response:
    """``POST /calls/left/ID``: say that I see to it, or delete it for everybody."""
    me, message = _me(visit), visit.path("message")
    if visit.form.get("act") == "delete":
        visit.services.assist.left.drop(me, message)
        return visit.go(PATH, done="deleted")
    visit.services.assist.left.take(me, message)
    return visit.go(PATH, done="taken", message=message)


@declares(Action.ANSWER_CALLS)
def part_of_message(visit: Visit) -> Response:
    """``/calls/left/ID/picture`` and ``/voice``: what is in a message; nothing of it stays in the browser."""
    kind = visit.path("part")
    if kind not in set(PartKind):
        raise NotFoundError("a message has no such part")
    found = visit.services.assist.left.part(_me(visit), visit.path("message"), PartKind(kind))
    headers = {"cache-control": "no-store", "content-security-policy": "default-src 'none'; sandbox"}
    return Response(found.content, media_type=found.type, headers=headers)


def _me(visit: Visit) -> Party:
    """Return the expert who asks.

    Raises:
        NotFoundError: they are none.
        RefusedError: only people answer calls.
    """
    visit.require(Action.ANSWER_CALLS)
    party = visit.services.assist.roster.party(visit.principal)
    if party is None:
        raise NotFoundError("messages are left for experts of the fleet file")
    return party
