"""App control policies as a headset reads them: the compiled binary, never the XML.

Only what decides about loading is kept: the id, and what is denied by package or by file name. A signed policy is
refused, because nothing here knows its signers.

Source: public readers of compiled policies; no binary was tried on a headset.
"""

from __future__ import annotations

import base64
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from holofleet.simulator.headset.payload.error import PayloadError

_HEADER = struct.Struct("<I16s16sIIIIIQI")
_OLDEST, _NEWEST = 5, 8
_DENY = 0


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy that is in force. ``packages`` and ``files``: what its deny rules name, in lower case."""

    id: uuid.UUID
    audits: bool
    packages: frozenset[str]
    files: frozenset[str]

    def blocks(self, *, package: str = "", file: str = "") -> bool:
        """Tell whether a package or a program is kept from running."""
        named = package.lower() in self.packages or file.lower() in self.files
        return named and not self.audits


def read_app_control(data: str, *, policy_id: str) -> LoadedPolicy:
    """Read the data of ``ApplicationControl/Policies/{policy_id}/Policy``.

    Raises:
        PayloadError: no compiled policy, or one with another id than the node's.
    """
    raw = base64.b64decode("".join(data.split()))
    if raw[:1] == b"\x30":
        raise PayloadError("a signed policy, whose signer this headset does not know")
    if len(raw) < _HEADER.size:
        raise PayloadError(f"{len(raw)} bytes are no app control policy")
    try:
        policy = _read(raw)
    except (struct.error, UnicodeDecodeError) as error:
        raise PayloadError(
            "the app control policy ends too early, or holds no text where text should be"
        ) from error
    if str(policy.id) != policy_id.lower():
        raise PayloadError(f"the policy has the id {policy.id}, and the node {policy_id}")
    return policy


def _read(raw: bytes) -> LoadedPolicy:
    form, base, _, flags, ekus, rules, signers, scenarios, _, length = _HEADER.unpack_from(raw)
    if not _OLDEST <= form <= _NEWEST or length != _HEADER.size - 4 or not flags & 0x8000_0000:
        raise PayloadError("this is no app control policy")
    walk = _Walk(raw, _HEADER.size)
    for _ in range(ekus):
        walk.blob()
    kinds: list[int] = []
    files: set[str] = set()
    for _ in range(rules):
        kinds.append(walk.number())
        name = walk.text()
        walk.skip(8)
        walk.blob()
        if kinds[-1] == _DENY and name:
            files.add(name.lower())
    for _ in range(signers):
        _skip_signer(walk)
    walk.numbers()
    walk.numbers()
    for _ in range(scenarios):
        _skip_scenario(walk)
    walk.number()
    for _ in range(walk.number()):
        _skip_setting(walk)
    own, packages = base, set[str]()
    for block in range(3, form + 1):
        walk.expect(block)
        if block == 3:
            for _ in kinds:
                walk.skip(8)
                for _ in range(walk.number()):
                    walk.text()
            walk.skip(8 * signers)
        elif block == 6:
            own = walk.skip(16)
            walk.skip(16)
            walk.numbers()
        elif block == 8:
            walk.expect(0)
        else:
            texts = list(_rule_texts(walk, block, len(kinds)))
            if block == 5:
                packages = {
                    text.lower() for kind, text in zip(kinds, texts, strict=True) if kind == _DENY and text
                }
    walk.expect(form + 1)
    if walk.at != len(raw):
        raise PayloadError("the app control policy goes on behind its end")
    return LoadedPolicy(uuid.UUID(bytes_le=own), bool(flags & 0x1_0000), frozenset(packages), frozenset(files))


def _rule_texts(walk: _Walk, block: int, rules: int) -> Iterator[str]:
    for _ in range(rules):
        yield walk.text()
        if block == 4:
            walk.text()
            walk.text()
        elif block == 5:
            walk.skip(8)


def _skip_signer(walk: _Walk) -> None:
    if walk.number() == 0:
        walk.blob()
    else:
        walk.number()
    walk.numbers()
    for _ in range(3):
        walk.text()
    walk.numbers()


def _skip_scenario(walk: _Walk) -> None:
    walk.number()
    walk.numbers()
    walk.number()
    for _ in range(3):
        for _ in range(2):
            for _ in range(walk.number()):
                walk.number()
                walk.numbers()
        walk.numbers()


def _skip_setting(walk: _Walk) -> None:
    for _ in range(3):
        walk.text()
    kind = walk.number()
    if kind == 2:
        walk.blob()
    elif kind == 3:
        walk.text()
    else:
        walk.number()


class _Walk:
    """Walks over the bytes; ``struct.error`` where they end too early."""

    def __init__(self, raw: bytes, at: int) -> None:
        self._raw = raw
        self.at = at

    def skip(self, length: int) -> bytes:
        if self.at + length > len(self._raw):
            raise struct.error(f"{length} bytes at {self.at}")
        self.at += length
        return self._raw[self.at - length : self.at]

    def number(self) -> int:
        return int.from_bytes(self.skip(4), "little")

    def numbers(self) -> None:
        self.skip(4 * self.number())

    def expect(self, number: int) -> None:
        if self.number() != number:
            raise PayloadError(f"the app control policy has no {number} before byte {self.at}")

    def blob(self) -> bytes:
        length = self.number()
        data = self.skip(length)
        self.skip(-length % 4)
        return data

    def text(self) -> str:
        text = self.blob().decode("utf-16-le")
        self.expect(0)
        return text
