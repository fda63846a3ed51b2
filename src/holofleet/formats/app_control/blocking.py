"""The policy that blocks a few apps and lets everything else run.

Everything is allowed by name, for the kernel and for people, and a deny rule always wins. The vendor's example for
headsets starts from the list of Windows' own signers instead; that list stops apps from outside the Store, and one
signer too few in it stops a headset from starting, which cannot be tried without one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from holofleet.formats.app_control import options
from holofleet.formats.app_control.model import (
    EVERY,
    KERNEL,
    USER,
    FileRule,
    Policy,
    RuleKind,
    Scenario,
    Setting,
    Signers,
    Version,
)

POLICY_ID = uuid.UUID("6a3f1d52-08c4-5e0b-9d77-2b1f4c9ae360")
"""The id of our policy, always the same: a headset then gets a new one in the old one's place, at once.

Taking a policy away waits for a restart. Never change it: the old policy would stay.
"""

_OPTIONS = frozenset(
    {
        options.UNSIGNED,
        options.UMCI,
        options.ADVANCED_BOOT,
        options.INHERIT_DEFAULT,
        options.INVALIDATE_EAS,
        options.NO_REBOOT,
    }
)


def block(packages: Iterable[str], files: Iterable[str] = (), *, policy_id: uuid.UUID = POLICY_ID) -> Policy:
    """Return the policy that keeps packages and programs from running, in every version.

    Args:
        packages: Package family names.
        files: Original file names of programs (``msedge.exe``).
        policy_id: Of a headset's policies, those with other ids stay; the most restrictive result counts.
    """
    allowed = [FileRule(RuleKind.ALLOW, file_name="*", id=f"ID_ALLOW_A_{place}") for place in (1, 2)]
    denied = [
        FileRule(RuleKind.DENY, package_family=name, package_version=EVERY, minimum=EVERY)
        for name in _once(packages)
    ] + [FileRule(RuleKind.DENY, file_name=name, minimum=EVERY) for name in _once(files)]
    rules = (*allowed, *denied)
    return Policy(
        policy_id=policy_id,
        base_id=policy_id,
        version=Version(10, 0, 0, 0),
        options=_OPTIONS,
        file_rules=rules,
        scenarios=(
            Scenario(KERNEL, Signers(file_rules=(0,)), friendly_name="Drivers"),
            Scenario(USER, Signers(file_rules=tuple(range(1, len(rules)))), friendly_name="Programs and apps"),
        ),
        settings=(Setting("PolicyInfo", "Information", "Name", "holofleet: blocked apps"),),
    ).canonical()


def _once(names: Iterable[str]) -> list[str]:
    """Return names in a fixed order, each once whatever its case."""
    return sorted({name.lower(): name for name in names}.values(), key=str.lower)
