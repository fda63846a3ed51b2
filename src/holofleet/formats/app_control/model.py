"""The values of an app control policy: rules, signers, scenarios.

Lists refer to each other by place. Names and ids of the XML are kept for people and for messages; the binary does
not hold them, so two policies are equal whatever their names are.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

PLATFORM_ID = uuid.UUID("2e07f7e4-194c-4d20-b7c9-6f44a6c5a234")
"""The platform of every policy for Windows."""

KERNEL, USER = 131, 12
"""Values of the two signing scenarios: what the kernel loads, and what people run."""

NO_MINIMUM_HASH = 0x800C


class Version(NamedTuple):
    """Four numbers of 16 bits; all zero stands for "none"."""

    major: int = 0
    minor: int = 0
    build: int = 0
    revision: int = 0

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``1.2.3.4``; ValueError for anything else."""
        parts = text.split(".")
        if len(parts) != 4 or not all(p.isascii() and p.isdigit() and len(p) < 6 for p in parts):
            raise ValueError(f"{text!r} is no version of four numbers")
        numbers = [int(part) for part in parts]
        if max(numbers) > 0xFFFF:
            raise ValueError(f"{text!r} has a number above 65535")
        return cls(*numbers)

    @classmethod
    def unpack(cls, number: int) -> Version:
        """Return the version that stands in 64 bits."""
        return cls(number >> 48, number >> 32 & 0xFFFF, number >> 16 & 0xFFFF, number & 0xFFFF)

    @property
    def packed(self) -> int:
        """The 64 bits of the binary."""
        return self.major << 48 | self.minor << 32 | self.build << 16 | self.revision

    def __str__(self) -> str:
        return ".".join(map(str, self))


NONE, EVERY = Version(), Version(0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF)


class RuleKind(IntEnum):
    """What a file rule does."""

    DENY = 0
    ALLOW = 1
    ATTRIBUTES = 2
    """Neither: it narrows the signers that refer to it."""


class RootKind(IntEnum):
    """How a signer is found: by the hash of its certificate, or by a number that Windows knows."""

    TBS = 0
    WELL_KNOWN = 1


@dataclass(frozen=True, slots=True)
class FileRule:
    """One rule about files or packages; empty strings and zero versions are absent.

    ``minimum`` is what takes effect: a deny rule without versions denies up to 65535.65535.65535.65535. Of a
    package, a deny with the highest version means "this and below", an allow with the lowest "this and above".
    """

    kind: RuleKind
    file_name: str = ""
    internal_name: str = ""
    file_description: str = ""
    product_name: str = ""
    package_family: str = ""
    file_path: str = ""
    hash: bytes = b""
    minimum: Version = NONE
    maximum: Version = NONE
    package_version: Version = NONE
    app_ids: tuple[str, ...] = ()
    id: str = field(default="", compare=False)
    friendly_name: str = field(default="", compare=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that a file is told apart by, except its hash, in the order of the sort key."""
        return (
            self.file_name,
            self.internal_name,
            self.file_description,
            self.product_name,
            self.package_family,
            self.file_path,
        )


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signature counts. ``sign_time_after`` is a FILETIME, 0 for none."""

    root: RootKind
    tbs: bytes = b""
    well_known: int = 0
    ekus: tuple[int, ...] = ()
    issuer: str = ""
    publisher: str = ""
    oem_id: str = ""
    attributes: tuple[int, ...] = ()
    sign_time_after: int = 0
    id: str = field(default="", compare=False)
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SignerRef:
    """A signer of a scenario, with the file rules that are excepted from it."""

    signer: int
    exceptions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Signers:
    """Who and what is allowed and denied for one kind of signing."""

    allowed: tuple[SignerRef, ...] = ()
    denied: tuple[SignerRef, ...] = ()
    file_rules: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """What holds for the kernel (131) or for people's programs (12)."""

    value: int
    product: Signers = Signers()
    test: Signers = Signers()
    test_signing: Signers = Signers()
    inherited: tuple[int, ...] = ()
    minimum_hash: int = NO_MINIMUM_HASH
    id: str = field(default="", compare=False)
    friendly_name: str = field(default="", compare=False)

    @property
    def groups(self) -> tuple[Signers, Signers, Signers]:
        """The three groups in the order of the binary."""
        return self.product, self.test, self.test_signing


@dataclass(frozen=True, slots=True)
class Setting:
    """A secure setting; ``value``: bool, int of 32 bits, bytes or text."""

    provider: str
    key: str
    name: str
    value: bool | int | bytes | str
    kind: type = field(init=False, repr=False)
    """Type of the value: to Python ``True == 1``, to a headset they are two kinds of settings."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", type(self.value))


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy. A base policy has ``base_id == policy_id``."""

    policy_id: uuid.UUID
    base_id: uuid.UUID
    version: Version = NONE
    platform_id: uuid.UUID = PLATFORM_ID
    supplemental: bool = False
    options: frozenset[str] = frozenset()
    ekus: tuple[bytes, ...] = ()
    file_rules: tuple[FileRule, ...] = ()
    signers: tuple[Signer, ...] = ()
    update_signers: tuple[int, ...] = ()
    ci_signers: tuple[int, ...] = ()
    supplemental_signers: tuple[int, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    hvci: int = 0
    settings: tuple[Setting, ...] = ()

    @property
    def name(self) -> str:
        """The name that the policy carries as a setting, or nothing."""
        for setting in self.settings:
            if (setting.provider, setting.key, setting.name) == ("PolicyInfo", "Information", "Name"):
                return str(setting.value)
        return ""

    def rule_keys(self) -> list[tuple[object, ...]]:
        """Return what the file rules are sorted by in the binary."""
        return [_rule_key(rule) for rule in self.file_rules]

    def canonical(self, order: Sequence[int] | None = None) -> Policy:
        """Return the same policy in the order of the binary; compare policies by it.

        File rules and settings are sorted, and what refers to rules follows. Signers, EKUs and scenarios keep
        their order. Rules that the order cannot tell apart keep theirs, unless an order of places is given.
        """
        if order is None:
            keys = self.rule_keys()
            order = sorted(range(len(keys)), key=keys.__getitem__)
        moved = {old: new for new, old in enumerate(order)}
        return replace(
            self,
            file_rules=tuple(self.file_rules[place] for place in order),
            signers=tuple(replace(s, attributes=_follow(s.attributes, moved)) for s in self.signers),
            scenarios=tuple(_moved(scenario, moved) for scenario in self.scenarios),
            settings=tuple(sorted(self.settings, key=_setting_key)),
        )


def _rule_key(rule: FileRule) -> tuple[object, ...]:
    # Upper case and UTF-16 order, as ordinal comparison of Windows does it; absent (empty) comes first.
    return (int(rule.kind), *(_ordinal(text) for text in rule.texts), rule.hash)


def _setting_key(setting: Setting) -> tuple[bytes, ...]:
    return _ordinal(setting.provider), _ordinal(setting.key), _ordinal(setting.name)


def _ordinal(text: str) -> bytes:
    # Letter by letter: some letters have an upper case of two letters, and Windows leaves those as they are.
    upper = "".join(u if len(u := char.upper()) == 1 else char for char in text)
    return upper.encode("utf-16-be", "surrogatepass")


def _follow(places: tuple[int, ...], moved: dict[int, int]) -> tuple[int, ...]:
    return tuple(moved[place] for place in places)


def _moved(scenario: Scenario, moved: dict[int, int]) -> Scenario:
    def group(signers: Signers) -> Signers:
        return Signers(
            tuple(replace(ref, exceptions=_follow(ref.exceptions, moved)) for ref in signers.allowed),
            tuple(replace(ref, exceptions=_follow(ref.exceptions, moved)) for ref in signers.denied),
            tuple(sorted(_follow(signers.file_rules, moved))),
        )

    product, test, test_signing = (group(signers) for signers in scenario.groups)
    return replace(scenario, product=product, test=test, test_signing=test_signing)
