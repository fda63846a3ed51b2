"""A data folder that is open: made whole on the first start, checked at every other.

    with Installation.open(Path("data"), now=clock.now(), names=[parse_name("fleet.contoso.com")]) as installation:
        installation.device_ca, installation.tls_certificate, installation.keys.derive(Purpose.COOKIE)

A crash during the first start leaves a folder from which the next start completes.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType

from holofleet.server.installation import announce as announcements
from holofleet.server.installation.authorities import Pair, open_pair
from holofleet.server.installation.keyring import Keyring
from holofleet.server.installation.lock import FolderLock
from holofleet.server.installation.private import (
    make_private_folder,
    require_own_folder,
    require_private,
    write_private,
)
from holofleet.server.installation.record import RECORD_NAME, Record, open_keyring
from holofleet.server.installation.revocations import RevocationFile
from holofleet.server.installation.tls import names_in_certificate, prepare_tls, served_names
from holofleet.server.pki import DeviceCA, KeyKind, ServerCA, ServerName, make_device_ca, make_server_ca


class Installation:
    """An open data folder. Hold it for as long as the folder is worked in; it holds the lock."""

    def __init__(
        self,
        folder: Path,
        lock: FolderLock,
        record: Record,
        *,
        keys: Keyring,
        device_ca: DeviceCA,
        server_ca: ServerCA,
    ) -> None:
        self.folder = folder
        self.keys = keys
        self.device_ca = device_ca
        self.server_ca = server_ca
        self.revocations = RevocationFile(folder / "revocations")
        self.local_token = f"hf_local_{secrets.token_urlsafe(32)}"
        self._lock = lock
        self._record = record

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        now: datetime,
        names: Iterable[ServerName] = (),
        kek_file: Path | None = None,
        key_kind: KeyKind = KeyKind.P256,
    ) -> Installation:
        """Open a data folder, and make in it whatever the first start needs.

        Sets the umask of the process to 077, so that whatever else is written here (the database too) is ours
        alone.

        Args:
            folder: Made if it is missing.
            now: The present moment, for certificates.
            names: Names of ``--url`` and ``--device-url``; localhost, the loopback addresses and the host name
                are always served.
            kek_file: A key encryption key kept elsewhere; it must exist.
            key_kind: Key of the device CA, if it is made now.

        Raises:
            FolderInUseError: another process works in it.
            InputError: keys that others can read, are gone, damaged, or belong to another key encryption key;
                or a name that the server CA was not made for.
        """
        os.umask(0o077)
        if not folder.exists():
            make_private_folder(folder)
        require_own_folder(folder)
        make_private_folder(folder / "keys")
        make_private_folder(folder / "tls")
        for path in sorted((folder / "keys").iterdir()):
            require_private(path)
        lock = FolderLock.take(folder)
        try:
            return cls._open(folder, lock, now=now, names=tuple(names), kek_file=kek_file, key_kind=key_kind)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _open(
        cls,
        folder: Path,
        lock: FolderLock,
        *,
        now: datetime,
        names: tuple[ServerName, ...],
        kek_file: Path | None,
        key_kind: KeyKind,
    ) -> Installation:
        record, keys = open_keyring(folder, kek_file)
        served, label = served_names(names), record.id[:8]

        def make_device() -> Pair:
            made = make_device_ca(now, kind=key_kind, label=label)
            return made.certificate, made.key

        def make_server() -> Pair:
            made = make_server_ca(served, now, label=label)
            return made.certificate, made.key

        device = open_pair(
            keys, folder, certificate_name="device-ca.pem", key_name="device-ca.key", make=make_device
        )
        server = open_pair(keys, folder, certificate_name="ca.pem", key_name="server-ca.key", make=make_server)
        server_ca = ServerCA(*server)
        prepare_tls(folder / "tls", server_ca, asked=names, now=now)
        return cls(folder, lock, record, keys=keys, device_ca=DeviceCA(*device), server_ca=server_ca)

    def __enter__(self) -> Installation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Withdraw the announcement and give the lock back; safe to call twice."""
        announcements.withdraw(self.folder)
        self._lock.release()

    @property
    def id(self) -> str:
        """The installation's id, 32 hex digits, made once."""
        return self._record.id

    @property
    def epoch(self) -> int:
        """Counts restores. What carries an older epoch is void until somebody confirms it (SECURITY D6)."""
        return self._record.epoch

    @property
    def ca_certificate(self) -> Path:
        """PEM of the server CA: what clients are told to trust."""
        return self.folder / "ca.pem"

    @property
    def tls_certificate(self) -> Path:
        """PEM of the listeners' certificate, with its chain."""
        return self.folder / "tls" / "server.pem"

    @property
    def tls_key(self) -> Path:
        """PEM of the listeners' private key."""
        return self.folder / "tls" / "server.key"

    @property
    def tls_names(self) -> frozenset[str]:
        """DNS names and addresses in the listeners' certificate, lower case; an operator's has its own.

        Raises:
            InputError: the certificate cannot be read.
        """
        return names_in_certificate(self.tls_certificate)

    @property
    def database_path(self) -> Path:
        """Where the embedded database lies."""
        return self.folder / "holofleet.sqlite"

    @property
    def freeze_file(self) -> Path:
        """While this file exists no order is sent, whatever the database says (SECURITY WIPE-3)."""
        return self.folder / "FREEZE"

    def raise_epoch(self) -> int:
        """Start a new epoch, after a restore; return it."""
        self._record = replace(self._record, epoch=self._record.epoch + 1)
        write_private(self.folder / RECORD_NAME, self._record.render())
        return self._record.epoch

    def announce(self, *, address: str, device_address: str) -> announcements.RunningServer:
        """Tell commands on this machine where the server listens, with a token that only its user can read.

        Where an operator's certificate stands in the place of ours, they are told to trust that very certificate,
        by a name that is in it.
        """
        ours = "127.0.0.1" in self.tls_names
        server = announcements.RunningServer(
            address=address,
            device_address=device_address,
            pid=os.getpid(),
            ca=(self.ca_certificate if ours else self.tls_certificate).absolute(),
            token_file=(self.folder / announcements.TOKEN_NAME).absolute(),
            name="" if ours else min(self.tls_names, default=""),
        )
        announcements.announce(self.folder, server, self.local_token)
        return server
