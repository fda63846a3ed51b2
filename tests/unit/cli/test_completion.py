"""``holofleet completion``: the script does in a shell what it is for."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BASH, ZSH, FISH = (shutil.which(shell) or "" for shell in ("bash", "zsh", "fish"))
PRESS_TAB = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
complete=$(complete -p holofleet); function=${complete#*-F }; ${function%% *}
printf '%s\\n' "${COMPREPLY[@]}"
"""
OFFERED = [
    (("holofleet", "gui"), "guide"),
    (("holofleet", "plan", "--graph-u"), "--graph-url"),
    (("holofleet", "headsets", "lo"), "lost"),
    (("holofleet", "plan", "--target", "gr"), "graph"),
]
"""What stands on the line when Tab is pressed, and what has to be offered."""
IN_ZSH = """
fpath=({folder} $fpath)
autoload -Uz compinit && compinit -u -D
note-line() {{ print -r -- "$BUFFER" >> {noted}; BUFFER= }}
zle -N note-line && bindkey '^G' note-line
print IT-IS-READY
"""
"""Ctrl-G notes the line as Tab has made it."""
Scripts = Callable[[str], str]


@pytest.fixture(scope="module")
def script_of() -> Scripts:
    command = [sys.executable, "-c", "from holofleet.cli import main; main()", "completion"]
    return lambda shell: subprocess.run([*command, shell], check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(not BASH, reason="no bash here")
def test_bash_offers_what_begins_so(script_of: Scripts, tmp_path: Path) -> None:
    script = tmp_path / "holofleet.bash"
    script.write_text(script_of("bash"))
    for words, offered in OFFERED:
        pressed = subprocess.run(
            [BASH, "-c", PRESS_TAB, "bash", str(script), *words], check=True, capture_output=True, text=True
        )
        assert offered in pressed.stdout.split()


@pytest.mark.skipif(not FISH, reason="no fish here")
def test_fish_offers_what_begins_so(script_of: Scripts, tmp_path: Path) -> None:
    script = tmp_path / "holofleet.fish"
    script.write_text(script_of("fish"))
    for words, offered in OFFERED:
        asked = [FISH, "--no-config", "-c", f"source {script}; complete -C '{' '.join(words)}'"]
        home = {**os.environ, "HOME": str(tmp_path)}
        said = subprocess.run(asked, check=True, capture_output=True, text=True, env=home)
        assert offered in [line.split("\t")[0] for line in said.stdout.splitlines()]


@pytest.mark.skipif(not ZSH, reason="no zsh here")
def test_zsh_completes_the_line(script_of: Scripts, tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    (tmp_path / "_holofleet").write_text(script_of("zsh"))
    (tmp_path / "setup").write_text(IN_ZSH.format(folder=tmp_path, noted=noted))
    typed = "".join(f"{' '.join(words)}\t\x07" for words, _ in OFFERED) + "exit\n"
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        [ZSH, "-f", "-i"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "HOME": str(tmp_path), "TERM": "vt100"},
    )
    os.close(theirs)
    os.write(ours, f"source {tmp_path / 'setup'}\n".encode())
    said = _read(ours, until=b"\nIT-IS-READY")
    os.write(ours, typed.encode())
    said += _read(ours)
    os.close(ours)
    assert shell.wait(timeout=60) == 0, said.decode(errors="replace")
    lines = [line.split() for line in noted.read_text().splitlines()]
    assert lines == [[*words[:-1], offered] for words, offered in OFFERED], said.decode(errors="replace")


def _read(terminal: int, until: bytes = b"") -> bytes:
    """Read what a shell says until it has said something, or has gone and the terminal with it."""
    said = b""
    while not until or until not in said:
        assert select.select([terminal], [], [], 60)[0], said.decode(errors="replace")
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        said += more
    return said
