"""``holofleet restore``: a data folder from a backup, checked before it is there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holofleet.cli.backup import read_identity
from holofleet.cli.disk import read_file
from holofleet.cli.local import os_user
from holofleet.cli.output import CLEAN, note
from holofleet.errors import InputError, RefusedError

if TYPE_CHECKING:
    from holofleet.cli.services import Wired
    from holofleet.server.audit import Anchor
    from holofleet.server.backup import Unpacked

MOST_REVOCATIONS = 64 << 20
MOST_CHECKPOINTS = 1 << 20
ACTION = "restore"


def restore(
    *,
    data: Annotated[Path, Parameter(help="Data folder to make; missing or empty.")],
    data_backup: Annotated[Path, Parameter(help="File of holofleet backup data.")],
    keys_backup: Annotated[Path, Parameter(help="File of holofleet backup keys.")],
    identity: Annotated[Path, Parameter(help="What opens them: file of holofleet backup identity.")],
    keys_identity: Annotated[Path | None, Parameter(help="What opens the keys, if that is another.")] = None,
    revocations: Annotated[
        Path | None, Parameter(help="DIR/revocations as it was last: what was revoked since the backup.")
    ] = None,
    checkpoints: Annotated[
        Path | None, Parameter(help="File of audit checkpoints that were kept elsewhere.")
    ] = None,
    database: Annotated[
        str | None, Parameter(help="PostgreSQL of this folder, restored from its dump before.")
    ] = None,
    kek_file: Annotated[Path | None, Parameter(help="Key encryption key kept elsewhere.")] = None,
) -> int:
    """Make a data folder from a backup: whole and proved, or not at all.

    Orders that were open wait to be confirmed again; sessions, links and what headsets enroll with are void.
    """
    from holofleet.cli.services import wire
    from holofleet.server.backup import Identity, unpack

    opens = Identity.parse(read_identity(identity))
    opens_keys = opens if keys_identity is None else Identity.parse(read_identity(keys_identity))
    lines = read_file(checkpoints, MOST_CHECKPOINTS).decode("ascii", "replace").splitlines() if checkpoints else []
    revoked = read_file(revocations, MOST_REVOCATIONS) if revocations else b""
    with _new_folder(data) as folder:
        unpacked = unpack(folder, data=(data_backup, opens), keys=(keys_backup, opens_keys), kek_file=kek_file)
        _add_revocations(folder / "revocations", revoked)
        with wire(folder, database_url=database, kek_file=kek_file) as wired:
            proved = _prove(wired, unpacked, lines)
            _record(wired, unpacked)
            epoch = wired.installation.epoch
    print(f"{data} is restored as it was on {unpacked.data.made_at:%Y-%m-%d %H:%M} UTC; epoch {epoch}.")
    print(f"The audit log holds together: {proved} records, as far as the backup's own checkpoint says.")
    if revocations is None:
        note("What was revoked after the backup is not known here: say --revocations, or revoke it again.")
    note("People, roles, custody and loans are those of the backup: whoever left since is to be ended again.")
    return CLEAN


@contextmanager
def _new_folder(data: Path) -> Iterator[Path]:
    """Yield a folder beside ``data`` that becomes it in the end; after any error nothing is left.

    Raises:
        InputError: there is something in the place of the new folder.
    """
    if data.is_symlink() or (data.exists() and not data.is_dir()) or (data.exists() and any(data.iterdir())):
        raise InputError(f"{data}: is not empty", mend="A backup is restored into a new folder only.")
    os.umask(0o077)
    data.absolute().parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{data.name}.", dir=data.absolute().parent))
    try:
        yield folder
        os.rename(folder, data.absolute())  # takes the place of an empty folder, and of no other
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _add_revocations(file: Path, more: bytes) -> None:
    """Put the newest revocations behind those of the backup; a line that stands twice is one revocation."""
    if more:
        known = file.read_bytes() if file.exists() else b""
        file.write_bytes(known + (b"" if not known or known.endswith(b"\n") else b"\n") + more)


def _prove(wired: Wired, unpacked: Unpacked, lines: list[str]) -> int:
    """Walk the audit log against the backup's checkpoint and those that were kept elsewhere.

    Raises:
        RefusedError: it was changed, or belongs to another installation.
    """
    from holofleet.server.authorization import LOCAL_ADMIN

    said = [] if unpacked.data.audit is None else [unpacked.data.audit.checkpoint]
    proof = wired.services.audit.verify(LOCAL_ADMIN, [*said, *lines])
    if not proof.intact:
        raise RefusedError(
            "the audit log of this backup does not hold together, nothing was restored", detail=proof.problem
        )
    if proof.foreign:
        raise RefusedError("a checkpoint is of another installation, nothing was restored")
    return proof.verification.records


def _record(wired: Wired, unpacked: Unpacked) -> Anchor:
    """Begin a new epoch and say so in the audit log."""
    from holofleet.clock import SystemClock, render_utc
    from holofleet.server.audit import AuditRecord
    from holofleet.server.authorization import LOCAL_ADMIN
    from holofleet.storage.identity.audit import append_audit

    epoch = wired.installation.raise_epoch()
    record = AuditRecord(
        LOCAL_ADMIN.actor,
        ACTION,
        "installation",
        data={"backup_of": render_utc(unpacked.data.made_at), "by_version": unpacked.data.version},
        personal={"os_user": os_user()},
    )
    with wired.database.transaction() as connection:
        return append_audit(connection, record, at=SystemClock().now(), epoch=epoch)
