"""TLS of the two listeners: DEP-3, MGT-1 at the handshake, DEF-1."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.web_server import Identity, Wire, echo, exchange, listening, trust

from holofleet.server.pki import make_device_ca

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def whoami(scope: Any, receive: Any, send: Any) -> None:
    """Answer 200 with a client certificate and 403 without."""
    known = scope["extensions"]["tls"]["client_cert_chain"]
    await send(
        {
            "type": "http.response.start",
            "status": 200 if known else 403,
            "headers": [(b"content-length", b"0")],
        }
    )
    await send({"type": "http.response.body", "body": b""})


def _blocking_visit(port: int, context: ssl.SSLContext, session: ssl.SSLSession | None) -> tuple[Any, bool, bytes]:
    """Visit once; return the session that can be resumed, whether one was, and the first bytes of the answer."""
    raw = socket.create_connection(("127.0.0.1", port))
    with context.wrap_socket(raw, server_hostname="localhost", session=session) as wrapped:
        wrapped.sendall(GET)
        line = wrapped.recv(1000)
        return wrapped.session, bool(wrapped.session_reused), line


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_DEP_3_a_session_of_the_people_listener_is_not_resumed_at_the_device_listener(version: Any) -> None:
    context = trust().client_context(trust().headset)
    context.maximum_version = version
    async with listening(whoami) as people, listening(whoami, device=True) as device:
        session, _, _ = await asyncio.to_thread(_blocking_visit, people.port, context, None)
        again, reused, _ = await asyncio.to_thread(_blocking_visit, people.port, context, session)
        assert reused, "a session is resumable where it was made, else this test proves nothing"
        _, reused, line = await asyncio.to_thread(_blocking_visit, device.port, context, again)
        assert not reused
        assert line.startswith(b"HTTP/1.1 200"), "the device listener asked for the certificate anew"


async def test_MGT_1_a_resumed_session_still_shows_the_certificate() -> None:
    context = trust().client_context(trust().headset)
    async with listening(whoami, device=True) as device:
        session, _, _ = await asyncio.to_thread(_blocking_visit, device.port, context, None)
        _, reused, line = await asyncio.to_thread(_blocking_visit, device.port, context, session)
        assert reused
        assert line.startswith(b"HTTP/1.1 200")


async def test_DEF_1_tls_below_1_2_and_anything_but_http_1_1_are_not_offered() -> None:
    async with listening(echo) as listener:
        old = trust().client_context()
        with pytest.warns(DeprecationWarning, match="TLS"):
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await Wire.open(listener.port, context=old)
        both = trust().client_context()
        both.set_alpn_protocols(["h2", "http/1.1"])
        wire = await Wire.open(listener.port, context=both)
        assert wire.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
        await wire.close()


async def test_DEF_1_plain_http_gets_nothing() -> None:
    async with listening(echo) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(GET)
        with contextlib.suppress(ConnectionError):
            assert b"HTTP/1.1" not in await reader.read()
        writer.close()


def _expired() -> Identity:
    return trust().headset_identity("expired", at=datetime.now(UTC) - timedelta(days=900))


def _foreign_with_equal_name() -> Identity:
    foreign = make_device_ca(datetime.now(UTC) - timedelta(days=1))
    assert foreign.certificate.parsed.subject == trust().device_ca.certificate.parsed.subject
    return trust().headset_identity("foreign", ca=foreign)


@pytest.mark.parametrize("make", [_expired, _foreign_with_equal_name, lambda: trust().server])
async def test_MGT_1_expired_foreign_and_server_certificates_end_the_handshake(make: Any) -> None:
    reached: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])

    async with listening(app, device=True) as listener:
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await exchange(listener.port, GET, identity=make())
        assert listener.failed_handshakes == 1
    assert reached == []


async def test_MGT_1_no_certificate_reaches_the_application_which_sees_none() -> None:
    async with listening(whoami, device=True) as listener:
        assert (await exchange(listener.port, GET)).status == 403
        assert (await exchange(listener.port, GET, identity=trust().headset)).status == 200


async def test_the_people_listener_never_asks_for_a_certificate() -> None:
    async with listening(whoami) as listener:
        assert (await exchange(listener.port, GET, identity=trust().headset)).status == 403
