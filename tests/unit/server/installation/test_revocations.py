"""The revocation file outside the database (SECURITY D6)."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from holofleet.errors import StorageError
from holofleet.server.installation import RevocationFile
from holofleet.server.installation.revocations import Revoked

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B = "a" * 64, "b" * 64


def test_D6_what_was_revoked_stays_revoked_for_whoever_opens_the_file(tmp_path: Path) -> None:
    path = tmp_path / "revocations"
    RevocationFile(path).add(Revoked.CERTIFICATE, A, at=NOW, reason="lost")
    again = RevocationFile(path)
    assert again.revoked(A)
    assert not again.revoked(B)
    assert not again.token_revoked(A)
    assert path.read_text() == f"certificate {A} 2026-03-01T12:00:00.000Z lost\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_revoking_twice_writes_one_line(tmp_path: Path) -> None:
    file = RevocationFile(tmp_path / "revocations")
    file.add(Revoked.TOKEN, A, at=NOW, reason="revoked")
    file.add(Revoked.TOKEN, A, at=NOW, reason="revoked")
    assert len((tmp_path / "revocations").read_text().splitlines()) == 1


def test_a_line_cut_off_by_a_crash_hides_no_later_one(tmp_path: Path) -> None:
    path = tmp_path / "revocations"
    whole = f"certificate {A} 2026-03-01T12:00:00.000Z lost\n"
    for cut in range(1, len(whole) - 1):
        path.write_text(whole[:cut])
        RevocationFile(path).add(Revoked.CERTIFICATE, B, at=NOW, reason="retired")
        again = RevocationFile(path)
        assert again.revoked(B)
        assert again.damaged_lines in (0, 1)


@pytest.mark.parametrize(
    ("digest", "reason"), [("A" * 64, "x"), ("a" * 63, "x"), (A, ""), (A, "two words"), (A, "a\nb")]
)
def test_a_line_that_could_not_be_read_back_is_not_written(tmp_path: Path, digest: str, reason: str) -> None:
    with pytest.raises(ValueError, match="revocation"):
        RevocationFile(tmp_path / "revocations").add(Revoked.TOKEN, digest, at=NOW, reason=reason)
    assert not (tmp_path / "revocations").exists()


def test_a_revocation_that_cannot_be_written_is_an_error_and_not_believed(tmp_path: Path) -> None:
    file = RevocationFile(tmp_path / "nowhere" / "revocations")
    with pytest.raises(StorageError):
        file.add(Revoked.CERTIFICATE, A, at=NOW, reason="lost")
    assert not file.revoked(A)


def test_D6_a_disk_that_fills_up_in_the_middle_of_a_line_loses_no_later_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "revocations.log"
    file = RevocationFile(path)
    write = os.write
    written: list[int] = []

    def full(handle: int, data: bytes) -> int:
        if written:
            raise OSError(errno.ENOSPC, "no space left on device")
        written.append(write(handle, data[:20]))
        return written[0]

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StorageError):
            file.revoke_certificate(A, at=NOW, reason="decision")
    assert not file.revoked(A)
    file.revoke_certificate(B, at=NOW, reason="decision")
    file.revoke_certificate(A, at=NOW, reason="decision")
    again = RevocationFile(path)
    assert again.revoked(A)
    assert again.revoked(B)
