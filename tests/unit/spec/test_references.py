"""Names that refer to one another are declared, and declared once."""

from __future__ import annotations

import pytest
from fleets import HEAD, SMALL, findings_of, only

FULL = (
    HEAD
    + """\
people:
  - {upn: admin@contoso.com, roles: [administrator]}
  - {upn: expert1@contoso.com, roles: [expert], site: desk}
groups:
  - {name: experts, members: [expert1@contoso.com]}
  - {name: accounts, members: {accounts_of: [dock]}}
clients:
  - {name: fabrikam, experts: [experts, expert1@contoso.com]}
sites:
  - {name: desk}
  - {name: plant, client: fabrikam}
headsets:
  - {serial: A1, site: plant, name: hl-1, asset: X1}
  - {serial: A2}
loans:
  - {client: fabrikam, site: plant, headsets: [A1], ships: 2026-12-07, returns: 2026-12-20}
deployments:
  - name: dock
    scenario: external-clients
    client: fabrikam
    site: plant
    headsets: [A1]
    enrollment: {first_account: admin@contoso.com}
    device_owners: [admin@contoso.com]
waivers:
  - {rule: EXT-30, deployment: dock, headset: A1, by: admin@contoso.com, until: 2027-01-01, reason: no power}
"""
)


@pytest.mark.parametrize(
    ("old", "new", "noun", "nearest"),
    [
        ("site: desk}\ngroups", "site: dsk}\ngroups", "site `dsk`", "desk"),
        ("members: [expert1@", "members: [expert2@", "person `expert2@contoso.com`", "expert1@contoso.com"),
        ("accounts_of: [dock]", "accounts_of: [dok]", "deployment `dok`", "dock"),
        ("experts: [experts,", "experts: [expert,", "group or person `expert`", "experts"),
        ("plant, client: fabrikam}", "plant, client: fabricam}", "client `fabricam`", "fabrikam"),
        ("A1, site: plant", "A1, site: plantt", "site `plantt`", "plant"),
        ("- {client: fabrikam", "- {client: fabrikan", "client `fabrikan`", "fabrikam"),
        ("fabrikam, site: plant", "fabrikam, site: plat", "site `plat`", "plant"),
        ("headsets: [A1], ships", "headsets: [A11], ships", "headset `A11`", "A1"),
        ("    client: fabrikam", "    client: fabrika", "client `fabrika`", "fabrikam"),
        ("    site: plant\n", "    site: plan\n", "site `plan`", "plant"),
        ("    headsets: [A1]\n", "    headsets: [A13]\n", "headset `A13`", ""),
        ("first_account: admin@", "first_account: admn@", "person `admn@contoso.com`", "admin@contoso.com"),
        ("device_owners: [admin@", "device_owners: [admim@", "person `admim@contoso.com`", "admin@contoso.com"),
        ("deployment: dock", "deployment: duck", "deployment `duck`", "dock"),
        ("headset: A1, by", "headset: A1b, by", "headset `A1b`", "A1"),
        ("rule: EXT-30", "rule: EXT-99", "guide statement `EXT-99`", ""),
    ],
)
def test_a_name_that_is_not_declared_is_refused_with_the_nearest_one(
    old: str, new: str, noun: str, nearest: str
) -> None:
    assert FULL.count(old) == 1
    finding = only(FULL.replace(old, new))
    assert finding.rule == "file/reference"
    assert finding.summary == f"unknown {noun}"
    assert finding.position is not None
    assert finding.position.line == FULL[: FULL.index(old)].count("\n") + 1
    if nearest:
        assert finding.mend.startswith(f"Did you mean `{nearest}`?")


@pytest.mark.parametrize(
    ("more", "summary"),
    [
        ("  - {serial: a1}\n", "headset a1 is declared twice, as headsets[0] and headsets[2]"),
        ("  - {serial: A3, name: hl-1}\n", "device name hl-1 is declared twice, as headsets[0] and headsets[2]"),
        ("  - {serial: A3, asset: X1}\n", "inventory number X1 is declared twice, as headsets[0] and headsets[2]"),
    ],
)
def test_headsets_are_declared_once(more: str, summary: str) -> None:
    assert only(FULL.replace("  - {serial: A2}\n", "  - {serial: A2}\n" + more)).summary == summary


def test_a_person_written_in_other_letters_is_the_same_person() -> None:
    text = SMALL.replace("people:\n", "people:\n  - {upn: Admin@Contoso.com}\n")
    assert only(text).summary == "person admin@contoso.com is declared twice, as people[0] and people[1]"


def test_a_headset_in_two_deployments_is_refused() -> None:
    more = "  - {name: second, scenario: cloud-connected, headsets: [003421700102]}\n"
    finding = only(SMALL + more)
    assert finding.summary == "headset 003421700102 stands in two deployments, field-service and second"
    assert finding.position is not None
    assert finding.position.line == 13


def test_no_client_is_called_own() -> None:
    assert "names the organization itself" in only(SMALL + "clients: [{name: own}]\n").summary


@pytest.mark.parametrize(
    ("line", "summary"),
    [
        ("    kiosk: {apps: [camrea]}", "unknown app `camrea`"),
        ("    app_control: {deny: [egde]}", "unknown app `egde`"),
        ("    apps: {required: [{app: remote-asist}]}", "unknown app `remote-asist`"),
        ("    settings_pages: {show: [netwrk]}", "unknown settings page `netwrk`"),
    ],
)
def test_apps_and_pages_must_be_known(line: str, summary: str) -> None:
    assert only(f"{SMALL}{line}\n").summary == summary


def test_an_app_by_its_package_family_name_need_not_be_known() -> None:
    assert (
        findings_of(SMALL + "    kiosk: {apps: [Contoso.X_1qaz2wsx3edc4!App, nope]}\n")[0].summary
        == "unknown app `nope`"
    )
