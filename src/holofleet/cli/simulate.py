"""``holofleet simulate``: simulated headsets against a server."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter, validators

from holofleet.cli.connection import read_private
from holofleet.cli.fleet_file import compiled
from holofleet.cli.output import CLEAN, FOUND, TextOrJson, Yes, confirm, print_json
from holofleet.cli.progress import ProgressLine
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.resources import Headset, State
    from holofleet.simulator import Credential, Fleet, HeadsetPlan, Progress
    from holofleet.targets.server import ApiClient


def simulate(
    *,
    fleet: Annotated[Path, Parameter(help="Fleet file whose headsets are simulated.")],
    headsets: Annotated[
        int | None, Parameter(validator=validators.Number(gte=1), help="How many of them; all without it.")
    ] = None,
    server: Annotated[str | None, Parameter(help="Address of the server.")] = None,
    ca: Annotated[Path | None, Parameter(help="CA file that the headsets trust.")] = None,
    credentials: Annotated[
        Path | None, Parameter(help="JSON of `credentials issue`, or a list of them (0600).")
    ] = None,
    data: Annotated[Path | None, Parameter(help="Data folder of a running server on this machine.")] = None,
    rounds: Annotated[
        int, Parameter(validator=validators.Number(gte=0), help="Check-ins of each headset after it enrolled.")
    ] = 3,
    seed: Annotated[int, Parameter(help="The same seed gives the same fleet.")] = 0,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Enroll simulated headsets and let them check in. Exit status 1 when one fails or notices a fault."""
    _, state = compiled(fleet, target="server")
    chosen = list(state.headsets.values())[:headsets]
    if data is not None:
        address, trusted, issued = _local(data, state, chosen)
    elif server and ca and credentials:
        confirm(f"Enroll {len(chosen)} simulated headsets at {server}? They stay there as headsets.", yes=yes)
        address, trusted, issued = server, ca, _read_credentials(credentials)
    else:
        raise InputError("which server?", mend="Say --data DIR, or all of --server, --ca and --credentials.")
    result = asyncio.run(run(address, trusted, plans(state, chosen, issued), rounds=rounds, seed=seed))
    if data is not None:
        result |= _as_the_server_sees_it(data, {headset.serial for headset in chosen})
    if format == "json":
        print_json(result)
    else:
        _print(result)
    clean = not result["problems"] and not result["violations"] and not result.get("in_doubt")
    return CLEAN if clean else FOUND


def _local(data: Path, state: State, chosen: list[Headset]) -> tuple[str, Path, dict[str, Credential]]:
    from holofleet.cli.local import local_client
    from holofleet.server.installation import find_running_server

    running = find_running_server(data)
    if running is None:
        raise InputError(f"no server runs in {data}", mend=f"Start it with: holofleet serve --data {data}")
    with local_client(data) as api:
        return running.address, running.ca, issue_credentials(api, chosen)


def _as_the_server_sees_it(data: Path, serials: set[str]) -> dict[str, Any]:
    """Return how the server counts these headsets by word, and how many newcomers it does not believe."""
    from holofleet.cli.local import local_client

    words: Counter[str] = Counter()
    with local_client(data) as api:
        for page in api.pages("/headsets", limit=500):
            words.update(h["compliance"] for h in page["headsets"] if h["serial"] in serials)
        waiting = api.get("/enrollments")["enrollments"]
    return {"compliance": dict(words), "in_doubt": sum(item["serial"] in serials for item in waiting)}


def issue_credentials(api: ApiClient, headsets: Iterable[Headset]) -> dict[str, Credential]:
    """Have one credential issued for each deployment, with as many uses as it has headsets."""
    from holofleet.simulator import Credential

    uses: dict[str, int] = {}
    for headset in headsets:
        uses[headset.deployment] = uses.get(headset.deployment, 0) + 1
    issued = {
        name: api.post("/credentials", {"deployment": name, "uses": count, "expires_s": 3600})
        for name, count in uses.items()
    }
    return {name: Credential(item["username"], item["password"]) for name, item in issued.items()}


def _read_credentials(path: Path) -> dict[str, Credential]:
    from holofleet.simulator import Credential

    try:
        content = json.loads(read_private(path))
        listed = content if isinstance(content, list) else [content]
        return {item["deployment"]: Credential(item["username"], item["password"]) for item in listed}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: these are no credentials", mend="Keep what `holofleet credentials issue` printed."
        ) from error


def plans(state: State, headsets: Iterable[Headset], issued: dict[str, Credential]) -> list[HeadsetPlan]:
    """Return which headsets to simulate: those of the State whose deployment has a credential."""
    from holofleet.simulator import HeadsetPlan

    known = [headset for headset in headsets if headset.deployment in issued]
    if not known:
        raise InputError("there is no credential for any deployment of these headsets")
    return [HeadsetPlan(h.serial, issued[h.deployment], name=h.name, autopilot=h.autopilot) for h in known]


async def run(address: str, ca: Path, planned: list[HeadsetPlan], *, rounds: int, seed: int) -> dict[str, Any]:
    """Enroll, let check in, and return what happened as a JSON value."""
    from holofleet.simulator import Act, Fleet

    line = {act: ProgressLine(f"simulated headsets {act}") for act in Act}

    def tell(progress: Progress) -> None:
        line[progress.act].show(progress.done, progress.total)

    fleet = Fleet(server_url=address, ca_file=str(ca), headsets=planned, seed=seed, progress=tell)
    try:
        tallies = [await fleet.enroll()]
        for _ in range(rounds):
            line[Act.CHECK_IN] = ProgressLine("simulated headsets check in")
            tallies.append(await fleet.check_in())
        return _result(fleet, tallies)
    finally:
        fleet.close()


def _result(fleet: Fleet, tallies: list[Any]) -> dict[str, Any]:
    problems: dict[str, str] = {}
    for tally in tallies:
        problems.update(tally.problems)
    return {
        "headsets": len(fleet.headsets),
        "acts": [
            {"act": str(tally.act), "outcomes": dict(tally.outcomes), "seconds": round(tally.seconds, 3)}
            for tally in tallies
        ],
        "problems": problems,
        "violations": {serial: [str(v) for v in found] for serial, found in fleet.violations.items()},
    }


def _print(result: dict[str, Any]) -> None:
    print(f"{result['headsets']} simulated headsets")
    for act in result["acts"]:
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in act["outcomes"].items()) or "none"
        print(f"  {act['act']}: {outcomes} in {act['seconds']} s")
    if "compliance" in result:
        words = ", ".join(f"{count} {word}" for word, count in result["compliance"].items())
        print(f"  on the server: {words}")
        if result["in_doubt"]:
            print(f"  {result['in_doubt']} are in doubt and get nothing: another enrollment holds their serial.")
            print("  Look with: holofleet headsets doubtful")
    for serial, problem in list(result["problems"].items())[:10]:
        print(f"  {serial}: {problem}")
    for serial, violations in list(result["violations"].items())[:10]:
        print(f"  {serial} noticed: {violations[0]}")
