"""What rules of the guide for external clients say beyond their samples: days, numbers, targets, wording."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.checks.fleets import TODAY, fleet, standing

from holofleet import checks, spec
from holofleet.checks import Word
from holofleet.diagnostics import Finding

EXT = "scenario: external-clients\nclient: fabrikam\nkiosk: {apps: [settings]}\n"
REMOTE = EXT + "assist: {product: remote-assist}"
SEATS = "licenses: [{sku: MICROSOFT_REMOTE_ASSIST, seats: 9}]"
AUTOPILOT = EXT + "enrollment: {first_account: none, autopilot: {profile: clients}}\ntenant_lock: true"
OUT = 'loans: [{client: fabrikam, headsets: ["0101"], ships: 2026-11-16, returns: 2027-01-29}]\n'


def found(fleet_: spec.Spec, rule: str, *, today: date = TODAY, target: str = "server") -> list[Finding]:
    """Return the findings of one rule."""
    report = checks.run(fleet_, today=today, target=target)
    return [finding for finding in report.findings if finding.rule == rule]


def one(fleet_: spec.Spec, rule: str, *, target: str = "server") -> Finding:
    """Return the one finding of a rule."""
    findings = found(fleet_, rule, target=target)
    assert len(findings) == 1, findings
    return findings[0]


def test_remote_assist_is_found_from_the_day_after_its_support_ended() -> None:
    fleet_ = fleet(REMOTE, more=SEATS)
    assert found(fleet_, "EXT-08", today=date(2026, 12, 31)) == []
    late = found(fleet_, "EXT-08", today=date(2027, 1, 1))
    assert [finding.summary for finding in late] == [
        "calls of field run in Dynamics 365 Remote Assist, whose support ended on 2026-12-31"
    ]


def test_headsets_without_a_loan_are_named_or_counted() -> None:
    plant = fleet(EXT + "site: plant", more=OUT + "sites: [{name: plant}]")
    assert one(plant, "EXT-03").summary == "headset 0102 of field stands in no loan"
    both = one(fleet(EXT), "EXT-03")
    assert both.summary == "2 headsets (0101 is one) of field stand in no loan"


def test_a_loan_is_late_from_the_day_after_its_return() -> None:
    fleet_ = fleet(EXT + 'headsets: ["0101"]\nsite: plant', more=OUT + "sites: [{name: plant}]")
    assert found(fleet_, "EXT-03", today=date(2027, 1, 29)) == []
    assert len(found(fleet_, "EXT-03", today=date(2027, 1, 30))) == 1


@pytest.mark.parametrize("rule", ["EXT-18", "EXT-21"])
def test_what_needs_autopilot_is_a_loss_on_our_own_server_where_the_file_asks_for_it(rule: str) -> None:
    asked = standing(checks.run(fleet(AUTOPILOT), today=TODAY, target="server"), rule)
    assert (asked.word, asked.lost) == (Word.NOT_APPLICABLE, True)
    not_asked = standing(checks.run(fleet(EXT), today=TODAY, target="server"), rule)
    assert (not_asked.word, not_asked.lost) == (Word.NOT_APPLICABLE, False)
    elsewhere = found(fleet(AUTOPILOT), rule, target="graph")
    assert [finding.subject for finding in elsewhere] == ["headset:0101", "headset:0102"]


def test_a_build_that_nobody_named_is_any_build() -> None:
    bare = "client: fabrikam\nkiosk: {apps: [settings]}\n"
    assert one(fleet(bare), "EXT-13").summary == "field ships with any build instead of the newest known one"
    old = one(fleet(bare + "updates: {build: 22621.1252}"), "EXT-13")
    assert old.summary == "field ships with 22621.1252 instead of the newest known one"


@pytest.mark.parametrize(
    ("charging", "said"),
    [
        (", charging: false", "headsets at plant are not kept"),
        ("", "nothing says whether headsets at plant are kept"),
    ],
)
def test_power_that_is_missing_is_told_from_power_that_nobody_asked_about(charging: str, said: str) -> None:
    found_ = one(fleet(EXT + "site: plant", more=f"sites: [{{name: plant{charging}}}]"), "EXT-30")
    assert found_.summary == said + " plugged in"


def test_a_headset_in_a_group_of_experts_is_named_with_its_group() -> None:
    more = "groups: [{name: experts, members: {accounts_of: [field]}}]"
    told = one(fleet(EXT + "assist: {experts: [experts]}", more=more), "EXT-35").summary
    assert told == "headsets of field may call experts with hl-0101@contoso.com, who signs in on a headset"


def test_fewer_seats_than_accounts_are_told_once_for_the_license() -> None:
    more = (
        "licenses: [{sku: AAD_PREMIUM, seats: 1}]\n"
        "groups: [{name: all, members: {accounts_of: [field, line]}, licenses: [AAD_PREMIUM]}]"
    )
    short = one(fleet(EXT, EXT, more=more), "EXT-16")
    assert short.summary == "3 accounts get AAD_PREMIUM, and 1 seat of it was bought"
    assert short.mend.startswith("Buy 2 more")
    assert short.subject == "license:AAD_PREMIUM"


def test_what_is_the_tenant_s_is_found_once_for_all_its_deployments() -> None:
    assert one(fleet(EXT, EXT), "EXT-41").subject == "tenant"
    assert one(fleet(EXT, EXT), "EXT-07").subject == "tenant"


def gate(loan: str, *, waivers: str = "", first: str = EXT, target: str = "server") -> list[str]:
    """Return what the shipping gate finds for a loan that is out."""
    text = f"loans: [{{client: fabrikam, headsets: [{loan}], ships: 2026-11-16}}]\n{waivers}"
    return [finding.summary for finding in found(fleet(first, more=text), "EXT-58", target=target)]


def test_the_gate_names_the_steps_that_are_open_in_order() -> None:
    (told,) = gate('"0101"')
    assert told.startswith("the loan to fabrikam from 2026-11-16 shipped before EXT-15, EXT-16")
    assert told.endswith("of field were done")


def test_the_gate_leaves_out_what_is_accepted_for_this_deployment_and_only_that() -> None:
    line = (
        "waivers: [{rule: EXT-15, deployment: DEPLOYMENT, by: admin1@contoso.com, until: 2026-11-25, reason: r}]"
    )
    assert "EXT-15" in gate('"0101"')[0]
    assert "EXT-15" not in gate('"0101"', waivers=line.replace("DEPLOYMENT", "field"))[0]
    assert "EXT-16" in gate('"0101"', waivers=line.replace("DEPLOYMENT", "field"))[0]
    assert "EXT-15" in gate('"0101"', waivers=line.replace("DEPLOYMENT", "line"))[0]


def test_the_gate_looks_at_the_headsets_of_the_loan_only() -> None:
    one_waived = "waivers: [{rule: EXT-21, headset: '0101', by: admin1@contoso.com, until: 2026-11-25, reason: r}]"
    assert "EXT-21" in gate('"0101"', first=AUTOPILOT, target="graph")[0]
    assert "EXT-21" not in gate('"0101"', first=AUTOPILOT, target="graph", waivers=one_waived)[0]
    assert "EXT-21" in gate('"0102"', first=AUTOPILOT, target="graph", waivers=one_waived)[0]


def test_the_gate_does_not_ask_for_what_does_not_apply() -> None:
    off = EXT + "enrollment: {first_account: deployer1@contoso.com}\nrestrictions: {usb_data: false}"
    assert not {"EXT-18", "EXT-21", "EXT-25", "EXT-28"} & set(
        gate('"0101"', first=off)[0].replace(",", "").split()
    )
