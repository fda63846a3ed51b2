"""Write the desired State as files: atomic, private, and readable by people and programs.

Files are written with mode 0600 into a folder that is replaced as a whole (SECURITY FIL-1): a crash leaves
either the old folder or the new one. Secret references stay references unless the operator asks for the values
by name; the files that then hold a secret are named in the report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from holofleet.errors import InputError
from holofleet.plans import ApplyReport, Drift, Plan, compare
from holofleet.resources import State
from holofleet.targets.files.contents import STATE_FILE, contents
from holofleet.targets.files.filling import Resolve, filled
from holofleet.targets.files.folder import write_folder
from holofleet.targets.files.index import INDEX, render_index


class FilesTarget:
    """A folder as a target; it can be told things, but no headset reports to it."""

    name = "files"

    def __init__(self, folder: Path, *, resolve: Resolve | None = None) -> None:
        """Name the folder; with ``resolve``, secrets are filled in where files need them."""
        self._folder = folder
        self._resolve = resolve

    def read(self) -> State:
        """Return the State written last; empty when the folder is not there.

        Raises:
            InputError: the folder holds something that is not ours.
        """
        path = self._folder / STATE_FILE
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

    def plan(self, desired: State) -> Plan:
        """Compare with what was written last."""
        return compare(desired, self.read(), target=self.name)

    def drift(self) -> tuple[Drift, ...]:
        """Return nothing: files have no headsets that report, which the command line says."""
        return ()

    def apply(self, plan: Plan, desired: State, texts: Mapping[str, str]) -> ApplyReport:
        """Write all files beside the folder, then put them in its place: all or nothing.

        Raises:
            InputError: the folder holds other files, or a secret that a file needs is not there.
        """
        self.read()
        listed = list(contents(desired, texts))
        notes: list[str] = []
        pages = [(INDEX, render_index(desired, listed))]
        for file in listed:
            content, secrets = (file.content, ()) if self._resolve is None else filled(file, self._resolve)
            pages.append((file.path, content))
            if secrets:
                notes.append(f"{file.path} holds secrets now ({', '.join(secrets)}): delete it after use")
        write_folder(self._folder, pages)
        return ApplyReport(self.name, len(plan.changes), (f"{len(pages)} files in {self._folder}", *notes))
