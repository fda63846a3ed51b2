"""The documents are complete, their links lead somewhere, and their commands are commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from holofleet.cli.app import build

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changelog.d/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
HIDDEN = {"--help", "--version", "-h"}


def commands(app: App, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], App]]:
    """All commands that can be run, with their names in order."""
    for name in app:
        if name.startswith("-"):
            continue
        below = app[name]
        if below.default_command is None:
            yield from commands(below, (*path, name))
        else:
            yield (*path, name), below


COMMANDS = list(commands(build()))


def test_there_are_commands_to_look_at() -> None:
    assert len(COMMANDS) > 25


@pytest.mark.parametrize(
    ("path", "app"), COMMANDS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_and_every_flag_of_it_is_documented(path: tuple[str, ...], app: App) -> None:
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert f"holofleet {path[0]}" in text
    assert re.search(rf"\b{re.escape(path[-1])}\b", text)
    for argument in app.assemble_argument_collection():
        for name in argument.names:
            if name.startswith("--") and name not in HIDDEN and argument.show:
                assert name in text, f"{' '.join(path)} {name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (document.parent / target).exists(), target


def shown_commands() -> Iterator[tuple[str, str]]:
    """Every command line that stands in a code block of a document."""
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in text.splitlines():
            if line.startswith("    holofleet ") and "|" not in line and "..." not in line:
                yield str(document.relative_to(ROOT)), line.split(" # ")[0].strip()


@pytest.mark.parametrize(("document", "line"), list(shown_commands()))
def test_command_lines_in_the_documents_are_accepted(document: str, line: str) -> None:
    words = [re.sub(r"^(FLEET|SERIAL|DIR|FILE|URL)$", "x", word) for word in shlex.split(line)[1:]]
    build().parse_args(words, exit_on_error=False, print_error=False)


def test_the_glossary_is_in_order_and_says_what_each_term_is_not() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", (ROOT / "docs/glossary.md").read_text(), re.M)[1:]
    terms = [row[0] for row in rows if row[0] != "---"]
    assert len(terms) > 30
    assert terms == sorted(terms, key=str.lower)
