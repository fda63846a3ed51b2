"""Reading the files of a fleet: bounded, UTF-8 only, tables only below its folder and never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from holofleet.diagnostics import Finding, Position
from holofleet.spec.attachments import MAX_TABLE_BYTES
from holofleet.spec.enclosures import MAX_ENCLOSURE_BYTES
from holofleet.spec.faults import SpecError, at
from holofleet.spec.yaml_text import MAX_BYTES

MAX_FILES = 1000
_SUFFIXES = (".yaml", ".yml")


class _UnreadableError(Exception):
    """Says in its first argument why a file was not read."""


def read_texts(paths: Sequence[Path]) -> tuple[dict[str, str], Path]:
    """Read the YAML files that ``paths`` name; a folder stands for the YAML files in it, by name.

    Returns:
        The texts by the path that the operator gave, and the folder below which tables may lie.

    Raises:
        SpecError: nothing to read, something unreadable, not UTF-8, or too large.
    """
    if not paths:
        raise SpecError([at("file/missing", Position("", 1, 1), "no fleet file was given", mend="Name one.")])
    files: list[Path] = []
    findings: list[Finding] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(entry for entry in path.iterdir() if entry.suffix in _SUFFIXES)
            if not inside:
                findings.append(at("file/missing", Position(str(path), 1, 1), "no .yaml file in this folder"))
            files.extend(inside)
        else:
            files.append(path)
    if len(files) > MAX_FILES:
        findings.append(at("file/too-large", Position(str(paths[0]), 1, 1), f"more than {MAX_FILES} files"))
        raise SpecError(findings)
    texts: dict[str, str] = {}
    left = MAX_BYTES
    for file in files:
        try:
            content = _read(file, left, regular=file not in paths)
            left -= len(content)
            texts[str(file)] = _decode(content)
        except _UnreadableError as error:
            findings.append(at("file/unreadable", Position(str(file), 1, 1), str(error)))
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            findings.append(
                at(
                    "file/encoding",
                    Position(str(file), line, 1),
                    "this file is not UTF-8",
                    mend="Save it as UTF-8.",
                )
            )
    if findings:
        raise SpecError(findings)
    return texts, paths[0] if paths[0].is_dir() else paths[0].parent


def _decode(content: bytes) -> str:
    return content.decode("utf-8-sig")


def read_attachments(folder: Path, wanted: Mapping[str, Position]) -> dict[str, bytes]:
    """Read the tables that a fleet names.

    Raises:
        SpecError: one lies elsewhere, is a link or no file, is too large, or cannot be read.
    """
    return _read_all(folder, wanted, MAX_TABLE_BYTES, "file/table")


def read_enclosures(folder: Path, wanted: Mapping[str, Position]) -> dict[str, bytes]:
    """Read the other files that a fleet names, by the same rules.

    Raises:
        SpecError: one lies elsewhere, is a link or no file, is too large, or cannot be read.
    """
    return _read_all(folder, wanted, MAX_ENCLOSURE_BYTES, "file/unreadable")


def _read_all(folder: Path, wanted: Mapping[str, Position], most: int, rule: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    findings: list[Finding] = []
    for name, place in wanted.items():
        try:
            found[name] = _read(_below(folder, name), most, regular=True)
        except _UnreadableError as error:
            mend = "Put the file beside the fleet file and name it by its path from there."
            findings.append(at(rule, place, f"`{name[:120]}`: {error}", mend=mend))
    if findings:
        raise SpecError(findings)
    return found


def _below(folder: Path, name: str) -> Path:
    """Return the path of a file below a folder; refuse anything that leads elsewhere."""
    parts = name.split("/")
    if (
        "\\" in name
        or "\x00" in name
        or any(part in ("", ".", "..") for part in parts)
        or Path(name).is_absolute()
    ):
        raise _UnreadableError("not a path below the folder of the fleet file")
    current = folder
    for part in parts:
        current = current / part
        if current.is_symlink():
            raise _UnreadableError("a link is not followed")
    return current


def _read(path: Path, most: int, *, regular: bool) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    if regular:
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags), "rb") as stream:
            if regular and not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise _UnreadableError("not a regular file")
            content = stream.read(most + 1)
    except FileNotFoundError:
        raise _UnreadableError("there is no such file") from None
    except (OSError, ValueError) as error:
        raise _UnreadableError(f"it cannot be read: {getattr(error, 'strerror', None) or 'bad name'}") from None
    if len(content) > most:
        raise _UnreadableError(f"larger than {most} bytes")
    return content
