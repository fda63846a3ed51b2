"""``holofleet users`` on a data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.cli.test_audit import run

from holofleet.cli.services import wire


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with wire(folder):
        pass
    return folder


def people(data: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, object]]:
    capsys.readouterr()
    assert run("users", "list", *words, "--format", "json", "--data", data) == 0
    return {one["upn"]: one for one in json.loads(capsys.readouterr().out)["people"]}


def test_a_file_of_people_is_added_once(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "﻿upn,display_name,call_roles\nMegan@contoso.com,Megan Bowen,expert;wearer\nlee@contoso.com,,\n"
    )
    assert run("users", "import", file, "--data", data) == 0
    assert run("users", "import", file, "--data", data) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 added, 0 were there already.",
        "0 added, 2 were there already.",
    ]
    found = people(data, capsys)
    assert found["megan@contoso.com"]["call_roles"] == ["expert", "wearer"]
    assert found["lee@contoso.com"]["source"] == "csv"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nx\n", ":1: unknown: name"),
        ("display_name\nx\n", ":1: no column upn"),
        ("upn\nlee@contoso.com\nlee\n", ":3: 'lee' is no user principal name"),
        ("upn,site\nlee@contoso.com\n", ":2: not as many cells"),
        ("upn\nlee@contoso.com,x\n", ":2: not as many cells"),
    ],
)
def test_a_file_with_a_fault_adds_nobody_and_says_where(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text)
    assert run("users", "import", file, "--data", data) == 2
    assert said in capsys.readouterr().err
    assert people(data, capsys) == {}


def test_a_role_is_given_and_taken_and_leaving_shows_what_ends_before_it_ends(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for upn in ("megan@contoso.com", "root@contoso.com"):
        assert run("users", "add", upn, "--data", data) == 0
    assert run("users", "role", "root@contoso.com", "administrator", "--data", data) == 0
    assert run("users", "role", "root@contoso.com", "administrator", "--take", "--data", data) == 2
    assert "nobody would be administrator any more" in capsys.readouterr().err
    assert run("users", "role", "megan@contoso.com", "helpdesk", "--data", data) == 0
    assert people(data, capsys, "--role", "helpdesk").keys() == {"megan@contoso.com"}
    assert run("users", "leave", "megan@contoso.com", "--data", data) == 0
    assert "Would end: roles (1)." in capsys.readouterr().out
    assert run("users", "leave", "megan@contoso.com", "--yes", "--reason", "moved", "--data", data) == 0
    assert people(data, capsys).keys() == {"root@contoso.com"}
    assert people(data, capsys, "--left")["megan@contoso.com"]["left_at"] is not None


def test_a_role_that_does_not_exist_is_named_with_those_that_do(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("users", "add", "megan@contoso.com", "--data", data) == 0
    assert run("users", "role", "megan@contoso.com", "king", "--data", data) == 2
    assert "viewer, helpdesk, deployer" in capsys.readouterr().err
