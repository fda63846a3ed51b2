"""The local administrator is whoever can read the data folder; the audit log says as whom (CLI-1)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web_services import bench

from holofleet.cli import local
from holofleet.cli.local import local_client
from holofleet.cli.services import wire
from holofleet.server.audit import AuditQuery, done_at_the_machine
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.targets.server import ApiClient


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    mask = os.umask(0o077)
    with wire(tmp_path / "data"):
        pass
    yield tmp_path / "data"
    os.umask(mask)


def issue(client: ApiClient, name: str) -> None:
    client.post("/tokens", {"name": name, "roles": ["viewer"]})


def test_CLI_1_a_command_of_this_machine_is_audited_with_its_user(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local.getpass, "getuser", lambda: "zoë\u202e admin")
    with local_client(data) as client:
        issue(client, "one")
    monkeypatch.setattr(local.getpass, "getuser", lambda: "adele")
    with local_client(data) as client:
        issue(client, "two")
        found = client.get("/audit", action="issue-token")["records"]
    assert [one["actor"] for one in found] == ["local-admin", "local-admin"]
    assert [one["personal"].get("os_user") for one in found] == ["adele", None], (
        "what cannot be shown is not taken"
    )


def test_CLI_1_what_others_do_names_no_user_of_the_machine(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        token = made.services.access.principal_of_token(made.token("ci", Role.ADMINISTRATOR))
        assert token is not None
        with done_at_the_machine("adele"):
            made.services.access.issue_token(token, "made", [Role.VIEWER])
        last = made.services.audit.search(LOCAL_ADMIN, AuditQuery(), limit=1)
        assert last[0].actor == "token:ci"
        assert made.services.audit.names(LOCAL_ADMIN, last) == {}
