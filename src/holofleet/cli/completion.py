"""``holofleet completion``: what a shell needs to complete commands and flags."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from cyclopts import Parameter

from holofleet.cli.output import CLEAN

_FOR_ZSH = """
if [ "$funcstack[1]" = "_holofleet" ]; then
  _cyclopts_holofleet "$@"
else
  compdef _cyclopts_holofleet holofleet
fi
"""
"""The script only says what the function is. As a file of ``$fpath`` it is read when Tab is first pressed, and has
to call it then; sourced, it has to say for which command it is."""


def completion(shell: Annotated[Literal["bash", "zsh", "fish"], Parameter(help="For which shell.")], /) -> int:
    """Print the script that completes commands, flags and their values. Writes nothing itself."""
    from holofleet.cli.app import build

    script = build().generate_completion(shell=shell).rstrip("\n") + "\n"
    sys.stdout.write(script + _FOR_ZSH if shell == "zsh" else script)
    return CLEAN
