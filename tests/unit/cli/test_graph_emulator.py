"""``holofleet graph-emulator`` listens, says where, and ends when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from holofleet.cli import main


def test_it_prints_its_address_answers_and_ends_with_the_interrupt(tmp_path: Path) -> None:
    tenant = tmp_path / "tenant.json"
    tenant.write_text('{"domains": ["fabrikam.com"]}')
    port_file = tmp_path / "port"
    command = [sys.executable, "-c", "from holofleet.cli import main; main()", "graph-emulator"]
    flags = ["--listen", "127.0.0.1:0", "--tenant", str(tenant), "--port-file", str(port_file), "--no-quotas"]
    with subprocess.Popen(
        [*command, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        address = running.stdout.readline().strip()
        try:
            assert httpx2.get(f"{address}/v1.0/domains").json()["value"][0]["id"] == "fabrikam.com"
            assert address == f"http://127.0.0.1:{port_file.read_text().strip()}"
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) in (0, 130)


def test_it_asks_for_a_token_when_told_to(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from holofleet.cli import main; main()", "graph-emulator"]
    flags = ["--listen", "127.0.0.1:0", "--require-token", "Domain.Read.All, Group.Read.All"]
    with subprocess.Popen(
        [*command, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        address = running.stdout.readline().strip()
        path = running.stderr.readline().split()[2]
        client_id, client_secret = running.stderr.readline().replace(",", "").split()[1::2]
        try:
            form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
            answer = httpx2.post(address + path, data={**form, "scope": "https://graph.microsoft.com/.default"})
            header = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            statuses = [
                httpx2.get(f"{address}/v1.0/{where}", headers=header).status_code for where in ("domains", "users")
            ]
            assert [httpx2.get(f"{address}/v1.0/domains").status_code, *statuses] == [401, 200, 403]
        finally:
            running.send_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--listen", "0.0.0.0:0"], "loopback"),
        (["--listen", "somewhere"], "HOST:PORT"),
        (["--listen", "127.0.0.1:70000"], "HOST:PORT"),
        (["--faults", "often"], "SEED:RATE"),
        (["--pace", "-1"], "backwards"),
        (["--tenant", "/nowhere/tenant.json"], "tenant.json"),
    ],
)
def test_flags_that_make_no_sense_end_it_at_once(
    flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["graph-emulator", *flags])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
