"""One apply at a time in a folder, over real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from holofleet.errors import InputError
from holofleet.targets.graph.journal import FileJournal
from holofleet.targets.graph.run_lock import OtherRunError, one_at_a_time

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from holofleet.targets.graph.run_lock import one_at_a_time
with one_at_a_time(Path(sys.argv[1]), now=datetime(2026, 5, 4, 8, 0, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(path)]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "held\n"
    return running


def test_a_second_run_is_refused_and_told_who_holds_the_lock_since_when(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.lock"
    with holder(path) as running:
        with pytest.raises(OtherRunError) as refused, one_at_a_time(path, now=NOW):
            pytest.fail("two at once")
        running.communicate("\n", timeout=60)
    assert refused.value.pid == running.pid
    assert refused.value.since == NOW
    assert f"process {running.pid}, since 2026-05-04T08:00:00" in str(refused.value)
    assert refused.value.exit_status == 2
    with one_at_a_time(path, now=NOW):
        assert str(os.getpid()) in path.read_text()
    assert path.read_text() == ""
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with holder(path) as running:
        running.send_signal(signal.SIGKILL)
        running.wait(timeout=60)
    with one_at_a_time(path, now=NOW):
        pass


@pytest.mark.parametrize("written", ["", "[1", "null", "[1]", '["x", "y"]', "\xff"])
def test_whoever_holds_it_may_have_written_nothing_yet(tmp_path: Path, written: str) -> None:
    path = tmp_path / "run.lock"
    with holder(path) as running:
        path.write_text(written)
        with pytest.raises(OtherRunError, match="another process"), one_at_a_time(path, now=NOW):
            pytest.fail("two at once")
        running.communicate("\n", timeout=60)


def test_a_lock_that_cannot_be_kept_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path / "file" / "run.lock", tmp_path / "link"):
        with pytest.raises(InputError), one_at_a_time(path, now=NOW):
            pytest.fail("without a lock")
    assert not (tmp_path / "elsewhere").exists()


def test_a_plan_does_not_lose_what_an_apply_notes_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    applying = FileJournal(path, now=0)
    before = path.stat().st_ino
    FileJournal(path, now=1, alone=False)
    applying.begin("group a", 5.0)
    assert path.stat().st_ino == before
    assert FileJournal(path, now=6, alone=False).since("group a") == 5.0
