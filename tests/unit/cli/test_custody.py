"""``holofleet custody`` and ``holofleet loans`` on a data folder."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.custody_world import state_of
from tests.unit.cli.test_audit import run

from holofleet.cli.moments import moment
from holofleet.cli.services import wire
from holofleet.clock import SetClock
from holofleet.errors import InputError
from holofleet.resources import Loan, State
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.directory import Account, NewPerson

FIRST = Loan(name="fabrikam-2026-03-02", client="fabrikam", serials=("H-1", "H-2"), ships=date(2026, 3, 2))
SECOND = Loan(name="northwind-2026-04-01", client="northwind", serials=("H-1",), ships=date(2026, 4, 1))
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with wire(folder) as wired:
        state = state_of()
        lent = State([*state.resources.values(), FIRST, SECOND], state.documents.values())
        wired.services.fleet.publish(LOCAL_ADMIN, lent.to_json(), {})
        for upn, name, account in (
            ("isaiah@contoso.com", "Isaiah Langer", Account.PERSON),
            ("megan@contoso.com", "Megan Bowen", Account.PERSON),
            ("line3@contoso.com", "Line 3", Account.SHARED),
        ):
            wired.services.directory.add(LOCAL_ADMIN, NewPerson(upn, name, account=account))
    return folder


def said(capsys: Captured, data: Path, *words: object, status: int = 0) -> str:
    capsys.readouterr()
    assert run(*words, "--data", data) == status
    got = capsys.readouterr()
    return got.out if status in (0, 1) else got.err


def told(capsys: Captured, data: Path, *words: object, status: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(capsys, data, *words, "--format", "json", status=status))
    return found


def test_a_shift_from_check_out_to_return_and_the_question_afterwards(data: Path, capsys: Captured) -> None:
    said(capsys, data, "custody", "badge", "give", "isaiah@contoso.com", "BADGE-0042")
    assert "Isaiah Langer has H-1 now (assurance 1). It is expected back" in said(
        capsys, data, "custody", "out", "H-1", "BADGE-0042", "--until", "8h"
    )
    assert "Isaiah Langer has H-1" in said(capsys, data, "custody", "out", "H-1", "megan@contoso.com", status=2)
    said(capsys, data, "custody", "hand-over", "hl-h-1", "megan@contoso.com", "--note", "shift change")
    (out,) = told(capsys, data, "custody", "list")["out"]
    assert (out["serial"], out["person"]["upn"], out["overdue"]) == ("H-1", "megan@contoso.com", False)
    assert "H-1 is back" in said(capsys, data, "custody", "in", "H-1")
    assert said(capsys, data, "custody", "who", "H-1").startswith("Nobody held H-1 at ")
    history = told(capsys, data, "custody", "history", "H-1")["records"]
    assert [one["kind"] for one in history] == ["out", "hand-over", "in"]
    story = told(capsys, data, "custody", "story", "H-1")
    assert [one["kind"] for one in story["happenings"] if one["source"] == "custody"] == ["out", "hand-over", "in"]
    assert len(story["holders"]) == 2
    assert "Megan Bowen <megan@contoso.com> held it from" in said(capsys, data, "custody", "story", "H-1")


def test_what_is_astray_makes_the_list_end_with_1(data: Path, capsys: Captured) -> None:
    said(capsys, data, "custody", "list")
    said(capsys, data, "custody", "lost", "H-2", "--note", "not in the cabinet")
    assert "not in the cabinet" in said(capsys, data, "custody", "list", status=1)
    said(capsys, data, "custody", "found", "H-2", "--note", "canteen")
    said(capsys, data, "custody", "in", "H-2")
    said(capsys, data, "custody", "list")


def test_a_record_is_corrected_by_another_and_taken_back_at_once(data: Path, capsys: Captured) -> None:
    said(capsys, data, "custody", "out", "H-1", "isaiah@contoso.com")
    (record,) = told(capsys, data, "custody", "history", "H-1")["records"]
    number = record["sequence"]
    said(
        capsys, data, "custody", "correct", "H-1", number, "--person", "megan@contoso.com", "--note", "wrong badge"
    )
    assert told(capsys, data, "custody", "who", "H-1")["person"]["upn"] == "megan@contoso.com"
    said(capsys, data, "custody", "in", "H-1")
    back = told(capsys, data, "custody", "history", "H-1")["records"][-1]["sequence"]
    said(capsys, data, "custody", "undo", "H-1", back)
    assert told(capsys, data, "custody", "who", "H-1")["person"]["upn"] == "megan@contoso.com"


def test_pins_are_seen_and_voided_and_browsers_invited(data: Path, capsys: Captured) -> None:
    assert json.loads(said(capsys, data, "custody", "pin", "show", "isaiah@contoso.com"))["set"] is False
    assert "has no PIN" in said(capsys, data, "custody", "pin", "void", "isaiah@contoso.com", status=2)
    invitation = json.loads(said(capsys, data, "custody", "pair", "invite", "H-1"))
    assert (invitation["serial"], len(invitation["secret"])) == ("H-1", 32)
    said(capsys, data, "custody", "pair", "end", "H-1")
    said(capsys, data, "custody", "badge", "give", "isaiah@contoso.com", "BADGE-1")
    said(capsys, data, "custody", "badge", "take", "isaiah@contoso.com")
    assert "no badge" in said(capsys, data, "custody", "badge", "take", "isaiah@contoso.com", status=2)


def test_secrets_of_shared_accounts_have_a_team_and_a_next_reset(data: Path, capsys: Captured) -> None:
    assert "Nobody owns anything of line3@contoso.com" in said(
        capsys, data, "custody", "secrets", "list", status=1
    )
    own = ("custody", "secrets", "own", "line3@contoso.com", "pin")
    said(capsys, data, *own, "Line leads", "--every-days", "30")
    assert "never" in said(capsys, data, "custody", "secrets", "list", status=1)
    said(capsys, data, "custody", "secrets", "reset", "line3@contoso.com", "pin")
    assert "Line leads" in said(capsys, data, "custody", "secrets", "list")
    said(capsys, data, "custody", "secrets", "reset", "line3@contoso.com", "pin", "--at", "31d")
    assert "(overdue)" in said(capsys, data, "custody", "secrets", "list", status=1)
    assert "a team owns it" in said(capsys, data, *own, "megan@contoso.com", status=2)


def test_a_loan_does_not_ship_before_the_one_before_is_cleared(data: Path, capsys: Captured) -> None:
    assert [one["stage"] for one in told(capsys, data, "loans", "list")["loans"]] == ["prepare", "ready"]
    said(capsys, data, "loans", "test-call", FIRST.name)
    assert "2 of 2 headsets of fabrikam-2026-03-02: shipped" in said(capsys, data, "loans", "ship", FIRST.name)
    said(capsys, data, "loans", "arrived", FIRST.name, "--serial", "H-1")
    refused = said(capsys, data, "loans", "ship", SECOND.name, status=2)
    assert "H-1: it is not back from fabrikam" in refused
    said(capsys, data, "loans", "returned", FIRST.name)
    blocked = said(capsys, data, "loans", "show", SECOND.name, status=1)
    assert "blocks      it was not reset since fabrikam had it" in blocked
    for act in ("password-reset", "wiped", "lock-released"):
        said(capsys, data, "loans", act, FIRST.name, "--note", "ticket 12")
    said(capsys, data, "loans", "released", FIRST.name, "--serial", "H-1")
    said(capsys, data, "loans", "show", SECOND.name)
    assert "The loan is shipped" in said(capsys, data, "loans", "ship", SECOND.name)
    acts = told(capsys, data, "loans", "show", SECOND.name)["headsets"][0]["acts"]
    said(capsys, data, "loans", "mistake", SECOND.name, acts[-1]["sequence"], "--note", "wrong box")
    assert told(capsys, data, "loans", "show", SECOND.name)["headsets"][0]["acts"] == []


def test_moments_are_typed_as_times_days_and_spans() -> None:
    clock = SetClock(datetime(2026, 11, 24, 10, tzinfo=UTC))
    assert moment("", past=True) == ""
    assert moment("2026-11-24T10:00", past=True) == "2026-11-24T10:00:00.000Z"
    assert moment("2026-11-24T10:00+02:00", past=True) == "2026-11-24T08:00:00.000Z"
    assert moment("2026-11-24", past=True) == "2026-11-24T00:00:00.000Z"
    assert moment("90m", past=True, clock=clock) == "2026-11-24T08:30:00.000Z"
    assert moment("2d", past=False, clock=clock) == "2026-11-26T10:00:00.000Z"
    for text in ("tomorrow", "10", "4w", "2026-13-01"):
        with pytest.raises(InputError):
            moment(text, past=True)


def test_owners_are_taken_over_from_the_fleet_file(tmp_path: Path, capsys: Captured) -> None:
    data, fleet = tmp_path / "data", tmp_path / "fleet"
    fleet.mkdir()
    assert run("init", "--scenario", "shared-identity", "--out", fleet / "fleet.yaml") == 0
    text = (fleet / "fleet.yaml").read_text()
    (fleet / "fleet.yaml").write_text(text.replace("{check_out: required,", "{pin_change_days: 30,"))
    with wire(data):
        pass
    assert run("apply", fleet / "fleet.yaml", "--data", data, "--yes") == 0
    unowned = told(capsys, data, "custody", "secrets", "list", status=1)["unowned"]
    assert len(unowned) > 2
    said(capsys, data, "custody", "secrets", "take", fleet / "fleet.yaml")
    found = told(capsys, data, "custody", "secrets", "list", status=1)
    assert found["unowned"] == []
    kinds = {(one["what"], one["every_days"] > 0, one["overdue"]) for one in found["secrets"]}
    assert kinds == {("second-factor", False, False), ("pin", True, True)}
    assert {one["account"] for one in found["secrets"]} == set(unowned)
