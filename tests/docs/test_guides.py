"""Every command of the four walks is run in its order, in an empty folder, against a real server.

`serve` becomes a process of its own on free ports; headsets are simulated. Acts that ask are answered with yes.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.served_process import ServedProcess

from holofleet import catalog, checks, samples, spec
from holofleet.cli import main
from holofleet.diagnostics import Severity

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "guides").glob("*.md"))
GUIDE_OF = {"cloud-connected": "PREP", "external-clients": "EXT", "shared-identity": "SHR", "near-offline": "OFF"}
ASKS = {("apply",), ("headsets", "lost")}
MAY_FIND = ("guide",)
"""Ends with 1 while statements are not met, which a page says where it is so."""
EXAMPLES = {"file/waiver-unused"}
"""Of a waiver that a page shows: the sample has nothing that needs one."""
_RANGE = re.compile(r"\b([A-Z]{3,4})-(\d\d)\b")


def commands(page: Path) -> list[list[str]]:
    """The command lines of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("    holofleet ")]


def fragments(page: Path) -> list[str]:
    """The pieces of a fleet file that a page shows."""
    return re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def test_there_is_a_page_for_each_scenario_that_begins_with_its_file() -> None:
    assert {page.stem for page in PAGES} == set(samples.SAMPLES)
    for page in PAGES:
        assert commands(page)[0] == ["init", "--scenario", page.stem, "--out", "fleet.yaml"]
        assert len(commands(page)) > 8


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[ServedProcess]]:
    """Servers that a page starts; the last one runs."""
    started: list[ServedProcess] = []
    with ExitStack() as ending:
        ending.callback(lambda: [server.stop() for server in started if server.lives])
        yield started


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_work_in_their_order(
    page: Path,
    servers: list[ServedProcess],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in commands(page):
        if words[0] == "serve":
            assert words[1] == "--data"
            if servers:
                servers[-1].stop()
            servers.append(ServedProcess(tmp_path / words[2]))
            servers[-1].start()
            continue
        asks = any(tuple(words[: len(act)]) == act for act in ASKS)
        with pytest.raises(SystemExit) as ended:
            main([*words, "--yes"] if asks else words)
        said = capsys.readouterr()
        assert ended.value.code in ((0, 1) if words[0] in MAY_FIND else (0,)), (words, said.out, said.err)
    for written in tmp_path.glob("*.html"):
        assert "</html>" in written.read_text(encoding="utf-8")
    assert list(tmp_path.glob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_adds_to_the_fleet_file_is_wanted_there(page: Path) -> None:
    base = samples.text(page.stem, today=samples.WRITTEN_ON)
    assert fragments(page)
    for number, fragment in enumerate(fragments(page)):
        loaded = spec.parse({**base, f"more{number}.yaml": fragment})
        report = checks.run(loaded, today=samples.WRITTEN_ON, target="server")
        added = [
            f for f in report.at_least(Severity.RECOMMENDED) if f.position and f.position.path != "fleet.yaml"
        ]
        assert [f for f in added if f.rule not in EXAMPLES] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_statements_that_a_page_names_exist_and_most_are_of_its_guide(page: Path) -> None:
    named = [f"{guide}-{number}" for guide, number in _RANGE.findall(page.read_text(encoding="utf-8"))]
    assert set(named) <= set(catalog.statements())
    own = [id_ for id_ in named if id_.startswith(GUIDE_OF[page.stem])]
    assert len(own) > len(named) / 2
