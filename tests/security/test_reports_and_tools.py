"""MGT-6: what a headset says of itself proves nothing. PKI-2: an ended certificate. SIM-1: the load tool."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.databases import fresh_sqlite
from tests.management_world import SERIAL, USB, World, fleet_of, number
from tests.scripted_headset import ScriptedHeadset

from holofleet import samples
from holofleet.cli import main
from holofleet.cli.simulate import simulate
from holofleet.protocols.syncml import Item, render
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.compliance import Compliance

SOURCE = Path(__file__).parents[2] / "src/holofleet"


class LyingHeadset(ScriptedHeadset):
    """Answers 200 to every write and does nothing."""

    def _write(self, verb: str, item: Item) -> int:
        return 200


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = fresh_sqlite(tmp_path / "holofleet.db")
    yield World(database)
    database.close()


def test_MGT_6_a_setting_that_was_accepted_without_effect_is_not_called_compliant(world: World) -> None:
    world.publish(fleet_of((number(USB, 0),)))
    headset = LyingHeadset("device-1", serial=SERIAL)
    headset.nodes[USB] = "1"
    world.enroll(headset)
    for _ in range(3):
        world.check_in(headset)
        assert world.word() is not Compliance.COMPLIANT
    (setting,) = world.detail().settings
    assert setting.reported == "1"


def test_MGT_6_after_a_wipe_only_its_acceptance_is_known(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", serial=SERIAL)
    world.enroll(headset)
    world.check_in(headset)
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "")
    world.check_in(headset)
    told = {word for event in world.detail().timeline for word in event.data.values()}
    assert "wipe accepted" in told
    assert not {word for word in told if isinstance(word, str) and "wiped" in word}


def test_MGT_6_nothing_that_decides_about_calls_or_custody_reads_compliance() -> None:
    rooms = [SOURCE / layer / room for layer in ("server", "storage") for room in ("assist", "custody")]
    paths = [path for room in rooms for path in room.rglob("*.py")]
    assert len(paths) > 30
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                assert "compliance" not in (node.module or ""), path
                assert not {"Compliance", "HeadsetSummary", "word"} & names, path


def test_PKI_2_an_identity_that_was_retired_opens_nothing_and_the_new_one_does(world: World) -> None:
    world.publish(fleet_of())
    old, new = ScriptedHeadset("device-1", serial=SERIAL), ScriptedHeadset("device-2", serial=SERIAL)
    world.enroll(old)
    world.check_in(old)
    world.decisions.retire(LOCAL_ADMIN, SERIAL, "sold")
    assert world.exchange(old, render(old.first_message())) == (403, b"")
    world.enroll(new)
    world.check_in(new)
    assert world.word() is Compliance.COMPLIANT
    assert world.exchange(old, render(old.first_message())) == (403, b"")


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    file = tmp_path / "fleet.yaml"
    file.write_text(samples.text("cloud-connected")["fleet.yaml"], encoding="utf-8")
    for name, text in samples.enclosures("cloud-connected").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return file


def test_SIM_1_a_server_elsewhere_gets_simulated_headsets_only_when_it_was_said(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ca.pem", "credentials.json"):
        (fleet.parent / name).write_text("{}", encoding="utf-8")
    words = ["simulate", "--fleet", str(fleet), "--server", "https://mdm.contoso.com"]
    words += ["--ca", str(fleet.parent / "ca.pem"), "--credentials", str(fleet.parent / "credentials.json")]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "--yes" in capsys.readouterr().err


def test_SIM_1_there_is_no_switch_against_checking_certificates() -> None:
    assert not {name for name in inspect.signature(simulate).parameters if "insecure" in name or "verify" in name}
    for path in (SOURCE / "simulator").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "CERT_NONE" not in text, path
        assert "check_hostname" not in text, path
        assert "_create_unverified_context" not in text, path
