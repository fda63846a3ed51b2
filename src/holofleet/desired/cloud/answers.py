"""What the target ``graph`` does about every statement of the guides: data, with a sentence for each.

The table of ``docs/graph.md`` is written from it: ``.venv/bin/python -m holofleet.desired.cloud.answers``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from holofleet import catalog

DOCUMENT = "document"
"""Stands for what headsets are told: a document, which the target turns into profiles."""
BEGIN, END = "<!-- begin of statements -->", "<!-- end of statements -->"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is done about one statement.

    Args:
        by: Kinds of nouns that serve it, or :data:`DOCUMENT`; empty where nothing is made.
        how: How they do, or why nothing is made.
    """

    by: tuple[str, ...]
    how: str


@cache
def answers() -> dict[str, Answer]:
    """Read the answers, by statement."""
    text = files("holofleet.desired.cloud").joinpath("answers.json").read_text(encoding="utf-8")
    return {key: Answer(tuple(row["by"]), row["how"]) for key, row in json.loads(text).items()}


def table() -> str:
    """Return the answers as tables, one for each guide."""
    lines = []
    for prefix, guide in catalog.guides().items():
        lines += [
            "",
            f"### {guide.title}",
            "",
            "| statement | asks for | made of | how, or why not |",
            "|---|---|---|---|",
        ]
        for key, statement in catalog.statements().items():
            if statement.guide == prefix:
                answer = answers()[key]
                made = ", ".join(f"`{kind}`" for kind in answer.by) or "nothing"
                lines.append(
                    f"| [{key}](rules/{key}.md) | {_cell(statement.requirement)} | {made} | {answer.how} |"
                )
    return "\n".join((*lines, ""))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def written_into(page: str) -> str:
    """Return the page with its tables written anew.

    Raises:
        ValueError: a mark of the page is missing.
    """
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest or END not in rest:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE = Path("docs/graph.md")
    PAGE.write_text(written_into(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
