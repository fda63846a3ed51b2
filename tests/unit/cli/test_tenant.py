"""``holofleet tenant``: what Intune knows of the headsets of a fleet file, and orders to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.test_audit import run
from tests.unit.cli.test_graph_target import write

from holofleet.clock import SystemClock
from holofleet.emulator import Delays, Emulator, Settings, new_tenant
from holofleet.emulator.http import serving
from holofleet.emulator.tenant.seed import add_managed_device

ENROLLED = ("003421800501", "003421800502")


@pytest.fixture
def where(tmp_path: Path) -> Iterator[tuple[list[str | Path], Emulator]]:
    write(tmp_path, "near-offline")
    tenant = new_tenant(SystemClock(), Settings(delays=Delays()), domains=["northwindtraders.com"])
    for serial in ENROLLED:
        add_managed_device(tenant, serial)
    add_managed_device(tenant, "somebody-else")
    emulator = Emulator(tenant)
    with serving(emulator) as url:
        yield ["--graph-url", url, "--graph-state", tmp_path / "state"], emulator


def said(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    capsys.readouterr()
    status = run(*words)
    out, err = capsys.readouterr()
    return status, out, err


def test_headsets_of_the_file_are_listed_as_intune_sees_them(
    where: tuple[list[str | Path], Emulator], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, _ = where
    status, out, _ = said(capsys, "tenant", "headsets", tmp_path / "fleet.yaml", *flags, "--format", "json")
    found: dict[str, Any] = json.loads(out)
    assert status == 1
    assert [one["serial"] for one in found["headsets"] if one["enrolled"]] == list(ENROLLED)
    assert found["not_in_the_file"] == ["somebody-else"]


def test_an_order_goes_to_the_headsets_that_are_named_and_its_outcome_is_told(
    where: tuple[list[str | Path], Emulator], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, _ = where
    fleet = tmp_path / "fleet.yaml"
    named = [word for serial in ENROLLED for word in ("--serial", serial)]
    status, out, _ = said(capsys, "tenant", "order", fleet, "sync", *named, *flags)
    assert (status, "queued for 2 headsets" in out) == (0, True)
    status, out, _ = said(capsys, "tenant", "outcome", fleet, "sync", *named, *flags, "--format", "json")
    assert {one["serial"] for one in json.loads(out)["outcomes"]} == set(ENROLLED)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("sync",), "which headsets?"),
        (("sync", "--serial", "somebody-else"), "not in the fleet file: somebody-else"),
        (("sync", "--serial", "003421800503"), "not enrolled in this tenant: 003421800503"),
        (("sync", "--deployment", "nowhere"), "no headset in a deployment nowhere"),
        (("sync", "--deployment", "bridge", "--serial", "1"), "which headsets?"),
    ],
)
def test_nothing_is_ordered_where_it_is_not_clear_for_whom(
    where: tuple[list[str | Path], Emulator],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    reason: str,
) -> None:
    flags, emulator = where
    before = len(emulator.tenant.changes)
    status, _, err = said(capsys, "tenant", "order", tmp_path / "fleet.yaml", *words, *flags)
    assert status == 2
    assert reason in err
    assert len(emulator.tenant.changes) == before


def test_a_headset_that_is_not_registered_is_not_ready_and_the_reasons_are_told(
    where: tuple[list[str | Path], Emulator], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, emulator = where
    before = len(emulator.tenant.changes)
    command = ("tenant", "ready", tmp_path / "fleet.yaml", "--serial", ENROLLED[0], *flags)
    status, out, _ = said(capsys, *command, "--format", "json")
    (one,) = json.loads(out)["headsets"]
    assert (status, one["serial"], one["ready"]) == (1, ENROLLED[0], False)
    assert any("Autopilot does not know it" in reason for reason in one["reasons"])
    status, out, _ = said(capsys, *command)
    assert (status, "not ready" in out) == (1, True)
    assert len(emulator.tenant.changes) == before


def test_a_headset_is_given_away_only_by_yes_and_only_once_its_lock_is_off(
    where: tuple[list[str | Path], Emulator], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, emulator = where
    release = ("tenant", "release", tmp_path / "fleet.yaml", "--serial")
    before = len(emulator.tenant.changes)
    assert said(capsys, *release, ENROLLED[0], *flags)[0] == 2
    status, _, err = said(capsys, *release, ENROLLED[0], *flags, "--yes")
    assert (status != 0, "has not said that its tenant lock is off" in err) == (True, True)
    assert len(emulator.tenant.changes) == before
    status, out, _ = said(capsys, *release, "003421800503", *flags, "--yes", "--unlocked")
    assert (status, "not in the tenant any more" in out) == (0, True)


def test_a_locked_headset_that_autopilot_does_not_know_is_not_wiped(
    where: tuple[list[str | Path], Emulator], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, emulator = where
    write(tmp_path, "near-offline", ("tenant_lock: false", "tenant_lock: true"))
    order = ("tenant", "order", tmp_path / "fleet.yaml", "wipe", "--serial", ENROLLED[0], *flags)
    before = len(emulator.tenant.changes)
    status, _, err = said(capsys, *order, "--yes")
    assert status == 2
    assert "stuck in the first start for ever" in err
    assert len(emulator.tenant.changes) == before


def test_a_wipe_off_a_terminal_needs_yes(
    where: tuple[list[str | Path], Emulator], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, emulator = where
    order = ("tenant", "order", tmp_path / "fleet.yaml", "wipe", "--serial", ENROLLED[0], *flags)
    before = len(emulator.tenant.changes)
    status, _, err = said(capsys, *order)
    assert (status, "--yes" in err, len(emulator.tenant.changes)) == (2, True, before)
    assert said(capsys, *order, "--yes")[0] == 0


def test_several_headsets_are_wiped_only_when_their_number_is_said(
    where: tuple[list[str | Path], Emulator], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, emulator = where
    named = [word for serial in ENROLLED for word in ("--serial", serial)]
    order = ("tenant", "order", tmp_path / "fleet.yaml", "wipe", *named, *flags, "--yes")
    before = len(emulator.tenant.changes)
    for count in ((), ("--count", "3")):
        status, _, err = said(capsys, *order, *count)
        assert (status, "--count 2" in err, len(emulator.tenant.changes)) == (2, True, before)
    assert said(capsys, *order, "--count", "2")[0] == 0
