"""docs/graph.md says what the code does."""

from __future__ import annotations

from pathlib import Path

from holofleet.desired.cloud.answers import written_into
from holofleet.resources.cloud import CLOUD

PAGE = (Path(__file__).parents[2] / "docs" / "graph.md").read_text(encoding="utf-8")


def test_the_table_of_statements_is_the_one_that_the_data_gives() -> None:
    assert written_into(PAGE) == PAGE
    assert PAGE.count("](rules/") == 181


def test_every_noun_of_a_tenant_is_explained() -> None:
    head = PAGE.partition("## Two tenants")[0]
    assert not [noun.kind for noun in CLOUD if f"`{noun.kind}`" not in head]


def test_every_manual_step_is_listed() -> None:
    source = Path(__file__).parents[2] / "src" / "holofleet" / "desired" / "cloud" / "manual"
    names = {
        line.strip().strip(',"').removeprefix("f").strip('"')
        for path in source.glob("*.py")
        for before, line in zip(path.read_text().splitlines(), path.read_text().splitlines()[1:], strict=False)
        if before.strip().endswith("job.step(")
    }
    assert len(names) >= 12
    listed = PAGE.partition("## What people do")[2].partition("## What a tenant")[0]
    assert not [name for name in names if name.partition('"')[0].replace("app.{name}", "app.NAME") not in listed]
