from __future__ import annotations

import os
from pathlib import Path

import pytest

from holofleet.server.management.secret_sources import MAX_BYTES, SecretSources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    below = tmp_path / "secrets"
    below.mkdir()
    (below / "wifi").write_text("tall tree\n")
    (tmp_path / "outside").write_text("canary")
    (below / "link").symlink_to(tmp_path / "outside")
    (below / "large").write_bytes(b"x" * (MAX_BYTES + 1))
    os.mkfifo(below / "pipe")
    return below


def sources(folder: Path | None, **environment: str) -> SecretSources:
    return SecretSources(key=b"k" * 32, environment=environment, folder=folder)


def test_a_variable_with_the_right_beginning_is_read() -> None:
    assert sources(None, HOLOFLEET_SECRET_WIFI="tall").value("env:HOLOFLEET_SECRET_WIFI") == "tall"


def test_a_file_is_read_without_its_line_end(folder: Path) -> None:
    assert sources(folder).value("file:wifi") == "tall tree"


@pytest.mark.parametrize(
    "reference",
    [
        "env:HOME",
        "env:HOLOFLEET_SECRET_",
        "env:HOLOFLEET_SECRET_WIFI\n",
        "file:../outside",
        "file:/etc/passwd",
        "file:link",
        "file:large",
        "file:pipe",
        "file:.",
        "file:missing",
        "http://example.com",
        "",
    ],
)
def test_D2_a_fleet_file_reads_nothing_else(folder: Path, reference: str) -> None:
    found = sources(folder, HOME="/root", HOLOFLEET_SECRET_="canary")
    assert found.value(reference) is None
    assert found.fingerprint(reference) is None


def test_files_are_refused_without_a_folder() -> None:
    assert sources(None).value("file:wifi") is None


def test_a_fingerprint_is_keyed_and_changes_with_the_value() -> None:
    reference = "env:HOLOFLEET_SECRET_WIFI"
    one = sources(None, HOLOFLEET_SECRET_WIFI="tall").fingerprint(reference)
    other = sources(None, HOLOFLEET_SECRET_WIFI="short").fingerprint(reference)
    elsewhere = SecretSources(
        key=b"j" * 32, environment={"HOLOFLEET_SECRET_WIFI": "tall"}, folder=None
    ).fingerprint(reference)
    assert len({one, other, elsewhere}) == 3


@pytest.mark.parametrize("value", ["bell\x07", "a\ufffeb", "\x01"])
def test_a_secret_that_no_message_can_carry_is_none(folder: Path, value: str) -> None:
    (folder / "odd").write_text(value)
    found = sources(folder, HOLOFLEET_SECRET_ODD=value)
    for reference in ("env:HOLOFLEET_SECRET_ODD", "file:odd"):
        assert found.value(reference) is None
        assert found.fingerprint(reference) is None
