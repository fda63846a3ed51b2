"""Custody of one headset: every record of it, and what can be recorded now."""

from __future__ import annotations

from starlette.responses import Response

from holofleet.server.authorization import Action
from holofleet.server.custody import CustodyRecord
from holofleet.web.console.custody import PROOFS, STATUSES, said_of
from holofleet.web.console.headset import frame, read_headset
from holofleet.web.console.people import NamesOfPeople
from holofleet.web.console.records import Named, actor_of
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares


@declares(Action.READ_CUSTODY)
def custody_page(visit: Visit) -> Response:
    """``/headsets/SERIAL/custody``: who has it, and who had it when."""
    headset = read_headset(visit)
    client = headset.summary.client
    visit.require(Action.READ_CUSTODY, client)
    desk = visit.services.custody.desk
    state = desk.state(visit.principal, headset.summary.serial)
    return visit.render(
        "custody_tab.html",
        **frame(visit, headset, tab="custody"),
        state=state,
        records=tuple(reversed(_told(visit, desk.history(visit.principal, state.serial)))),
        statuses=STATUSES,
        proofs=PROOFS,
        may_keep=visit.may(Action.KEEP_CUSTODY, client),
    )


def _told(visit: Visit, records: tuple[CustodyRecord, ...]) -> list[tuple[CustodyRecord, str, Named]]:
    name = NamesOfPeople(visit)
    return [(record, said_of(visit, record), actor_of(record.actor, name)) for record in records]
