"""The data folder: what the first start makes, and what a later start refuses."""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from holofleet.errors import InputError
from holofleet.server.installation import (
    FolderInUseError,
    Installation,
    Purpose,
    find_running_server,
)
from holofleet.server.installation.private import write_private
from holofleet.server.pki import Certificate, KeyKind, make_server_ca

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _open(folder: Path, **options: object) -> Installation:
    return Installation.open(folder, now=NOW, **options)  # type: ignore[arg-type]  # a test's shorthand


def _modes(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): f"{p.stat().st_mode & 0o777:04o}" for p in sorted(folder.rglob("*"))}


def test_D1_DEF_1_the_first_start_makes_everything_and_nothing_readable_but_certificates(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with _open(folder):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert _modes(folder) == {
            "ca.pem": "0644",
            "device-ca.pem": "0644",
            "installation.json": "0600",
            "keys": "0700",
            "keys/device-ca.key": "0600",
            "keys/kek": "0600",
            "keys/server-ca.key": "0600",
            "lock": "0600",
            "tls": "0700",
            "tls/server.key": "0600",
            "tls/server.pem": "0600",
        }


def test_the_second_start_finds_the_same_keys_and_changes_no_file(tmp_path: Path) -> None:
    with _open(tmp_path) as first:
        seen = (first.id, first.device_ca.certificate, first.keys.derive(Purpose.COOKIE), first.local_token)
    content = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with _open(tmp_path) as second:
        assert (second.id, second.device_ca.certificate, second.keys.derive(Purpose.COOKIE)) == seen[:3]
        assert second.device_ca.key.private_numbers() == first.device_ca.key.private_numbers()
        assert second.local_token != seen[3]
        assert second.epoch == 1
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == content


def test_no_private_key_of_an_authority_lies_in_the_clear(tmp_path: Path) -> None:
    with _open(tmp_path) as installation:
        numbers = [installation.device_ca.key.private_numbers(), installation.server_ca.key.private_numbers()]
    for path in (p for p in tmp_path.rglob("*") if p.is_file() and p.name not in ("server.key",)):
        content = path.read_bytes()
        for number in numbers:
            secret = number.private_value.to_bytes(32, "big")  # type: ignore[union-attr]  # both are P-256
            assert secret not in content
            assert secret.hex().encode() not in content
        assert b"PRIVATE KEY" not in content


def test_every_purpose_has_a_key_of_its_own_and_every_installation_too(tmp_path: Path) -> None:
    with _open(tmp_path / "a") as first, _open(tmp_path / "b") as second:
        keys = [ring.derive(purpose) for ring in (first.keys, second.keys) for purpose in Purpose]
    assert len(set(keys)) == 2 * len(Purpose)
    assert all(len(key) == 32 for key in keys)


@pytest.mark.parametrize(
    "name", ["keys", "keys/kek", "keys/device-ca.key", "keys/server-ca.key", "tls/server.key"]
)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_D6_a_secret_that_others_can_read_stops_the_start(tmp_path: Path, name: str, mode: int) -> None:
    _open(tmp_path).close()
    path = tmp_path / name
    path.chmod(mode | 0o100 if path.is_dir() else mode)
    with pytest.raises(InputError, match="is open to other users") as caught:
        _open(tmp_path)
    assert str(path) in caught.value.summary
    assert "chmod" in caught.value.mend
    path.chmod(0o700 if path.is_dir() else 0o600)
    _open(tmp_path).close()


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757, 0o1777])
def test_a_folder_that_others_can_change_is_not_used(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(InputError, match="other users can change"):
        _open(folder)
    assert list(folder.iterdir()) == []
    folder.chmod(0o755)
    _open(folder).close()


def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(InputError, match="is not a folder"):
        _open(tmp_path / "data")


def test_a_link_in_place_of_a_key_is_refused(tmp_path: Path) -> None:
    _open(tmp_path).close()
    kek = tmp_path / "keys" / "kek"
    kek.rename(tmp_path / "elsewhere")
    kek.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="neither a plain file"):
        _open(tmp_path)


def test_a_lost_kek_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    _open(tmp_path).close()
    (tmp_path / "keys" / "kek").unlink()
    with pytest.raises(InputError, match="is gone"):
        _open(tmp_path)
    assert not (tmp_path / "keys" / "kek").exists()


def test_another_kek_is_noticed_before_it_is_used(tmp_path: Path) -> None:
    _open(tmp_path / "data").close()
    other = tmp_path / "kek"
    write_private(other, b"A" * 43 + b"=\n")
    with pytest.raises(InputError, match="is not the key encryption key"):
        _open(tmp_path / "data", kek_file=other)


def test_a_kek_kept_elsewhere_leaves_none_in_the_folder(tmp_path: Path) -> None:
    kek = tmp_path / "kek"
    write_private(kek, b"A" * 43 + b"=\n")
    with _open(tmp_path / "data", kek_file=kek) as installation:
        kept = installation.device_ca.certificate
    assert not (tmp_path / "data" / "keys" / "kek").exists()
    with _open(tmp_path / "data", kek_file=kek) as installation:
        assert installation.device_ca.certificate == kept
    with pytest.raises(InputError, match="is gone"):
        _open(tmp_path / "data")


@pytest.mark.parametrize("content", [b"", b"short", b"A" * 44, b"\xff" * 32, b"A" * 64])
def test_a_kek_of_another_form_is_refused(tmp_path: Path, content: bytes) -> None:
    kek = tmp_path / "kek"
    write_private(kek, content)
    with pytest.raises(InputError, match="32 bytes in base64"):
        _open(tmp_path / "data", kek_file=kek)


@pytest.mark.parametrize("name", ["keys/device-ca.key", "keys/server-ca.key"])
def test_an_authority_whose_key_is_gone_is_never_replaced(tmp_path: Path, name: str) -> None:
    _open(tmp_path).close()
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match="is gone"):
        _open(tmp_path)


def test_an_authority_whose_certificate_was_deleted_comes_back_the_same(tmp_path: Path) -> None:
    with _open(tmp_path) as installation:
        before = installation.device_ca.certificate
    (tmp_path / "device-ca.pem").unlink()
    with _open(tmp_path) as installation:
        assert installation.device_ca.certificate == before
    assert Certificate.from_pem((tmp_path / "device-ca.pem").read_text()) == before


def test_one_wrapped_key_cannot_stand_in_for_another(tmp_path: Path) -> None:
    _open(tmp_path).close()
    keys = tmp_path / "keys"
    record = json.loads((keys / "server-ca.key").read_text())
    record["name"] = "device-ca.key"
    (keys / "device-ca.key").write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"device-ca\.key cannot be opened"):
        _open(tmp_path)


def test_damaged_files_are_named(tmp_path: Path) -> None:
    _open(tmp_path).close()
    for name in ("installation.json", "keys/device-ca.key", "ca.pem", "tls/server.pem"):
        path = tmp_path / name
        good = path.read_bytes()
        for bad in (b"", b"{}", b"[1]", good[: len(good) // 2]):
            path.write_bytes(bad)
            with pytest.raises(InputError) as caught:
                _open(tmp_path)
            assert path.name in caught.value.summary
        path.write_bytes(good)
    _open(tmp_path).close()


def test_only_one_process_holds_the_folder(tmp_path: Path) -> None:
    with _open(tmp_path):
        program = (
            "import sys;from pathlib import Path;from datetime import datetime,UTC;"
            "from holofleet.server.installation import Installation, FolderInUseError\n"
            "try: Installation.open(Path(sys.argv[1]), now=datetime.now(UTC))\n"
            "except FolderInUseError as error: print(error.pid)"
        )
        result = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
        )
        assert int(result.stdout) == os.getpid()
        with pytest.raises(FolderInUseError, match=f"process {os.getpid()}"):
            _open(tmp_path)
    _open(tmp_path).close()


def test_a_command_finds_the_running_server_and_its_token_and_no_dead_one(tmp_path: Path) -> None:
    assert find_running_server(tmp_path) is None
    with _open(tmp_path) as installation:
        assert find_running_server(tmp_path) is None
        installation.announce(address="https://127.0.0.1:8443", device_address="https://127.0.0.1:8444")
        found = find_running_server(tmp_path)
        assert found is not None
        assert (found.address, found.pid) == ("https://127.0.0.1:8443", os.getpid())
        assert found.read_token() == installation.local_token
        assert _modes(tmp_path)["local-admin.token"] == _modes(tmp_path)["server.json"] == "0600"
        left = (tmp_path / "server.json").read_bytes()
        found.token_file.chmod(0o644)
        with pytest.raises(InputError, match="open to other users"):
            found.read_token()
    assert find_running_server(tmp_path) is None
    write_private(tmp_path / "server.json", left)
    assert find_running_server(tmp_path) is None


def test_D6_the_epoch_only_rises_and_survives(tmp_path: Path) -> None:
    with _open(tmp_path) as installation:
        assert installation.raise_epoch() == 2
        assert installation.epoch == 2
    with _open(tmp_path) as installation:
        assert installation.epoch == 2


def test_the_listeners_certificate_speaks_for_the_configured_names(tmp_path: Path) -> None:
    with _open(tmp_path, names=["fleet.contoso.com"]) as installation:
        names = Certificate.from_pem(installation.tls_certificate.read_text()).server_names
    assert names[0] == "fleet.contoso.com"
    assert {"localhost", ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")} <= set(names)


def test_a_name_that_the_ca_may_not_sign_for_is_said_not_ignored(tmp_path: Path) -> None:
    _open(tmp_path).close()
    with pytest.raises(InputError, match=r"may not sign for fleet\.contoso\.com"):
        _open(tmp_path, names=["fleet.contoso.com"])
    (tmp_path / "ca.pem").unlink()
    (tmp_path / "keys" / "server-ca.key").unlink()
    with _open(tmp_path, names=["fleet.contoso.com"]) as installation:
        leaf = Certificate.from_pem(installation.tls_certificate.read_text())
        leaf.parsed.verify_directly_issued_by(installation.server_ca.certificate.parsed)
        assert "fleet.contoso.com" in leaf.server_names


def test_the_listeners_certificate_is_renewed_in_time(tmp_path: Path) -> None:
    with _open(tmp_path) as installation:
        first = Certificate.from_pem(installation.tls_certificate.read_text())
    Installation.open(tmp_path, now=first.not_after - timedelta(days=31)).close()
    assert Certificate.from_pem((tmp_path / "tls/server.pem").read_text()) == first
    Installation.open(tmp_path, now=first.not_after - timedelta(days=29)).close()
    assert Certificate.from_pem((tmp_path / "tls/server.pem").read_text()) != first


def test_an_operators_own_certificate_is_left_alone(tmp_path: Path) -> None:
    _open(tmp_path).close()
    address = ipaddress.ip_address("192.0.2.1")
    other = make_server_ca(["fleet.contoso.com", address], NOW, label="Contoso")
    leaf, _key = other.issue(["fleet.contoso.com"], NOW)
    write_private(tmp_path / "tls" / "server.pem", leaf.pem.encode())
    with _open(tmp_path, names=["fleet.contoso.com"]) as installation:
        assert Certificate.from_pem(installation.tls_certificate.read_text()) == leaf


def test_the_device_ca_can_have_an_rsa_key(tmp_path: Path) -> None:
    with _open(tmp_path, key_kind=KeyKind.RSA3072) as installation:
        assert installation.device_ca.key.key_size == 3072
        found = installation.device_ca.certificate.parsed.extensions.get_extension_for_class(x509.NameConstraints)
        assert found.critical


@pytest.mark.parametrize("step", range(12))
def test_a_first_start_that_is_killed_at_any_write_is_completed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    writes = 0
    replace = os.replace

    def dying(*args: str) -> None:
        nonlocal writes
        writes += 1
        if writes > step:
            raise KeyboardInterrupt
        replace(*args)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", dying)
        try:
            _open(tmp_path).close()
        except KeyboardInterrupt:
            pass
        else:
            assert writes <= step
    with _open(tmp_path) as installation:
        leaf = Certificate.from_pem(installation.tls_certificate.read_text())
        leaf.parsed.verify_directly_issued_by(installation.server_ca.certificate.parsed)
