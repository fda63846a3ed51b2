"""A server in this process over which two parties can talk: a headset that is paired, and two experts.

with folder: async with served_assist(folder) as served: headset = await served.headset("100")
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import insert
from starlette.routing import BaseRoute
from tests.assist_peers import Peer
from tests.web_server import trust
from tests.web_services import Bench, bench, whole_server

from holofleet import desired, spec
from holofleet.clock import Clock
from holofleet.server.access import COOKIE_NAME, Grant
from holofleet.server.assist import TurnServers
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.storage.identity.access import insert_session
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.sign_in import SESSION_PERSON
from holofleet.web.device import DEVICE_COOKIE

FLEET = """
holofleet: "1"
organization: {name: Contoso, country: US, timezone: Europe/Berlin}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
licenses: [{sku: AAD_PREMIUM, seats: 1}]
people:
  - {upn: megan@contoso.com, display_name: Megan Bowen, roles: [expert]}
  - {upn: adele@contoso.com, display_name: Adele Vance, roles: [expert]}
  - {upn: lee@contoso.com, display_name: Lee Gu, roles: [expert]}
  - {upn: isaiah@contoso.com, display_name: Isaiah Langer}
groups:
  - {name: pump-experts, members: [megan@contoso.com, adele@contoso.com]}
  - {name: others, members: [lee@contoso.com]}
clients: [{name: fabrikam, display_name: Fabrikam, experts: [pump-experts]}]
headsets: [{serial: "100", name: hl-100}, {serial: "101"}, {serial: "200"}]
calls:
  rotas: [{name: pumps, experts: [pump-experts]}]
%(barriers)s
deployments:
  - name: lent
    scenario: external-clients
    client: fabrikam
    headsets: ["100", "101"]
    accounts: {kind: shared-certificate, users: per-headset}
    assist: {recording: allowed, low_bandwidth: low-resolution, keep: {records_days: 30}}
  - {name: field, scenario: cloud-connected, headsets: ["200"]}
"""


def fleet(*, barriers: str = "") -> str:
    """Return the fleet file; ``barriers`` as YAML of the key ``calls``."""
    return FLEET % {"barriers": f"  barriers: {barriers}" if barriers else ""}


@dataclass
class ServedAssist:
    """What a test holds."""

    bench: Bench
    address: str
    peers: list[Peer] = field(default_factory=list)

    @property
    def tls(self) -> ssl.SSLContext:
        return trust().client_context()

    def publish(self, text: str) -> None:
        """Publish a fleet file."""
        self.bench.publish(desired.compile(spec.parse({"fleet.yaml": text})))

    def key(self, upn: str) -> str:
        """Return the id of a person."""
        person = self.bench.services.directory.sign_in_name(upn)
        assert person is not None
        return person.id

    def device_cookie(self, serial: str) -> str:
        """Pair a browser with a headset and return its cookie."""
        kiosk = self.bench.services.custody.kiosk
        return f"{DEVICE_COOKIE}={kiosk.pair(kiosk.invite(LOCAL_ADMIN, serial).secret)}"

    def session_cookie(self, upn: str) -> str:
        """Sign somebody in and return their cookie."""
        return f"{COOKIE_NAME}={sign_in(self.bench, upn)}"

    async def headset(self, serial: str) -> Peer:
        """Return the page of a headset, connected."""
        return await self._peer("headset", self.device_cookie(serial))

    async def expert(self, upn: str) -> Peer:
        """Return the page of an expert, connected."""
        return await self._peer("expert", self.session_cookie(upn))

    def peer(self, page: str, cookie: str, *, origin: str = "") -> Peer:
        """Return a page that is not connected yet."""
        made = Peer(self.address, page, cookie, tls=self.tls, origin=origin)
        self.peers.append(made)
        return made

    async def _peer(self, page: str, cookie: str) -> Peer:
        return await self.peer(page, cookie).open()


def sign_in(made: Bench, upn: str) -> str:
    """Open a session of a person, as a sign-in ends, and return its secret."""
    person = made.services.directory.sign_in_name(upn)
    assert person is not None
    new, opened = made.services.access.new_session(Grant(upn, person.roles, person.scope))
    with made.database.transaction() as connection:
        insert_session(connection, new)
        connection.execute(
            insert(SESSION_PERSON).values(
                session_id=new.id,
                client_id=person.client,
                person_id=person.id,
                method="passkey",
                proved_at=to_micros(new.opened_at),
                browser="",
            )
        )
    return opened.cookie


@asynccontextmanager
async def served_assist(
    folder: Path,
    *,
    text: str = "",
    clock: Clock | None = None,
    pages: Sequence[BaseRoute] | None = (),
    relays: TurnServers | None = None,
) -> AsyncIterator[ServedAssist]:
    """Serve calls on a free port of loopback; ``pages=None`` for the console and its pages of calls."""
    with bench(folder, clock=clock, relays=relays) as made:
        async with whole_server(made, pages=pages) as server:
            served = ServedAssist(made, f"https://localhost:{server.listener('people').port}")
            served.publish(text or fleet())
            try:
                yield served
            finally:
                for peer in served.peers:
                    await peer.drop()
