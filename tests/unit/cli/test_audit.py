"""``holofleet audit`` on a data folder."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from holofleet.cli.app import main
from holofleet.cli.services import wire


@pytest.fixture
def data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "data"
    with wire(folder):
        pass
    for name in ("one", "two"):
        run("tokens", "issue", "--name", name, "--role", "viewer", "--data", folder)
    capsys.readouterr()
    return folder


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words)])
    return int(ended.value.code or 0)


def test_what_was_done_is_found_by_what_was_done(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "search", "--action", "issue-token", "--data", data, "--format", "json") == 0
    records = json.loads(capsys.readouterr().out)["records"]
    assert [record["action"] for record in records] == ["issue-token", "issue-token"]
    assert records[0]["actor"] == "local-admin"
    assert run("audit", "search", "--action", "order-wipe", "--data", data) == 0


def test_a_kept_checkpoint_and_a_changed_record(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "checkpoint", "--data", data) == 0
    kept = data.parent / "kept.txt"
    kept.write_text(capsys.readouterr().out)
    assert run("audit", "verify", "--checkpoints", kept, "--data", data) == 0
    assert "Checkpoints used: 1" in capsys.readouterr().out
    engine = create_engine(f"sqlite:///{data / 'holofleet.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET actor = 'person:other' WHERE sequence = 1"))
    engine.dispose()
    assert run("audit", "verify", "--data", data) == 1
    assert "The log was changed: record 1" in capsys.readouterr().out


def test_an_export_can_be_verified_without_us(data: Path) -> None:
    out = data.parent / "log.jsonl"
    assert run("audit", "export", "--out", out, "--data", data) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    previous = hashlib.sha256(b"holofleet audit genesis 1").hexdigest()
    records = [json.loads(line) for line in out.read_text().splitlines()]
    for r in records:
        listed = [
            r["sequence"],
            r["epoch"],
            r["at_us"],
            r["actor"],
            r["action"],
            r["subject"],
            r["client"],
            r["data"],
        ]
        canonical = json.dumps(listed, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        previous = hashlib.sha256(b"holofleet audit record 1\0" + bytes.fromhex(previous) + canonical).hexdigest()
        assert previous == r["hash"]
    assert len(records) >= 2
    assert run("audit", "export", "--out", out, "--data", data) == 2


def test_a_file_without_checkpoints_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "no.txt").write_text("not a checkpoint\n")
    assert run("audit", "verify", "--checkpoints", tmp_path / "no.txt", "--data", data) == 2
    assert run("audit", "verify", "--checkpoints", tmp_path / "none.txt", "--data", data) == 2
