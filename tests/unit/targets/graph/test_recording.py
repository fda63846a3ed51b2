"""The record of what was asked, and the journal of what was about to be made."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from tests.unit.targets.graph.wire import Wire, error

from holofleet.errors import InputError
from holofleet.targets.graph.journal import KEPT_S, FileJournal
from holofleet.targets.graph.masking import masked
from holofleet.targets.graph.operations import autopilot, directory, intune
from holofleet.targets.graph.recorder import FileRecorder, line
from holofleet.targets.graph.work import ask


def test_a_line_says_version_method_path_with_query_and_body() -> None:
    request = directory.LIST_USERS.request(query={"$top": "5"})
    assert json.loads(line(request, request.url)) == {
        "version": "v1.0",
        "method": "GET",
        "path": "/users?$top=5",
        "body": None,
    }


def test_secrets_are_masked_wherever_the_operation_or_the_request_says_and_nothing_else() -> None:
    user = directory.CREATE_USER.request(
        body={"displayName": "x", "passwordProfile": {"password": "p", "force": False}}
    )
    assert masked(user) == {"displayName": "x", "passwordProfile": {"password": "****", "force": False}}
    assert user.body["passwordProfile"]["password"] == "p"
    rows = {"importedWindowsAutopilotDeviceIdentities": [{"hardwareIdentifier": "h", "serialNumber": "1"}] * 2}
    sent = masked(autopilot.IMPORT_HASHES.request(body=rows))["importedWindowsAutopilotDeviceIdentities"]
    assert [row["hardwareIdentifier"] for row in sent] == ["****", "****"]
    profile = {"omaSettings": [{"value": 1}, {"value": "psk"}]}
    request = intune.CREATE_PROFILE.request(
        body=profile, secrets=("omaSettings[1].value", "omaSettings[7].value", "no.such")
    )
    assert masked(request) == {"omaSettings": [{"value": 1}, {"value": "****"}]}


async def test_items_of_a_batch_stand_on_lines_of_their_own_and_what_is_sent_again_once(tmp_path: Path) -> None:
    answers = [error(429, retry_after="1")]
    wire = Wire(lambda _: answers.pop() if answers else (200, {}, {}))
    path = tmp_path / "record.jsonl"
    with FileRecorder(path) as recorder:
        engine = wire.engine(recorder=recorder)
        await engine.run({str(n): ask(directory.GET_USER.request(id=str(n))) for n in range(3)})
    lines = [json.loads(text) for text in path.read_text().splitlines()]
    assert [entry["path"] for entry in lines] == ["/users/0", "/users/1", "/users/2"]
    assert len(wire.asked) == 4


def test_the_record_is_for_its_owner_only_and_never_follows_a_link(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    path.write_text("old")
    path.chmod(0o644)
    FileRecorder(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == ""
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError):
        FileRecorder(link)


def test_a_journal_remembers_over_a_restart_what_was_made_lately(tmp_path: Path) -> None:
    path = tmp_path / "new" / "journal"
    journal = FileJournal(path, now=0)
    journal.begin("group a", 5.0)
    journal.begin("group b", 6.0)
    journal.begin("group a", 7.0)
    journal.forget("group b")
    with path.open("a") as file:
        file.write('["cut')
    again = FileJournal(path, now=100)
    assert again.since("group a") == 7.0
    assert again.since("group b") is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert FileJournal(path, now=7.0 + KEPT_S + 1).since("group a") is None


def test_a_journal_that_cannot_be_kept_is_unusable_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        FileJournal(tmp_path / "file" / "journal", now=0)
