"""What single rules say beyond their samples: texts with numbers, and where they do not apply."""

from __future__ import annotations

from tests.unit.checks.fleets import checked, fleet, standing

from holofleet.checks import Word
from holofleet.diagnostics import Finding

NEAR = "scenario: near-offline\nsite: ship\n"
SHIP = (
    "sites: [{name: ship, connected_in_use: true, "
    "network: {uplink_mbps: UP, downlink_mbps: 9, concurrent_calls: N}}]"
)
GROUPS = "groups: [{name: crew, object_id: 22222222-2222-4222-8222-222222222222}]\n" + SHIP


def only(first: str, *, more: str, up: str = "9", calls: str = "1") -> Finding:
    """Return the one finding of a fleet."""
    findings = checked(fleet(first, more=more.replace("UP", up).replace("N}", calls + "}"))).findings
    assert len(findings) == 1, findings
    return findings[0]


def test_bandwidth_is_told_with_its_numbers() -> None:
    slow = only("site: ship", more=SHIP, up="1")
    assert slow.summary == "site ship needs 1.5 Mbit/s to the Internet for 1 call at the same time and has 1"
    slower = only("site: ship", more=SHIP, up="2.5", calls="2")
    assert slower.summary == "site ship needs 3 Mbit/s to the Internet for 2 calls at the same time and has 2.5"


def test_headsets_without_a_site_are_counted_or_named() -> None:
    assert only("scenario: near-offline", more="").summary.startswith("2 headsets of field without a site")
    one = only('scenario: near-offline\nheadsets: ["0101"]', more="")
    assert one.summary.startswith("headset 0101 of field without a site")


def test_a_near_offline_deployment_without_headsets_and_site_has_nothing_to_decide() -> None:
    report = checked(fleet('scenario: near-offline\nheadsets: {prefix: "99"}'))
    assert report.findings == ()
    assert standing(report, "OFF-12").word is Word.NOT_APPLICABLE


def absent(days: int, known: int) -> Finding:
    """Return the finding about a kiosk for a group on headsets that are away for some days."""
    kiosk = (
        f"kiosk: {{apps: [settings], profiles: [{{group: crew, apps: [settings]}}], group_cache_days: {known}}}"
    )
    return only(f"{NEAR}{kiosk}\nreconnect: {{longest_absence: {days}d}}", more=GROUPS)


def test_the_mending_of_forgotten_groups_names_days_that_do_and_a_way_where_none_do() -> None:
    assert absent(59, 59).mend == "Write `kiosk: {group_cache_days: 60}`."
    assert absent(30, 0).mend == "Write `kiosk: {group_cache_days: 31}`."
    assert absent(30, 0).summary == "headsets of field may be away for 30 days and know groups for 0"
    assert "visit sooner" in absent(60, 60).mend
    assert "at most" in absent(60, 60).mend


def test_the_limit_of_setting_up_by_hand_does_not_concern_certificates() -> None:
    report = checked(fleet("scenario: shared-identity\nkiosk: {apps: [settings]}"))
    assert standing(report, "SHR-02").word is Word.NOT_APPLICABLE
    by_hand = "scenario: shared-identity\nkiosk: {apps: [settings]}\naccounts: {kind: shared-manual}"
    assert standing(checked(fleet(by_hand)), "SHR-02").word is Word.MET


def test_a_deployment_that_is_enrolled_by_hand_needs_no_edition() -> None:
    by_hand = "enrollment: {automatic: false, first_account: deployer1@contoso.com}"
    assert standing(checked(fleet(by_hand)), "PREP-04").word is Word.NOT_APPLICABLE
    only_managed = "enrollment: {join: mdm-only, first_account: deployer1@contoso.com}"
    assert standing(checked(fleet(only_managed)), "PREP-04").word is Word.NOT_APPLICABLE
