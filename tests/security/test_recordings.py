"""Recordings over the network: chunks by HTTP, pages and commands for who may read them (SECURITY AST-4)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx2
import pytest
from tests.assist_peers import Peer
from tests.served_assist import ServedAssist, served_assist
from tests.web_server import trust

from holofleet.cli import app as program
from holofleet.cli.connection import TOKEN_VARIABLE
from holofleet.server.authorization import LOCAL_ADMIN, Role

MEGAN, LEE, ISAIAH = "megan@contoso.com", "lee@contoso.com", "isaiah@contoso.com"
PIECE = b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 40


class Desk:
    """The browser of somebody, as far as it sends and asks by HTTP."""

    def __init__(self, served: ServedAssist, upn: str) -> None:
        self.served = served
        headers = {"cookie": served.session_cookie(upn), "origin": served.address}
        self.http = httpx2.AsyncClient(base_url=served.address, verify=served.tls, headers=headers, timeout=60)

    async def begin(self, call: str) -> httpx2.Response:
        return await self.http.post("/call-recordings", json={"call": call, "type": "video/webm"})

    async def put(self, recording: str, number: int | str, body: bytes = PIECE) -> httpx2.Response:
        return await self.http.put(f"/call-recordings/{recording}/{number}", content=body)


async def in_a_call(served: ServedAssist) -> tuple[Peer, Peer, str]:
    headset, megan = await served.headset("100"), await served.expert(MEGAN)
    call: str = (await headset.ask("call.invite", to=served.key(MEGAN)))["call"]["id"]
    await megan.ask("call.accept", call=call)
    for one in (headset, megan):
        await one.ask("call.connected", call=call, path="direct")
    await megan.ask("record.ask", call=call)
    return headset, megan, call


async def test_AST_4_chunks_by_http_need_the_expert_the_agreement_and_our_own_page(tmp_path: Path) -> None:
    async with served_assist(tmp_path, pages=None) as served:
        headset, _, call = await in_a_call(served)
        desk, other = Desk(served, MEGAN), Desk(served, LEE)
        early = await desk.begin(call)
        assert (early.status_code, early.json()["rule"]) == (409, "consent")
        await headset.ask("record.answer", call=call, agree=True)
        assert (await other.begin(call)).status_code == 409
        begun = await desk.begin(call)
        assert begun.status_code == 201
        recording = begun.json()["id"]

        stranger = httpx2.AsyncClient(base_url=served.address, verify=served.tls)
        path = f"/call-recordings/{recording}/0"
        foreign = {"cookie": served.session_cookie(MEGAN), "origin": "https://evil.example"}
        assert (await stranger.put(path, content=PIECE, headers={"origin": served.address})).status_code == 403
        assert (await stranger.put(path, content=PIECE, headers=foreign)).status_code == 403
        assert (await other.put(recording, 0)).json()["rule"] == "no-such-recording"
        assert (await other.put("0" * 32, 0)).json() == (await other.put(recording, 0)).json()
        for number in ("-1", "1e3", "9" * 7, "0x0"):
            assert (await desk.put(recording, number)).status_code == 409
        assert (await desk.put(recording, 0, bytes(2 * 1024 * 1024))).status_code == 413
        assert (await desk.put(recording, 0)).json() == {"next": 1}
        assert (await desk.put(recording, 0, b"again")).json() == {"next": 1}
        assert (await desk.put(recording, 3)).json()["rule"] == "order"

        await headset.ask("record.answer", call=call, agree=False)
        assert (await desk.put(recording, 1)).json()["rule"] == "no-such-recording"
        found = served.bench.services.assist.recordings.show(LOCAL_ADMIN, recording)
        assert (found.chunks, found.why, found.is_there) == (1, "withdrawn", False)
        for one in (desk.http, other.http, stranger):
            await one.aclose()


async def test_AST_4_pages_and_commands_open_a_recording_with_a_reason_and_say_when_it_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with served_assist(tmp_path, pages=None) as served:
        headset, megan, call = await in_a_call(served)
        await headset.ask("record.answer", call=call, agree=True)
        desk = Desk(served, MEGAN)
        recording = (await desk.begin(call)).json()["id"]
        for number in range(2):
            await desk.put(recording, number)
        assert (await desk.http.post(f"/call-recordings/{recording}/end", json={})).status_code == 200
        await megan.ask("call.end", call=call)

        # The expert who recorded it has no right to read it; a page of somebody else's call shows nothing.
        address = f"/calls/{call}/recordings/{recording}"
        assert (await desk.http.get(address)).status_code == 403
        assert (await desk.http.get(f"{address}/media?watch=1.x")).status_code in (403, 404)
        directory = served.bench.services.directory
        directory.give_role(LOCAL_ADMIN, ISAIAH, Role.AUDITOR)
        auditor = Desk(served, ISAIAH)
        assert (await auditor.http.get(address)).status_code == 200
        assert (await auditor.http.get(f"{address}/media?watch=1.x")).status_code == 404
        assert (await auditor.http.get(f"/calls/{'0' * 32}/recordings/{recording}")).status_code == 404

        monkeypatch.setenv(TOKEN_VARIABLE, served.bench.token("archive", Role.ADMINISTRATOR))
        ca = tmp_path / "ca.pem"
        ca.write_text(trust().server_ca.certificate.pem)

        async def types(*words: str) -> tuple[int, str]:
            arguments = ["calls", "recording", *words, "--server", served.address, "--ca", str(ca)]
            status = await asyncio.to_thread(_status, arguments)
            said = capsys.readouterr()
            return status, said.out + said.err

        assert recording in (await types("list"))[1]
        saved = tmp_path / "saved.webm"
        assert (await types("save", recording, "--to", str(saved), "--reason", "Complaint 7"))[0] == 0
        assert saved.read_bytes() == PIECE * 2
        assert saved.stat().st_mode & 0o077 == 0
        assert (await types("save", recording, "--to", str(saved), "--reason", "x"))[0] == 2
        assert (await types("hold", recording, "--reason", "Complaint 7"))[0] == 0
        assert "held" in (await types("delete", recording, "--reason", "x"))[1]

        first, second = sorted(path for path in (tmp_path / "recordings").rglob("*") if path.is_file())
        second.write_bytes(first.read_bytes())
        status, said = await types("save", recording, "--to", str(tmp_path / "b.webm"), "--reason", "x")
        assert (status, "ended early" in said) == (2, True), said
        first.write_bytes(second.read_bytes()[:-1])
        status, said = await types("save", recording, "--to", str(tmp_path / "c.webm"), "--reason", "x")
        assert (status, "damaged" in said) == (2, True), said
        assert not any(name in ("b.webm", "c.webm") for name in os.listdir(tmp_path))

        assert (await types("lift", recording, "--reason", "settled"))[0] == 0
        assert (await types("delete", recording, "--reason", "asked for"))[0] == 0
        assert not [path for path in (tmp_path / "recordings").rglob("*") if path.is_file()]
        for one in (desk.http, auditor.http):
            await one.aclose()


def _status(arguments: list[str]) -> int:
    try:
        program.main(arguments)
    except SystemExit as end:
        return int(end.code or 0)
