"""``holofleet calls`` on a data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.custody_world import state_of
from tests.kept_calls import CONNECTED, MISSED, keep_calls, keep_message
from tests.unit.cli.test_audit import run

from holofleet.cli.services import wire
from holofleet.server.authorization import LOCAL_ADMIN


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with wire(folder) as wired:
        wired.services.fleet.publish(LOCAL_ADMIN, state_of().to_json(), {})
        services = wired.services
        keep_calls(services.assist.store, client="own", serial="H-1", now=services.clock.now())
    return folder


def test_calls_are_listed_narrowed_and_shown(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> str:
        capsys.readouterr()
        assert run("calls", *words, "--data", data) == 0
        return capsys.readouterr().out

    assert [line.split()[0] for line in said("list").splitlines()[1:]] == [CONNECTED, MISSED]
    assert "Isaiah Langer" in said("list", "--headset", "H-1", "--came", "connected", "--since", "1d")
    assert MISSED not in said("list", "--came", "connected")
    assert "There are older ones" in said("list", "--limit", "1")
    text = said("show", CONNECTED)
    assert "connected, hung-up, 2:00 min" in text
    assert "Isaiah Langer (pin, 2 of 3)" in text
    found = json.loads(said("show", CONNECTED, "--format", "json"))
    assert [one["grade"] for one in found["quality"]] == ["optimal", "reduced"]
    assert (found["seconds"], found["listed_files"][0]["name"]) == (120, "step <1>.png")
    assert run("calls", "show", "e" * 32, "--data", data) == 2
    sheet = said("show", CONNECTED, "--marks").splitlines()[-5:]
    assert sheet[0].startswith("  1. ")
    assert "Megan Bowen put Picture 1 on the table" in sheet[0]
    assert "drew an arrow on Live picture" in sheet[3]
    assert "no marks are kept" in said("show", MISSED, "--marks")
    drawn = json.loads(said("show", CONNECTED, "--marks", "--format", "json"))["drawn"]
    assert drawn["format"] == "holofleet.marks.v1"
    assert [event["id"] for event in drawn["events"]] == ["A0", "A1", "A2", "A3", "A4", "A5"]
    assert [step["picture"] for step in drawn["steps"]] == ["Picture 1"] * 3 + ["Live picture", "Picture 1"]
    assert json.loads(said("show", MISSED, "--marks", "--format", "json"))["drawn"] is None


def test_messages_left_are_listed_without_what_is_in_them(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with wire(data) as wired:
        keep_message(wired.database, serial="H-1", now=wired.services.clock.now())
    assert run("calls", "left", "--data", data) == 0
    (line,) = capsys.readouterr().out.splitlines()[1:]
    assert line.split("  ")[0] == "f" * 32
    assert "Isaiah Langer" in line
    assert "picture, voice" in line
    assert "call me back" not in line
    assert run("calls", "left", "--format", "json", "--data", data) == 0
    (found,) = json.loads(capsys.readouterr().out)["messages"]
    assert (found["for"], found["taken_at"]) == ("pumps", None)
    assert "phrases" not in found
