"""A Windows management client that shares no code with the server enrolls, converges, drifts and is mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.served_process import ServedProcess, served
from tests.windows_client import RefusedByServerError, WindowsClient

SERIAL = "003421800102"
USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"


def test_it_needs_the_address_the_ca_and_the_printed_credential_and_nothing_else(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        server.apply_sample("cloud-connected")
        wanted = server.run("headsets", "show", SERIAL, "--format", "json").json()
        printed = server.run("credentials", "issue", "--deployment", wanted["deployment"]).json()
        name, password = printed["username"], printed["password"]
        with WindowsClient(server.address, server.ca, name, password, SERIAL, tmp_path) as client:
            client.enroll()
            client.check_in()
            _holds_what_it_was_told(server, client)
            _is_mended(server, client)
            _is_wiped(server, client)


def _holds_what_it_was_told(server: ServedProcess, client: WindowsClient) -> None:
    shown = server.run("headsets", "show", SERIAL, "--format", "json").json()
    assert shown["compliance"] == "compliant", shown["reasons"]
    told = {s["oma_uri"]: s["desired"] for s in shown["settings"] if s["readable"] and "{{" not in s["desired"]}
    assert len(told) > 20
    assert {uri: client.nodes[uri][1] for uri in told} == told


def _is_mended(server: ServedProcess, client: WindowsClient) -> None:
    client.nodes[USB] = ("int", "1")
    with server.api() as api:
        api.post(f"/headsets/{SERIAL}/orders", {"kind": "sync", "reason": "somebody called"})
    client.check_in()
    assert client.nodes[USB] == ("int", "0")
    assert {"drifted", "mended"} <= set(server.kinds(SERIAL))
    assert server.words()[SERIAL] == "compliant"


def _is_wiped(server: ServedProcess, client: WindowsClient) -> None:
    with server.api() as api:
        api.post(f"/headsets/{SERIAL}/orders", {"kind": "wipe", "reason": "it goes back"})
    client.check_in()
    client.nodes[USB] = ("int", "1")
    assert client.check_in() == 1, "whoever was wiped is told nothing more"
    assert client.executed == ["./Device/Vendor/MSFT/RemoteWipe/doWipe"]
    assert client.nodes[USB] == ("int", "1")
    assert server.words()[SERIAL] == "retired"


def test_a_credential_for_one_headset_enrolls_no_second_machine(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        server.apply_sample("cloud-connected")
        with server.api() as api:
            deployment = api.get(f"/headsets/{SERIAL}")["deployment"]
            printed = api.post("/credentials", {"deployment": deployment, "uses": 1, "expires_s": 3600})
        name, password = printed["username"], printed["password"]

        def client(secret: str = password) -> WindowsClient:
            return WindowsClient(server.address, server.ca, name, secret, SERIAL, tmp_path)

        with client() as first, client() as second, client("guessed") as third:
            first.enroll()
            for refused in (second, third):
                with pytest.raises(RefusedByServerError):
                    refused.enroll()
        assert server.rows("select count(*) from enrollment") == [(1,)]
