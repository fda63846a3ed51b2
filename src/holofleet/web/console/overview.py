"""The overview: what needs a person today, and how the fleet stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from holofleet.server.authorization import Action, PrincipalKind
from holofleet.server.compliance import Compliance
from holofleet.server.fleet.views import DeploymentCount, EnrollmentView, Overview
from holofleet.server.orders import Order
from holofleet.web.console import left
from holofleet.web.console.coming import Coming, Joined, Need, moment_of
from holofleet.web.console.demo import DemoStrip, strip_of
from holofleet.web.console.happenings import Day, by_day, told_of_fleet
from holofleet.web.console.trend import percent_of, trend_of
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import count
from holofleet.web.declaration import declares

MOST_ITEMS = 6
NEWEST = 300
SHOWN = 8
SCENARIOS = {
    "cloud-connected": "Cloud connected",
    "external-clients": "External clients",
    "shared-identity": "Shared identity",
    "near-offline": "Near-offline",
}


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the overview shows; made once for everybody who sees the same clients."""

    overview: Overview
    managed: int
    needs: tuple[Need, ...]
    more_needs: int
    days: tuple[Day, ...]
    names: Mapping[str, str]
    undelivered: tuple[Mapping[str, Any], ...]
    strip: DemoStrip | None
    coming: tuple[Coming, ...] = ()


@declares(Action.READ_OVERVIEW)
def overview_page(visit: Visit) -> Response:
    """``/``: what needs me today? Whoever has no part in that is sent to what is theirs."""
    if visit.principal.kind is PrincipalKind.PERSON and not visit.may(Action.READ_OVERVIEW):
        expert = visit.services.assist.roster.key(visit.principal) is not None
        return visit.go(left.PATH if expert else "/account")
    visit.require(Action.READ_OVERVIEW)
    fleet = read_fleet(visit)
    return visit.render(
        "overview.html",
        here="overview",
        fleet=fleet,
        scenario_titles=SCENARIOS,
        view="overview",
        after=fleet.overview.newest_event,
        trend=trend_of(visit.services.history.days(visit.scope)),
        percent_of=percent_of,
        moment_of=moment_of,
    )


def read_fleet(visit: Visit) -> Fleet:
    """Read everything that the overview shows."""
    service, scope = visit.services.fleet, visit.scope
    overview: Overview = service.overview(scope)
    events = service.events_after(scope, max(0, overview.newest_event - NEWEST), NEWEST)

    def name(serial: str) -> str:
        return visit.console.names.of(visit, overview.published_at, serial)

    lines = told_of_fleet(events, name)[:SHOWN]
    joined = visit.console.joined.of(visit, overview.published_at, overview.total)
    needs = tuple(needs_of(overview, name, joined))
    return Fleet(
        overview,
        managed=overview.total - overview.counts.get("retired", 0),
        needs=needs[:MOST_ITEMS],
        more_needs=max(0, len(needs) - MOST_ITEMS),
        days=by_day(lines, visit.now),
        names={line.serial: name(line.serial) for line in lines if line.serial},
        undelivered=undelivered_of(overview.deployments),
        strip=strip_of(visit, overview),
        coming=joined.coming,
    )


def needs_of(overview: Overview, name: Callable[[str], str], joined: Joined | None = None) -> list[Need]:
    """List what waits for a person, worst first.

    Quarantined, unknown outcomes, frozen, refused, approvals, what runs out, late, licenses.
    """
    joined = joined or Joined()
    needs = [_identity(item, name) for item in overview.needs_person]
    needs += [_unknown(order, name) for order in overview.unknown_orders]
    if overview.frozen:
        why = "No reboot, wipe or unenrollment leaves this server until somebody ends the freeze."
        needs.append(Need("note", "lock", "Frozen", "All orders are frozen", why, "Look", "/settings/freeze"))
    counts = overview.counts
    if refused := counts.get(Compliance.REFUSED, 0):
        verb_s = "refuses" if refused == 1 else "refuse"
        what = f"{count(refused, 'headset')} {verb_s} a setting"
        why = "The headset said no and keeps what it had. Sending it again changes nothing."
        needs.append(Need("refused", "refused", "Refused", what, why, "See which", filtered(compliance="refused")))
    needs += (*joined.approvals, *joined.security)
    if late := counts.get(Compliance.LATE, 0):
        what = f"{count(late, 'headset')} missed the reconnect window"
        why = "They were not seen since. What they run now is not known."
        needs.append(Need("late", "late", "Late", what, why, "See who", filtered(compliance="late")))
    return [*needs, *joined.late, *joined.licenses]


def _unknown(order: Order, name: Callable[[str], str]) -> Need:
    subject = name(order.serial) if order.serial else "a headset"
    href = f"/headsets/{order.serial}/orders" if order.serial else "/headsets"
    what = f"Nobody knows whether {subject} ran its {order.kind}"
    why = "It was sent and the session ended before an answer came. It is not sent again by itself."
    return Need("drifted", "drifted", "Outcome unknown", what, why, "Look", href, order.sent_at)


def filtered(**query: str) -> str:
    """Return the address of a filtered list of headsets."""
    return f"/headsets?{urlencode(query)}"


def undelivered_of(deployments: tuple[DeploymentCount, ...]) -> tuple[Mapping[str, Any], ...]:
    """List what the file says and nothing delivers, each once, with the deployments that say it."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for deployment in deployments:
        for item in deployment.undelivered:
            key = (str(item.get("key")), str(item.get("reason")))
            entry = found.setdefault(key, {**item, "deployments": []})
            entry["deployments"].append(deployment.name)
    return tuple(found.values())


def _identity(item: EnrollmentView, name: Callable[[str], str]) -> Need:
    called = name(item.serial) if item.serial else item.device_name or "a headset"
    why = item.reason[:1].upper() + item.reason[1:] if item.reason else "Its identity is in doubt"
    return Need(
        "quarantined",
        "quarantined",
        "Quarantined",
        f"An unknown device says that it is {called}",
        f"{why.rstrip('.')}. It gets nothing until you decide.",
        "Decide",
        f"/enrollments/{item.id}",
        item.enrolled_at,
    )
