"""What a policy must obey beyond its schema, as sentences; the same for XML, binary and what we make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holofleet.formats.app_control import options
from holofleet.formats.app_control.model import NONE, FileRule, Policy, RootKind, RuleKind, Scenario, Signers

_HASHES = (20, 32, 48, 64)
_TBS = range(16, 65)


def faults(policy: Policy) -> tuple[str, ...]:
    """Return what is wrong with a policy; empty when a compiler may take it.

    References are checked first: with one that leads nowhere nothing else is looked at.
    """
    return tuple(_references(policy)) or tuple(_contents(policy))


def _contents(policy: Policy) -> Iterator[str]:
    for place, rule in enumerate(policy.file_rules):
        yield from (f"{_rule_name(rule, place)}: {fault}" for fault in _rule(rule))
    for place, signer in enumerate(policy.signers):
        name = signer.id or f"signer {place + 1}"
        if signer.root is RootKind.TBS and len(signer.tbs) not in _TBS:
            yield f"{name}: a certificate hash of {len(signer.tbs)} bytes (16 to 64 are possible)."
        if not 0 <= signer.well_known <= 0xFF:
            yield f"{name}: the well-known root {signer.well_known} is not one byte."
    yield from _scenarios(policy.scenarios)
    yield from _whole(policy)


def _rule_name(rule: FileRule, place: int) -> str:
    return rule.id or f"file rule {place + 1}"


def _rule(rule: FileRule) -> Iterator[str]:
    if not rule.hash and not any(rule.texts):
        yield "it names neither a file, a package nor a hash."
    if rule.hash and any(rule.texts):
        yield "a rule by hash cannot name anything else."
    if rule.hash and len(rule.hash) not in _HASHES:
        yield f"a hash of {len(rule.hash)} bytes (20, 32, 48 or 64 are possible)."
    if rule.maximum != NONE and rule.minimum > rule.maximum:
        yield f"the minimum version {rule.minimum} is above the maximum {rule.maximum}."
    if rule.package_version != NONE and not rule.package_family:
        yield "a package version without a package family."


def _scenarios(scenarios: tuple[Scenario, ...]) -> Iterator[str]:
    values = [scenario.value for scenario in scenarios]
    if len(set(values)) != len(values):
        yield "Two signing scenarios have the same value."
    if any(not 0 < value <= 0xFF for value in values):
        yield "A signing scenario has the value 0, or one of more than a byte."
    if any(not 0 < scenario.minimum_hash <= 0xFFFF for scenario in scenarios):
        yield "A signing scenario has a minimum hash algorithm that is 0 or of more than two bytes."


def _whole(policy: Policy) -> Iterator[str]:
    unknown = sorted(policy.options - options.BITS.keys())
    if unknown:
        yield f"Unknown options: {', '.join(unknown)}."
    if policy.supplemental and (options.ALLOW_SUPPLEMENTAL in policy.options or policy.supplemental_signers):
        yield "A supplemental policy cannot allow supplemental policies."
    if policy.supplemental == (policy.policy_id == policy.base_id):
        yield (
            "A supplemental policy needs the id of another policy as its base."
            if policy.supplemental
            else "A base policy has its own id as BasePolicyID."
        )
    if not policy.supplemental and not {options.UNSIGNED} & policy.options and not policy.update_signers:
        yield f"Without {options.UNSIGNED} a policy needs an UpdatePolicySigner."
    keys = [(s.provider.upper(), s.key.upper(), s.name.upper()) for s in policy.settings]
    if len(set(keys)) != len(keys):
        yield "Two settings have the same name."


def _references(policy: Policy) -> Iterator[str]:
    signers, rules = len(policy.signers), policy.file_rules
    for places in (policy.update_signers, policy.ci_signers, policy.supplemental_signers):
        yield from _within(places, signers, "signer")
    for signer in policy.signers:
        yield from _within(signer.ekus, len(policy.ekus), "EKU")
        yield from _of_kind(signer.attributes, rules, {RuleKind.ATTRIBUTES}, "FileAttribRef")
    for scenario in policy.scenarios:
        yield from _within(scenario.inherited, len(policy.scenarios), "scenario")
        for group in scenario.groups:
            yield from _group(group, signers, rules)


def _group(group: Signers, signers: int, rules: tuple[FileRule, ...]) -> Iterator[str]:
    yield from _within((ref.signer for ref in (*group.allowed, *group.denied)), signers, "signer")
    for ref in group.allowed:
        yield from _of_kind(ref.exceptions, rules, {RuleKind.DENY}, "ExceptDenyRule")
    for ref in group.denied:
        yield from _of_kind(ref.exceptions, rules, {RuleKind.ALLOW}, "ExceptAllowRule")
    yield from _of_kind(group.file_rules, rules, set(RuleKind), "FileRuleRef")


def _within(places: Iterable[int], count: int, noun: str) -> Iterator[str]:
    yield from (f"A reference to {noun} {place + 1} of {count}." for place in places if not 0 <= place < count)


def _of_kind(
    places: tuple[int, ...], rules: tuple[FileRule, ...], kinds: set[RuleKind], noun: str
) -> Iterator[str]:
    yield from _within(places, len(rules), "file rule")
    for place in places:
        if 0 <= place < len(rules) and rules[place].kind not in kinds:
            yield f"{noun} refers to {_rule_name(rules[place], place)}, which is of another kind."
