"""``holofleet package``: made from a fleet file, and looked into."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from holofleet.cli.app import main
from holofleet.formats import provisioning_package

FLEET = """\
holofleet: 1
organization: {name: Contoso, country: US, timezone: America/Chicago}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
sites:
  - name: plant
    network:
      uplink_mbps: 20
      downlink_mbps: 40
      wifi: [{ssid: Line, security: wpa2-psk, psk: env:HOLOFLEET_SECRET_WIFI}]
headsets: [{serial: "003421800101"}]
deployments:
  - name: line
    scenario: cloud-connected
    site: plant
    headsets: all
    enrollment:
      join: package
      automatic: false
      package: {local_account: {name: worker, password: env:HOLOFLEET_SECRET_WORKER}}
"""
WIFI, WORKER = "pass & <phrase>", "Sunny-Day-42"


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["package", *map(str, words)])
    return int(ended.value.code or 0)


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOLOFLEET_SECRET_WIFI", WIFI)
    monkeypatch.setenv("HOLOFLEET_SECRET_WORKER", WORKER)
    path = tmp_path / "fleet.yaml"
    path.write_text(FLEET, encoding="utf-8")
    return path


def test_FIL_1_a_package_is_written_for_its_owner_only_and_its_secrets_are_named(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "line.ppkg"
    assert run("build", fleet, "--deployment", "line", "--out", out) == 0
    said = capsys.readouterr()
    assert out.stat().st_mode & 0o777 == 0o600
    assert "env:HOLOFLEET_SECRET_WIFI, env:HOLOFLEET_SECRET_WORKER" in said.err
    assert "EXPERIMENTAL" in said.err
    assert WORKER not in said.err + said.out
    assert not [path for path in tmp_path.iterdir() if path not in (out, fleet)]


def test_show_covers_secrets_unless_asked(fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "line.ppkg"
    run("build", fleet, "--deployment", "line", "--out", out)
    capsys.readouterr()
    assert run("show", out) == 0
    text = capsys.readouterr().out
    assert "Accounts/Users/worker/Password = ********" in text
    assert WORKER not in text
    assert WIFI not in text
    assert run("show", out, "--with-secrets", "--format", "json") == 0
    shown = json.loads(capsys.readouterr().out)
    password = {"path": "Accounts/Users/User[worker]/Password", "value": WORKER, "secret": True}
    assert password in shown["settings"]
    assert [one["value"] for one in shown["settings"] if one["path"].endswith("SecurityKey")] == [WIFI]
    assert any(held["path"] == "Multivariant/0/MasterDatastore.xml" for held in shown["files"])


def test_show_reads_customizations_of_anybody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "customizations.xml"
    token = provisioning_package.BulkToken("0.token")
    package = provisioning_package.Package("a", provisioning_package.package_id("a", "a"), bulk_token=token)
    path.write_text(provisioning_package.render(package), encoding="utf-8")
    assert run("show", path) == 0
    assert "Accounts/Azure/BPRT = ********" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("join: package", "join: entra", "do not join by a package"),
        ("package: {", "package: {skip_wifi: true, ", "skip_wifi"),
        ("automatic: false", "automatic: true", ""),
        ("name: line", "name: other", "there is no deployment line"),
    ],
)
def test_what_a_package_file_cannot_be_made_of_is_refused(
    old: str, new: str, words: str, fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.write_text(FLEET.replace(old, new), encoding="utf-8")
    out = tmp_path / "line.ppkg"
    assert run("build", fleet, "--deployment", "line", "--out", out) == (2 if words else 0)
    assert words in capsys.readouterr().err
    assert out.exists() == (not words)


def test_a_secret_that_is_not_there_or_too_weak_leaves_no_file(
    fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "line.ppkg"
    monkeypatch.setenv("HOLOFLEET_SECRET_WORKER", "hunter2")
    assert run("build", fleet, "--deployment", "line", "--out", out) == 2
    said = capsys.readouterr().err
    assert "needs 8 characters" in said
    assert "hunter2" not in said
    monkeypatch.delenv("HOLOFLEET_SECRET_WORKER")
    assert run("build", fleet, "--deployment", "line", "--out", out) == 2
    assert "HOLOFLEET_SECRET_WORKER is not there" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("content", [b"", b"MSWIM\0\0\0", b"<a/>"])
def test_what_is_no_package_is_refused_with_its_name(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ppkg"
    path.write_bytes(content)
    assert run("show", path) == 2
    assert "a.ppkg" in capsys.readouterr().err
