"""``python -m bench``: measure everything, print one table, write JSON where asked."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.control import ServerProcess, server_process
from bench.figures import Figure, Section, ratio
from bench.machine import Cores, cores, description, fdatasync_ms, pin, spin_ms, unpinned
from bench.media import media
from bench.pages import pages
from bench.round_trips import round_trips
from bench.sessions import FULL, ONCE, QUICK, Sessions, Sizes
from bench.signaling import signaling
from bench.starting import starting

SPINS = 5
DURABLE = ("max_connections=60", "listen_addresses=")
"""Settings of PostgreSQL: every commit reaches the disk, as in production; no TCP port."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much one run measures.

    Args:
        fleets: Headsets of the fleet files that are loaded, each ``starts`` times.
        rows: Headsets behind the pages, each page asked for ``rounds`` times.
        messages: Rounds of messages of calls; 0 for none.
        tenants: Headsets of the tenants whose round trips are counted.
        whole: Also calls over bad links, and pages on PostgreSQL.
    """

    sizes: Sizes
    fleets: tuple[int, ...]
    starts: int
    rows: int
    rounds: int
    messages: int
    tenants: tuple[int, ...]
    whole: bool = False


EVERYTHING = Amount(FULL, (10_000, 100_000), 9, 100_000, 9, 5, (100, 1_000, 10_000), whole=True)
LESS = Amount(QUICK, (1_000,), 3, 2_000, 3, 2, (100, 1_000))
LEAST = Amount(ONCE, (100,), 1, 200, 1, 0, ())


@dataclass
class Steadiness:
    """Processor time of one fixed piece of work on the server's core, before and after everything."""

    alone: list[float] = field(default_factory=list)
    together: list[float] = field(default_factory=list)

    def look(self, server: ServerProcess) -> None:
        """Measure once more."""
        self.alone += server.spins_ms(SPINS)
        self.together += server.spins_ms(SPINS, meanwhile=spin_ms)


def main() -> None:
    """Run."""
    arguments = _arguments()
    begun, used = time.perf_counter(), cores()
    pin(used.client)
    amount = LEAST if arguments.least else LESS if arguments.quick else EVERYTHING
    about: dict[str, object] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": not amount.whole,
        "pinned": used.words,
        **description(),
    }
    steady = Steadiness()
    with tempfile.TemporaryDirectory(prefix="holofleet-bench-") as name:
        folder = Path(name)
        synced = fdatasync_ms(folder)
        sections = _sessions(folder / "sqlite", "SQLite", used, amount.sizes, steady)
        with _postgres() as found:
            if found is None:
                about["postgresql"] = "not installed: not measured"
            else:
                sections += _sessions(
                    folder / "postgresql", "PostgreSQL", used, amount.sizes, steady, cluster=found
                )
                if amount.whole:
                    _note("measuring pages on PostgreSQL ...")
                    there = found.fresh_url()  # type: ignore[attr-defined]  # tests.postgres.Cluster
                    sections.append(
                        pages(
                            folder / "pages-pg",
                            "PostgreSQL",
                            headsets=amount.rows,
                            rounds=amount.rounds,
                            database=there,
                        )
                    )
        sections.append(starting(folder, sizes=amount.fleets, rounds=amount.starts))
        _note("measuring pages ...")
        sections.append(pages(folder / "pages", "SQLite", headsets=amount.rows, rounds=amount.rounds))
        if amount.whole:
            _note("calling over bad links ...")
            with unpinned():
                sections += media(folder / "media", seconds=20)
    if amount.messages:
        _note("passing messages of calls on ...")
        with unpinned():
            sections += signaling(rounds=amount.messages)
    if amount.tenants:
        _note("counting round trips to Graph ...")
        sections.append(round_trips(amount.tenants))
    sections.insert(0, _machine(steady, synced))
    about["seconds"] = round(time.perf_counter() - begun, 1)
    _print(about, sections)
    if arguments.json:
        value = {"about": about, "sections": {section.title: section.to_json() for section in sections}}
        arguments.json.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and headsets, under forty seconds")
    parser.add_argument("--least", action="store_true", help="each figure of sessions, starting and pages once")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to a file, too")
    return parser.parse_args()


def _sessions(
    folder: Path, title: str, used: Cores, sizes: Sizes, steady: Steadiness, *, cluster: object = None
) -> list[Section]:
    """Measure on one database; the fixed piece of work is timed before and after, in the server's process."""
    folder.mkdir()
    url = cluster.fresh_url() if cluster else None  # type: ignore[attr-defined]  # tests.postgres.Cluster
    where = cluster.folder if cluster else None  # type: ignore[attr-defined]
    with server_process(folder, core=used.server, headsets=sizes.headsets, database=url) as server:
        steady.look(server)
        _note(f"measuring on {title} ...")
        measured = asyncio.run(Sessions(server, sizes, postgres=where).measure(title))
        steady.look(server)
        return measured


@contextmanager
def _postgres() -> Iterator[object]:
    """Start a PostgreSQL server of our own; ``None`` where it is not installed."""
    from tests.postgres import binaries, cluster

    if binaries() is None:
        yield None
        return
    with cluster(settings=DURABLE) as server:
        yield server


def _machine(steady: Steadiness, synced: list[float]) -> Section:
    return Section(
        "The machine's noise",
        [
            Figure(
                "a fixed piece of work on the server's core", "ms", tuple(steady.alone), "our other core waits"
            ),
            Figure("the same, while our other core works, too", "ms", tuple(steady.together), "as it does below"),
            ratio("what the other core's work costs this one", steady.together, steady.alone),
            Figure("one fdatasync of a page", "ms", tuple(synced), "wall clock; the floor of a durable commit"),
        ],
    )


def _print(about: dict[str, object], sections: list[Section]) -> None:
    print(f"holofleet bench, {about['date']}{', quick' if about['quick'] else ''}, {about['seconds']} s")
    print(f"  {about['processor']}, {about['cores']} cores, Python {about['python']}, {about['system']}")
    print(f"  {about['pinned']}; load before: {about['load_before']}")
    print("  'per core of server' is the processor time of the server process (all threads), not the wall clock")
    if "postgresql" in about:
        print(f"  PostgreSQL: {about['postgresql']}")
    for section in sections:
        print("\n".join(section.lines()))


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
