"""A policy to the binary that the ApplicationControl node takes.

Little endian, without checksum. Byte for byte what the vendor's compiler writes for formats 7 and 8, as far as
published pairs of XML and binary show; see :mod:`.order` for rules that the sort key cannot tell apart.

Source: pairs of policies in public repositories, and two public readers of the binary.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence

from holofleet.formats.app_control import options
from holofleet.formats.app_control.error import AppControlError
from holofleet.formats.app_control.model import FileRule, Policy, RootKind, Setting, Signer, SignerRef, Signers
from holofleet.formats.app_control.order import Ties, arranged
from holofleet.formats.app_control.rules import faults

FORMATS = (7, 8)
DEFAULT_FORMAT = 7
"""What the vendor's compiler wrote from 2022 to 2024. Which one a headset refuses is documented nowhere."""

HEADER_LENGTH = 0x40


def compile_policy(policy: Policy, form: int = DEFAULT_FORMAT, *, ties: Ties = Ties.STABLE) -> bytes:
    """Return the unsigned binary of a policy.

    Args:
        policy: In any order; it is sorted here.
        form: Format version, 7 or 8.
        ties: Order of file rules that the sort key cannot tell apart.

    Raises:
        AppControlError: the policy breaks a rule of :func:`~holofleet.formats.app_control.faults`.
        ValueError: another format.
    """
    if form not in FORMATS:
        raise ValueError(f"format {form}; {FORMATS} are written")
    wrong = faults(policy)
    if wrong:
        raise AppControlError(wrong)
    writer = _Writer()
    writer.policy(arranged(policy, ties), form)
    return bytes(writer.out)


class _Writer:
    """Appends the parts of a policy to ``out``."""

    def __init__(self) -> None:
        self.out = bytearray()

    def u32(self, *numbers: int) -> None:
        self.out += struct.pack(f"<{len(numbers)}I", *numbers)

    def u64(self, number: int) -> None:
        self.out += struct.pack("<Q", number)

    def guid(self, value: uuid.UUID) -> None:
        self.out += value.bytes_le

    def blob(self, data: bytes) -> None:
        self.u32(len(data))
        self.out += data + bytes(-len(data) % 4)

    def text(self, *texts: str) -> None:
        for text in texts:
            self.blob(text.encode("utf-16-le", "surrogatepass"))
            self.u32(0)

    def places(self, places: Sequence[int]) -> None:
        self.u32(len(places), *places)

    def policy(self, policy: Policy, form: int) -> None:
        flags = options.ALWAYS | (options.SUPPLEMENTAL if policy.supplemental else 0)
        for option in policy.options:
            flags |= options.BITS[option]
        self.u32(form)
        self.guid(policy.base_id)
        self.guid(policy.platform_id)
        self.u32(flags, *map(len, (policy.ekus, policy.file_rules, policy.signers, policy.scenarios)))
        self.u64(policy.version.packed)
        self.u32(HEADER_LENGTH)
        self._body(policy)
        for block in range(3, form + 1):
            self.u32(block)
            self._block(block, policy)
        self.u32(form + 1)

    def _body(self, policy: Policy) -> None:
        for eku in policy.ekus:
            self.blob(eku)
        for rule in policy.file_rules:
            self.u32(rule.kind)
            self.text(rule.file_name)
            self.u64(rule.minimum.packed)
            self.blob(rule.hash)
        for signer in policy.signers:
            self._signer(signer)
        self.places(policy.update_signers)
        self.places(policy.ci_signers)
        for scenario in policy.scenarios:
            self.u32(scenario.value)
            self.places(scenario.inherited)
            self.u32(scenario.minimum_hash)
            for group in scenario.groups:
                self._group(group)
        self.u32(policy.hvci, len(policy.settings))
        for setting in policy.settings:
            self._setting(setting)

    def _signer(self, signer: Signer) -> None:
        self.u32(signer.root)
        if signer.root is RootKind.TBS:
            self.blob(signer.tbs)
        else:
            self.u32(signer.well_known)
        self.places(signer.ekus)
        self.text(signer.issuer, signer.publisher, signer.oem_id)
        self.places(signer.attributes)

    def _group(self, group: Signers) -> None:
        self._refs(group.allowed)
        self._refs(group.denied)
        self.places(group.file_rules)

    def _refs(self, refs: tuple[SignerRef, ...]) -> None:
        self.u32(len(refs))
        for ref in refs:
            self.u32(ref.signer)
            self.places(ref.exceptions)

    def _setting(self, setting: Setting) -> None:
        self.text(setting.provider, setting.key, setting.name)
        match setting.value:
            case bool(flag):
                self.u32(0, flag)
            case int(number):
                self.u32(1, number)
            case bytes(data):
                self.u32(2)
                self.blob(data)
            case str(text):
                self.u32(3)
                self.text(text)

    def _block(self, block: int, policy: Policy) -> None:
        if block == 6:
            self.guid(policy.policy_id)
            self.guid(policy.base_id)
            self.places(policy.supplemental_signers)
        elif block == 8:
            self.u32(0)  # app settings, which no XML of ours can hold
        else:
            for rule in policy.file_rules:
                self._more_of_rule(block, rule)
        if block == 3:
            for signer in policy.signers:
                self.u64(signer.sign_time_after)

    def _more_of_rule(self, block: int, rule: FileRule) -> None:
        if block == 3:
            self.u64(rule.maximum.packed)
            self.u32(len(rule.app_ids))
            self.text(*rule.app_ids)
        elif block == 4:
            self.text(rule.internal_name, rule.file_description, rule.product_name)
        elif block == 5:
            self.text(rule.package_family)
            self.u64(rule.package_version.packed)
        elif block == 7:
            self.text(rule.file_path)
