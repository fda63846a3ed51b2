"""LOG-1, LEAK-1: a word of its own in every slot for a secret, a journey with failures, and then a search.

The words stand in no output of the server, in no file of its data folder (the database with its journal), in no
answer of the API and in nothing that the operator's commands print, but where a secret is handed out on purpose.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.served_process import ServedProcess, holofleet
from tests.simulated import headset_of
from tests.windows_client import RefusedByServerError, WindowsClient

from holofleet import samples
from holofleet.simulator import Credential, Headset
from holofleet.simulator.headset.enrollment import EnrollmentRefusedError

SERIAL = "003421800101"
WLAN = "./Device/Vendor/MSFT/WiFi/Profile/Contoso-HoloLens/WlanXml"
VARIABLE = "HOLOFLEET_SECRET_WIFI_PLANT_1"
IN_CLEAR = {"ca.pem", "device-ca.pem"}


def canary(slot: str) -> str:
    """Return a word that stands nowhere else."""
    return f"Canary{''.join(part.capitalize() for part in slot.split('-'))}{secrets.token_hex(8)}"


@dataclass
class Planted:
    """The words by slot, and everything in which they must not stand."""

    words: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def plant(self, slot: str) -> str:
        self.words[slot] = canary(slot)
        return self.words[slot]

    def found_in(self, text: str | bytes) -> list[str]:
        """Return the slots whose word stands in a text, as such or in UTF-16."""
        data = text.encode() if isinstance(text, str) else text
        return [
            slot for slot, word in self.words.items() if word.encode() in data or word.encode("utf-16-le") in data
        ]


def _fleet_file(folder: Path) -> Path:
    """The sample, with the protected network that its comment offers."""
    text = samples.text("cloud-connected")["fleet.yaml"]
    wifi = f"wifi: [{{ssid: Contoso-HoloLens, security: wpa2-psk, psk: env:{VARIABLE}}}]"
    assert f"# {wifi}" in text
    file = folder / "fleet.yaml"
    file.write_text(text.replace(f"# {wifi}", wifi), encoding="utf-8")
    return file


def _raw(server: ServedProcess, port: int, request: str) -> bytes:
    context = ssl.create_default_context(cafile=str(server.ca))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(request.replace("\n", "\r\n").encode())
        return connection.recv(65536)


def _strangers(server: ServedProcess, planted: Planted) -> None:
    """Requests with secrets that are wrong, in every place where one can stand."""
    host = f"Host: 127.0.0.1:{server.port}\n"
    bearer, cookie, link, posted = (planted.plant(s) for s in ("bearer", "cookie", "link", "posted-link"))
    for path in ("/api/v1/headsets", "/", "/nowhere", "/api/v1/tokens"):
        request = (
            f"GET {path} HTTP/1.1\n{host}Authorization: Bearer hf_{bearer}\nCookie: __Host-holofleet={cookie}\n\n"
        )
        assert b" 5" not in _raw(server, server.port, request)[:12]
    _raw(server, server.port, f"GET /sign-in?token=hfl_{link} HTTP/1.1\n{host}\n")
    form = f"token=hfl_{posted}"
    _raw(
        server,
        server.port,
        f"POST /sign-in HTTP/1.1\n{host}Origin: https://127.0.0.1:{server.port}\n"
        f"Content-Type: application/x-www-form-urlencoded\nContent-Length: {len(form)}\n\n{form}",
    )
    broken = '{"name": "' + planted.plant("broken-json")
    _raw(
        server,
        server.port,
        f"POST /api/v1/tokens HTTP/1.1\n{host}Authorization: Bearer x\nContent-Type: application/json\n"
        f"Content-Length: {len(broken)}\n\n{broken}",
    )
    basic = planted.plant("basic")
    _raw(
        server,
        server.device_port,
        f"POST /EnrollmentServer/Policy.svc?secret={basic} HTTP/1.1\nHost: 127.0.0.1:{server.device_port}\n"
        f"Authorization: Basic {basic}\nContent-Type: application/soap+xml\nContent-Length: 4\n\n<a><",
    )


def _enrollments(server: ServedProcess, planted: Planted, folder: Path, issued: Credential) -> WindowsClient:
    """Wrong passwords, then the right one; and a management message with a credential in its header."""
    for slot, name in (("password", issued.username), ("password-of-nobody", "nobody@contoso.com")):
        client = WindowsClient(server.address, server.ca, name, planted.plant(slot), SERIAL, folder)
        with client, pytest.raises(RefusedByServerError):
            client.enroll()
    planted.words["issued-password"] = issued.password
    client = WindowsClient(server.address, server.ca, issued.username, issued.password, SERIAL, folder)
    client.enroll()
    client.check_in()
    cred = (
        '<Cred><Meta><Type xmlns="syncml:metinf">syncml:auth-basic</Type></Meta>'
        f"<Data>{planted.plant('cred')}</Data></Cred>"
    )
    for message in (client.sent[0], client.sent[0][:-30]):
        client.send(message.replace(b"</SyncHdr>", f"{cred}</SyncHdr>".encode()))
    return client


def _drift(server: ServedProcess, planted: Planted, client: WindowsClient) -> None:
    """The headset says another key than the one it was given."""
    form, value = client.nodes[WLAN]
    assert planted.words["psk"] in value, "the key did not even reach the headset"
    client.nodes[WLAN] = (form, value.replace(planted.words["psk"], planted.plant("other-psk")))
    with server.api() as api:
        api.post(f"/headsets/{SERIAL}/orders", {"kind": "sync", "reason": "look"})
    client.check_in()


def _operator(server: ServedProcess, planted: Planted, file: Path) -> None:
    """Everything that an operator can have printed."""
    commands = [
        ("plan", file, "--data", server.data),
        ("plan", file, "--data", server.data, "--format", "json"),
        ("compile", file),
        ("explain", file, SERIAL, WLAN),
        ("drift", file, "--data", server.data),
        ("headsets", "list", "--data", server.data, "--format", "json"),
        ("headsets", "show", SERIAL, "--data", server.data),
        ("headsets", "show", SERIAL, "--data", server.data, "--format", "json"),
        ("credentials", "list", "--data", server.data, "--format", "json"),
        ("tokens", "list", "--data", server.data),
    ]
    for command in commands:
        done = holofleet(*command)
        assert done.status in (0, 1), (command, done.error)
        assert done.out, command
        planted.said += [done.out, done.error]
    with server.api() as api:
        for path in ("/events?limit=500", "/overview", f"/headsets/{SERIAL}", "/enrollments", "/credentials"):
            planted.said.append(json.dumps(api.get(path)))


async def _is_refused(headset: Headset) -> None:
    try:
        with pytest.raises(EnrollmentRefusedError):
            await headset.enroll()
    finally:
        headset.network.close()
        await asyncio.sleep(0.01)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[ServedProcess, Planted]]:
    planted = Planted()
    psk = planted.plant("psk")
    file = _fleet_file(tmp_path)
    server = ServedProcess(tmp_path / "data", ("--metrics",), {VARIABLE: psk})
    server.start()
    try:
        applied = holofleet("apply", file, "--data", server.data, "--yes", env={VARIABLE: psk})
        assert applied.status == 0, applied.error
        planted.said += [applied.out, applied.error]
        with server.api() as api:
            deployment = api.get(f"/headsets/{SERIAL}")["deployment"]
            issued = api.post("/credentials", {"deployment": deployment, "uses": 2, "expires_s": 3600})
            token = api.post("/tokens", {"name": "ci", "roles": ["viewer"], "expires_s": 3600})
        planted.words["api-token"] = token["token"]
        planted.words["local-token"] = (server.data / "local-admin.token").read_text().strip()
        signed = re.search(r"sign-in\?token=(\S+)", server.output)
        assert signed is not None
        _strangers(server, planted)
        credential = Credential(issued["username"], issued["password"])
        with _enrollments(server, planted, tmp_path, credential) as client:
            _drift(server, planted, client)
        headset = headset_of(server, "003421800102", Credential(credential.username, planted.plant("wrong")))
        asyncio.run(_is_refused(headset))
        _operator(server, planted, file)
        metrics = f"GET /metrics HTTP/1.1\nHost: 127.0.0.1:{server.port}\n\n"
        planted.said.append(_raw(server, server.port, metrics).decode())
        planted.words["sign-in-link"] = signed[1]
        yield server, planted
    finally:
        if server.lives:
            server.stop()


def test_LOG_1_LEAK_1_no_planted_secret_is_found_where_it_does_not_belong(
    told: tuple[ServedProcess, Planted],
) -> None:
    server, planted = told
    assert len(planted.words) >= 14
    for text in planted.said:
        assert planted.found_in(text) == [], text[:200]
    link = planted.words["sign-in-link"]
    assert server.output.count(link) == 1, "printed once, on purpose"
    assert planted.found_in(server.output.replace(link, "")) == []
    files = [path for path in server.data.rglob("*") if path.is_file()]
    assert {"holofleet.sqlite", "holofleet.sqlite-wal"} <= {path.name for path in files}
    for path in files:
        expected = ["local-token"] if path.name == "local-admin.token" else []
        assert planted.found_in(path.read_bytes()) == expected, path
    server.stop()
    assert planted.found_in((server.data / "holofleet.sqlite").read_bytes()) == []


def test_LOG_1_the_search_would_find_a_secret(tmp_path: Path) -> None:
    planted = Planted()
    word = planted.plant("psk")
    assert planted.found_in(f"x{word}y") == ["psk"]
    assert planted.found_in(word.encode("utf-16-le")) == ["psk"]
    assert planted.found_in("nothing") == []
