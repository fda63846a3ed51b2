"""SHR-42: whoever can reset a PIN can be reached."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    owner = case.value("accounts.mfa_owner")
    if owner is not None and not _reachable(owner):
        yield Fault(
            f"who resets a forgotten PIN of {case.name} cannot be reached by the words {' '.join(owner.split())}",
            case.place("accounts.mfa_owner"),
            "Write an address or a number: `accounts: {mfa_owner: identity-team@contoso.com}`.",
            "Resetting a PIN takes the second factor. Until its owner is found the headset stands still, usually "
            "in the night shift.",
        )


def _reachable(owner: str) -> bool:
    """Tell whether a text holds an address or at least a short extension."""
    return "@" in owner or sum(character.isdigit() for character in owner) >= 3


RULE = Rule(
    id="SHR-42",
    title="Whoever can reset a PIN can be reached",
    why="PINs are forgotten on the headset, at the line, at night. Only the owner of the second factor can help, "
    "so that those who wear the headset need to know where they are reached.",
    how="Where people type a PIN, `accounts.mfa_owner` holds an address or a telephone number of at least three "
    "digits, not a name alone; that there is an owner at all SHR-41 asks for. Where nobody types a PIN, the "
    "statement does not apply. Who reset which PIN, the directory's log has to confirm.",
    mend="Write `accounts: {mfa_owner: identity-team@contoso.com}`, and put the same address on the headset's "
    "case.",
    check=_check,
    verification="the directory's log shows that PINs are reset by that team",
    excused=sharing.without_pin,
    rests_on=("SHR-41",),
)
