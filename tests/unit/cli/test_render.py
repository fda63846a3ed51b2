"""``holofleet render``: the sample fleets as folders of files, the same bytes each time, all or nothing."""

from __future__ import annotations

import re
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest

from holofleet import samples
from holofleet.cli.app import main


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words)])
    return int(ended.value.code or 0)


@pytest.fixture(params=samples.SAMPLES)
def fleet(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run("init", "--scenario", request.param, "--out", "fleet.yaml") == 0
    return Path("fleet.yaml")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Links(HTMLParser):
    """Collects where a page leads, and what it would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.to: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.to += [value for name, value in attrs if name in ("href", "src") and value]


def test_the_same_fleet_file_gives_the_same_bytes(fleet: Path) -> None:
    assert run("render", fleet, "--out", "one") == 0
    assert run("render", fleet, "--out", "two") == 0
    assert run("render", fleet, "--out", "one") == 0
    assert tree(Path("one")) == tree(Path("two"))
    assert run("plan", fleet, "--target", "files", "--out", "one") == 0


def test_the_index_leads_to_every_file_and_every_file_is_private(fleet: Path) -> None:
    assert run("render", fleet, "--out", "out") == 0
    found = tree(Path("out"))
    links = Links()
    links.feed(found.pop("index.html").decode())
    assert sorted(links.to) == sorted(found)
    assert {stat.S_IMODE(path.stat().st_mode) for path in Path("out").rglob("*") if path.is_file()} == {0o600}


def test_pages_for_people_need_nothing_but_themselves(fleet: Path) -> None:
    assert run("render", fleet, "--out", "out") == 0
    for name, content in tree(Path("out")).items():
        if name.endswith(".html"):
            links = Links()
            links.feed(content.decode())
            assert "script" not in links.tags, name
            assert not [to for to in links.to if re.match(r"(?:https?:)?//", to)], name


def test_a_fleet_file_with_a_fault_leaves_the_folder_as_it_was(fleet: Path) -> None:
    assert run("render", fleet, "--out", "out") == 0
    before = tree(Path("out"))
    fleet.write_text(fleet.read_text().replace("serial:", "serail:", 1))
    assert run("render", fleet, "--out", "out") == 2
    assert tree(Path("out")) == before
    assert sorted(path.name for path in Path().iterdir() if path.suffix != ".pem") == ["fleet.yaml", "out"]
