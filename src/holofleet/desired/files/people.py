"""Paper for people: a hand-out and a calendar per deployment, and a checklist per headset that is sent out.

No page knows what day it is: days come from the fleet file, so the same file always gives the same paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from holofleet.catalog import reading
from holofleet.desired.files import hand_out, shipping
from holofleet.desired.files.made import HTML, ICS, Made
from holofleet.formats.handouts import page
from holofleet.formats.handouts.calendar import Event, calendar
from holofleet.formats.handouts.sheet import listed, short
from holofleet.formats.handouts.visits import Visit, visits
from holofleet.resources import State
from holofleet.resources.path_part import path_part
from holofleet.spec import EffectiveDeployment, Spec

_STEPS = """\
1. Connect the headsets to the network and plug them in; an update needs 40 % of battery.
2. On each: Settings > Accounts > Access work or school > Info > Sync.
3. Everybody signs in once while the headset is online.
4. Settings > Update & Security > Windows Update: check, install, restart; check again until nothing is left.
5. Sync once more, so that the headset reports what it has."""


def write(spec: Spec, state: State) -> Iterator[Made]:
    """Yield the pages and the calendars."""
    for deployment in spec.deployments():
        folder = f"people/{path_part(deployment.name)}"
        planned = _visits(spec, deployment, state)
        yield Made(
            f"{folder}/hand-out.html",
            page.hand_out(hand_out.sheet(spec, deployment, state, planned)),
            HTML,
            f"For the people who wear the headsets of {deployment.name}: one page.",
        )
        if planned:
            yield Made(
                f"{folder}/reconnect.ics",
                _calendar(spec, deployment, planned),
                ICS,
                f"The {len(planned)} days on which {deployment.name} comes to the network, for calendars.",
            )
    for client, headset, sheet in shipping.sheets(spec, state):
        yield Made(
            f"people/shipping/{path_part(client)}/{path_part(headset.serial)}.html",
            page.checklist(sheet),
            HTML,
            f"Before {short(headset.asset or headset.serial)} leaves, and when it is back: one page.",
        )


def _visits(spec: Spec, deployment: EffectiveDeployment, state: State) -> tuple[Visit, ...]:
    """Return the visits from the day on which the headsets go away; none where the file does not tell it."""
    said = deployment.settings.reconnect
    since = _leaves(deployment)
    if said is None or said.rule is None or since is None or deployment.name not in state.deployments:
        return ()
    return tuple(visits(state.deployments[deployment.name].reconnect, since=since, until=_support_ends()))


def _leaves(deployment: EffectiveDeployment) -> date | None:
    settings = deployment.settings
    if settings.reconnect is not None and settings.reconnect.offline_from is not None:
        return settings.reconnect.offline_from
    return settings.enrollment.online_sign_in_by if settings.enrollment is not None else None


def _support_ends() -> date:
    """Return the last day of the vendor's updates: no visit for them is needed after it."""
    return date.fromisoformat(reading.read("builds")["supported_until"])


def _calendar(spec: Spec, deployment: EffectiveDeployment, planned: tuple[Visit, ...]) -> str:
    host = spec.model.tenant.domain
    sites = listed(hand_out.site_names(spec, deployment))
    count = len(deployment.headsets)
    headsets = "1 headset" if count == 1 else f"{count} headsets"
    name = f"{short(spec.model.organization.name)}: {deployment.name}"
    events = [
        Event(
            uid=f"reconnect-{deployment.name}-{visit.label}@{host}",
            first=visit.first,
            end=visit.end,
            summary=f"Headsets to the network: {deployment.name}",
            description=f"{headsets} of {name}.\n{_STEPS}",
            location=sites,
            reminder=True,
        )
        for visit in planned
    ]
    return calendar(f"{name}, headsets to the network", events, stamp=planned[0].first)
