"""The container of a package: a WIM image, made and taken apart by ``wimlib-imagex`` in a process of its own.

Nothing is trusted: the header and the table of streams are judged before wimlib sees the file
(:mod:`holofleet.formats.provisioning_package.wim`); then it runs without a shell, with an environment and a folder
of its own, and with limits of time, memory and file size.
"""

from __future__ import annotations

import hashlib
import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from holofleet.errors import InputError
from holofleet.formats.provisioning_package.reader import PackageError
from holofleet.formats.provisioning_package.wim import MANY, MAX_ENTRIES, judge, most, place

MAX_PACKAGE_BYTES = 256 << 20
MAX_TEXT_BYTES = 1 << 20
"""Of one file that is taken out and read."""
MAX_TEXTS_BYTES = 16 << 20
"""Of all of them together."""
_LISTING_BYTES = 32 << 20

_WHEN = 1_767_225_600
"""2026-01-01: the time of everything in a package, so that the same content is the same file."""
_WHEN_WINDOWS = (_WHEN + 11_644_473_600) * 10_000_000
_CPU_S, _WALL_S, _MEMORY_BYTES = 30, 60, 1 << 30
_CAPTURE = ("--compress=fast", "--chunk-size=32K", "--rpfix", "--no-acls", "--threads=1")
"""As the vendor's tool compresses; one thread, so that the same content is the same file."""
_EXTRACT = ("--no-globs", "--no-acls", "--preserve-dir-structure")
_PATH = re.compile(r'Full Path += "(/.*)"')
_SIZE = re.compile(r"Uncompressed size += (\d+) bytes")
_ATTRIBUTES = re.compile(r"Attributes += 0x([0-9a-fA-F]{8})")
_DIRECTORY, _REPARSE, _ENCRYPTED = 0x10, 0x400, 0x4000
_NAME = re.compile(r'[^\x00-\x1f\\/:*?"<>|\x7f]+')


@dataclass(frozen=True, slots=True)
class Held:
    """A file in a package: path with ``/``, and size in bytes."""

    path: str
    size: int


def pack(files: Mapping[str, bytes], *, name: str, description: str, properties: Mapping[str, str]) -> bytes:
    """Return a package with these files: the same content gives the same bytes, with the same wimlib.

    Raises:
        InputError: wimlib is not installed, or failed.
    """
    with _folder() as folder:
        source, made = folder / "source", folder / "package.wim"
        for path, content in files.items():
            target = source / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        for one in (*source.rglob("*"), source):
            os.utime(one, (_WHEN, _WHEN))
        said = [f"--image-property={key}={value}" for key, value in properties.items() if value]
        words = ["capture", str(source), str(made), name, description, *_CAPTURE, *said]
        _run(folder, words, largest=MAX_PACKAGE_BYTES)
        return _steady(bytearray(made.read_bytes()), files)


def _steady(data: bytearray, files: Mapping[str, bytes]) -> bytes:
    """Put fixed values where wimlib writes chance and the clock: the GUID of the file, and two times."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    data[24:40] = digest.digest()[:16]
    size, offset = place(bytes(data[72:96]))[:2]
    text = bytes(data[offset : offset + size]).decode("utf-16")
    fixed = _WHEN_WINDOWS.to_bytes(8, "big").hex().upper()
    for part, digits in (("HIGHPART", fixed[:8]), ("LOWPART", fixed[8:])):
        text = re.sub(rf"<{part}>0x[0-9A-F]{{8}}</{part}>", f"<{part}>0x{digits}</{part}>", text)
    data[offset : offset + size] = b"\xff\xfe" + text.encode("utf-16-le")
    return bytes(data)


def taken(package: Path, wanted: re.Pattern[str]) -> tuple[tuple[Held, ...], dict[str, bytes]]:
    """Return the files of a package, and the content of those whose path matches.

    Raises:
        PackageError: no package, one that is cut short, over a limit, or that holds links or paths upward.
        InputError: wimlib is not installed, or the file cannot be read.
    """
    with _copy(package) as (folder, copy):
        held = _listed(folder, copy)
        chosen = [one for one in held if wanted.fullmatch(one.path)]
        return held, _contents(folder, copy, chosen)


def _contents(folder: Path, copy: Path, chosen: list[Held]) -> dict[str, bytes]:
    if not chosen:
        return {}
    for one in chosen:
        if one.size > MAX_TEXT_BYTES:
            raise PackageError(f"{one.path} in the package has {one.size:,} bytes; {MAX_TEXT_BYTES:,} are read")
    if sum(one.size for one in chosen) > MAX_TEXTS_BYTES:
        raise PackageError(f"the settings of the package have more than {MAX_TEXTS_BYTES >> 20} MiB")
    out, names = folder / "out", folder / "names"
    names.write_text("".join(f'"/{one.path}"\n' for one in chosen), encoding="utf-8")
    out.mkdir()
    words = ["extract", str(copy), "1", f"@{names}", f"--dest-dir={out}", *_EXTRACT]
    _run(folder, words, largest=MAX_TEXT_BYTES)
    found = {}
    for one in chosen:
        try:
            descriptor = os.open(out / one.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise PackageError(f"{one.path} in the package cannot be taken out of it") from error
        with os.fdopen(descriptor, "rb") as file:
            found[one.path] = file.read(MAX_TEXT_BYTES + 1)
    return found


def _listed(folder: Path, copy: Path) -> tuple[Held, ...]:
    judge(copy)
    listing = _run(folder, ["dir", str(copy), "1", "--detailed"], largest=_LISTING_BYTES)
    with listing.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        held = tuple(_entries(line.removesuffix("\n") for line in lines))
    if sum(one.size for one in held) > most(copy.stat().st_size):
        raise PackageError("the package grows too much when it is unpacked")
    return held


def _entries(lines: Iterable[str]) -> Iterator[Held]:
    path, count, folder, named = "", 0, False, False
    for line in lines:
        if named and not line.startswith("Short Name"):
            raise PackageError("the package holds a name that no file has")
        named = line.startswith("Full Path")
        if line.startswith("Full Path"):
            match = _PATH.fullmatch(line)
            count += 1
            if match is None or count > MAX_ENTRIES:
                raise PackageError("the package holds a name that no file has" if count <= MAX_ENTRIES else MANY)
            path = match.group(1)[1:]
            if path and not all(_NAME.fullmatch(part) and part.strip(". ") for part in path.split("/")):
                raise PackageError("the package holds a name that leads out of it or that no file has")
        elif match := _ATTRIBUTES.match(line):
            attributes = int(match.group(1), 16)
            folder = bool(attributes & _DIRECTORY)
            if attributes & (_REPARSE | _ENCRYPTED):
                raise PackageError(f"{path} in the package is a link, or encrypted")
        elif (match := _SIZE.match(line)) and not folder:
            yield Held(path, int(match.group(1)))


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="holofleet-package-") as name:
        yield Path(name)


@contextmanager
def _copy(package: Path) -> Iterator[tuple[Path, Path]]:
    """Copy a package into a folder of our own, so that what was judged is what wimlib reads."""
    with _folder() as folder:
        copy = folder / "package.wim"
        with package.open("rb") as file, copy.open("wb") as out:
            left = MAX_PACKAGE_BYTES
            while piece := file.read(1 << 20):
                left -= len(piece)
                if left < 0:
                    raise PackageError(f"the package has more than {MAX_PACKAGE_BYTES >> 20} MiB")
                out.write(piece)
        yield folder, copy


def _run(folder: Path, words: list[str], *, largest: int) -> Path:
    """Run wimlib, let it write no file that is larger, and return the file of what it said."""
    program = shutil.which("wimlib-imagex")
    if program is None:
        raise InputError(
            "wimlib-imagex is not installed; package files need it",
            mend="Debian: apt-get install wimtools. customizations.xml needs no such program.",
        )
    said, complaints = folder / "said", folder / "complaints"
    try:
        with said.open("wb") as out, complaints.open("wb") as err:
            done = subprocess.run(  # noqa: S603 - no shell, an absolute program, paths of our own
                [program, *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                cwd=folder,
                timeout=_WALL_S,
                preexec_fn=partial(_limit, largest),
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise PackageError(f"wimlib took more than {_WALL_S} seconds") from error
    if done.returncode != 0:
        reason = complaints.read_bytes()[-400:].decode(errors="replace").replace(str(folder), "").strip()
        raise PackageError("wimlib cannot read or write this package", detail=reason)
    return said


def _limit(largest: int) -> None:
    for what, limit in (
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, largest),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
