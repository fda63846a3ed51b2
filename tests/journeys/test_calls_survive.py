"""Calls whose server is killed, and calls between two processes: real processes, real sockets."""

from __future__ import annotations

import hashlib
import json
import ssl
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from tests.assist_peers import Peer, seat_of
from tests.journeys.test_two_processes import two_servers
from tests.postgres import Cluster, cluster
from tests.served_assist import fleet
from tests.served_process import ServedProcess, served

from holofleet.server.access import COOKIE_NAME, Grant, NewSession, digest_of
from holofleet.server.access.secret import SecretKind, make_secret
from holofleet.server.authorization import Scope
from holofleet.storage.database import Database
from holofleet.storage.identity.access import insert_session
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.custody import PAIRING
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.sign_in import SESSION_PERSON
from holofleet.web.assist.who import DEVICE_COOKIE

MEGAN = "megan@contoso.com"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


class Doors:
    """Opens sessions and pairs browsers as sign-in and kiosk leave them, past a running server."""

    def __init__(self, server: ServedProcess, url: str = "") -> None:
        self.server = server
        self._url = url or f"sqlite:///{server.data / 'holofleet.sqlite'}"
        fleet_file = server.data.parent / "calls.yaml"
        fleet_file.write_text(fleet(), encoding="utf-8")
        applied = server.run("apply", fleet_file, "--yes")
        assert applied.status == 0, applied.error

    def expert(self, upn: str) -> tuple[str, str]:
        """Return the id and the cookie of somebody who signed in."""
        now, secret = datetime.now(UTC), make_secret(SecretKind.SESSION)
        with closing(Database.open(self._url)) as database, database.transaction() as connection:
            person = connection.execute(select(PERSON).where(PERSON.c.upn == upn)).one()
            new = NewSession(
                uuid.uuid4().hex,
                digest_of(secret),
                Grant(upn, frozenset(), Scope.every()),
                now,
                now + timedelta(hours=1),
                1,
            )
            insert_session(connection, new)
            connection.execute(
                insert(SESSION_PERSON).values(
                    session_id=new.id,
                    client_id=person.client_id,
                    person_id=person.id,
                    method="passkey",
                    proved_at=to_micros(now),
                    browser="",
                )
            )
        return person.id, f"{COOKIE_NAME}={secret}"

    def headset(self, serial: str) -> str:
        """Return the cookie of a browser that is paired with a headset."""
        secret = uuid.uuid4().hex + uuid.uuid4().hex
        now = datetime.now(UTC)
        with closing(Database.open(self._url)) as database, database.transaction() as connection:
            connection.execute(
                insert(PAIRING).values(
                    id=uuid.uuid4().hex,
                    client_id="fabrikam",
                    serial=serial,
                    digest=hashlib.sha256(secret.encode()).hexdigest(),
                    used=1,
                    actor="local-admin",
                    made_at=to_micros(now),
                    expires_at=to_micros(now + timedelta(days=1)),
                )
            )
        return f"{DEVICE_COOKIE}={secret}"


def trusting(server: ServedProcess) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.ca))


async def talking(headset: Peer, expert: Peer, key: str) -> str:
    """Bring two parties into a call."""
    answer = await headset.ask("call.invite", to=key)
    assert answer["type"] == "call.state", answer
    call: str = answer["call"]["id"]
    await expert.hears("call.ring")
    await expert.ask("call.accept", call=call)
    for peer in (headset, expert):
        await peer.ask("call.connected", call=call, path="direct")
    await headset.sees(call, "connected")
    return call


async def test_a_call_goes_on_when_its_server_is_killed_and_started_again(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        doors = Doors(server)
        key, cookie = doors.expert(MEGAN)
        headset = await Peer(server.address, "headset", doors.headset("100"), tls=trusting(server)).open()
        expert = await Peer(server.address, "expert", cookie, tls=trusting(server)).open()
        call = await talking(headset, expert, key)
        server.kill()
        assert (await headset.until_closed())[0] == 1006
        server.start()
        for peer in (headset, expert):
            await peer.open()
            assert [one["id"] for one in peer.welcome["calls"]] == [call]
        to = seat_of(headset.welcome["calls"][0], "expert")["id"]
        offer = {"type": "offer", "sdp": "v=0"}
        assert (await headset.ask("signal.description", call=call, to=to, description=offer))["type"] == "done"
        assert (await expert.hears("signal.description"))["description"] == offer
        view = (await headset.ask("call.media", call=call, camera=True, microphone=True))["call"]
        assert view["state"] == "connected"
        await expert.ask("call.end", call=call)
        assert (await headset.sees(call, "ended"))["ended"]["reason"] == "hung-up"
        rows = server.rows("SELECT open, reason, data FROM call")
        assert [(row[0], row[1]) for row in rows] == [(0, "hung-up")]
        kept = json.loads(rows[0][2])
        assert [seat["path"] for seat in kept["seats"]] == ["direct", "direct"]
        # Descriptions are gone with the call: they hold addresses.
        assert server.rows("SELECT count(*) FROM call_log WHERE type LIKE 'signal%'") == [(0,)]
        assert not [line for line in server.output.splitlines() if "Traceback" in line]


@pytest.mark.postgres
async def test_parties_at_two_processes_talk_and_one_process_may_die(tmp_path: Path, postgres: Cluster) -> None:
    url = postgres.fresh_url()
    with two_servers(tmp_path, url) as (first, second):
        doors = Doors(first, url)
        key, cookie = doors.expert(MEGAN)
        headset = await Peer(first.address, "headset", doors.headset("100"), tls=trusting(first)).open()
        expert = await Peer(second.address, "expert", cookie, tls=trusting(second)).open()
        call = await talking(headset, expert, key)
        await expert.ask("chat.send", call=call, text="Over there.")
        assert (await headset.hears("chat"))["text"] == "Over there."
        first.kill()
        await headset.until_closed()
        headset.address = headset.origin = second.address
        await headset.open()
        assert [one["id"] for one in headset.welcome["calls"]] == [call]
        await headset.ask("chat.send", call=call, text="Here again.")
        await expert.hears("chat", lambda m: m["text"] == "Here again.")
        await headset.ask("call.end", call=call)
        assert (await expert.sees(call, "ended"))["ended"]["reason"] == "hung-up"
