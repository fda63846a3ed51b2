"""SHR-03: setting up by hand is for places that have nothing better."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_BETTER = (
    ("accounts.certificate.scep_url", "a service that issues certificates"),
    ("accounts.certificate.issuer_name", "an issuer of certificates"),
    ("accounts.certificate.issuer_thumbprint", "an issuer of certificates"),
    ("enrollment.autopilot.profile", "Autopilot"),
)


def _check(case: Case) -> Iterator[Fault]:
    for key, what in _BETTER:
        if case.value(key) is not None:
            yield Fault(
                f"{case.name} sets shared accounts up by hand and has {what}",
                case.place(key),
                f"Write `accounts: {{kind: shared-certificate}}`, or take `{key}` out if there is no such thing.",
                "Setting up by hand is meant for places without the infrastructure that the improved way needs. "
                "Here it is declared, so that every hour of work by hand is spent for nothing.",
            )
            return


RULE = Rule(
    id="SHR-03",
    title="Setting up by hand is for places that have nothing better",
    why="The guide keeps the way by hand for those who cannot issue certificates or register headsets. Whoever "
    "has that infrastructure and does not use it pays with work and with a PIN that many people know.",
    how="A deployment with `accounts.kind: shared-manual` declares neither a certificate service or an issuer "
    "(`accounts.certificate`) nor an Autopilot profile. Where they are declared for a reason, waive the "
    "statement.",
    mend="Write `accounts: {kind: shared-certificate}`; what it needs is there.",
    check=_check,
    excused=sharing.not_by_hand,
)
