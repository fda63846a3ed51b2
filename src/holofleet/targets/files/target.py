"""Write the desired State as files: atomic, private, and readable by people and programs.

Files are written with mode 0600 into a folder that is replaced as a whole (SECURITY FIL-1): a crash leaves
either the old folder or the new one. Secret references stay references: a file never holds a secret.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from holofleet.errors import InputError
from holofleet.plans import ApplyReport, Drift, Plan
from holofleet.resources import Document, Headset, State

_STATE_FILE = "state.json"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class FilesTarget:
    """A folder as a target; it can be told things, but no headset reports to it."""

    name = "files"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> State:
        """Return the State written last; empty when the folder is not there.

        Raises:
            InputError: the folder holds something that is not ours.
        """
        path = self._folder / _STATE_FILE
        if not self._folder.exists():
            return State()
        if not path.is_file():
            if any(self._folder.iterdir()):
                raise InputError(
                    f"{self._folder}: this folder holds other files",
                    detail="It would be replaced as a whole.",
                    mend="Name a new or an empty folder.",
                )
            return State()
        try:
            return State.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, OSError) as error:
            raise InputError(f"{path}: cannot be read", detail=str(error)) from error

    def drift(self) -> tuple[Drift, ...]:
        """Return nothing: files have no headsets that report, which the command line says."""
        return ()

    def apply(self, plan: Plan, desired: State, texts: Mapping[str, str]) -> ApplyReport:
        """Write all files beside the folder, then put them in its place."""
        self.read()
        parent = self._folder.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{self._folder.name}-", dir=parent))
        try:
            count = 0
            for name, content in _contents(desired, texts):
                path = fresh / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(content)
                count += 1
            self._replace(fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        return ApplyReport(self.name, len(plan.changes), (f"{count} files in {self._folder}",))

    def _replace(self, fresh: Path) -> None:
        old = fresh.with_name(fresh.name + "-old")
        if self._folder.exists():
            os.rename(self._folder, old)
        os.rename(fresh, self._folder)
        shutil.rmtree(old, ignore_errors=True)


def _contents(state: State, texts: Mapping[str, str]) -> Iterable[tuple[str, bytes]]:
    yield _STATE_FILE, state.render().encode()
    yield "headsets.csv", _headsets_csv(state.headsets.values())
    folders = _folder_names(state)
    for key, document in state.documents.items():
        folder = f"documents/{folders[key]}"
        yield (
            f"{folder}/settings.json",
            (json.dumps(document.to_json(), indent=2, ensure_ascii=False) + "\n").encode(),
        )
        yield f"{folder}/settings.csv", _settings_csv(document)
        for setting in document.settings:
            if setting.data.lstrip().startswith("<") and len(setting.data) > 120:
                yield f"{folder}/{_safe(setting.oma_uri)}.xml", setting.data.encode()
    for name, text in texts.items():
        yield f"fleet/{_safe(Path(name).name)}", text.encode()


def _folder_names(state: State) -> dict[str, str]:
    """A document's folder is named after the deployments that use it, so that a person finds it."""
    users: dict[str, set[str]] = {key: set() for key in state.documents}
    for headset in state.headsets.values():
        users[headset.document].add(headset.deployment)
    return {key: "_".join([*sorted(map(_safe, names))[:3], key[:8]]) for key, names in users.items()}


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name).strip("._") or "_"


def _cell(text: str) -> str:
    """A cell that a spreadsheet would run as a formula is quoted (SECURITY TXT-1)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _csv(rows: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([tuple(_cell(cell) for cell in row) for row in rows])
    return out.getvalue().encode()


def _headsets_csv(headsets: Iterable[Headset]) -> bytes:
    rows = [("serial", "name", "deployment", "client", "site", "document", "account")]
    rows.extend(
        (h.serial, h.name, h.deployment, h.client, h.site or "", h.document[:8], h.variables.get("account", ""))
        for h in headsets
    )
    return _csv(rows)


def _settings_csv(document: Document) -> bytes:
    return _csv([("oma_uri", "format", "value"), *((s.oma_uri, str(s.format), s.data) for s in document.settings)])
