"""The policy that blocks a few apps, on one of two bases; a deny rule always wins.

On the first everything is allowed by name, for the kernel and for people. The vendor's example for headsets is the
second, the list of Windows' own signers; it stops apps from outside the Store unless their signer is trusted, and
one signer too few in it stops a headset from starting, which cannot be tried without one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

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
    SignerRef,
    Signers,
    Version,
)
from holofleet.formats.app_control.trust import Trusted
from holofleet.formats.app_control.windows import signatures

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


class Base(StrEnum):
    """What runs besides what is denied."""

    ALLOW_ALL = "allow-all"
    """Everything; your own apps need nothing more."""

    WINDOWS = "windows"
    """What Windows, drivers and the Store are signed by, and whom you trust: the vendor's documented style."""


def block(
    packages: Iterable[str],
    files: Iterable[str] = (),
    *,
    policy_id: uuid.UUID = POLICY_ID,
    base: Base = Base.ALLOW_ALL,
    trust: Iterable[Trusted] = (),
) -> Policy:
    """Return the policy that keeps packages and programs from running, in every version.

    Args:
        packages: Package family names.
        files: Original file names of programs (``msedge.exe``).
        policy_id: Of a headset's policies, those with other ids stay; the most restrictive result counts.
        base: What else runs.
        trust: Whose apps run too; on a base that allows everything they change nothing.
    """
    denied = [
        FileRule(RuleKind.DENY, package_family=name, package_version=EVERY, minimum=EVERY)
        for name in _once(packages)
    ] + [FileRule(RuleKind.DENY, file_name=name, minimum=EVERY) for name in _once(files)]
    build = _on_everything if base is Base.ALLOW_ALL else _on_windows
    return build(_empty(policy_id), denied, list(dict.fromkeys(trust))).canonical()


def _empty(policy_id: uuid.UUID) -> Policy:
    name = Setting("PolicyInfo", "Information", "Name", "holofleet: blocked apps")
    return Policy(policy_id, policy_id, version=Version(10, 0, 0, 0), options=_OPTIONS, settings=(name,))


def _on_everything(policy: Policy, denied: list[FileRule], trust: list[Trusted]) -> Policy:
    allowed = [FileRule(RuleKind.ALLOW, file_name="*", id=f"ID_ALLOW_A_{place}") for place in (1, 2)]
    rules = (*allowed, *denied)
    signers = tuple(one.signer(place) for place, one in enumerate(trust))
    user = Signers(_refs(range(len(signers))), file_rules=tuple(range(1, len(rules))))
    return replace(policy, file_rules=rules, signers=signers, scenarios=_scenarios(Signers(file_rules=(0,)), user))


def _on_windows(policy: Policy, denied: list[FileRule], trust: list[Trusted]) -> Policy:
    known = signatures()
    own = tuple(one.signer(place) for place, one in enumerate(trust))
    count = len(known.signers)
    user = Signers(_refs((*known.user, *range(count, count + len(own)))), file_rules=tuple(range(len(denied))))
    return replace(
        policy,
        ekus=known.ekus,
        file_rules=tuple(denied),
        signers=(*known.signers, *own),
        ci_signers=(known.store, *range(count, count + len(own))),
        scenarios=_scenarios(Signers(_refs(known.kernel)), user),
    )


def _refs(places: Iterable[int]) -> tuple[SignerRef, ...]:
    return tuple(SignerRef(place) for place in places)


def _scenarios(kernel: Signers, user: Signers) -> tuple[Scenario, Scenario]:
    return (
        Scenario(KERNEL, kernel, friendly_name="Drivers"),
        Scenario(USER, user, friendly_name="Programs and apps"),
    )


def _once(names: Iterable[str]) -> list[str]:
    """Return names in a fixed order, each once whatever its case."""
    return sorted({name.lower(): name for name in names}.values(), key=str.lower)
