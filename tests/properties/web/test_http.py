"""Whatever bytes come to the listeners: no answer of ours says that we failed, and the next peer is served."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.web_server import Wire, trust
from tests.web_services import bench, small_state, whole_server

from holofleet.web.limits import Limits

WIRE = Path(__file__).parents[2] / "wire"
SOAP, SYNCML = "application/soap+xml", "application/vnd.syncml.dm+xml"
SEEDS = (
    ("/EnrollmentServer/Discovery.svc", (WIRE / "mde2/discover_windows10.xml").read_bytes(), SOAP),
    ("/EnrollmentServer/Policy.svc", (WIRE / "mde2/get_policies_username.xml").read_bytes(), SOAP),
    ("/EnrollmentServer/Enrollment.svc", (WIRE / "mde2/issue_windows10_username.xml").read_bytes(), SOAP),
    ("/ManagementServer/Manage.svc", (WIRE / "syncml/windows11_package1.xml").read_bytes(), SYNCML),
    ("/api/v1/tokens", b'{"name": "a", "roles": ["viewer"]}', "application/json"),
)
SPLINTERS = (
    b"\r\n",
    b"\x00",
    b"<!DOCTYPE a>",
    b"\xff\xfe",
    b"&a;",
    b":",
    b"Content-Length: 1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"<a>" * 500,
)


def _request(seed: tuple[str, bytes, str]) -> bytes:
    path, body, kind = seed
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


@st.composite
def broken_requests(draw: st.DrawFn) -> bytes:
    """A real request with some pieces cut, doubled, swapped or overwritten."""
    data = bytearray(_request(draw(st.sampled_from(SEEDS))))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, min(len(data) - 1, draw(st.sampled_from([120, 400, 4000]))))))
        size = draw(st.integers(0, 40))
        match draw(st.sampled_from(["cut", "double", "overwrite", "insert"])):
            case "cut":
                del data[at : at + size]
            case "double":
                data[at:at] = data[at : at + size]
            case "overwrite":
                data[at : at + size] = draw(st.binary(min_size=size, max_size=size))
            case "insert":
                data[at:at] = draw(st.sampled_from(SPLINTERS))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


# Not shrunk: an example is eight requests over TLS, and the failing one is in the message anyway.
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(st.lists(broken_requests(), min_size=8, max_size=8), st.booleans())
def test_broken_requests_never_become_server_errors_and_the_next_peer_is_served(
    requests: list[bytes], with_certificate: bool
) -> None:
    asyncio.run(_attack(requests, with_certificate=with_certificate))


async def _attack(requests: list[bytes], *, with_certificate: bool) -> None:
    limits = Limits().raised("bench", headsets=1_000)
    identity = trust().headset if with_certificate else None
    with TemporaryDirectory() as folder, bench(Path(folder)) as made:
        made.publish(small_state())
        async with whole_server(made, limits=limits) as server:
            for listener in server.listeners:
                for data in requests:
                    wire = await Wire.open(listener.port, identity=identity)
                    await wire.send(data)
                    try:
                        answer = await wire.answer(timeout_s=0.2)
                    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
                        pass
                    else:
                        assert answer.status < 500, (data, answer)
                    await wire.close()
                wire = await Wire.open(listener.port)
                healthy = await wire.ask(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert (healthy.status, healthy.body) == (200, b"ok\n")
                await wire.close()
