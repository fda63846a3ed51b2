"""Which guides bind a deployment."""

from __future__ import annotations

import pytest
from tests.unit.checks.fleets import checked, fleet, rules, standing

from holofleet import spec
from holofleet.checks import Word

ONLINE = "sites: [{name: plant, connectivity: online, network: {uplink_mbps: 9, downlink_mbps: 9}}]"


def bound(first: str, *, more: str = ONLINE) -> set[str]:
    """Return the guides that bind the deployment `field`."""
    report = checked(fleet(first, more=more))
    return {item.rule.partition("-")[0] for item in report.standings if item.deployment == "field"}


def test_the_cloud_connected_guide_binds_everybody() -> None:
    assert bound("") == {"PREP"}


@pytest.mark.parametrize(
    ("scenario", "guide"), [("external-clients", "EXT"), ("shared-identity", "SHR"), ("near-offline", "OFF")]
)
def test_a_scenario_brings_its_guide(scenario: str, guide: str) -> None:
    assert bound(f"scenario: {scenario}") == {"PREP", guide}


def test_two_scenarios_bring_both_guides() -> None:
    words = "scenario: [near-offline, external-clients]\nsettings_pages: {show: [network]}"
    assert bound(words) == {"PREP", "EXT", "OFF"}


def test_a_client_brings_the_guide_for_external_clients() -> None:
    assert bound("client: fabrikam") == {"PREP", "EXT"}


def test_the_organization_itself_is_no_client() -> None:
    assert bound("client: own") == {"PREP"}


@pytest.mark.parametrize("kind", ["shared-manual", "shared-certificate"])
def test_shared_accounts_bring_the_guide_for_shared_identities(kind: str) -> None:
    assert bound(f"accounts: {{kind: {kind}}}") == {"PREP", "SHR"}


@pytest.mark.parametrize("connectivity", ["near-offline", "offline"])
def test_a_site_without_a_steady_network_brings_the_near_offline_guide(connectivity: str) -> None:
    assert bound("site: plant", more=ONLINE.replace("online", connectivity)) == {"PREP", "OFF"}


def test_the_site_of_a_single_headset_counts() -> None:
    text = fleet(more=ONLINE.replace("online", "offline")).texts["fleet.yaml"]
    spec_ = spec.parse({"fleet.yaml": text.replace('{serial: "0101"}', '{serial: "0101", site: plant}')})
    assert {s.deployment for s in checked(spec_).standings if s.rule == "OFF-12"} == {"field"}


def test_a_guide_that_binds_nobody_has_one_standing_that_says_so() -> None:
    found = standing(checked(fleet()), "SHR-19", "")
    assert (found.word, found.why) == (Word.NOT_APPLICABLE, "no deployment shares accounts")


def test_a_guide_binds_one_deployment_and_spares_the_other() -> None:
    report = checked(fleet("accounts: {kind: shared-manual}\nsign_in: {iris: true}", "sign_in: {iris: true}"))
    assert rules(report) == ["SHR-19"]
    assert report.findings[0].subject == "deployment:field"
    assert [item.deployment for item in report.standings if item.rule == "SHR-19"] == ["field"]
