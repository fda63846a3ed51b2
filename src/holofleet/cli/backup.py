"""``holofleet backup``: a data folder in two encrypted files, made while the server runs."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from holofleet.cli.disk import read_file
from holofleet.cli.local import require_folder
from holofleet.cli.output import CLEAN, note
from holofleet.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from holofleet.server.backup import AuditHead, Made, Recipient
    from holofleet.server.installation import Keyring

app = App(name="backup", help="Encrypted backups of a data folder, of data and of keys apart.")
MOST_IDENTITY = 4 << 10
_To = Annotated[tuple[str, ...], Parameter(name="--to", negative="", help="Recipient, age1...; may be repeated.")]
_Data = Annotated[Path, Parameter(help="Data folder; its server may run.")]
_Out = Annotated[Path, Parameter(help="File to make.")]
_Elsewhere = Annotated[str | None, Parameter(help="postgresql://... of this folder, if it is served with one.")]
_Kek = Annotated[Path | None, Parameter(help="Key encryption key kept elsewhere.")]


@app.command
def identity(*, out: Annotated[Path, Parameter(help="File to make: it opens backups. Keep it elsewhere.")]) -> int:
    """Make a key pair for backups: the file opens them, the line that is printed encrypts them."""
    from holofleet.server.backup import Identity

    made = Identity.generate()
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise InputError(f"{out}: cannot be made", detail=error.strerror or "") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made.render())
    print(made.recipient)
    note(f"{out} opens what is encrypted to this line. Keep it where this machine's data is not.")
    return CLEAN


@app.command
def data(*, data: _Data, out: _Out, to: _To, database: _Elsewhere = None, kek_file: _Kek = None) -> int:
    """Write everything of a data folder but its keys: database, certificates, revocations.

    Of PostgreSQL the rows are not in it, only how far the audit log reaches: take a dump of it afterwards.
    """
    from holofleet.clock import SystemClock
    from holofleet.server.backup import back_up_data
    from holofleet.server.installation.record import open_keyring

    recipients, now = _recipients(to), SystemClock().now()
    require_folder(data)
    os.umask(0o077)
    elsewhere = (data / "database-elsewhere").exists()
    if (database is not None) != elsewhere and (database is not None or not (data / "holofleet.sqlite").exists()):
        raise InputError(f"{data}: this folder has its database in itself" if database else f"{data}: no database")
    record, keys = open_keyring(data, kek_file)
    with TemporaryDirectory(prefix=".backup-", dir=data) as folder:
        copy = None if elsewhere else Path(folder) / "holofleet.sqlite"
        if copy is not None:
            from holofleet.storage.copying import copy_sqlite

            copy_sqlite(data / "holofleet.sqlite", copy)
        url = database if copy is None else f"sqlite:///{copy.absolute()}"
        audit = None if url is None else _head(url, record.id, keys, now)
        made = back_up_data(data, out, recipients, now=now, kek_file=kek_file, database=copy, audit=audit)
    _say(made)
    if elsewhere:
        note(
            "The rows are in PostgreSQL and not in this file. Now: pg_dump --format=custom URL | age -r RECIPIENT"
        )
    if (data / "recordings-in").exists():
        note("Recordings of calls are not in it; they are files, encrypted under the installation's keys.")
    note("It cannot be opened for use without a backup of the keys: holofleet backup keys.")
    return CLEAN


@app.command
def keys(*, data: _Data, out: _Out, to: _To, kek_file: _Kek = None) -> int:
    """Write the keys of a data folder. They change seldom: once, and after every change; keep it apart."""
    from holofleet.clock import SystemClock
    from holofleet.server.backup import back_up_keys

    recipients = _recipients(to)
    require_folder(data)
    os.umask(0o077)
    made = back_up_keys(data, out, recipients, now=SystemClock().now(), kek_file=kek_file)
    _say(made)
    if "keys/kek" not in made.files:
        note("The key encryption key is kept elsewhere and not in it: back it up as well.")
    note("Keep it away from the backups of data: whoever has both, and what opens them, has everything.")
    return CLEAN


def read_identity(path: Path) -> str:
    """Return the text of an identity's file; one that others can read is refused.

    Raises:
        InputError: it cannot be read, or lies open.
    """
    from holofleet.server.installation.private import require_private

    require_private(path)
    return read_file(path, MOST_IDENTITY, follow=False).decode("ascii", errors="replace")


def _recipients(texts: tuple[str, ...]) -> list[Recipient]:
    from holofleet.server.backup import Recipient

    if not texts:
        raise InputError("encrypted to whom?", mend="Say --to age1..., as holofleet backup identity prints it.")
    return [Recipient.parse(text) for text in texts]


def _head(url: str, installation: str, keys: Keyring, now: datetime) -> AuditHead:
    """Sign how far the audit log reaches in a database."""
    from holofleet.server.audit.checkpoint import sign
    from holofleet.server.backup import AuditHead
    from holofleet.server.installation import Purpose
    from holofleet.storage.database import Database
    from holofleet.storage.identity import StoredAudit

    with closing(Database.open(url, readonly=True)) as opened:
        anchor = StoredAudit(opened, epoch=0).head()
    line = sign(installation, anchor, now, keys.derive(Purpose.CHECKPOINT, str(now.year))).line
    return AuditHead(anchor.sequence, line)


def _say(made: Made) -> None:
    print(f"{made.path}: {len(made.files)} files, {made.size:,} bytes.")
