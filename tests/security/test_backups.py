"""Requirements on backups: unreadable without what opens them, proved before use, and known as an old truth."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from tests.web_services import small_state

from holofleet.cli.backup import data as back_up_data
from holofleet.cli.backup import identity as make_identity
from holofleet.cli.backup import keys as back_up_keys
from holofleet.cli.restore import restore
from holofleet.cli.services import wire
from holofleet.errors import HolofleetError, InputError, RefusedError
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.backup.age import Encrypting, Identity, pieces
from holofleet.storage.copying import copy_sqlite

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """A data folder with a history, its two backups, and what opens them."""

    folder: Path
    token: str
    cookie: str
    link: str

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def restore(self, into: Path, **changed: Path) -> None:
        """Restore as an operator would."""
        restore(
            data=into,
            data_backup=changed.get("data_backup", self.folder / "data.age"),
            keys_backup=changed.get("keys_backup", self.folder / "keys.age"),
            identity=changed.get("identity", self.folder / "identity"),
            keys_identity=changed.get("keys_identity", self.folder / "identity-keys"),
            revocations=changed.get("revocations"),
        )

    def opens(self, name: str = "identity") -> Identity:
        return Identity.parse((self.folder / name).read_text())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    mask = os.umask(0o077)
    folder = tmp_path_factory.mktemp("backups")
    with wire(folder / "data") as wired:
        services = wired.services
        services.fleet.publish(LOCAL_ADMIN, small_state().to_json(), {}, plan_hash="", expect_told_hash=None)
        token = services.access.issue_token(LOCAL_ADMIN, "ci", [Role.VIEWER]).token
        opened = services.access.redeem(services.access.one_time_link().token)
        assert opened is not None
        made = World(folder, token, opened.cookie, services.access.one_time_link().token)
        for name in ("identity", "identity-keys"):
            make_identity(out=folder / name)
        # The server has the folder while its backup is made.
        back_up_data(data=made.data, out=folder / "data.age", to=(str(made.opens().recipient),))
        back_up_keys(data=made.data, out=folder / "keys.age", to=(str(made.opens("identity-keys").recipient),))
    yield made
    os.umask(mask)


def content_of(path: Path, identity: Identity) -> dict[str, bytes]:
    with path.open("rb") as file:
        plain = io.BytesIO(b"".join(pieces(file, identity)))
    with tarfile.open(fileobj=plain) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]  # files only


def packed(path: Path, files: dict[str, bytes], identity: Identity) -> Path:
    """Encrypt files as somebody can who has the public key."""
    with path.open("wb") as out:
        writer = Encrypting(out, [identity.recipient])
        with tarfile.open(fileobj=cast("BinaryIO", writer), mode="w|") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        writer.finish()
    return path


def test_STO_1_without_what_opens_it_nothing_in_a_backup_can_be_read(world: World) -> None:
    for name in ("data.age", "keys.age"):
        sealed = (world.folder / name).read_bytes()
        assert (world.folder / name).stat().st_mode & 0o077 == 0
        for plain in (
            b"SQLite format 3",
            b"installation",
            b"manifest",
            b"PRIVATE",
            b"CERTIFICATE",
            b"publish-state",
        ):
            assert plain not in sealed
        with pytest.raises(InputError, match="not encrypted to this identity"):
            content_of(world.folder / name, Identity.generate())


def test_STO_1_a_backup_of_data_holds_no_key_and_one_of_keys_no_data(world: World) -> None:
    of_data = content_of(world.folder / "data.age", world.opens())
    of_keys = content_of(world.folder / "keys.age", world.opens("identity-keys"))
    secret = (world.data / "keys/kek").read_bytes().strip()
    assert not [name for name, content in of_data.items() if name.startswith(("keys", "tls")) or secret in content]
    assert "holofleet.sqlite" in of_data
    assert set(of_keys) == {
        "manifest.json",
        *(f"keys/{name}" for name in ("kek", "device-ca.key", "server-ca.key")),
        "tls/server.key",
        "tls/server.pem",
    }
    assert not [path for path in world.data.iterdir() if path.name.startswith(".backup")]


def test_STO_1_a_restored_folder_works_and_its_audit_log_says_that_it_was_restored(
    world: World, tmp_path: Path
) -> None:
    world.restore(tmp_path / "new")
    with wire(tmp_path / "new") as wired:
        assert wired.services.access.principal_of_token(world.token) is not None
        proof = wired.services.audit.verify(LOCAL_ADMIN)
        assert proof.intact
        records = wired.services.audit.export(LOCAL_ADMIN, after=0, limit=100)
        assert [(one.action, one.epoch) for one in records][-1] == ("restore", 2)
        assert "publish-state" in [one.action for one in records]


def test_D6_what_opened_the_server_before_a_restore_opens_nothing_after_it(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.data, tmp_path / "later")
    with wire(tmp_path / "later") as wired:
        access = wired.services.access
        assert access.session(world.cookie) is not None
        access.revoke_token(LOCAL_ADMIN, access.principal_of_token(world.token).id)  # type: ignore[union-attr]  # it is there
        wired.installation.revocations.revoke_certificate("ab" * 32, at=NOON, reason="lost")
    world.restore(tmp_path / "new", revocations=tmp_path / "later/revocations")
    with wire(tmp_path / "new") as wired:
        assert wired.installation.epoch == 2
        assert wired.services.access.principal_of_token(world.token) is None
        assert wired.services.access.session(world.cookie) is None
        assert wired.services.access.redeem(world.link) is None
        assert wired.installation.revocations.revoked("ab" * 32)


def test_STO_1_a_backup_is_restored_into_a_new_folder_only(world: World, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there/file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    for place in (world.data, tmp_path / "there", tmp_path / "link", tmp_path / "there/file"):
        with pytest.raises(InputError, match="is not empty"):
            world.restore(place)
    assert (tmp_path / "there/file").read_text() == "mine"


def changed_audit(database: bytes, folder: Path) -> bytes:
    """Change a record as somebody can who has the database: triggers and all."""
    path = folder / "changed.sqlite"
    path.write_bytes(database)
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER audit_no_update")
    connection.execute("UPDATE audit SET actor = 'person:somebody-else' WHERE sequence = 1")
    connection.commit()
    connection.close()
    return path.read_bytes()


def test_STO_1_what_somebody_made_with_the_public_key_alone_is_refused(world: World, tmp_path: Path) -> None:
    files = content_of(world.folder / "data.age", world.opens())
    manifest = json.loads(files["manifest.json"])
    forged = {**files, "holofleet.sqlite": changed_audit(files["holofleet.sqlite"], tmp_path)}
    cases: dict[str, tuple[dict[str, bytes], str]] = {
        "content": (forged, "something else than its manifest"),
        "missing": ({n: c for n, c in files.items() if n != "holofleet.sqlite"}, "less than its manifest"),
        "more": ({**files, "tls/server.key": b"x"}, "something else than its manifest"),
        "without": ({n: c for n, c in files.items() if n != "manifest.json"}, "no manifest"),
    }
    for name in ("../../escaped", "/tmp/escaped", "keys/kek", "server.json"):
        said = {**manifest, "files": {**manifest["files"], name: [1, "00" * 32]}}
        cases[name] = ({"manifest.json": json.dumps(said).encode(), name: b"x"}, "manifest is damaged")
    said = {**manifest, "epoch": 7}
    cases["seal"] = ({**files, "manifest.json": json.dumps(said).encode()}, "not made by the installation")
    for number, (case, words) in enumerate(cases.values()):
        backup = packed(tmp_path / f"forged-{number}", case, world.opens())
        with pytest.raises(InputError, match=words):
            world.restore(tmp_path / "new", data_backup=backup)
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".new", "new"))] == []


def test_STO_1_a_backup_whose_audit_log_was_changed_is_not_restored(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.data, tmp_path / "data")
    database = tmp_path / "data/holofleet.sqlite"
    copy_sqlite(database, tmp_path / "copy")
    for name in ("holofleet.sqlite", "holofleet.sqlite-wal", "holofleet.sqlite-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)
    database.write_bytes(changed_audit((tmp_path / "copy").read_bytes(), tmp_path))
    back_up_data(data=tmp_path / "data", out=tmp_path / "backup", to=(str(world.opens().recipient),))
    with pytest.raises(RefusedError, match="does not hold together"):
        world.restore(tmp_path / "new", data_backup=tmp_path / "backup")
    assert not (tmp_path / "new").exists()


def test_STO_1_keys_of_another_installation_open_nothing(world: World, tmp_path: Path) -> None:
    with wire(tmp_path / "other"):
        pass
    to = (str(world.opens("identity-keys").recipient),)
    back_up_keys(data=tmp_path / "other", out=tmp_path / "keys.age", to=to)
    with pytest.raises(InputError, match="not made by the installation"):
        world.restore(tmp_path / "new", keys_backup=tmp_path / "keys.age")
    with pytest.raises(InputError, match="exchanged"):
        world.restore(
            tmp_path / "new",
            keys_backup=world.folder / "data.age",
            keys_identity=world.folder / "identity",
        )


def test_STO_1_an_identity_that_others_can_read_is_refused(world: World, tmp_path: Path) -> None:
    shutil.copy(world.folder / "identity", tmp_path / "identity")
    (tmp_path / "identity").chmod(0o644)
    with pytest.raises(HolofleetError, match="open to other users"):
        world.restore(tmp_path / "new", identity=tmp_path / "identity")


def test_STO_1_a_copy_is_of_one_moment_while_somebody_writes(tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / "live", isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE pair (a INTEGER, b INTEGER)")
    writer.execute("INSERT INTO pair VALUES (1, 1)")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE pair SET a = 2")
    copy_sqlite(tmp_path / "live", tmp_path / "copy")
    writer.execute("UPDATE pair SET b = 2")
    writer.execute("COMMIT")
    writer.close()
    assert sqlite3.connect(tmp_path / "copy").execute("SELECT * FROM pair").fetchall() == [(1, 1)]
    assert not (tmp_path / "copy-wal").exists()
