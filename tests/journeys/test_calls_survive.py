"""Calls whose server is killed, and calls between two processes: real processes, real sockets."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import ssl
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from tests.assist_peers import Peer, seat_of
from tests.journeys.test_two_processes import two_servers
from tests.postgres import Cluster, cluster
from tests.served_assist import fleet
from tests.served_process import ServedProcess, free_port, served
from tests.started import ROOT

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


CONFIGURATION = ROOT / "docs" / "several-servers" / "haproxy.cfg"
PROXY = "127.0.0.9"
"""Where the proxy of the tests calls the servers from; parties that call them directly come from elsewhere."""


@contextmanager
def haproxy(folder: Path, first: ServedProcess, second: ServedProcess) -> Iterator[str]:
    """Run the documented configuration with addresses of this machine; yield the address of people."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    assert program, "the test set-up installs HAProxy"
    people, headsets = free_port(), free_port()
    text = CONFIGURATION.read_text("utf-8")
    for here, documented in {
        f"bind 127.0.0.1:{people}": "bind :443",
        f"bind 127.0.0.1:{headsets}": "bind :8444",
        f"127.0.0.1:{first.port}": "10.20.0.11:8443",
        f"127.0.0.1:{second.port}": "10.20.0.12:8443",
        f"127.0.0.1:{first.device_port}": "10.20.0.11:8444",
        f"127.0.0.1:{second.device_port}": "10.20.0.12:8444",
        str(first.ca): "/etc/haproxy/holofleet-ca.pem",
        "localhost": "fleet.contoso.com",
        f"default-server source {PROXY} send-proxy-v2": "default-server send-proxy-v2",
        # A check that a busy machine answers late must not count as a server that is gone.
        "inter 10s fastinter 500ms fall 3": "inter 2s fall 2",
        "maxconn 500": "maxconn 20000",
    }.items():
        assert documented in text
        text = text.replace(documented, here)
    file, log = folder / "haproxy.cfg", folder / "haproxy.log"
    file.write_text(text, "utf-8")
    checked = subprocess.run([program, "-c", "-f", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr
    with log.open("wb") as out, subprocess.Popen([program, "-db", "-f", str(file)], stdout=out, stderr=out) as run:
        try:
            _until_it_answers(people, run, log)
            yield f"https://localhost:{people}"
            for gone in ("people/one is DOWN", "headsets/one is DOWN"):
                _until_it_says(gone, log)
        finally:
            run.terminate()


def _until_it_says(words: str, log: Path) -> None:
    for _ in range(600):
        if words in log.read_text("utf-8", "replace"):
            return
        time.sleep(0.1)
    raise AssertionError(f"{words}: the checks do not see it")


def _until_it_answers(port: int, run: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert run.poll() is None, log.read_text("utf-8", "replace")
        with closing(socket.socket()) as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace"))


@pytest.mark.postgres
async def test_parties_at_two_processes_talk_and_one_process_may_die(tmp_path: Path, postgres: Cluster) -> None:
    url = postgres.fresh_url()
    with two_servers(tmp_path, url, "--behind", PROXY) as (first, second):
        doors = Doors(first, url)
        key, cookie = doors.expert(MEGAN)
        with haproxy(tmp_path, first, second) as address:
            headset = await Peer(first.address, "headset", doors.headset("100"), tls=trusting(first)).open()
            expert = await Peer(second.address, "expert", cookie, tls=trusting(second)).open()
            call = await talking(headset, expert, key)
            await expert.ask("chat.send", call=call, text="Over there.")
            assert (await headset.hears("chat"))["text"] == "Over there."
            view = (await headset.ask("call.media", call=call, camera=True, microphone=True))["call"]
            await signals_pass(headset, expert, call, seat_of(view, "expert")["id"])
            first.kill()
            await headset.until_closed()
            # From now on by the one address of both, where it does not matter which of them is left.
            headset.address = headset.origin = address
            await headset.open()
            assert [one["id"] for one in headset.welcome["calls"]] == [call]
            await headset.ask("chat.send", call=call, text="Here again.")
            await expert.hears("chat", lambda m: m["text"] == "Here again.")
            await expert.drop()
            expert.address = expert.origin = address
            await expert.open()
            await headset.ask("call.end", call=call)
            assert (await expert.sees(call, "ended"))["ended"]["reason"] == "hung-up"


async def signals_pass(headset: Peer, expert: Peer, call: str, to: str) -> None:
    """What one browser finds in a burst arrives in its order, each once, at the other process."""
    names = [f"{number}" for number in range(20)]
    for name in names:
        candidate = {"candidate": "candidate:1 1 udp 1 192.0.2.7 50000 typ host", "sdpMid": name}
        message = {"v": 1, "type": "signal.candidate", "id": f"burst-{name}", "call": call, "to": to}
        await headset.send(json.dumps(message | {"candidate": candidate}))
    heard = [await expert.hears("signal.candidate") for _ in names]
    assert [one["candidate"]["sdpMid"] for one in heard] == names
    assert [one["seq"] for one in heard] == list(range(heard[0]["seq"], heard[0]["seq"] + len(names)))
