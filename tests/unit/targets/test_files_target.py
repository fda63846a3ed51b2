"""The target ``files``: what is written, and what is refused."""

from __future__ import annotations

import base64
import csv
import stat
from pathlib import Path

import pytest

from holofleet.errors import InputError
from holofleet.formats import app_control
from holofleet.plans import compare
from holofleet.resources import Deployment, Document, Format, Headset, Setting, State
from holofleet.targets.files import FilesTarget

USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"


def fleet(value: str, name: str = "HL-1") -> State:
    doc = Document((Setting(USB, Format.INT, value),))
    return State(
        [
            Deployment(name="line", scenarios=("cloud-connected",)),
            Headset(serial="003421800101", name=name, deployment="line", document=doc.hash),
        ],
        [doc],
    )


def apply(folder: Path, state: State) -> FilesTarget:
    target = FilesTarget(folder)
    target.apply(compare(state, target.read(), target="files"), state, {"fleet.yaml": "holofleet: 1\n"})
    return target


def test_after_apply_the_plan_is_empty_and_applying_again_changes_nothing(tmp_path: Path) -> None:
    target = apply(tmp_path / "out", fleet("0"))
    assert compare(fleet("0"), target.read(), target="files").empty
    before = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*"))
    apply(tmp_path / "out", fleet("0"))
    assert sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*")) == before


def test_files_of_a_removed_document_are_gone_after_the_next_apply(tmp_path: Path) -> None:
    apply(tmp_path / "out", fleet("0"))
    apply(tmp_path / "out", fleet("1"))
    assert len(list((tmp_path / "out" / "documents").iterdir())) == 1


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        apply(tmp_path, fleet("0"))
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_FIL_1_files_are_private(tmp_path: Path) -> None:
    apply(tmp_path / "out", fleet("0"))
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_TXT_1_a_name_that_is_a_formula_is_quoted_in_csv(tmp_path: Path) -> None:
    apply(tmp_path / "out", fleet("0", name="=cmd|' /C calc'!A0"))
    with (tmp_path / "out" / "headsets.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["name"].startswith("'=")


def test_names_that_only_differ_in_what_a_path_cannot_hold_are_two_files(tmp_path: Path) -> None:
    long = "<WLANProfile>" + "x" * 200 + "</WLANProfile>"
    doc = Document(
        tuple(
            Setting(f"./Device/Vendor/MSFT/WiFi/Profile/{name}/WlanXml", Format.CHR, long + name)
            for name in ("a%20b", "a%2Cb", "A%20b")
        )
    )
    state = State(
        [
            Deployment(name="line", scenarios=("cloud-connected",)),
            Headset(serial="1", deployment="line", document=doc.hash),
        ],
        [doc],
    )
    apply(tmp_path / "out", state)
    written = [path.read_text() for path in (tmp_path / "out").rglob("wifi-*.xml")]
    assert sorted(written) == sorted(setting.data for setting in doc.settings)


def test_an_app_control_policy_can_be_read_beside_its_binary(tmp_path: Path) -> None:
    policy = app_control.block(["Contoso.Game_1qaz2wsx3edc4"], ["msedge.exe"])
    node = f"./Device/Vendor/MSFT/ApplicationControl/Policies/{app_control.POLICY_ID}/Policy"
    coded = base64.b64encode(app_control.compile_policy(policy)).decode()
    doc = Document((Setting(node, Format.B64, coded), Setting(USB, Format.INT, "0")))
    headset = Headset(serial="1", deployment="line", document=doc.hash)
    apply(tmp_path / "out", State([Deployment(name="line", scenarios=("cloud-connected",)), headset], [doc]))
    (binary,) = (tmp_path / "out").rglob("app-control-*.bin")
    assert binary.read_bytes() == app_control.compile_policy(policy)
    again = app_control.parse(binary.with_suffix(".xml").read_bytes())
    assert app_control.compile_policy(again, ties=app_control.Ties.POWERSHELL) == binary.read_bytes()
