"""Every page that a browser can open, found from the application's own routes, with something to show on each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.console_people import GRADY, LEE, MEGAN, add_people
from tests.console_world import COMPLIANT, DRIFTED, EXPECTED, REFUSING, USB, ConsoleWorld, Demo, sample_state
from tests.kept_calls import CONNECTED, keep_calls
from tests.scripted_headset import ScriptedHeadset
from tests.web_services import web_settings

from holofleet import desired, samples, spec
from holofleet.cli.addresses import addresses
from holofleet.cli.services import wire
from holofleet.cli.setup import Started, setup_of
from holofleet.plans import compare
from holofleet.resources import Document, State
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.server.orders import Given, OrderKind
from holofleet.server.webhooks import NoticeKind, Wish
from holofleet.web.app import people_app
from holofleet.web.console.calendar import window_href
from holofleet.web.declaration import walk_routes
from holofleet.web.limits import Limits

NO_PAGES = (
    "/api/",
    "/scim/",
    "/static/",
    "/device-static/",
    "/assist-static/",
    "/assist-pdf/",
    "/events",
    "/metrics",
    "/assist/",
    "/g/",
)
"""Answers of these are read by programs."""
ELSEWHERE = ("/calls/left", "/calls/links", "/calls/{call}/live", "/calls/{call}/recordings/")
"""Pages that are an expert's own, or need a call that runs: their own tests open them."""
FILES = frozenset(
    {"/calendar/{deployment}/{day}/sheet", "/headsets.csv", "/people.csv", "/sign-in/callback", "/h/over"}
)
"""Downloads, an address that only a provider sends somebody to, and one that clears the browser."""
LOAN = "fabrikam-2026-12-07"
EXAMPLES: dict[str, tuple[str, ...]] = {
    "/sign-in": ("/sign-in?token=unknown",),
    "/sign-in/again": ("/sign-in/again?back=%2Faccount",),
    "/headsets": (
        "/headsets",
        "/headsets?q=zzz",
        "/headsets?q=seen:%3E1min&show=holder,certificate,client,enrolled",
        "/headsets?q=held-by:Lee&sort=name&show=holder,certificate,client,enrolled",
    ),
    "/headsets/{serial}": tuple(f"/headsets/{serial}" for serial in (DRIFTED, REFUSING, EXPECTED)),
    "/headsets/{serial}/timeline": (f"/headsets/{DRIFTED}/timeline",),
    "/headsets/{serial}/custody": (f"/headsets/{COMPLIANT}/custody",),
    "/headsets/{serial}/settings/{uri:path}": (f"/headsets/{DRIFTED}/settings/{USB[2:]}",),
    "/headsets/{serial}/orders": (f"/headsets/{COMPLIANT}/orders",),
    "/headsets/{serial}/orders/{act}": tuple(f"/headsets/{DRIFTED}/orders/{act}" for act in ("reboot", "wipe")),
    "/people": ("/people", "/people?q=zzz"),
    "/people/{key}": tuple(f"/people/{upn}" for upn in (LEE, GRADY)),
    "/people/{key}/change": (f"/people/{LEE}/change",),
    "/people/{key}/leave": (f"/people/{LEE}/leave",),
    "/people/{key}/erase": tuple(f"/people/{upn}/erase" for upn in (LEE, GRADY)),
    "/custody/who": (
        "/custody/who",
        f"/custody/who?headset={COMPLIANT}&at=2026-03-02T09:00&span=week",
    ),
    "/bulk": (
        f"/bulk?act=reboot&serial={COMPLIANT}&serial=unknown",
        "/bulk?act=wipe&all=yes&deployment=field-service",
    ),
    "/loans/{key}": (f"/loans/{LOAN}",),
    "/loans/{key}/sheet": (f"/loans/{LOAN}/sheet",),
    "/audit": ("/audit",),
    "/audit/{number}": ("/audit/2",),
    "/search": ("/search?q=HL", "/search?q=zzzz"),
    "/calls/{call}": (f"/calls/{CONNECTED}",),
    "/calls/{call}/marks": (f"/calls/{CONNECTED}/marks",),
    "/guide": ("/guide",),
    "/quality": ("/quality", "/quality?days=7&path=relay"),
    "/fleet-file/{name:path}": ("/fleet-file/cloud-connected.yaml",),
    "/{path:path}": ("/no/such/page",),
}


def furnish(world: ConsoleWorld) -> None:
    """Give the rooms something to show: people, a headset that somebody holds, a token, a queue of orders."""
    people = add_people(world, more=45)
    world.services.access.issue_token(LOCAL_ADMIN, "night-report", [Role.VIEWER])
    world.services.custody.desk.check_out(LOCAL_ADMIN, headset=COMPLIANT, person=people[LEE].id)
    world.services.custody.desk.check_out(LOCAL_ADMIN, headset="003421800102", person=people[MEGAN].id)
    world.order(COMPLIANT, "reboot")
    call(world)
    ask(world)


def call(world: ConsoleWorld) -> None:
    """Let a headset have called, and check its network; tell somebody elsewhere of it."""
    webhooks, store, now = world.services.webhooks, world.services.assist.store, world.world.clock.now()
    kinds = frozenset({NoticeKind.CALL_MISSED, NoticeKind.HEADSET_LOST})
    made = webhooks.add(LOCAL_ADMIN, Wish("Service desk", "https://hooks.contoso.com/fleet", kinds))
    webhooks.test(LOCAL_ADMIN, made.id)
    keep_calls(store, client="own", serial=COMPLIANT, now=now)
    store.keep_check("own", DRIFTED, {"grade": "stills"}, at=now)


def ask(world: ConsoleWorld) -> None:
    """Ask for a second person twice: to wipe more than one person may, and to publish a plan that weakens."""
    approvals, fleet = world.services.approvals, world.services.fleet
    serials = [serial for serial in world.headsets if sample_state()[0].headsets[serial].client == "own"][10:40]
    approvals.bulk.give(LOCAL_ADMIN, OrderKind.WIPE, serials, "Sold at the end of the project")
    approvals.bulk.give(LOCAL_ADMIN, OrderKind.REBOOT, serials[:6], "Before the audit")
    world.world.check_in(world.headsets[serials[0]])
    told = fleet.told()
    state = State.from_json(told.state)
    of = state.headsets[COMPLIANT]
    before = state.documents[of.document]
    open_usb = [replace(setting, data="1") if setting.oma_uri == USB else setting for setting in before.settings]
    document = Document(tuple(open_usb))
    changed = [
        one.model_copy(update={"document": document.hash}) if address == of.address else one
        for address, one in state.resources.items()
    ]
    wanted = State(changed, [*state.documents.values(), document])
    plan = compare(wanted, state, target="server")
    approvals.requests.propose(
        LOCAL_ADMIN, wanted.to_json(), {}, plan_hash=plan.hash, told_hash=told.hash, reason="USB for the tests"
    )


def one_fleet(world: ConsoleWorld) -> None:
    """Publish one fleet file in the place of three, so that its guides are judged and its sites have windows."""
    texts = dict(samples.text("near-offline"))
    state = desired.compile(spec.parse(texts), target="server")
    told = world.services.fleet.told().hash
    world.services.fleet.publish(LOCAL_ADMIN, state.to_json(), texts, expect_told_hash=told)
    for serial in ("003421800501", "003421800502", "003421800521"):
        made = world.headsets[serial] = ScriptedHeadset(f"device-{serial}", serial=serial)
        world.world.enroll(made, deployment=state.headsets[serial].deployment)
        world.world.check_in(made)


def pages_of_one_fleet(world: ConsoleWorld) -> tuple[str, ...]:
    """Return the pages that are empty where three fleet files are one."""
    place = next(place for place in world.services.visits.places(Scope.every()) if place.ahead)
    return (
        "/guide?show=all",
        _found(world, "/guide/{rule}")[-1],
        "/calendar",
        window_href(place, place.ahead[0]),
    )


def dress(world: ConsoleWorld, folder: Path) -> Any:
    """Return the application with every room open: a demonstration, and settings that say how it was started."""
    limits = Limits().raised("bench", headsets=10_000)
    with wire(folder / "data", names=("fleet.contoso.com",)) as wired:
        setup = setup_of(
            wired,
            addresses("127.0.0.1:9443", None, "https://fleet.contoso.com", None),
            limits,
            Started(metrics=True),
        )
    return people_app(world.services, web_settings(limits=limits, setup=setup), demo=Demo(world))


def pages_of(world: ConsoleWorld, app: Any) -> Iterator[str]:
    """Return the address of every page, each route at least once."""
    for route, endpoint in walk_routes(app.routes):
        if (
            "GET" not in (getattr(endpoint, "methods", None) or ())
            or route.startswith(NO_PAGES + ELSEWHERE)
            or route in FILES
        ):
            continue
        examples = _found(world, route) if route in _FOUND else EXAMPLES.get(route, (route,))
        assert not any("{" in path for path in examples), f"give an example of {route} in gallery.py"
        yield from examples


def _found(world: ConsoleWorld, route: str) -> tuple[str, ...]:
    services, every = world.services, Scope.every()
    if route == "/enrollments/{id}":
        return tuple(f"/enrollments/{one.id}" for one in services.fleet.enrollments(every, standing=None)[:1])
    if route == "/people/groups/{group}":
        return tuple(f"/people/groups/{group.id}" for group in services.directory.groups(LOCAL_ADMIN)[:2])
    if route == "/settings/webhooks/{webhook}":
        return tuple(f"{route[:18]}/{one.id}" for one in services.webhooks.listed(LOCAL_ADMIN))
    if route == "/orders/{given}":
        given = Given.of(services.orders.listed(every, _reboot_of(world)))
        return (f"/orders/{given.name}",) if given is not None else ()
    if route == "/plans/{id}":
        return tuple(f"/plans/{one.id}" for one in services.approvals.requests.listed(LOCAL_ADMIN))
    if route == "/calendar/{deployment}/{day}":
        place = next(place for place in services.visits.places(every) if place.ahead)
        return (window_href(place, place.ahead[0]),)
    if route == "/guide/{rule}":
        board = services.guides.board(LOCAL_ADMIN)
        assert board is not None
        met, unmet = ([one.id for one in board.statements if one.word == word] for word in ("met", "not met"))
        return tuple(f"/guide/{rule}" for rule in (*met[:1], *unmet[:1]))
    return ("/settings/audit",)


def _reboot_of(world: ConsoleWorld) -> str:
    return next(
        s
        for s in world.headsets
        if any(one.reason == "Before the audit" for one in world.services.orders.listed(Scope.every(), s))
    )


_FOUND = frozenset(
    {
        "/enrollments/{id}",
        "/people/groups/{group}",
        "/orders/{given}",
        "/plans/{id}",
        "/calendar/{deployment}/{day}",
        "/guide/{rule}",
        "/settings/webhooks/{webhook}",
        "/settings/{section}",
    }
)
