"""What every command promises: output for people or programs, confirmation, exit status.

Results go to standard output, everything else (progress, notes, errors) to standard error, so that
``--format json`` is always one JSON document. Off a terminal, acts that change something need ``--yes``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from holofleet.diagnostics.render import render_text, visible
from holofleet.errors import HolofleetError, InputError

TextOrJson = Annotated[
    Literal["text", "json"], Parameter(name="--format", help="Output for people or for programs.")
]
Yes = Annotated[bool, Parameter(name="--yes", negative="", help="Do not ask; needed off a terminal.")]


CLEAN = 0
FOUND = 1
UNUSABLE = 2


class TargetName(StrEnum):
    """Where a plan is applied."""

    SERVER = "server"
    GRAPH = "graph"
    FILES = "files"


def print_json(value: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def note(text: str) -> None:
    """Say something to the person without touching the result."""
    print(visible(text), file=sys.stderr)


def print_error(error: HolofleetError) -> None:
    """Print an error with its findings, if it has any: what, where, how to mend it."""
    findings = getattr(error, "findings", ())
    if findings:
        print(render_text(findings), end="", file=sys.stderr)
        faults = "1 fault" if len(findings) == 1 else f"{len(findings)} faults"
        print(f"holofleet: the fleet file cannot be used: {faults}", file=sys.stderr)
        return
    print(visible(f"holofleet: {error.summary}"), file=sys.stderr)
    for text in (error.detail, error.mend):
        if text:
            print(visible(f"    {text}"), file=sys.stderr)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before an act; the words of the question name what will happen.

    Raises:
        InputError: there is no terminal to ask and ``--yes`` was not given, or the person declined.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(
            "this needs a confirmation, and there is no terminal to ask",
            mend="Make sure that it is meant, then add --yes.",
        )
    print(visible(f"{question} Type yes to go on: "), end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise InputError("not confirmed; nothing was changed")


def table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows under headings, columns padded to their widest cell; control characters made visible."""
    shown = [tuple(visible(cell) for cell in row) for row in (headings, *rows)]
    widths = [max(len(row[i]) for row in shown) for i in range(len(headings))]
    return (
        "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in shown) + "\n"
    )
