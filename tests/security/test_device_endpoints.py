"""What headsets call, attacked over real TLS sockets: PAR-1, DOS-1, MGT-1, DEP-1, LOG-1."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.web_server import HEADSET_ID, Answer, Identity, Wire, exchange, listening, trust
from tests.web_services import Bench, bench, small_state, web_settings, whole_server

from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.management.cursor import Cursor
from holofleet.server.management.service import Answer as ManagementAnswer
from holofleet.server.management.service import Refusal
from holofleet.web.app import device_app
from holofleet.web.exchange import RefusalError, Request
from holofleet.web.limits import EndpointLimits, Limits, Rate
from holofleet.web.mdm.identity import certificate_of
from holofleet.web.settings import TrustedProxy

SOAP = "application/soap+xml; charset=utf-8"
SYNCML = "application/vnd.syncml.dm+xml"
DISCOVERY = "/EnrollmentServer/Discovery.svc"
POLICY = "/EnrollmentServer/Policy.svc"
ENROLLMENT = "/EnrollmentServer/Enrollment.svc"
MANAGE = "/ManagementServer/Manage.svc"
DISCOVER = (Path(__file__).parents[1] / "wire/mde2/discover_windows10.xml").read_bytes()
GET_POLICIES = (Path(__file__).parents[1] / "wire/mde2/get_policies_username.xml").read_bytes()


def post(path: str, body: bytes, *, kind: str = SOAP, host: str = "localhost", more: str = "") -> bytes:
    length = "" if "Content-Length" in more else f"Content-Length: {len(body)}\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n{length}{more}\r\n"
    return head.encode("latin-1") + body


class Scripted:
    """A management service that serves one certificate and remembers what it was asked."""

    def __init__(self) -> None:
        self.served = {trust().headset.certificate.der}
        self.bodies: list[bytes] = []
        self.cursor = ""
        self.entered = asyncio.Event()
        self.leave = asyncio.Event()
        self.leave.set()

    async def authenticate(self, certificate_der: bytes) -> Any:
        if certificate_der not in self.served:
            return Refusal("scripted")
        return SimpleNamespace(row=SimpleNamespace(id=sha256(certificate_der).hexdigest(), cursor=self.cursor))

    async def handle(self, identity: Any, body: bytes) -> ManagementAnswer:
        self.bodies.append(body)
        self.entered.set()
        await self.leave.wait()
        return ManagementAnswer(200, b"<SyncML/>", opened=body == b"<opens/>")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as found:
        found.publish(small_state())
        yield found


@asynccontextmanager
async def device(found: Bench, management: Any, **more: Any) -> AsyncIterator[int]:
    services = replace(found.services, management=management)
    settings = web_settings(**more)
    async with listening(
        device_app(services, settings), device=True, limits=settings.limits.connection
    ) as listener:
        yield listener.port


async def ask(port: int, data: bytes, identity: Identity | None = None) -> Answer:
    answer = await exchange(port, data, identity=identity)
    assert answer.header("transfer-encoding") is None, "management clients refuse chunked answers"
    assert answer.header("content-length") is not None
    return answer


# Form


@pytest.mark.parametrize("path", [DISCOVERY, POLICY, ENROLLMENT, MANAGE])
async def test_PAR_1_the_length_is_needed_and_judged_before_anything_is_read(made: Bench, path: str) -> None:
    scripted, identity = Scripted(), trust().headset
    limit = {DISCOVERY: 2**14, MANAGE: 2**20}.get(path, 2**16)
    kind = SYNCML if path == MANAGE else SOAP
    async with device(made, scripted) as port:
        bare = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n\r\n".encode()
        assert (await ask(port, bare, identity)).status == 411
        announced = post(path, b"", kind=kind, more=f"Content-Length: {limit + 1}\r\n")
        assert (await ask(port, announced, identity)).status == 413
        within = post(path, b"x" * limit, kind=kind)
        assert (await ask(port, within, identity)).status != 413
    assert all(len(body) == limit for body in scripted.bodies)


async def test_PAR_1_a_body_of_100_MiB_gets_413_and_is_not_kept(made: Bench) -> None:
    scripted = Scripted()
    async with device(made, scripted) as port:
        wire = await Wire.open(port, identity=trust().headset)
        await wire.send(post(MANAGE, b"", kind=SYNCML, more=f"Content-Length: {100 * 2**20}\r\n"))
        for _ in range(100):
            await wire.send(b"x" * 2**20)
        assert (await wire.answer()).status == 413
        await wire.close()
    assert scripted.bodies == []


async def test_PAR_1_a_refused_client_is_not_told_to_go_on_and_an_accepted_one_is(made: Bench) -> None:
    expects = "Expect: 100-continue\r\n"
    async with device(made, Scripted()) as port:
        big = post(MANAGE, b"", kind=SYNCML, more=f"{expects}Content-Length: 2000000\r\n")
        assert (await exchange(port, big, identity=trust().headset)).status == 413
        wire = await Wire.open(port, identity=trust().headset)
        await wire.send(post(MANAGE, b"", kind=SYNCML, more=f"{expects}Content-Length: 4\r\n"))
        assert await wire.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert (await wire.ask(b"<a/>")).status == 200
        await wire.close()


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        (DISCOVERY, "text/xml", 415),
        (DISCOVERY, "application/soap+xml; charset=utf-16", 415),
        (DISCOVERY, "application/soap+xmlx", 415),
        (ENROLLMENT, SYNCML, 415),
        (MANAGE, SOAP, 415),
        (MANAGE, "application/vnd.syncml.dm+wbxml", 415),
        (MANAGE, "application/vnd.syncml.dm+xml; charset=utf-7", 415),
        (MANAGE, SYNCML, 200),
        (MANAGE, "application/vnd.syncml.dm+xml; charset=UTF-8", 200),
        (MANAGE, "Application/vnd.syncml+xml;charset=utf-8", 200),
        (DISCOVERY, 'application/soap+xml; charset="utf-8"; action="x"', 200),
    ],
)
async def test_PAR_2_other_media_types_get_415(made: Bench, path: str, kind: str, status: int) -> None:
    async with device(made, Scripted()) as port:
        body = b"<SyncML/>" if path == MANAGE else DISCOVER
        assert (await ask(port, post(path, body, kind=kind), trust().headset)).status == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\x01\x02",
        b"not xml",
        b"<a>",
        DISCOVER[: len(DISCOVER) // 2],
        DISCOVER.decode().encode("utf-16"),
        b'<!DOCTYPE a [<!ENTITY b "bomb">]><a>&b;</a>',
        b"<a/>" * 4_001,
        b"<html><body>hello</body></html>",
    ],
)
@pytest.mark.parametrize("path", [DISCOVERY, POLICY, ENROLLMENT])
async def test_PAR_2_bytes_that_are_no_message_get_a_status_without_soap(
    made: Bench, path: str, body: bytes
) -> None:
    async with device(made, Scripted()) as port:
        answer = await ask(port, post(path, body))
        assert answer.status in (400, 413, 415)
        assert b"<" not in answer.body


async def test_a_well_formed_request_that_is_refused_gets_a_soap_fault_that_relates_to_it(made: Bench) -> None:
    async with device(made, Scripted()) as port:
        answer = await ask(port, post(POLICY, GET_POLICIES))
        assert answer.status == 200
        assert answer.header("content-type") == SOAP
        assert b"s:Fault" in answer.body
        assert b"s:Authentication" in answer.body
        wrong_service = await ask(port, post(ENROLLMENT, DISCOVER))
        assert b"s:MessageFormat" in wrong_service.body
    async with device(made, Scripted(), soap_fault_status=500) as port:
        assert (await ask(port, post(POLICY, GET_POLICIES))).status == 500


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_other_methods_get_405(made: Bench, method: str) -> None:
    async with device(made, Scripted()) as port:
        for path in (POLICY, ENROLLMENT, MANAGE):
            data = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode()
            answer = await ask(port, data, trust().headset)
            assert (answer.status, answer.header("allow")) == (405, "POST")


async def test_the_liveness_probe_is_empty_and_paths_are_found_in_any_case(made: Bench) -> None:
    async with device(made, Scripted()) as port:
        for path in (DISCOVERY, DISCOVERY.lower()):
            answer = await ask(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert (answer.status, answer.body, answer.header("content-length")) == (200, b"", "0")
        assert (await ask(port, b"GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n")).status == 404


@pytest.mark.parametrize("host", ["elsewhere.example", "localhost.elsewhere.example", "", "localhost:99999"])
async def test_AUTHZ_2_a_host_that_is_not_ours_gets_400_and_enters_no_answer(made: Bench, host: str) -> None:
    async with device(made, Scripted()) as port:
        for path, kind in ((DISCOVERY, SOAP), (ENROLLMENT, SOAP), (MANAGE, SYNCML)):
            answer = await ask(port, post(path, DISCOVER, kind=kind, host=host), trust().headset)
            assert answer.status == 400
            assert b"elsewhere" not in answer.body
        twice = post(DISCOVERY, DISCOVER, more="Host: elsewhere.example\r\n")
        assert (await ask(port, twice)).status == 400


async def test_handed_out_addresses_have_the_host_of_the_request(made: Bench) -> None:
    async with whole_server(made) as server:
        people, of_device = server.listener("people").port, server.listener("device").port
        for port in (people, of_device):
            answer = await ask(port, post(DISCOVERY, DISCOVER, host=f"127.0.0.1:{port}"))
            assert f"https://127.0.0.1:{port}{POLICY}".encode() in answer.body
            assert f"https://127.0.0.1:{port}{ENROLLMENT}".encode() in answer.body
        on_people = await ask(people, post(MANAGE, b"<a/>", kind=SYNCML), trust().headset)
        assert on_people.status in (403, 404), "the listener for people has no management"


# Identity


async def test_MGT_1_without_a_certificate_of_ours_the_body_is_not_even_asked_for(made: Bench) -> None:
    scripted = Scripted()
    scripted.served.clear()
    async with device(made, scripted) as port:
        for identity in (None, trust().headset):
            wire = await Wire.open(port, identity=identity)
            head = (
                f"POST {MANAGE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {SYNCML}\r\nContent-Length: 500\r\n"
            )
            await wire.send(head.encode() + b"\r\n")
            answer = await wire.answer()
            assert answer.status == 403, "answered although no byte of the body was sent"
            assert b"<" not in answer.body
            await wire.close()
    assert scripted.bodies == []


async def test_MGT_1_a_certificate_is_judged_on_each_request_of_a_connection(made: Bench) -> None:
    scripted = Scripted()
    async with device(made, scripted) as port:
        wire = await Wire.open(port, identity=trust().headset)
        assert (await wire.ask(post(MANAGE, b"<a/>", kind=SYNCML))).status == 200
        scripted.served.clear()
        assert (await wire.ask(post(MANAGE, b"<a/>", kind=SYNCML))).status == 403
        await wire.close()
    assert len(scripted.bodies) == 1


async def test_MGT_1_a_genuine_certificate_without_an_enrollment_gets_403_from_the_real_service(
    made: Bench,
) -> None:
    async with whole_server(made) as server:
        port = server.listener("device").port
        answer = await ask(port, post(MANAGE, b"<a/>", kind=SYNCML), trust().headset)
        assert answer.status == 403


FORGED = b64encode(trust().headset.certificate.der).decode()


async def test_DEP_1_a_certificate_header_from_a_peer_that_is_not_declared_means_nothing(made: Bench) -> None:
    scripted = Scripted()
    headers = f"Client-Cert: :{FORGED}:\r\nX-SSL-Client-Cert: {FORGED}\r\nX-Forwarded-For: 127.0.0.1\r\n"
    async with device(made, scripted) as port:
        assert (await ask(port, post(MANAGE, b"<a/>", kind=SYNCML, more=headers))).status == 403
    elsewhere = TrustedProxy((ip_network("192.0.2.0/24"),))
    async with device(made, scripted, proxy=elsewhere) as port:
        assert (await ask(port, post(MANAGE, b"<a/>", kind=SYNCML, more=headers))).status == 403
    assert scripted.bodies == []


async def test_DEP_1_a_declared_peer_names_the_certificate_in_exactly_one_strict_header(made: Bench) -> None:
    proxy = TrustedProxy((ip_network("127.0.0.0/8"),))
    scripted = Scripted()
    async with device(made, scripted, proxy=proxy) as port:

        async def status(headers: str) -> int:
            return (await ask(port, post(MANAGE, b"<a/>", kind=SYNCML, more=headers))).status

        assert await status(f"Client-Cert: :{FORGED}:\r\n") == 200
        assert await status(f"Client-Cert: :{FORGED}:\r\nClient-Cert: :{FORGED}:\r\n") == 400
        assert await status(f"Client_Cert: :{FORGED}:\r\n") == 403
        for value in (
            "",
            "::",
            FORGED,
            f":{FORGED}",
            f":{FORGED}:, :{FORGED}:",
            f":{FORGED[:-4]}:",
            f": {FORGED}:",
        ):
            assert await status(f"Client-Cert: {value}\r\n") == 403, value
        for value in ("{http.request.tls.client.certificate_der_base64}", "(null)", ":!!!!:"):
            assert await status(f"Client-Cert: {value}\r\n") == 403, value


def test_DEP_1_only_the_socket_peer_decides_whether_the_header_counts() -> None:
    proxy = TrustedProxy((ip_network("192.0.2.1/32"),))
    headers = [(b"client-cert", f":{FORGED}:".encode()), (b"x-forwarded-for", b"192.0.2.1")]

    def found(peer: str) -> bytes | None:
        scope = {"headers": headers, "client": (peer, 1), "method": "POST"}
        return certificate_of(Request(scope, None), proxy)  # type: ignore[arg-type]

    assert found("192.0.2.1") == trust().headset.certificate.der
    assert found("192.0.2.2") is None
    assert found("") is None
    scope = {"headers": headers * 2, "client": ("192.0.2.1", 1), "method": "POST"}
    with pytest.raises(RefusalError):
        certificate_of(Request(scope, None), proxy)  # type: ignore[arg-type]


# Budget


async def test_DOS_1_one_message_in_flight_per_headset_and_a_neighbour_is_served(made: Bench) -> None:
    scripted = Scripted()
    neighbour = trust().headset_identity("neighbour")
    scripted.served.add(neighbour.certificate.der)
    scripted.leave.clear()
    message = post(MANAGE, b"<a/>", kind=SYNCML)
    async with device(made, scripted) as port:
        first = await Wire.open(port, identity=trust().headset)
        await first.send(message)
        await scripted.entered.wait()
        second = await ask(port, message, trust().headset)
        assert (second.status, second.header("retry-after")) == (429, "1")
        other = asyncio.create_task(ask(port, message, neighbour))
        while len(scripted.bodies) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        scripted.leave.set()
        assert (await other).status == 200
        assert (await first.answer()).status == 200
        assert (await first.ask(message)).status == 200
        await first.close()


async def test_DOS_1_sessions_above_the_rate_get_429_and_a_session_that_was_begun_is_finished(made: Bench) -> None:
    scripted = Scripted()
    neighbour = trust().headset_identity("neighbour-in-sessions")
    scripted.served.add(neighbour.certificate.der)
    opens, goes_on = (post(MANAGE, body, kind=SYNCML) for body in (b"<opens/>", b"<goes-on/>"))
    limits = replace(Limits(), sessions=Rate(0.01, 3))
    async with device(made, scripted, limits=limits) as port:

        async def status(data: bytes, identity: Identity | None = None) -> int:
            return (await ask(port, data, identity or trust().headset)).status

        assert [await status(opens) for _ in range(4)] == [200, 200, 200, 429]
        assert await status(opens, neighbour) == 200
        scripted.cursor = Cursor(open=True).render()
        assert [await status(goes_on) for _ in range(10)] == [200] * 10
        abandons = [await status(opens) for _ in range(6)]
        assert 429 in abandons, "sessions that are only ever begun are bounded too"


@pytest.mark.parametrize(
    ("path", "row"), [(DISCOVERY, "discovery"), (POLICY, "enrollment"), (ENROLLMENT, "enrollment")]
)
async def test_DOS_1_an_address_above_its_rate_gets_429_with_a_time_before_its_body_is_read(
    made: Bench, path: str, row: str
) -> None:
    limits = replace(Limits(), **{row: EndpointLimits(2**14, Rate(0.01, 2))})
    async with device(made, Scripted(), limits=limits) as port:
        for _ in range(2):
            assert (await ask(port, post(path, DISCOVER))).status == 200
        refused = await ask(port, post(path, b"", more="Content-Length: 5\r\n"))
        assert refused.status == 429
        assert int(refused.header("retry-after") or 0) > 0
        assert (await ask(port, post(MANAGE, b"<a/>", kind=SYNCML), trust().headset)).status == 200


async def test_DOS_1_issuances_above_the_places_are_asked_to_come_again(made: Bench) -> None:
    class Slow:
        def __init__(self) -> None:
            self.running = 0
            self.most = 0
            self.go = asyncio.Event()

        def policies(self, request: Any, *, peer: str) -> Any:
            self.running += 1
            self.most = max(self.most, self.running)
            asyncio.run_coroutine_threadsafe(self.go.wait(), loop).result()
            self.running -= 1
            raise OSError("not reached by the test's answers")

    loop = asyncio.get_running_loop()
    slow = Slow()
    services = replace(made.services, enrollment=slow, management=Scripted())  # type: ignore[arg-type]
    settings = web_settings(limits=replace(Limits(), issuances_at_once=2, issuances_waiting=1))
    async with listening(device_app(services, settings), device=True) as listener:
        waiting = [asyncio.create_task(exchange(listener.port, post(POLICY, GET_POLICIES))) for _ in range(3)]
        while slow.running < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert (await ask(listener.port, post(POLICY, GET_POLICIES))).status == 429
        assert slow.most == 2
        slow.go.set()
        await asyncio.gather(*waiting)


async def test_LOG_1_neither_password_nor_body_is_logged(made: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    issued = made.services.credentials.issue(LOCAL_ADMIN, "loans", expires=timedelta(hours=1))
    canary = "canary-7f3a91"
    body = GET_POLICIES.replace(b"</wsse:Password>", canary.encode() + b"</wsse:Password>")
    assert canary.encode() in body
    async with device(made, Scripted()) as port:
        await ask(port, post(POLICY, body, more=f"Authorization: Bearer {canary}\r\nCookie: a={canary}\r\n"))
        await ask(port, post(f"{POLICY}?secret={canary}", body[:-20]))
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert canary not in logged
    assert issued.password not in logged
    assert HEADSET_ID not in logged
