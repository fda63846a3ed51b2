"""What would leave a headset unusable, or the policy without effect: a valid policy can be either.

No page of the vendor says what must never be blocked on a headset, nor names a way on the device to undo a policy:
what is left is the management channel, or flashing the headset. So packages of the system count as needed, unless
the vendor's own list for app control names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from holofleet import catalog
from holofleet.formats.app_control import options
from holofleet.formats.app_control.model import KERNEL, USER, FileRule, Policy, RootKind, RuleKind, Scenario

_SYSTEM_PUBLISHER = "_cw5n1h2txyewy"
_SYSTEM_ROOTS = frozenset({5, 6, 7})
"""Well-known roots that sign Windows itself."""


@dataclass(frozen=True, slots=True)
class Danger:
    """What is dangerous, and what to do about it."""

    summary: str
    mend: str


def dangers(policy: Policy) -> tuple[Danger, ...]:
    """Return what should keep a valid policy away from headsets."""
    return (*_options(policy), *_scenarios(policy), *_denials(policy))


def package_danger(family: str) -> Danger | None:
    """Tell whether a headset needs a package: a system package that the vendor does not list as deniable."""
    if not family.lower().endswith(_SYSTEM_PUBLISHER):
        return None
    known = {app.package_family.lower(): app for app in catalog.apps().values() if app.package_family}
    app = known.get(family.lower())
    if app is not None and app.in_app_control_list:
        return None
    name = f"{app.title} ({family})" if app is not None else family
    return Danger(
        f"it denies {name}, a part of the system that headsets may need",
        "Leave it allowed; hide it with the kiosk, or its pages with settings_pages.",
    )


def _options(policy: Policy) -> Iterator[Danger]:
    if options.AUDIT in policy.options:
        yield Danger("it only audits and blocks nothing", f"Take the option {options.AUDIT} out.")
    if options.UMCI not in policy.options and not policy.supplemental:
        yield Danger("apps do not fall under it at all", f"Add the option {options.UMCI}.")
    if options.UNSIGNED not in policy.options and not policy.supplemental:
        yield Danger(
            "it is meant to be signed, and a signed policy cannot simply be taken away",
            f"Add the option {options.UNSIGNED}.",
        )


def _scenarios(policy: Policy) -> Iterator[Danger]:
    if policy.supplemental:
        return
    for value, whose in ((KERNEL, "drivers"), (USER, "apps, so neither sign-in nor the start menu")):
        scenario = next((one for one in policy.scenarios if one.value == value), None)
        if scenario is None or not _allows(policy, scenario):
            yield Danger(
                f"it allows no {whose}: the headset might never start again",
                f"Give the signing scenario {value} allowed signers, or a rule that allows files.",
            )


def _allows(policy: Policy, scenario: Scenario) -> bool:
    rules = (policy.file_rules[place] for place in scenario.product.file_rules)
    return bool(scenario.product.allowed) or any(rule.kind is RuleKind.ALLOW for rule in rules)


def _denials(policy: Policy) -> Iterator[Danger]:
    for scenario in policy.scenarios:
        for place in scenario.product.file_rules:
            rule = policy.file_rules[place]
            if rule.kind is RuleKind.DENY:
                yield from _denial(rule)
        for ref in scenario.product.denied:
            signer = policy.signers[ref.signer]
            if signer.root is RootKind.WELL_KNOWN and signer.well_known in _SYSTEM_ROOTS:
                yield Danger(
                    f"it denies what the well-known root {signer.well_known:02X} signs, and with it Windows",
                    "Deny single packages or files instead.",
                )


def _denial(rule: FileRule) -> Iterator[Danger]:
    if rule.package_family:
        found = package_danger(rule.package_family)
        if found is not None:
            yield found
    named = [text for text in rule.texts if text]
    if named and all(fnmatchcase("anything.exe", text.lower()) for text in named):
        yield Danger("it denies every file by a rule for any name", "Deny single packages or files instead.")
