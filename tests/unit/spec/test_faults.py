"""Every fault has its place, says what was read and what is expected, and offers the nearest word."""

from __future__ import annotations

import pytest
from fleets import HEAD, SMALL, findings_of, only

from holofleet import spec
from holofleet.diagnostics import Position, Severity


def test_an_unknown_key_has_its_place_and_the_nearest_known_key() -> None:
    finding = only(SMALL + "    restrictions: {usb_dat: false}\n")
    assert finding.rule == "file/unknown-key"
    assert finding.severity is Severity.MUST
    assert finding.position == Position("fleet.yaml", 13, 20)
    assert finding.summary == "unknown key `usb_dat` in deployments[0].restrictions"
    assert finding.mend == "Did you mean `usb_data`?"


def test_an_unknown_key_of_the_root_is_named() -> None:
    finding = only(SMALL + "deploiments: []\n")
    assert finding.summary == "unknown key `deploiments`"
    assert finding.mend == "Did you mean `deployments`?"


def test_a_missing_key_says_how_to_write_it() -> None:
    finding = only(SMALL.replace(", country: US", ""))
    assert finding.rule == "file/missing-key"
    assert finding.summary == "organization.country is missing"
    assert finding.mend == "Write `country: US`."
    assert finding.position == Position("fleet.yaml", 2, 1)


@pytest.mark.parametrize(
    ("line", "summary", "mend"),
    [
        (
            "    verify_every_h: often",
            "deployments[0].verify_every_h: `often` where a whole number is expected",
            "For example `verify_every_h: 24`.",
        ),
        (
            "    restrictions: {usb_data: no}",
            "deployments[0].restrictions.usb_data: `no` where true or false is expected",
            "Write false.",
        ),
        (
            "    restrictions: false",
            "deployments[0].restrictions: `false` where a mapping of keys is expected",
            "For example `restrictions: {developer_mode: false}`.",
        ),
        (
            "    restrictions:",
            "deployments[0].restrictions: nothing where a mapping of keys is expected",
            "For example `restrictions: {developer_mode: false}`.",
        ),
        (
            "    device_owners: admin@contoso.com",
            "deployments[0].device_owners: `admin@contoso.com` where a list is expected",
            "For example `device_owners: [deployer1@contoso.com]`.",
        ),
        (
            "    enrollment: {join: hybrid}",
            "deployments[0].enrollment.join: `hybrid` where one of 'entra', 'mdm-only' or 'package' is expected",
            "For example `join: entra`.",
        ),
        (
            "    kiosk: {for: everybody}",
            "deployments[0].kiosk.for: `everybody` where one of 'everyone' or 'listed' is expected",
            "Did you mean `everyone`? For example `for: everyone`.",
        ),
        (
            "    updates: {deferral: {quality_days: 31}}",
            "deployments[0].updates.deferral.quality_days: `31` where at most 30 is expected",
            "For example `quality_days: 7`.",
        ),
        (
            "    accounts: {users: everyone}",
            "deployments[0].accounts.users: `everyone` where per-headset, or a list of accounts is expected",
            "For example `users: per-headset`.",
        ),
        (
            "    accounts: {users: [nobody]}",
            "deployments[0].accounts.users[0]: `nobody` where a user principal name is expected",
            "For example `expert1@contoso.com`.",
        ),
        (
            "    settings: [{oma_uri: ./Vendor/MSFT/a b, value: 1}]",
            "deployments[0].settings[0].oma_uri: `./Vendor/MSFT/a b` where an OMA-URI is expected",
            "For example `oma_uri: ./Device/Vendor/MSFT/Policy/Config/Privacy/LetAppsAccessLocation`.",
        ),
    ],
)
def test_a_wrong_value_says_what_was_read_what_is_expected_and_an_example(
    line: str, summary: str, mend: str
) -> None:
    finding = only(f"{SMALL}{line}\n")
    assert finding.rule == "file/wrong-value"
    assert finding.summary == summary
    assert finding.mend == mend
    assert finding.position is not None
    assert finding.position.line == 13


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    text = SMALL.replace("country: US", "country: usa").replace("edition: P1", "edition: P3") + "    kiosk: 1\n"
    lines = [finding.position.line for finding in findings_of(text) if finding.position]
    assert lines == [2, 3, 13]


def test_the_error_names_the_first_fault_and_how_many_there_are() -> None:
    with pytest.raises(
        spec.SpecError, match=r"^fleet.yaml:2:31: organization.country: .* \(and 1 more\)"
    ) as caught:
        spec.parse({"fleet.yaml": SMALL.replace("country: US", "country: usa").replace("P1", "P3")})
    assert caught.value.exit_status == 2


def test_a_great_many_faults_are_cut_off() -> None:
    rows = "".join(f"  - {{serail: {i}}}\n" for i in range(3000))
    findings = findings_of(f"{HEAD}headsets:\n{rows}")
    assert len(findings) == 1000


def test_SEC_D2_a_plain_secret_in_the_place_of_a_reference_is_refused_and_not_repeated() -> None:
    site = "sites:\n  - name: plant\n    network: {wifi: [{ssid: Line, security: wpa2-psk, psk: Winter2026!}]}\n"
    finding = only(SMALL + site)
    assert finding.rule == "file/secret"
    assert "a reference to a secret, not the secret itself" in finding.summary
    assert "env:HOLOFLEET_SECRET" in finding.mend
    assert "Winter2026" not in repr(finding)


@pytest.mark.parametrize(
    "line",
    [
        "    accounts: {password: Winter2026}",
        "    accounts: {password: {value: Winter2026}}",
        "    accounts: {password: {expires_after_days: Winter2026}}",
        "    settings: [{oma_uri: ./Vendor/MSFT/WiFi/x, secret: Winter2026}]",
    ],
)
def test_SEC_D2_nothing_below_a_secret_key_is_repeated_in_a_message(line: str) -> None:
    assert "Winter2026" not in repr(findings_of(f"{SMALL}{line}\n"))


def test_names_with_control_characters_cannot_stand_in_a_file() -> None:
    text = SMALL.replace("name: Contoso", 'name: "Con\\e[31mtoso"')
    assert only(text).summary.endswith("where a text without control characters is expected")


def test_the_nearest_of_very_many_words_is_found_and_the_search_stays_short() -> None:
    rows = "".join(f"  - {{serial: '0034{number:08d}'}}\n" for number in range(5000))
    head = SMALL.split("headsets:\n")[0] + "headsets:\n" + rows
    head += "deployments:\n  - {name: a, scenario: cloud-connected, headsets: "
    assert findings_of(head + "['00340000499']}\n")[0].mend.startswith("Did you mean `00340000499")
    assert findings_of(head + "['X03400004999']}\n")[0].mend == "Did you mean `003400004999`?"
    unknown = ", ".join(f"'0035{number:08d}'" for number in range(3000))
    findings = findings_of(f"{head}[{unknown}]}}\n")
    assert len(findings) == 1000
    assert sum(finding.mend.startswith("Did you mean") for finding in findings) <= 50
