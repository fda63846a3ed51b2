"""OFF-29: the endpoints of the second factor are open, unless another provider asks for it."""

from __future__ import annotations

from holofleet.checks import endpoint_groups
from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable


def _unused(case: Case) -> NotApplicable | None:
    mfa = case.spec.model.tenant.mfa
    if mfa in (None, "entra"):
        return None
    return NotApplicable(f"Entra does not ask for the second factor (tenant.mfa: {mfa})")


RULE = endpoint_groups.rule(
    "OFF-29",
    title="The endpoints of the second factor are open",
    why="Setting up Windows Hello asks for a second factor. Where its endpoints are closed, nobody gets a PIN, "
    "and without a PIN nobody signs in once the headset is away.",
    lost="Nobody can answer for the second factor, so nobody can set up the PIN that signs them in offline.",
    unless="It may stay closed where Entra does not ask for the second factor: `tenant.mfa` is `other` or `none`. "
    "Left out, it counts as `entra`.",
    unused=_unused,
)
