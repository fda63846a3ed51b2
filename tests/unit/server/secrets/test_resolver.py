"""Secrets: what a reference may reach, and what a fingerprint gives away."""

from __future__ import annotations

from pathlib import Path

import pytest

from holofleet.server.secrets import LocalSecrets

KEY = b"k" * 32


def resolver(folder: Path | None = None, **environment: str) -> LocalSecrets:
    return LocalSecrets(key=KEY, environment=environment, folder=folder)


def test_a_variable_with_the_prefix_is_read() -> None:
    assert resolver(HOLOFLEET_SECRET_WIFI="swordfish").value("env:HOLOFLEET_SECRET_WIFI") == "swordfish"


@pytest.mark.parametrize("reference", ["env:PATH", "env:HOLOFLEET_TOKEN", "env:HOLOFLEET_SECRET_", "PATH", "env:"])
def test_D2_other_variables_of_the_server_are_out_of_reach(reference: str) -> None:
    secrets = resolver(PATH="/bin", HOLOFLEET_TOKEN="hf_x", HOLOFLEET_SECRET_="x")
    assert secrets.value(reference) is None


def test_a_file_below_the_folder_is_read_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "wifi").write_text("swordfish\n")
    assert resolver(tmp_path).value("file:wifi") == "swordfish"


def test_D2_files_elsewhere_are_out_of_reach(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("key")
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "large").write_text("x" * 70_000)
    secrets = resolver(folder)
    for reference in ("file:../outside", f"file:{outside}", "file:link", "file:large", "file:missing", "file:"):
        assert secrets.value(reference) is None
    assert resolver(None).value("file:wifi") is None


def test_a_rotated_secret_has_another_fingerprint_and_another_installation_too() -> None:
    one = resolver(HOLOFLEET_SECRET_A="1").fingerprint("env:HOLOFLEET_SECRET_A")
    two = resolver(HOLOFLEET_SECRET_A="2").fingerprint("env:HOLOFLEET_SECRET_A")
    elsewhere = LocalSecrets(key=b"j" * 32, environment={"HOLOFLEET_SECRET_A": "1"})
    assert one is not None
    assert len({one, two, elsewhere.fingerprint("env:HOLOFLEET_SECRET_A")}) == 3
    assert resolver().fingerprint("env:HOLOFLEET_SECRET_A") is None
