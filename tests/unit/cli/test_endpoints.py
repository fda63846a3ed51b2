"""``holofleet endpoints``: lists on standard output, and what changed since an older one."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from holofleet.cli.app import main


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["endpoints", *map(str, words)])
    return int(ended.value.code or 0)


def test_a_list_is_asked_for_by_scenario_or_by_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--scenario", "update", "--format", "csv") == 0
    updates = {row["host"]: row["need"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert updates["*.windowsupdate.com"] == "required"
    assert updates["v10.events.data.microsoft.com"] == "optional"
    assert run("list", "--group", "ntp", "--group", "graph") == 0
    names = [line for line in capsys.readouterr().out.splitlines() if line and line[0] != "#"]
    assert names == ["graph.microsoft.com", "time.windows.com"]


@pytest.mark.parametrize(
    ("form", "part"),
    [
        ("text", "time.windows.com\n"),
        ("csv", "required,time.windows.com,exact,udp/123"),
        ("json", '"form": "holofleet-endpoints/1"'),
        ("squid", "time.windows.com udp/123"),
        ("pac", "function FindProxyForURL(url, host)"),
        ("edl", "# required-udp-123\ntime.windows.com\n"),
    ],
)
def test_every_form_can_be_asked_for(capsys: pytest.CaptureFixture[str], form: str, part: str) -> None:
    assert run("list", "--group", "ntp", "--format", form) == 0
    assert part in capsys.readouterr().out


def test_a_form_without_remarks_says_beside_it_what_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--group", "intune-mdm", "--format", "edl") == 0
    said = capsys.readouterr()
    assert "*.microsoft.com" not in said.out
    assert "Left out: *.microsoft.com" in said.err


def test_an_unknown_name_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--group", "tea") == 2
    assert "ntp" in capsys.readouterr().err
    assert run("list", "--scenario", "tea") == 2
    assert "near-offline" in capsys.readouterr().err
    assert run("list", "--scenario", "update", "--group", "ntp") == 2


def listed(path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Path:
    assert run("list", "--format", "json", "--out", path, *words) == 0
    assert capsys.readouterr().out == ""
    return path


@pytest.mark.parametrize("words", [(), ("--scenario", "near-offline", "--scenario", "mfa"), ("--group", "wns")])
def test_nothing_changed_since_today(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    old = listed(tmp_path / "old.json", capsys, *words)
    assert run("diff", old) == 0
    assert run("diff", old, old, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []


def test_a_change_is_said_and_sets_the_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = listed(tmp_path / "old.json", capsys, "--group", "ntp")
    value = json.loads(old.read_text(encoding="utf-8"))
    value["required"][0]["host"] = "time.contoso.com"
    old.write_text(json.dumps(value), encoding="utf-8")
    assert run("diff", old) == 1
    assert capsys.readouterr().out.splitlines() == [
        "added: time.windows.com udp/123 (required; ntp)",
        "removed: time.contoso.com udp/123 (required; ntp)",
    ]


def test_IMP_1_a_list_that_cannot_be_used_is_refused_with_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = listed(tmp_path / "old.json", capsys, "--group", "ntp")
    value = json.loads(old.read_text(encoding="utf-8"))
    for selection, why in (
        ([], "made for a site"),
        (["group ntp", "scenario update"], "known way"),
        (["colour red"], "known way"),
        (["group tea"], "no group 'tea'"),
    ):
        old.write_text(json.dumps({**value, "selection": selection}), encoding="utf-8")
        assert run("diff", old) == 2
        assert why in capsys.readouterr().err
    old.write_bytes(b"\xff\x00")
    assert run("diff", old) == 2
    assert f"{old}: this is no JSON" in capsys.readouterr().err
    assert run("diff", tmp_path / "none.json") == 2
    assert run("list", "--group", "ntp", "--out", tmp_path) == 2
