"""``holofleet completion``: what a shell needs to complete commands and flags."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from cyclopts import Parameter

from holofleet.cli.output import CLEAN


def completion(shell: Annotated[Literal["bash", "zsh", "fish"], Parameter(help="For which shell.")], /) -> int:
    """Print the script that completes commands, flags and their values. Writes nothing itself."""
    from holofleet.cli.app import build

    sys.stdout.write(build().generate_completion(shell=shell).rstrip("\n") + "\n")
    return CLEAN
