"""``holofleet completion``: the script does in a shell what it is for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.cli.test_audit import run

BASH = shutil.which("bash") or ""
PRESS_TAB = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
complete=$(complete -p holofleet); function=${complete#*-F }; ${function%% *}
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "holofleet.bash"
    command = [sys.executable, "-c", "from holofleet.cli import main; main()", "completion"]
    path.write_text(subprocess.run([*command, "bash"], check=True, capture_output=True, text=True).stdout)
    return path


@pytest.mark.skipif(not BASH, reason="no bash here")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("holofleet", "gui"), "guide"),
        (("holofleet", "plan", "--graph-u"), "--graph-url"),
        (("holofleet", "headsets", "lo"), "lost"),
        (("holofleet", "plan", "--target", "gr"), "graph"),
    ],
)
def test_bash_offers_what_begins_so(script: Path, words: tuple[str, ...], offered: str) -> None:
    pressed = subprocess.run(
        [BASH, "-c", PRESS_TAB, "bash", str(script), *words], check=True, capture_output=True, text=True
    )
    assert offered in pressed.stdout.split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("completion", shell) == 0
    assert "holofleet" in capsys.readouterr().out
