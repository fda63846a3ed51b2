"""``holofleet demo``: a server, a sample fleet and simulated headsets, up to a drift that is mended.

Nothing is staged: the server is the one of ``serve``, told over its API and reached over TLS; the headsets speak
the real protocols; every number that is printed comes from the server's own answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

from holofleet.cli.output import CLEAN, FOUND, note
from holofleet.cli.progress import ProgressLine

if TYPE_CHECKING:
    from holofleet.cli.addresses import Addresses
    from holofleet.cli.services import Wired
    from holofleet.resources import State
    from holofleet.simulator import Fleet, Progress
    from holofleet.spec import Spec
    from holofleet.targets.server import ApiClient
    from holofleet.web.transport import Server

SCENARIO = "cloud-connected"
_CALLS: Final = "  poll:                     "
"""Where the sample says how headsets ask for orders; before it stands what only the demonstration allows."""
_RECORDED: Final = "  assist: {recording: allowed, keep: {recordings_days: 1}}   # shown here, with consent"
BROKEN_URI = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
BROKEN_VALUE = "1"
MOST_ROUNDS = 6
POLL_SPEED = 30.0
"""How many times faster than real ones the simulated headsets poll while the demo runs."""


def demo(
    *,
    once: Annotated[
        bool, Parameter(negative="", help="End after the report instead of running until Ctrl-C.")
    ] = False,
    data: Annotated[
        Path | None, Parameter(help="Keep everything in this folder instead of a temporary one.")
    ] = None,
    listen: Annotated[
        str | None, Parameter(help="HOST:PORT of the console; default 127.0.0.1:8443 or a free one.")
    ] = None,
) -> int:
    """Serve a sample fleet with simulated headsets, with its console."""
    from holofleet.web.transport import run

    outcome: list[int] = []

    async def main() -> None:
        with _folder(data) as folder:
            outcome.append(await _demonstrate(folder, listen, once=once))

    run(main())
    return outcome[0] if outcome else FOUND


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="holofleet-demo-") as name:
        yield Path(name) / "data"


async def _demonstrate(folder: Path, listen: str | None, *, once: bool) -> int:
    from holofleet.cli.demo_relay import demo_relay
    from holofleet.cli.serve import greet
    from holofleet.cli.services import wire
    from holofleet.cli.telling import telling
    from holofleet.targets.server import ApiClient
    from holofleet.web.limits import Limits

    loaded, state = _sample()
    recordings = folder / "recordings"
    with demo_relay() as relays, wire(folder, turn_servers=relays, recordings=recordings) as wired:
        actions = _Actions(wired)
        server, where = await _bound(
            wired, listen, limits=Limits().raised("demo", headsets=len(state.headsets)), actions=actions
        )
        async with wired.management, server, telling(wired):
            greet(wired, where, server)
            address = f"https://127.0.0.1:{server.listener('people').port}"
            with ApiClient.connect(
                address, token=wired.installation.local_token, ca=wired.installation.ca_certificate
            ) as api:
                fleet = await _enrolled(api, address, wired, loaded, state)
                actions.fleet = fleet
                try:
                    report = await _converged(api, fleet)
                    if once:
                        return await _finish(api, fleet, actions, report)
                    await _keep_running(fleet, report)
                finally:
                    fleet.close()
    return CLEAN


async def _bound(wired: Wired, listen: str | None, *, limits: Any, actions: _Actions) -> tuple[Server, Addresses]:
    """Take the asked address, or the usual one, or any free one when that is taken."""
    from holofleet.cli.addresses import DEFAULT_LISTEN, addresses
    from holofleet.cli.serve import bound
    from holofleet.errors import InputError

    where = addresses(listen or DEFAULT_LISTEN, None, None, None)
    try:
        return await bound(wired, where, limits=limits, demo=actions), where
    except InputError:
        if listen is not None:
            raise
        where = addresses("127.0.0.1:0", None, None, None)
        return await bound(wired, where, limits=limits, demo=actions), where


def _sample() -> tuple[Spec, State]:
    from holofleet import desired, samples, spec
    from holofleet.clock import SystemClock

    files = samples.text(SCENARIO, today=SystemClock().now().date())
    loaded = spec.parse({name: text.replace(_CALLS, f"{_RECORDED}\n{_CALLS}", 1) for name, text in files.items()})
    return loaded, desired.compile(loaded, target="server")


async def _enrolled(api: ApiClient, address: str, wired: Wired, loaded: Spec, state: State) -> Fleet:
    """Publish the sample fleet, have credentials issued, and let the simulated headsets enroll."""
    from holofleet.cli.simulate import issue_credentials, plans
    from holofleet.simulator import Act, Fleet
    from holofleet.targets.server import ServerTarget

    def publish() -> None:
        target = ServerTarget(api)
        plan = target.plan(state)
        if not plan.empty:
            target.apply(plan, state, loaded.texts)

    await asyncio.to_thread(publish)
    headsets = list(state.headsets.values())
    issued = await asyncio.to_thread(issue_credentials, api, headsets)
    lines = {act: ProgressLine(f"simulated headsets {act}") for act in Act}

    def tell(progress: Progress) -> None:
        if progress.total:
            lines[progress.act].show(progress.done, progress.total)

    fleet = Fleet(
        server_url=address,
        ca_file=str(wired.installation.ca_certificate),
        headsets=plans(state, headsets, issued),
        concurrency=4,
        progress=tell,
    )
    tally = await fleet.enroll()
    for serial, problem in tally.problems.items():
        note(f"  {serial}: {problem}")
    return fleet


async def _converged(api: ApiClient, fleet: Fleet) -> dict[str, Any]:
    """Let headsets check in until every one is compliant, at most a few rounds; return the overview."""
    report: dict[str, Any] = {}
    for _ in range(MOST_ROUNDS):
        await fleet.check_in()
        report = await asyncio.to_thread(api.get, "/overview")
        if report["counts"].get("compliant", 0) == report["total"]:
            break
    _say(report, fleet)
    return report


def _say(report: dict[str, Any], fleet: Fleet) -> None:
    words = ", ".join(f"{count} {word}" for word, count in report["counts"].items() if count)
    print(f"{report['total']} simulated headsets of the sample fleet '{SCENARIO}': {words}.")
    if fleet.violations:
        serial, found = next(iter(fleet.violations.items()))
        print(f"  {serial} noticed that the server broke a rule: {found[0]}")


async def _finish(api: ApiClient, fleet: Fleet, actions: _Actions, report: dict[str, Any]) -> int:
    """Break one headset, see it noticed and mended, and say how it went."""
    serial = actions.headset_to_break()
    if serial is None:
        return FOUND
    newest = (await asyncio.to_thread(api.get, "/overview"))["newest_event"]
    await asyncio.to_thread(actions.break_headset, serial)
    print(f"Somebody turned USB on at {serial}: {BROKEN_URI} is {BROKEN_VALUE} now.")
    await fleet.check_in([serial])
    seen = (await asyncio.to_thread(api.get, "/events", after=newest, limit=500))["events"]
    kinds = [event["kind"] for event in seen if event["serial"] == serial]
    detail = await asyncio.to_thread(api.get, f"/headsets/{serial}")
    value = fleet.headset(serial).tree.value(BROKEN_URI)
    whole = report["counts"].get("compliant", 0) == report["total"]
    mended = (
        "drifted" in kinds and "mended" in kinds and detail["compliance"] == "compliant" and value != BROKEN_VALUE
    )
    if mended:
        print("  The next check-in noticed it, and mended it in the same session: the headset reads back ", end="")
        print(f"{value}, and is compliant again.")
    else:
        print(f"  It was not mended: events {kinds}, the headset holds {value} and is {detail['compliance']}.")
    return CLEAN if whole and mended and not fleet.violations else FOUND


async def _keep_running(fleet: Fleet, report: dict[str, Any]) -> None:
    """Let headsets poll by their own schedules, faster than real ones, until the process is told to stop."""
    import signal

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    note(f"The headsets now poll, {POLL_SPEED:.0f} times faster than real ones. Stop with Ctrl-C.")
    with contextlib.suppress(asyncio.CancelledError):
        await fleet.follow_schedule(stop, speed=POLL_SPEED)


class _Actions:
    """What the console of the demo may do to simulated headsets."""

    def __init__(self, wired: Wired) -> None:
        self._wired = wired
        self.fleet: Fleet | None = None

    def headset_to_break(self) -> str | None:
        """Return the first simulated headset that is compliant, if any."""
        from holofleet.server.authorization import Scope
        from holofleet.server.compliance import Compliance
        from holofleet.server.fleet import HeadsetQuery

        if self.fleet is None:
            return None
        query = HeadsetQuery(compliance=Compliance.COMPLIANT)
        page = self._wired.services.fleet.headsets(Scope.every(), query, after=None, limit=1)
        return page.headsets[0].serial if page.headsets else None

    def break_headset(self, serial: str) -> None:
        """Turn USB on at a simulated headset, and ask the headset to be looked at at its next check-in."""
        from holofleet.errors import NotFoundError
        from holofleet.server.authorization import LOCAL_ADMIN
        from holofleet.server.orders import OrderKind

        if self.fleet is None:
            raise NotFoundError("no headset is simulated yet")
        self.fleet.headset(serial).drift(BROKEN_URI, BROKEN_VALUE)
        self._wired.services.orders.create(
            LOCAL_ADMIN, serial, OrderKind.SYNC, "demo: read back now instead of within a day"
        )
