"""Which files a State is written as: settings documents, tables, and what the upper half made."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from holofleet.formats import app_control
from holofleet.resources import Document, Format, Headset, Setting, State
from holofleet.resources.path_part import path_part

STATE_FILE = "state.json"
_TREE = r"\./(?:Device|User)/Vendor/MSFT/"
_NAMES = tuple(
    (re.compile(_TREE + pattern), name)
    for pattern, name in (
        (r"AssignedAccess/Configuration", "assigned-access"),
        (r"ApplicationControl/Policies/([^/]+)/Policy", r"app-control-\1"),
        (r"Policy/Config/LocalUsersAndGroups/Configure", "device-owners"),
        (r"WiFi/Profile/([^/]+)/WlanXml", r"wifi-\1"),
        (r"VPNv2/([^/]+)/ProfileXML", r"vpn-\1"),
        (r"RootCATrustedCertificates/([^/]+)/([^/]+)/EncodedCertificate", r"certificate-\1-\2"),
    )
)
_LONG = 120
"""Characters from which a value of markup gets a file of its own. Ours."""


@dataclass(frozen=True, slots=True)
class Written:
    """One file of the folder: its relative path, its bytes, its media type, and a sentence about it."""

    path: str
    content: bytes
    media_type: str
    note: str = ""


def contents(state: State, texts: Mapping[str, str]) -> Iterator[Written]:
    """Yield every file but the index; names that only differ in what a path cannot hold are numbered.

    Raises:
        ValueError: the State refers to a file whose bytes did not travel with it: only a State that was compiled
            in this process can be written.
    """
    taken: set[str] = set()
    for file in _all(state, texts):
        path = _free(file.path, taken)
        taken.add(path.casefold())
        yield file if path == file.path else replace(file, path=path)


def _free(path: str, taken: set[str]) -> str:
    """Return the path, or the next free numbered one; letters that differ in case only count as equal."""
    stem, dot, suffix = path.rpartition(".")
    number, free = 1, path
    while free.casefold() in taken:
        number += 1
        free = f"{stem}-{number}{dot}{suffix}"
    return free


def _all(state: State, texts: Mapping[str, str]) -> Iterator[Written]:
    yield Written(STATE_FILE, state.render().encode(), "application/json", "What the next plan compares with.")
    yield Written("headsets.csv", _headsets_csv(state.headsets.values()), "text/csv", "The headsets, one a row.")
    folders = folder_names(state)
    for key, document in state.documents.items():
        yield from _document(f"documents/{folders[key]}", document)
    for name, text in texts.items():
        yield Written(f"fleet/{path_part(Path(name).name)}", text.encode(), "application/yaml", "The fleet file.")
    for file in state.files.values():
        if file.sha256 not in state.contents:
            raise ValueError(f"the bytes of {file.path} are not here")
        yield Written(file.path, state.contents[file.sha256], file.media_type, file.note)


def _document(folder: str, document: Document) -> Iterator[Written]:
    listed = json.dumps(document.to_json(), indent=2, ensure_ascii=False) + "\n"
    yield Written(f"{folder}/settings.json", listed.encode(), "application/json", "All settings, for programs.")
    yield Written(
        f"{folder}/settings.csv", _settings_csv(document), "text/csv", "All settings, for a spreadsheet."
    )
    for setting in document.settings:
        name = f"{folder}/{_name(setting.oma_uri)}"
        if setting.data.lstrip().startswith("<") and len(setting.data) > _LONG:
            yield Written(f"{name}.xml", setting.data.encode(), "application/xml", setting.oma_uri)
        elif (binary := _binary(setting)) is not None:
            yield Written(f"{name}.bin", binary, "application/octet-stream", setting.oma_uri)
            yield from _app_control(name, setting, binary)


def _app_control(name: str, setting: Setting, binary: bytes) -> Iterator[Written]:
    """Yield what an app control policy says as text, so that a person can review what will be sent."""
    if "/ApplicationControl/Policies/" not in setting.oma_uri:
        return
    try:
        policy, _ = app_control.read_any(binary)
    except app_control.AppControlError:
        return  # an operator's own raw value; the checks say what they think of it
    note = "What the policy beside it says: `holofleet app-control compile` makes the same binary of it."
    ordered = app_control.before(policy, app_control.Ties.POWERSHELL)
    yield Written(f"{name}.xml", app_control.render(ordered).encode(), "application/xml", note)


def _name(oma_uri: str) -> str:
    """Name a file after what a node is for; a node without a word of its own keeps its path."""
    for pattern, name in _NAMES:
        if match := pattern.fullmatch(oma_uri):
            return path_part(match.expand(name))
    return path_part(oma_uri.removeprefix("./Device/Vendor/MSFT/").removeprefix("./"))


def _binary(setting: Setting) -> bytes | None:
    """Return the bytes of a base64 value, which is how consoles want to be given it."""
    if setting.format is not Format.B64 or setting.variables:
        return None
    try:
        return base64.b64decode(setting.data, validate=True)
    except binascii.Error:
        return None


def folder_names(state: State) -> dict[str, str]:
    """A document's folder is named after the deployments that use it, so that a person finds it."""
    users: dict[str, set[str]] = {key: set() for key in state.documents}
    for headset in state.headsets.values():
        users[headset.document].add(headset.deployment)
    return {key: "_".join([*sorted(map(path_part, names))[:3], key[:8]]) for key, names in users.items()}


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
