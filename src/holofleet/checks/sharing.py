"""How a shared account signs in: by the headset's certificate, by itself, or with a PIN that people share."""

from __future__ import annotations

from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable


def by_certificate(case: Case) -> bool:
    """Tell whether a certificate of the headset signs the account in."""
    return bool(case.value("accounts.kind") == "shared-certificate")


def by_hand(case: Case) -> bool:
    """Tell whether shared accounts are set up by hand."""
    return bool(case.value("accounts.kind") == "shared-manual")


def without_pin(case: Case) -> NotApplicable | None:
    """Excuse a deployment in which nobody types the PIN of a shared account."""
    if by_certificate(case):
        return NotApplicable("a certificate signs the account in, so that there is no PIN (accounts.kind)")
    if case.value("sign_in.auto_logon"):
        return NotApplicable("headsets sign in by themselves, so that nobody types a PIN (sign_in.auto_logon)")
    return None


def not_by_hand(case: Case) -> NotApplicable | None:
    """Excuse a deployment whose shared accounts are not set up by hand."""
    return None if by_hand(case) else NotApplicable("shared accounts are not set up by hand (accounts.kind)")


def no_accounts(case: Case) -> NotApplicable | None:
    """Excuse a deployment in which no account signs in yet."""
    if case.directory.accounts[case.name]:
        return None
    return NotApplicable("no account signs in on its headsets yet")


def owning(case: Case) -> tuple[str, ...]:
    """Return the shared accounts that own headsets: the one that signs in first, and those that are named."""
    owners = {case.value("enrollment.first_account"), *(case.value("device_owners") or ())}
    return tuple(upn for upn in case.directory.accounts[case.name] if upn in owners)
