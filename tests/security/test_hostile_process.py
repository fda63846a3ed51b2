"""A served process under attack at its sockets: it answers without a 5xx, stays small, and serves a neighbour.

PAR-1, PAR-2, PAR-3, DOS-1, MGT-1, MGT-2. One process takes everything in this file; after each attack a headset
next door checks in, and the process has not grown by more than 64 MiB since it was warm.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.served_process import ServedProcess
from tests.simulated import headset_of
from tests.windows_client import WindowsClient

from holofleet.server.installation import Installation
from holofleet.server.pki import Certificate, KeyKind, make_device_ca, make_key
from holofleet.simulator import Credential, End, Headset

MIB = 1024 * 1024
GROWTH_KIB = 64 * 1024
NEIGHBOUR, ATTACKER = "003421800101", "003421800102"
SOAP, SYNCML = "application/soap+xml; charset=utf-8", "application/vnd.syncml.dm+xml"
DISCOVERY = "/EnrollmentServer/Discovery.svc"
POLICY = "/EnrollmentServer/Policy.svc"
ENROLLMENT = "/EnrollmentServer/Enrollment.svc"
MANAGE = "/ManagementServer/Manage.svc"
WIRE = Path(__file__).parents[1] / "wire"
KIND = {DISCOVERY: SOAP, POLICY: SOAP, ENROLLMENT: SOAP, MANAGE: SYNCML}
GENUINE = {
    DISCOVERY: (WIRE / "mde2/discover_windows10.xml").read_bytes(),
    POLICY: (WIRE / "mde2/get_policies_username.xml").read_bytes(),
    ENROLLMENT: (WIRE / "mde2/issue_windows10_username.xml").read_bytes(),
    MANAGE: (WIRE / "syncml/windows11_package1.xml").read_bytes(),
}


class Raw:
    """A TLS connection on which bytes of one's own making are written."""

    def __init__(
        self,
        server: ServedProcess,
        *,
        identity: Path | None = None,
        people: bool = False,
        resumes: Raw | None = None,
    ) -> None:
        context = resumes.context if resumes else ssl.create_default_context(cafile=str(server.ca))
        if identity is not None and resumes is None:
            context.load_cert_chain(identity)
        self.context = context
        # From another address than the neighbour's: what it may cost is counted per address.
        where = ("127.0.0.1", server.port if people else server.device_port)
        plain = socket.create_connection(where, timeout=60, source_address=("127.0.0.2", 0))
        self.host = f"127.0.0.1:{server.port if people else server.device_port}"
        session = resumes.socket.session if resumes else None
        try:
            self.socket = context.wrap_socket(plain, server_hostname="127.0.0.1", session=session)
        except OSError:
            plain.close()
            raise

    @classmethod
    def patient(cls, server: ServedProcess, *, identity: Path) -> Raw:
        """Connect, and come again while the server takes no more handshakes from this address (20 a second)."""
        for _ in range(100):
            try:
                return cls(server, identity=identity)
            except ConnectionError:
                time.sleep(0.1)
        raise AssertionError("the server took no connection for ten seconds")

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def head(self, path: str, *fields: str, method: str = "POST") -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", f"Content-Type: {KIND[path]}", *fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def answer(self) -> int:
        """Read one answer and return its status; 0 if the server only closed."""
        with self.socket.makefile("rb") as stream:
            first = stream.readline()
            if not first:
                return 0
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            stream.read(length)
        return int(first.split()[1])

    def post(self, path: str, body: bytes, *fields: str) -> int:
        """Send a whole request and return the status; 0 if the connection ended instead."""
        try:
            self.socket.sendall(self.head(path, f"Content-Length: {len(body)}", *fields) + body)
            return self.answer()
        except (ConnectionError, ssl.SSLError):
            return 0


@dataclass
class Battlefield:
    """The process, and what the tests of this file have at it."""

    server: ServedProcess
    neighbour: Headset
    genuine: WindowsClient
    certificates: dict[str, Path]
    warm_kib: int = 0

    def stands(self) -> None:
        """Judge that the server is as before: alive, small, and serving the headset next door."""
        assert self.server.lives
        record = asyncio.run(self._check_in())
        assert record is End.COMPLETED
        assert self.server.memory_kib - self.warm_kib < GROWTH_KIB
        assert "Traceback" not in self.server.output

    async def _check_in(self) -> End:
        try:
            record = await self.neighbour.check_in()
        finally:
            self.neighbour.network.close()
            await asyncio.sleep(0.01)
        assert record is not None
        return record.end


def _file(folder: Path, name: str, certificate: Certificate, key: object) -> Path:
    path = folder / f"{name}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()  # type: ignore[attr-defined]
    path.write_text(private + certificate.pem)
    return path


def _certificates(data: Path, folder: Path) -> dict[str, Path]:
    """Make client certificates that must not open anything; the first needs the keys of the data folder."""
    now = datetime.now(UTC)
    made: dict[str, Path] = {}
    with Installation.open(data, now=now) as installation:
        for name, at in (("unknown", now), ("expired", now - timedelta(days=731))):
            key = make_key(KeyKind.P256)
            certificate = installation.device_ca.sign(key.public_key(), secrets.token_hex(16), at)
            made[name] = _file(folder, name, certificate, key)
    key = make_key(KeyKind.P256)
    foreign = make_device_ca(now - timedelta(days=1)).sign(key.public_key(), secrets.token_hex(16), now)
    made["foreign"] = _file(folder, "foreign", foreign, key)
    ours = folder / "server.pem"
    ours.write_text((data / "tls/server.key").read_text() + (data / "tls/server.pem").read_text())
    made["our own server's"] = ours
    return made


def _issue(server: ServedProcess, uses: int) -> Credential:
    with server.api() as api:
        deployment = api.get(f"/headsets/{NEIGHBOUR}")["deployment"]
        issued = api.post("/credentials", {"deployment": deployment, "uses": uses, "expires_s": 3600})
    return Credential(issued["username"], issued["password"])


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battlefield]:
    folder = tmp_path_factory.mktemp("battlefield")
    server = ServedProcess(folder / "data")
    server.start()
    try:
        server.apply_sample("cloud-connected")
        server.stop()
        certificates = _certificates(server.data, folder)
        server.start()
        credential = _issue(server, 2)
        who = (credential.username, credential.password, ATTACKER, folder)
        with WindowsClient(server.address, server.ca, *who) as genuine:
            genuine.enroll()
            genuine.check_in()
            neighbour = headset_of(server, NEIGHBOUR, credential)
            asyncio.run(neighbour.enroll())
            found = Battlefield(server, neighbour, genuine, certificates)
            found.warm_kib = server.memory_kib
            found.stands()
            found.warm_kib = server.memory_kib
            yield found
        assert neighbour.violations == []
    finally:
        if server.lives:
            server.stop()


# Bodies


def _bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE b [<!ENTITY e0 "lol">{entities}]><b>&e11;</b>'.encode()


HOSTILE = {
    "entity bomb": _bomb(),
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external subset": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "stylesheet": b'<?xml-stylesheet href="a"?><a/>',
    "deep": b"<a>" * 20_000,
    "deep and closed": b"<a>" * 6_000 + b"</a>" * 6_000,
    "many attributes": b"<a " + b" ".join(b"a%d='1'" % n for n in range(5_000)) + b"/>",
    "long name": b"<" + b"a" * 60_000 + b"/>",
    "empty": b"",
    "zeros": bytes(10_000),
    "invalid UTF-8": b"<a>\xff\xfe\xfd</a>",
    "not XML": b"%PDF-1.7",
    "text after the end": b"<a/><b/>",
}


@pytest.mark.parametrize("path", KIND)
def test_PAR_2_hostile_bodies_get_a_4xx_and_cost_nothing(field: Battlefield, path: str) -> None:
    genuine = GENUINE[path]
    bodies = {
        **HOSTILE,
        "truncated": genuine[: len(genuine) * 2 // 3],
        "UTF-16": genuine.decode().encode("utf-16"),
        "UTF-16 declared": b'<?xml version="1.0" encoding="UTF-16"?>' + genuine,
        "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>' + genuine.decode().encode("utf-7"),
        "UTF-32": genuine.decode().encode("utf-32"),
        "EBCDIC": genuine.decode().encode("cp037", "replace"),
    }
    identity = field.genuine.http.identity
    assert identity is not None
    for name, body in bodies.items():
        with Raw(field.server, identity=identity) as raw:
            assert raw.post(path, body) in (400, 413, 415), name
    field.stands()


def test_PAR_1_a_hundred_mebibytes_are_refused_declared_or_streamed(field: Battlefield) -> None:
    identity = field.genuine.http.identity
    for path in KIND:
        with Raw(field.server, identity=identity) as raw:
            raw.socket.sendall(raw.head(path, f"Content-Length: {100 * MIB}"))
            assert raw.answer() == 413, "before a byte of it was sent"
    piece = bytes(MIB)
    for path in (MANAGE, ENROLLMENT):
        with Raw(field.server, identity=identity) as raw:
            raw.socket.sendall(raw.head(path, f"Content-Length: {100 * MIB}"))
            with suppress(ConnectionError, ssl.SSLError):
                for _ in range(100):
                    raw.socket.sendall(piece)
            with suppress(ConnectionError, ssl.SSLError):
                assert raw.answer() == 413
    for people in (True, False):
        with Raw(field.server, people=people) as raw:
            raw.socket.sendall(raw.head(DISCOVERY, "Transfer-Encoding: chunked"))
            with suppress(ConnectionError, ssl.SSLError):
                for _ in range(100):
                    raw.socket.sendall(b"100000\r\n" + piece + b"\r\n")
            with suppress(ConnectionError, ssl.SSLError):
                assert raw.answer() in (411, 413)
    field.stands()


# Framing


@pytest.mark.parametrize("people", [True, False], ids=["people", "device"])
def test_PAR_1_a_length_that_is_missing_doubled_or_a_lie_is_refused(field: Battlefield, *, people: bool) -> None:
    def status(*fields: str, body: bytes = b"") -> int:
        with Raw(field.server, people=people) as raw:
            raw.socket.sendall(raw.head(DISCOVERY, *fields) + body)
            return raw.answer()

    body = GENUINE[DISCOVERY]
    length = f"Content-Length: {len(body)}"
    assert status() == 411
    both = status(length, "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n")
    assert both in (400, 411)
    assert status(length, f"Content-Length: {len(body) + 1}", body=body) == 400
    for wrong in ("-1", "+5", "0x10", "1e3", "5, 5", "5 5", "99999999999999999999999"):
        assert status(f"Content-Length: {wrong}", body=body) in (400, 413), wrong
    assert status("Transfer-Encoding: gzip, chunked") in (400, 411, 501)
    assert status("Transfer-Encoding: identity", body=body) in (400, 411, 501)
    assert status(length, *(f"X-{n}: 1" for n in range(200)), body=body) in (400, 413, 431)
    assert status(length, f"X: {'a' * 40_000}", body=body) in (400, 413, 431)
    field.stands()


def test_DOS_1_bodies_that_trickle_hold_up_nobody(field: Battlefield) -> None:
    held = []
    try:
        for number in range(40):
            raw = Raw(field.server, people=bool(number % 2))
            held.append(raw)
            raw.socket.sendall(raw.head(DISCOVERY, "Content-Length: 10000") + b"<")
        for _ in range(3):
            for raw in held:
                raw.socket.sendall(b"a")
        started = time.monotonic()
        field.stands()
        with field.server.api() as api:
            assert api.get("/overview")["total"] > 0
        assert time.monotonic() - started < 10
    finally:
        for raw in held:
            raw.socket.close()


# Identity


def _tries(server: ServedProcess, identity: Path | None, body: bytes) -> int:
    """Return the status of a management message with an identity; 0 if TLS itself refuses it."""
    try:
        with Raw(server, identity=identity) as raw:
            return raw.post(MANAGE, body)
    except (ConnectionError, ssl.SSLError):
        return 0


@pytest.mark.parametrize("name", ["unknown", "expired", "foreign", "our own server's", "none"])
def test_MGT_1_certificates_that_open_nothing(field: Battlefield, name: str) -> None:
    identity = field.certificates.get(name)
    assert (identity is None) == (name == "none")
    before = field.server.rows("select count(*), max(version) from enrollment")
    for body in (GENUINE[MANAGE], field.genuine.sent[0], b"", _bomb()):
        assert _tries(field.server, identity, body) in (0, 403)
    assert field.server.rows("select count(*), max(version) from enrollment") == before
    field.stands()


def test_MGT_1_a_revoked_certificate_opens_nothing_from_the_next_request_on(field: Battlefield) -> None:
    credential = _issue(field.server, 1)
    who = (credential.username, credential.password, "999999999998", field.server.data.parent)
    with WindowsClient(field.server.address, field.server.ca, *who) as client:
        client.enroll()
        client.check_in()
        identity = client.http.identity
        resumed = Raw(field.server, identity=identity)
        assert resumed.post(MANAGE, client.sent[0]) == 200
        with field.server.api() as api:
            waiting = api.get("/enrollments")["enrollments"]
            api.post(f"/enrollments/{waiting[0]['id']}/decision", {"decision": "reject", "reason": "not ours"})
        assert client.send(client.sent[0])[0] == 403, "on the connection that was open already"
        client.http.close()
        assert client.send(client.sent[0])[0] == 403
        assert resumed.post(MANAGE, client.sent[0]) == 403
        resumed.socket.close()
        with Raw(field.server, identity=identity, resumes=resumed) as raw:
            assert raw.post(MANAGE, client.sent[0]) == 403, "nor does a resumed TLS session"
    field.stands()


def test_MGT_2_a_certificate_speaks_for_its_own_device_only(field: Battlefield) -> None:
    mine, other = field.genuine.device_id, field.neighbour.device_id
    before = field.server.rows("select version, overlay, cursor from enrollment order by id")
    source = f"<Source><LocURI>{mine}</LocURI></Source>"
    twice = f"{mine}</LocURI><LocURI>{other}"
    for name in (other, other.lower(), mine.lower(), f"{mine}0", "", "*", twice):
        header, _, body = field.genuine.sent[0].decode().partition("</SyncHdr>")
        message = f"{header.replace(source, source.replace(mine, name))}</SyncHdr>{body}".encode()
        assert message != field.genuine.sent[0]
        assert field.genuine.send(message)[0] in (400, 403), name
    assert field.server.rows("select version, overlay, cursor from enrollment order by id") == before
    assert "the message names another device" in field.server.output
    field.stands()


def test_MGT_2_older_messages_run_nothing(field: Battlefield) -> None:
    field.genuine.check_in()
    before = field.server.rows("select count(*) from event")
    for message in field.genuine.sent[:-1]:
        status, reply = field.genuine.send(message)
        assert status in (200, 429)
        assert status == 429 or field.genuine.asked(reply) == []
    assert field.server.rows("select count(*) from event") == before
    field.stands()


# Whatever comes


MARKS = [b"<", b"&", b"]]>", b"<!--", b"\x00", b"&#0;", b"<![CDATA[", b"</a>"]


@st.composite
def _mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A genuine message, damaged in a few places, at any of the paths."""
    path = draw(st.sampled_from(list(KIND)))
    body = bytearray(GENUINE[draw(st.sampled_from(list(KIND)))])
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        match draw(st.sampled_from(["cut", "flip", "insert", "double", "swap"])):
            case "cut":
                del body[at : at + draw(st.integers(1, 200))]
            case "flip" if body:
                body[at] ^= draw(st.integers(1, 255))
            case "insert":
                body[at:at] = draw(
                    st.binary(max_size=40) | st.sampled_from([b"<", b"&", b"]]>", b"<!--", b"\x00"])
                )
            case "double":
                body[at:at] = body[at : at + draw(st.integers(1, 400))]
            case _:
                body.reverse()
    return path, bytes(body)


def test_PAR_3_whatever_comes_there_is_no_5xx_and_the_neighbour_is_served(field: Battlefield) -> None:
    device = field.genuine.device_id.encode()
    connection: list[Raw] = []

    def sent(path: str, body: bytes) -> int:
        if not connection:
            connection.append(Raw.patient(field.server, identity=field.genuine.http.identity))
        status = connection[0].post(path, body)
        if status in (0, 400, 411, 413):  # the server may close after these
            connection.pop().socket.close()
        return status

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(_mutated())
    def try_it(message: tuple[str, bytes]) -> None:
        path, body = message
        status = sent(path, body.replace(b"0F1E2D3C4B5A69788796A5B4C3D2E1F0", device))
        assert status < 500
        statuses[status] += 1

    statuses: Counter[int] = Counter()
    try:
        try_it()
    finally:
        for raw in connection:
            raw.socket.close()
    assert statuses.total() - statuses[429] >= 100, "the rate of enrollments ends most tries, but not all"
    field.stands()
