"""Custody of one headset: every record of it, and what can be recorded now."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from holofleet.server.authorization import Action
from holofleet.server.custody import CustodyRecord
from holofleet.server.fleet import HeadsetDetail
from holofleet.web.console.custody import PROOFS, STATUSES, said_of
from holofleet.web.console.headset import frame, read_headset
from holofleet.web.console.people import NamesOfPeople
from holofleet.web.console.records import Named, actor_of
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

PAIRED = {
    "waits": "The code is confirmed. The browser that shows it goes on within seconds.",
    "ended": "No browser is paired with this headset any more.",
}


@declares(Action.READ_CUSTODY)
def custody_page(visit: Visit) -> Response:
    """``/headsets/SERIAL/custody``: who has it, and who had it when."""
    return show_custody(visit, read_headset(visit))


def show_custody(
    visit: Visit, headset: HeadsetDetail, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """Answer with the tab, and with what was wrong in one of its forms."""
    client = headset.summary.client
    visit.require(Action.READ_CUSTODY, client)
    desk = visit.services.custody.desk
    state = desk.state(visit.principal, headset.summary.serial)
    browsers = visit.services.custody.kiosk.pairings(visit.principal, state.serial)
    name = NamesOfPeople(visit)
    return visit.render(
        "custody_tab.html",
        status,
        **frame(visit, headset, tab="custody"),
        state=state,
        records=tuple(reversed(_told(visit, desk.history(visit.principal, state.serial)))),
        statuses=STATUSES,
        proofs=PROOFS,
        may_keep=visit.may(Action.KEEP_CUSTODY, client),
        may_pair=visit.may(Action.PAIR_HEADSET, client),
        browsers=[(one, actor_of(one.actor, name)) for one in browsers if one.used],
        waits=next((one.expires_at for one in browsers if not one.used), None),
        said=PAIRED.get(visit.asked("paired"), "") if not errors else "",
        errors=errors or {},
    )


def _told(visit: Visit, records: tuple[CustodyRecord, ...]) -> list[tuple[CustodyRecord, str, Named]]:
    name = NamesOfPeople(visit)
    return [(record, said_of(visit, record), actor_of(record.actor, name)) for record in records]
