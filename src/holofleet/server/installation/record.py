"""What a data folder says of itself, and the key that it belongs to."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from holofleet.errors import InputError
from holofleet.server.installation.keyring import Keyring, parse_kek, render_kek
from holofleet.server.installation.private import read_private, write_private
from holofleet.server.sealing import KEY_BYTES

RECORD_NAME = "installation.json"
_ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """The installation's id, its epoch, and a check value of its key encryption key."""

    id: str
    epoch: int
    kek_check: str

    def render(self) -> bytes:
        """Return the text of the file."""
        value = {"format": 1, "id": self.id, "epoch": self.epoch, "kek_check": self.kek_check}
        return (json.dumps(value, indent=2) + "\n").encode("ascii")

    @classmethod
    def parse(cls, content: bytes, path: Path) -> Record:
        """Read the text of the file.

        Raises:
            InputError: it is damaged.
        """
        try:
            value = json.loads(content)
            record = cls(str(value["id"]), int(value["epoch"]), str(value["kek_check"]))
            if value["format"] != 1 or not _ID.match(record.id) or record.epoch < 1:
                raise ValueError("another format")
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} is damaged", mend="Restore it from the backup that keys/ comes from."
            ) from error
        return record


def open_keyring(folder: Path, kek_file: Path | None) -> tuple[Record, Keyring]:
    """Read the record and the key encryption key; make both in a folder that has neither.

    Raises:
        InputError: a key that is gone, lies open or is another one, or a damaged record.
    """
    record_path, own_kek = folder / RECORD_NAME, folder / "keys" / "kek"
    kek_path = kek_file or own_kek
    if record_path.exists():
        record = Record.parse(read_private(record_path), record_path)
        if not kek_path.exists():
            raise InputError(
                f"the key encryption key {kek_path} is gone",
                detail="Without it the device CA cannot be opened, and no new one will do for enrolled headsets.",
                mend="Restore it from its backup, or name it with --kek-file.",
            )
        keys = Keyring(parse_kek(read_private(kek_path)), record.id)
        if not keys.matches(record.kek_check):
            raise InputError(f"{kek_path} is not the key encryption key of {folder}")
        return record, keys
    if kek_file is None and not own_kek.exists():
        write_private(own_kek, render_kek(secrets.token_bytes(KEY_BYTES)))
    identifier = secrets.token_hex(16)
    keys = Keyring(parse_kek(read_private(kek_path)), identifier)
    record = Record(identifier, 1, keys.check_value)
    if any((folder / name).exists() for name in ("device-ca.pem", "ca.pem")):
        raise InputError(f"{record_path} is gone", mend="Restore it from the backup that keys/ comes from.")
    write_private(record_path, record.render())
    return record, keys
