"""What the header and the table of streams of a WIM image say, judged before any other program sees the file.

Source: 'Windows Imaging File Format (WIM)' (Microsoft), and packages of the vendor's tool.
"""

from __future__ import annotations

import struct
from pathlib import Path

from holofleet.formats.provisioning_package.reader import PackageError

MAGIC = b"MSWIM\0\0\0"
MAX_ENTRIES = 10_000
MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 100
MANY = f"the package holds more than {MAX_ENTRIES:,} files and folders"
_MAX_METADATA_BYTES = 16 << 20
_MAX_XML_BYTES = 1 << 20
_HEADER_BYTES = 208
_VERSION = 0x10D00
_FACTS = struct.Struct("<8xIII20xHHI")
"""Length, version and flags of the header; part, parts and images of the file."""
_PLACES = (48, 72, 96, 124)
"""Where the header says where these are: table of streams, XML, metadata of the image to boot, integrity."""
_STREAM_BYTES = 50
_SPANNED_OR_BUSY = 0x8 | 0x40
_METADATA, _COMPRESSED, _SOLID = 0x2, 0x4, 0x10


def judge(package: Path) -> None:
    """Judge header and table of streams.

    Raises:
        PackageError: no such image, one that is cut short, or one over a limit.
    """
    size = package.stat().st_size
    with package.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not header.startswith(MAGIC):
            raise PackageError("this is no provisioning package (no WIM image)")
        length, version, flags, part, parts, images = _FACTS.unpack_from(header)
        kind = (length, version, flags & _SPANNED_OR_BUSY, part, parts, images)
        if kind != (_HEADER_BYTES, _VERSION, 0, 1, 1, 1):
            raise PackageError("this WIM image is not of the kind that provisioning packages are")
        stored, offset = _table(header, size)
        file.seek(offset)
        streams = file.read(stored)
    _streams(streams, size)


def _table(header: bytes, size: int) -> tuple[int, int]:
    """Return length and offset of the table of streams."""
    places = [place(header[start : start + 24]) for start in _PLACES]
    if any(offset + stored > size for stored, offset, _, _ in places) or not places[0][0] or not places[1][0]:
        raise PackageError("the package is cut short")
    stored, offset, original, kind = places[0]
    if kind & _COMPRESSED or stored != original or stored % _STREAM_BYTES or places[1][2] > _MAX_XML_BYTES:
        raise PackageError("the package has a table of contents of a kind that is not read")
    if stored > 2 * MAX_ENTRIES * _STREAM_BYTES:
        raise PackageError(MANY)
    return stored, offset


def _streams(streams: bytes, size: int) -> None:
    total = 0
    for start in range(0, len(streams), _STREAM_BYTES):
        stored, offset, original, kind = place(streams[start : start + 24])
        if offset + stored > size:
            raise PackageError("the package is cut short")
        if kind & _SOLID or (kind & _METADATA and original > _MAX_METADATA_BYTES):
            raise PackageError("the package has a stream of a kind that is not read")
        total += original
    if total > most(size):
        raise PackageError("the package grows too much when it is unpacked")


def place(entry: bytes) -> tuple[int, int, int, int]:
    """Return what a resource header says: stored size, offset, original size, flags."""
    stored = int.from_bytes(entry[:7], "little")
    offset, original = struct.unpack_from("<QQ", entry, 8)
    return stored, offset, original, entry[7]


def most(size: int) -> int:
    """Return how many bytes a package of so many may grow to."""
    return min(MAX_UNPACKED_BYTES, MAX_RATIO * size)
