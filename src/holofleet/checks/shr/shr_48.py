"""SHR-48: nobody resets a shared account's password alone."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.spec.model.tenant.password_reset in ("all",):
        yield Fault(
            "every user of the tenant, shared accounts as well, may reset the password alone",
            case.at("tenant", "password_reset"),
            "Write `tenant: {password_reset: selected}` with a group that holds no shared account, or `off`.",
            "Whoever wears the headset could set a password, learn it by that, and use the account everywhere.",
        )


RULE = Rule(
    id="SHR-48",
    title="Nobody resets a shared account's password alone",
    why="Self-service password reset is meant for people who have forgotten their own. On a shared account it "
    "hands the password to whoever asks first.",
    how="`tenant.password_reset` is not `all`. With `selected`, the group of the directory must not hold shared "
    "accounts, which no interface tells: a person looks and attests it. Until then the statement waits; an "
    "attestation that has ended is a finding.",
    mend="Take shared accounts out of self-service password reset, write how it stands, and attest it.",
    check=_check,
    attestation="look in the portal whether self-service password reset leaves shared accounts out",
)
