"""EXT-44: apps that the client should not use cannot run."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import app_control, lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_APP = "mail-and-calendar"
_DETAIL = "The account on the headset is one of yours; in the mail app it opens without a question."


def _check(case: Case) -> Iterator[Fault]:
    if app_control.own_policy(case) or app_control.blocks(case, _APP):
        return
    allowed = bool(case.value("app_control.allow"))
    yield Fault(
        f"the mail app may run on headsets of {case.name}",
        case.place("app_control.allow" if allowed else "app_control.deny"),
        f"Take `{_APP}` out of `app_control.allow`." if allowed else f"Add `{_APP}` to `app_control.deny`.",
        _DETAIL,
    )


RULE = Rule(
    id="EXT-44",
    title="Apps that the client should not use cannot run",
    why="Mail is the guide's example of an app that a client has no business with. A kiosk only hides it.",
    how="`app_control.deny` names `mail-and-calendar`, or `app_control.allow` lists what may run and it is not in "
    "it. Further apps are for you to name. A policy of your own (`app_control.policy_file`) is not read: a person "
    "attests it. It is met once headsets report the policy.",
    mend="Write `app_control: {deny: [edge, edge-old, mail-and-calendar]}`.",
    check=_check,
    nodes=(lockdown.CONTROL_NODE,),
    attestation="read the policy of app_control.policy_file: it has to deny mail and what else clients should "
    "not use",
    attestable=app_control.own_policy,
)
