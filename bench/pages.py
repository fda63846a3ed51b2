"""What pages cost the server: the overview, the list of headsets and one headset, of a fleet in mixed states.

The people application of ``holofleet serve`` is asked as its listener asks it, in this process: sign-in, checks,
services, templates; no TLS and no socket. Every answer must be a page with 200 and with what was asked for.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import fleet, in_use, mixed
from bench.figures import Figure, Section
from bench.machine import cpu_s

if TYPE_CHECKING:
    from holofleet.cli.services import Wired

GOAL_MS = 100
"""Goal of the design, for each page."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One page.

    Args:
        name: Stands in the table.
        path: What is asked for.
        shows: Stands in the answer, or it was not the right one.
        news: Whether something happens before each round, so that nothing that was counted may be shown again.
    """

    name: str
    path: str
    shows: str
    news: bool = False
    narrowed: bool = False
    """Asked by a helpdesk of one site."""
    quiet: bool = False
    """Whether a minute passes before each round, in which the server counts ahead, beside pages."""


@dataclass
class Slowest:
    """Remembers the statement that took longest, by the hooks of the database library."""

    statement: str = ""
    ms: float = 0.0
    _begun: dict[int, float] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The statement, from where its tables stand, with its time."""
        _, _, tables = self.statement.partition(" FROM ")
        return f"slowest statement {self.ms:.1f} ms: ... FROM {tables[:70]}"

    def before(self, _c: Any, cursor: Any, *_rest: Any) -> None:
        """A statement begins."""
        self._begun[id(cursor)] = time.perf_counter()

    def after(self, _c: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        """Its first row is there; a database that hands out rows as it finds them is not done yet."""
        now = time.perf_counter()
        taken = (now - self._begun.pop(id(cursor), now)) * 1e3
        if taken > self.ms:
            self.ms, self.statement = taken, " ".join(statement.split())


def asked_of(headsets: int) -> tuple[Asked, ...]:
    """Return the pages that are measured."""
    late = fleet.serial(headsets - 30)
    middle = fleet.serial(headsets // 2)
    today = datetime.now(UTC).date().isoformat()
    return (
        Asked("overview", "/", "Headsets"),
        Asked("overview, after news", "/", "Headsets", news=True),
        Asked("overview, after quiet seconds", "/", "Headsets", quiet=True),
        Asked("headsets: first page", "/headsets", fleet.serial(0)),
        Asked("headsets: first page, after news", "/headsets", fleet.serial(0), news=True),
        Asked("headsets: last page", f"/headsets?after={late}", fleet.serial(headsets - 1)),
        Asked("headsets: drifted", "/headsets?compliance=drifted", "Drifted"),
        Asked(
            "headsets: quarantined, near the end", f"/headsets?compliance=quarantined&after={late}", "Quarantined"
        ),
        Asked("headsets: of a deployment", "/headsets?deployment=line-07", "line-07"),
        Asked("headsets: of a deployment, late", "/headsets?deployment=line-07&compliance=late", "Late"),
        Asked("headsets: of a site", "/headsets?site=site-39", "site-39"),
        Asked("headsets: a name that is there", f"/headsets?q=HL-{headsets - 7:05}", fleet.serial(headsets - 7)),
        Asked("headsets: a name that is not", "/headsets?q=nowhere", "nowhere"),
        Asked("headsets: by name, first page", "/headsets?sort=name", "HL-00000"),
        Asked("headsets: not seen for a year", "/headsets?q=seen:%3E365d", "Late"),
        Asked("headsets: not seen for ten years", "/headsets?q=seen:%3E520w", "No headset matches"),
        Asked("headsets: of an older build", "/headsets?q=build:%3C22621.1", "No headset matches"),
        Asked("headsets: a certificate that ends", "/headsets?q=cert:%3C30d", "No headset matches"),
        Asked("headsets: held by somebody", "/headsets?q=held-by:wearer-00001@contoso.com", "Wearer 00001"),
        Asked("headsets: held by many", "/headsets?q=held-by:wearer", "Wearer"),
        Asked(
            "headsets: a value nobody reports", "/headsets?q=setting:AllowUSBConnection%3Dx", "No headset matches"
        ),
        Asked("search: a name", f"/search?q=HL-{headsets - 7:05}", fleet.serial(headsets - 7)),
        Asked("search: what is not there", "/search?q=usb", "usb"),
        Asked("calendar", "/calendar", "line-07"),
        Asked("calendar, after news", "/calendar", "line-07", news=True),
        Asked("calendar, after quiet seconds", "/calendar", "line-07", quiet=True),
        Asked("search: a person", "/search?q=wearer-001", "wearer-001"),
        Asked("guide standing", "/guide", "guide"),
        Asked("people", "/people", "wearer"),
        Asked("people: a name", "/people?q=wearer-001", "wearer-001"),
        Asked("licenses", "/licenses", "Licenses"),
        Asked("loans", "/loans", "Loans"),
        Asked("custody desk", "/custody", "Custody"),
        Asked("custody: who had it", f"/custody/who?headset={middle}&at={today}T10:00", "Who had it"),
        Asked("audit", "/audit", "order-sync"),
        Asked("audit: of a headset", f"/audit?with={middle}", middle),
        Asked("audit: of a person", "/audit?by=person:desk@contoso.com", "order-sync"),
        Asked("calls", "/calls", "Wearer"),
        Asked("calls: of a headset", f"/calls?serial={fleet.serial(7)}", "HL-00007"),
        Asked("plans", "/plans", "Second person"),
        Asked("settings", "/settings", "Settings"),
        Asked("enrollments", "/enrollments", "Identity in doubt"),
        Asked("a plant: overview, after news", "/", "Headsets", news=True, narrowed=True),
        Asked("a plant: headsets", "/headsets", "site-39", narrowed=True),
        Asked("a plant: headsets, after news", "/headsets", "site-39", news=True, narrowed=True),
        Asked("a plant: search", "/search?q=HL-0", "HL-0", narrowed=True),
        Asked("a plant: calendar, after news", "/calendar", "line-", news=True, narrowed=True),
        Asked("one headset", f"/headsets/{middle}", middle),
        Asked("one headset: timeline", f"/headsets/{middle}/timeline", middle),
        Asked("one headset: custody", f"/headsets/{middle}/custody", middle),
    )


def pages(folder: Path, title: str, *, headsets: int, rounds: int, database: str | None = None) -> Section:
    """Measure on one database, with a fleet of so many headsets that is written there first."""
    with _wired(folder, database) as wired:
        now = wired.services.clock.now()
        mixed.fill(wired, headsets, now=now)
        in_use.fill(wired, headsets, now=now)
        _look_at_tables(wired)
        return asyncio.run(_Visitor(wired).measure(title, headsets, rounds))


def _look_at_tables(wired: Wired) -> None:
    """Have PostgreSQL look at its tables, which its autovacuum does within a minute."""
    from sqlalchemy import text

    if wired.database.dialect == "postgresql":
        with wired.database.transaction() as connection:
            connection.execute(text("ANALYZE"))


class Ahead:
    """The time of the machine, and as much more as has been passed by."""

    def __init__(self) -> None:
        self._more = timedelta()

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + self._more

    def pass_by(self, seconds: int) -> None:
        """Let time pass, without waiting."""
        self._more += timedelta(seconds=seconds)


@contextmanager
def _wired(folder: Path, database: str | None) -> Iterator[Wired]:
    from holofleet.cli.services import wire

    if database is not None:
        from holofleet.storage.database import Database

        opened = Database.open(database)
        opened.upgrade()
        opened.close()
    with wire(folder / "data", clock=Ahead(), database_url=database) as wired:
        yield wired


class _Visitor:
    """An administrator with a browser, and a helpdesk of one site with another."""

    def __init__(self, wired: Wired) -> None:
        from holofleet.server.access import COOKIE_NAME
        from holofleet.web.app import people_app
        from holofleet.web.hosts import Hosts
        from holofleet.web.limits import Limits
        from holofleet.web.settings import WebSettings

        access = wired.services.access
        opened = access.redeem(access.one_time_link().token)
        assert opened is not None
        limits = Limits().raised("bench", headsets=10_000)
        # One browser asks for hundreds of pages.
        limits = replace(limits, api=replace(limits.api, rate=limits.discovery.rate))
        settings = WebSettings(Hosts(frozenset({"localhost"}), device_port=1), limits)
        self._headers = {
            narrowed: [(b"host", b"localhost"), (b"cookie", f"{COOKIE_NAME}={cookie}".encode())]
            for narrowed, cookie in ((False, opened.cookie), (True, _helpdesk(wired)))
        }
        self._app = people_app(wired.services, settings)
        self._database = wired.database
        self._services = wired.services
        assert isinstance(wired.services.clock, Ahead)
        self._clock = wired.services.clock

    async def measure(self, title: str, headsets: int, rounds: int) -> Section:
        section = Section(f"Pages for people, {headsets:,} headsets, {title} (goal: {GOAL_MS} ms)")
        for asked in asked_of(headsets):
            slowest = await self._slowest(asked)
            spent = [await self._timed(asked) for _ in range(rounds)]
            walls, cpus = tuple(wall for wall, _ in spent), tuple(cpu for _, cpu in spent)
            section.add(
                Figure(asked.name, "ms", walls, slowest.words),
                Figure(f"{asked.name}: processor time", "ms", cpus),
            )
        section.add(
            Figure("counting ahead, beside pages", "ms", tuple(self._count_ahead() for _ in range(rounds)))
        )
        return section

    def _count_ahead(self) -> float:
        begun = time.perf_counter()
        self._services.fleet.count_ahead()
        self._services.visits.count_ahead()
        return (time.perf_counter() - begun) * 1e3

    def _happen(self) -> None:
        from holofleet.server.events import EventKind, NewEvent
        from holofleet.storage.events import append_events

        with self._database.transaction() as connection:
            event = NewEvent(EventKind.CONVERGED, mixed.CLIENTS[0], "bench", "line-07", serial=fleet.serial(0))
            append_events(connection, at=self._clock.now(), events=[event])

    async def _timed(self, asked: Asked) -> tuple[float, float]:
        if asked.news:
            self._happen()
        if asked.quiet:
            self._clock.pass_by(60)
            self._count_ahead()
        begun, used = time.perf_counter(), cpu_s()
        await self._read(asked)
        return (time.perf_counter() - begun) * 1e3, (cpu_s() - used) * 1e3

    async def _slowest(self, asked: Asked) -> Slowest:
        from sqlalchemy import event

        await self._read(asked)  # fills caches of the library and of the pages, as the first visit of a day does
        slowest = Slowest()
        if asked.news:
            self._happen()
        hooks = (("before_cursor_execute", slowest.before), ("after_cursor_execute", slowest.after))
        for name, hook in hooks:
            event.listen(self._database.reader, name, hook)
        await self._read(asked)
        for name, hook in hooks:
            event.remove(self._database.reader, name, hook)
        return slowest

    async def _read(self, asked: Asked) -> None:
        path, _, query = asked.path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": self._headers[asked.narrowed],
            "client": ("127.0.0.1", 40000),
            "server": ("localhost", 443),
        }
        status, body = 0, b""

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status, body
            status = message.get("status", status)
            body += message.get("body", b"")

        await self._app(scope, receive, send)
        if status != 200 or asked.shows.encode() not in body:
            raise RuntimeError(f"{asked.path} was answered with {status}, and {asked.shows!r} is missing")


def _helpdesk(wired: Wired) -> str:
    """Open a session for a helpdesk of one site, and return its cookie."""
    from holofleet.server.access import Grant, NewSession, digest_of
    from holofleet.server.access.secret import SecretKind, make_secret
    from holofleet.server.audit import AuditRecord
    from holofleet.server.authorization import Role, Scope
    from holofleet.storage.identity import StoredAccess

    cookie, now = make_secret(SecretKind.SESSION), wired.services.clock.now()
    grant = Grant("helpdesk", frozenset({Role.HELPDESK}), Scope(None, sites=frozenset({"site-39"})))
    session = NewSession(uuid.uuid4().hex, digest_of(cookie), grant, now, now + timedelta(hours=1), 1)
    link = digest_of(wired.services.access.one_time_link().token)
    audit = AuditRecord("person:helpdesk", "sign-in", f"session:{session.id}")
    assert StoredAccess(wired.database, epoch=1).redeem_link(link, session, at=now, epoch=1, audit=audit)
    return cookie


def main() -> None:
    """``python -m bench.pages HEADSETS [postgresql]``: measure on one database, and print."""
    import tempfile

    from tests.postgres import cluster

    headsets = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="holofleet-pages-") as name:
        if "postgresql" not in sys.argv[2:]:
            print("\n".join(pages(Path(name), "SQLite", headsets=headsets, rounds=5).lines()))
            return
        with cluster() as found:
            url = found.fresh_url()
            section = pages(Path(name), "PostgreSQL", headsets=headsets, rounds=5, database=url)
            print("\n".join(section.lines()))


if __name__ == "__main__":
    main()
