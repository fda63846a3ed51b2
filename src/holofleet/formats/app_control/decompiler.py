"""The binary of a policy back to its values; every length and place is checked before it is used."""

from __future__ import annotations

import base64
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from holofleet.formats.app_control import options
from holofleet.formats.app_control.compiler import HEADER_LENGTH
from holofleet.formats.app_control.error import AppControlError
from holofleet.formats.app_control.model import (
    FileRule,
    Policy,
    RootKind,
    RuleKind,
    Scenario,
    Setting,
    Signer,
    SignerRef,
    Signers,
    Version,
)
from holofleet.formats.app_control.reader import parse
from holofleet.formats.app_control.rules import faults
from holofleet.formats.app_control.signed import content, is_signed

MAX_BYTES = 350_000
"""The vendor's management service takes no larger policy."""

READABLE = range(5, 9)
"""Formats of compiled policies that are public; 5 has no ids of its own, and 7 added paths."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Binary:
    """What a binary holds: its policy, in the order of the file, and its format."""

    policy: Policy
    form: int
    data: bytes = field(default=b"", compare=False, repr=False)
    """The bytes of the policy, without an envelope."""
    signed: bool = False
    """It came in a signed envelope; whose signature that is, and whether it holds, was not looked at."""


def read_binary(data: bytes) -> Binary:
    """Read a compiled policy to its last byte, and out of its envelope if it is signed.

    Raises:
        AppControlError: cut off, with something behind its end, with a place that leads nowhere, of a format
            or with content that is not read here, or against a rule of
            :func:`~holofleet.formats.app_control.faults`.
    """
    if len(data) > MAX_BYTES:
        raise AppControlError((f"It has {len(data):,} bytes; {MAX_BYTES:,} are possible.",))
    signed = is_signed(data)
    inside = content(data) if signed else data
    read = replace(_Reader(inside).binary(), data=inside, signed=signed)
    wrong = faults(read.policy)
    if wrong:
        raise AppControlError(wrong)
    return read


def read_any(data: bytes) -> tuple[Policy, Binary | None]:
    """Read a policy whatever its form: XML, compiled, signed, or one of these as base64.

    Returns:
        The policy, and what its binary says where it is compiled.

    Raises:
        AppControlError: it is none of these, or cannot be used.
    """
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"<":
        return parse(data), None
    if start.isalnum() and data.isascii() and b"\0" not in data:
        try:
            data = base64.b64decode(b"".join(data.split()), validate=True)
        except ValueError as error:
            raise AppControlError(("It is neither a policy nor the base64 of one.",)) from error
    binary = read_binary(data)
    return binary.policy, binary


class _Reader:
    """Takes parts off the front of the data."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _wrong(self, text: str) -> AppControlError:
        return AppControlError((f"At byte {self._at}: {text}",))

    def _take(self, length: int) -> bytes:
        if length > len(self._data) - self._at:
            raise self._wrong(f"{length} bytes should follow, {len(self._data) - self._at} are left.")
        part = self._data[self._at : self._at + length]
        self._at += length
        return part

    def _u32(self) -> int:
        return int(struct.unpack("<I", self._take(4))[0])

    def _u64(self) -> int:
        return int(struct.unpack("<Q", self._take(8))[0])

    def _version(self) -> Version:
        return Version.unpack(self._u64())

    def _guid(self) -> uuid.UUID:
        return uuid.UUID(bytes_le=self._take(16))

    def _expect(self, number: int, what: str) -> None:
        found = self._u32()
        if found != number:
            raise self._wrong(f"{what} should be {number}, not {found}.")

    def _blob(self) -> bytes:
        data = self._take(self._u32())
        if any(self._take(-len(data) % 4)):
            raise self._wrong("padding is not zero.")
        return data

    def _text(self) -> str:
        try:
            text = self._blob().decode("utf-16-le")
        except UnicodeDecodeError as error:
            raise self._wrong("text is not UTF-16.") from error
        self._expect(0, "the end of a text")
        return text

    def _count(self, least: int) -> int:
        """Read a count of things of at least so many bytes each; more than could follow is refused at once."""
        count = self._u32()
        if count * least > len(self._data) - self._at:
            raise self._wrong(f"{count} parts should follow, which the data cannot hold.")
        return count

    def _many(self, count: int, read: Callable[[], _T]) -> tuple[_T, ...]:
        return tuple(read() for _ in range(count))

    def _places(self) -> tuple[int, ...]:
        return self._many(self._count(4), self._u32)

    def binary(self) -> Binary:
        form = self._u32()
        if form not in READABLE:
            raise self._wrong(f"format {form} is not read here ({READABLE[0]} to {READABLE[-1]} are).")
        base = self._guid()
        platform = self._guid()
        flags = self._u32()
        ekus, rules, signers, scenarios = (self._count(least) for least in (0, 0, 0, 0))
        version = self._version()
        self._expect(HEADER_LENGTH, "the length of the header")
        for count, least in ((ekus, 4), (rules, 24), (signers, 44), (scenarios, 48)):
            if count * least > len(self._data) - self._at:
                raise self._wrong(f"the header counts {count} parts, which the data cannot hold.")
        policy = Policy(
            policy_id=base,
            base_id=base,
            version=version,
            platform_id=platform,
            supplemental=bool(flags & options.SUPPLEMENTAL),
            options=self._options(flags),
            ekus=self._many(ekus, self._blob),
            file_rules=self._many(rules, self._rule),
            signers=self._many(signers, self._signer),
            update_signers=self._places(),
            ci_signers=self._places(),
            scenarios=self._many(scenarios, self._scenario),
            hvci=self._u32(),
            settings=self._many(self._count(32), self._setting),
        )
        for block in range(3, form + 1):
            self._expect(block, "the number of a block")
            policy = self._block(block, policy)
        self._expect(form + 1, "the end of the policy")
        if self._at != len(self._data):
            raise self._wrong(f"{len(self._data) - self._at} bytes stand behind the end of the policy.")
        return Binary(policy, form)

    def _options(self, flags: int) -> frozenset[str]:
        known = {text for text, bit in options.BITS.items() if flags & bit}
        rest = flags & ~(options.SUPPLEMENTAL | sum(options.BITS[text] for text in known))
        if rest != options.ALWAYS:
            raise self._wrong(f"the option bits {flags:#010x} hold some that are not known, or lack the highest.")
        return frozenset(known)

    def _rule(self) -> FileRule:
        kind = self._u32()
        if kind not in list(RuleKind):
            raise self._wrong(f"{kind} is no kind of file rule.")
        return FileRule(RuleKind(kind), file_name=self._text(), minimum=self._version(), hash=self._blob())

    def _signer(self) -> Signer:
        kind = self._u32()
        if kind not in list(RootKind):
            raise self._wrong(f"{kind} is no kind of root.")
        root = RootKind(kind)
        return Signer(
            root,
            tbs=self._blob() if root is RootKind.TBS else b"",
            well_known=self._u32() if root is RootKind.WELL_KNOWN else 0,
            ekus=self._places(),
            issuer=self._text(),
            publisher=self._text(),
            oem_id=self._text(),
            attributes=self._places(),
        )

    def _scenario(self) -> Scenario:
        value, inherited, minimum = self._u32(), self._places(), self._u32()
        product, test, test_signing = (self._group() for _ in range(3))
        return Scenario(value, product, test, test_signing, inherited, minimum)

    def _group(self) -> Signers:
        return Signers(
            self._many(self._count(8), self._ref), self._many(self._count(8), self._ref), self._places()
        )

    def _ref(self) -> SignerRef:
        return SignerRef(self._u32(), self._places())

    def _setting(self) -> Setting:
        provider, key, name, kind = self._text(), self._text(), self._text(), self._u32()
        value: bool | int | bytes | str
        if kind == 0:
            value = self._flag()
        elif kind == 1:
            value = self._u32()
        elif kind == 2:
            value = self._blob()
        elif kind == 3:
            value = self._text()
        else:
            raise self._wrong(f"{kind} is no kind of setting.")
        return Setting(provider, key, name, value)

    def _flag(self) -> bool:
        number = self._u32()
        if number > 1:
            raise self._wrong(f"{number} is neither true nor false.")
        return bool(number)

    def _block(self, block: int, policy: Policy) -> Policy:
        if block == 6:
            own, base, signers = self._guid(), self._guid(), self._places()
            if base != policy.base_id:
                raise self._wrong(f"the base policy is {policy.base_id} in the header and {base} here.")
            return replace(policy, policy_id=own, supplemental_signers=signers)
        if block == 8:
            self._expect(0, "the count of app settings, which are not read here,")
            return policy
        rules = tuple(self._more_of_rule(block, rule) for rule in policy.file_rules)
        signers_now = policy.signers
        if block == 3:
            signers_now = tuple(replace(signer, sign_time_after=self._u64()) for signer in policy.signers)
        return replace(policy, file_rules=rules, signers=signers_now)

    def _more_of_rule(self, block: int, rule: FileRule) -> FileRule:
        if block == 3:
            return replace(rule, maximum=self._version(), app_ids=self._many(self._count(8), self._text))
        if block == 4:
            texts = self._text(), self._text(), self._text()
            return replace(rule, internal_name=texts[0], file_description=texts[1], product_name=texts[2])
        if block == 5:
            return replace(rule, package_family=self._text(), package_version=self._version())
        return replace(rule, file_path=self._text())
