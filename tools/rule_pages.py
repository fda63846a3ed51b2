"""Write docs/rules from the rules and the catalog: ``.venv/bin/python tools/rule_pages.py``."""

from __future__ import annotations

from pathlib import Path

from holofleet.checks.page import pages

FOLDER = Path(__file__).parents[1] / "docs" / "rules"


def main() -> None:
    """Write every page, and remove those of rules that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
