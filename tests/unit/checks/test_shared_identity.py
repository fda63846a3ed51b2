"""What rules of the guide for shared identity say beyond their samples: counts, names, and excuses."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.checks.fleets import TODAY, fleet, reports

from holofleet import checks, desired, spec
from holofleet.checks import Standing, Word
from holofleet.checks.directory import Directory
from holofleet.diagnostics import Finding
from holofleet.resources import State

SHARED = "scenario: shared-identity\nkiosk: {apps: [settings, camera]}\n"
BY_HAND = SHARED + "accounts: {kind: shared-manual}\nsign_in: {pin: {required: true}}\n"
PASSPORT = "./Device/Vendor/MSFT/PassportForWork/11111111-1111-4111-8111-111111111111/Policies/"


def found(rule: str, first: str | spec.Spec, *, more: str = "", target: str = "server") -> list[Finding]:
    """Return the findings of one rule, in the order of the report."""
    spec_ = fleet(first, more=more) if isinstance(first, str) else first
    report = checks.run(spec_, today=TODAY, target=target)
    return [finding for finding in report.findings if finding.rule == rule]


def one(rule: str, first: str | spec.Spec, *, more: str = "", target: str = "server") -> Finding:
    """Return the one finding of a rule."""
    (finding,) = found(rule, first, more=more, target=target)
    return finding


def stands(
    rule: str, first: str, reported: bool = False, *, more: str = "", **changed: dict[str, str]
) -> Standing:
    """Return the standing of a rule for `field`; headsets report what they were told, or something else."""
    spec_ = fleet(first, more=more)
    state = desired.compile(spec_)
    said: State | None = reports(state, **changed) if reported else None
    report = checks.run(spec_, today=TODAY, target="server", state=state, reported=said)
    (standing,) = [item for item in report.standings if (item.rule, item.deployment) == (rule, "field")]
    return standing


def with_account(first: str) -> spec.Spec:
    """Return the fleet in which the account of headset 0101 is the one that sets headsets up."""
    text = fleet(first).texts["fleet.yaml"]
    return spec.parse(
        {"fleet.yaml": text.replace('{serial: "0101"}', '{serial: "0101", account: deployer1@contoso.com}')}
    )


def test_one_account_without_a_license_is_named_and_several_are_counted() -> None:
    licenses = SHARED + "assist: {product: remote-assist}\n"
    assert one("SHR-10", licenses).summary == (
        "2 accounts of field without the service plan MICROSOFT_REMOTE_ASSIST (Dynamics 365 Remote Assist)"
    )
    alone = one("SHR-10", licenses + 'headsets: ["0101"]')
    assert alone.summary.startswith("account hl-0101@contoso.com of field without the service plan")
    assert "MICROSOFT_REMOTE_ASSIST_HOLOLENS" in alone.mend


def test_a_product_that_is_given_twice_is_told_with_both_ways() -> None:
    groups = "groups: [{name: line-accounts, members: {accounts_of: [field]}, licenses: [AAD_PREMIUM]}]"
    twice = one("SHR-09", SHARED + "accounts: {licenses: [AAD_PREMIUM]}", more=groups)
    assert twice.summary == "accounts of field get AAD_PREMIUM twice: directly and by the group line-accounts"


def test_headsets_without_one_account_are_named_or_counted() -> None:
    users = SHARED + "accounts: {users: [admin1@contoso.com, deployer1@contoso.com]}\n"
    assert one("SHR-07", users).summary == "2 headsets of field without one account of its own"
    one_headset = one("SHR-07", users + 'headsets: ["0102"]')
    assert one_headset.summary == "headset 0102 of field without one account of its own"
    assert "(headset 0101)" in one("SHR-23", users + "sign_in: {auto_logon: true}").summary


def test_the_headsets_of_one_account_are_listed_up_to_three() -> None:
    static = SHARED + "accounts: {name: line}\n"
    assert one("SHR-18", static).summary == "line@contoso.com signs in on 2 headsets: 0101, 0102"
    both = fleet(static, SHARED + "accounts: {name: line}\n")
    three = found("SHR-18", both)
    assert {finding.summary for finding in three} == {"line@contoso.com signs in on 3 headsets: 0101, 0102, 0201"}
    text = both.texts["fleet.yaml"].replace('  - {serial: "0201"}', '  - {serial: "0201"}\n  - {serial: "0202"}')
    four = found("SHR-18", spec.parse({"fleet.yaml": text}))
    assert all(finding.summary.endswith(" 4 headsets: 0101, 0102, 0201, ...") for finding in four)


def test_headsets_that_another_account_sets_up_are_named_or_counted() -> None:
    assert "sets up headset 0102 of field" in one("SHR-17", with_account(SHARED)).summary
    text = with_account(SHARED).texts["fleet.yaml"]
    everything = text[: text.index("  - name: line")].replace('headsets: {prefix: "01"}', "headsets: all")
    assert "sets up 2 headsets of field" in one("SHR-17", spec.parse({"fleet.yaml": everything})).summary


def test_a_shared_account_that_owns_its_headset_is_told_by_the_key() -> None:
    role, first = found("SHR-40", with_account(SHARED))
    assert role.subject == first.subject == "user:deployer1@contoso.com"
    assert role.summary == "the shared account deployer1@contoso.com of field is deployer"
    assert first.mend == "Take it out of `enrollment.first_account`."
    owner = with_account(SHARED + "device_owners: [deployer1@contoso.com]")
    mends = [finding.mend for finding in found("SHR-40", owner)]
    assert "Take it out of `device_owners`." in mends


def test_what_the_audit_misses_is_told() -> None:
    assert "how long records are kept" in one("SHR-38", SHARED).summary
    kept = "scenario: cloud-connected\naccounts: {kind: shared-manual, audit: {keep_days: 30}}"
    assert "what is recorded" in one("SHR-38", kept).summary


def test_calls_in_a_blocked_browser_are_mended_by_an_app() -> None:
    shown = "scenario: shared-identity\nkiosk: {apps: [assist, settings]}\n"
    assert one("SHR-30", shown).mend.endswith("or write `assist: {runs_in: app}`.")
    mail = "scenario: shared-identity\nkiosk: {apps: [mail-and-calendar, settings]}\n"
    assert one("SHR-30", mail).mend.endswith("out of `app_control.deny`.")


def test_the_browser_is_taken_out_and_calls_get_an_app() -> None:
    browser = "scenario: shared-identity\nkiosk: {apps: [edge]}\n"
    assert one("SHR-26", browser).mend == "Take `edge` out of the kiosk."
    calls = "scenario: shared-identity\nkiosk: {apps: [assist]}\nassist: {runs_in: browser}\n"
    assert one("SHR-26", calls).mend == "Write `assist: {runs_in: app}`."


def test_whom_intune_cannot_give_one_app_is_named() -> None:
    groups = "groups: [{name: crew, object_id: 22222222-2222-4222-8222-222222222222}]"
    for who in ("group: crew", "user: deployer1@contoso.com"):
        profiles = f"kiosk: {{apps: [settings], profiles: [{{{who}, apps: [camera], single_app: true}}]}}\n"
        text = "scenario: shared-identity\n" + profiles
        assert who.partition(": ")[2] in one("SHR-27", text, more=groups, target="graph").summary
        assert found("SHR-27", text, more=groups) == []


def test_work_by_hand_for_a_reason_is_told_with_the_reason() -> None:
    text = SHARED + "accounts: {kind: shared-manual, manual_because: no certificate service}"
    found_ = stands("SHR-01", text)
    assert (found_.word, found_.why) == (Word.NOT_APPLICABLE, "set up by hand, because: no certificate service")


def test_a_certificate_that_nobody_delivers_is_not_met() -> None:
    text = SHARED + 'accounts: {certificate: {issuer_name: "CN=Contoso Devices"}}'
    assert stands("SHR-01", text).word is Word.NOT_MET
    assert stands("SHR-01", text).why.startswith("not delivered: ")


@pytest.mark.parametrize(
    ("rule", "node", "other"),
    [
        ("SHR-20", PASSPORT + "UsePassportForWork", "false"),
        ("SHR-22", PASSPORT + "RequireSecurityDevice", "false"),
        ("SHR-25", "./Device/Vendor/MSFT/AssignedAccess/Configuration", "<none/>"),
        ("SHR-31", "./Device/Vendor/MSFT/PassportForWork/Biometrics/UseBiometrics", "true"),
    ],
)
def test_headsets_that_report_something_else_are_counted(rule: str, node: str, other: str) -> None:
    assert stands(rule, BY_HAND).word is Word.WAITING
    agreeing = stands(rule, BY_HAND, reported=True)
    assert agreeing.evidence == "2 of 2 headsets reported it"
    assert agreeing.word is (Word.WAITING if rule == "SHR-20" else Word.MET)
    differing = stands(rule, BY_HAND, reported=True, s0101={node: other})
    assert (differing.word, differing.why) == (Word.NOT_MET, "1 of 2 headsets report another value")


def test_a_pin_without_expiry_leaves_nothing_to_report() -> None:
    custody = SHARED + "accounts: {kind: shared-manual, custody: {kept_by: shift lead, pin_change_days: 30}}"
    assert stands("SHR-36", custody).word is Word.MET
    expiring = custody + "\nsign_in: {pin: {expires_after_days: 90}}"
    assert stands("SHR-36", expiring).word is Word.WAITING
    assert stands("SHR-36", expiring, reported=True).word is Word.MET


@pytest.mark.parametrize("rule", ["SHR-20", "SHR-22", "SHR-36", "SHR-42"])
def test_what_is_about_a_pin_binds_nobody_without_one(rule: str) -> None:
    assert "a certificate signs the account in" in stands(rule, SHARED).why
    alone = SHARED + "accounts: {kind: shared-manual}\nsign_in: {auto_logon: true}"
    assert "headsets sign in by themselves" in stands(rule, alone).why


def test_a_review_ends_with_its_day() -> None:
    seen = "attestations: [{rule: SHR-46, by: admin1@contoso.com, on: 2026-11-16, until: 2027-05-16, seen: off}]"
    spec_ = fleet(SHARED, more=seen)
    last = checks.run(spec_, today=date(2027, 5, 16), target="server")
    assert last.word("SHR-46") is Word.ATTESTED
    after = checks.run(spec_, today=date(2027, 5, 17), target="server")
    assert after.word("SHR-46") is Word.WAITING
    assert [f.summary for f in after.findings if f.rule == "SHR-46"] == [
        "the attestation of SHR-46 ended on 2027-05-16"
    ]


def test_a_deployment_without_headsets_has_no_accounts_to_judge() -> None:
    empty = SHARED + 'headsets: {prefix: "99"}'
    for rule in ("SHR-05", "SHR-06", "SHR-07", "SHR-08", "SHR-09", "SHR-18"):
        assert stands(rule, empty).word is Word.NOT_APPLICABLE
    assert stands("SHR-10", empty + "\nassist: {product: remote-assist}").why.startswith("no account signs in")


def test_the_directory_gives_the_same_licenses_to_most_accounts_at_once() -> None:
    more = """\
    groups:
      - {name: line-accounts, members: {accounts_of: [field]}, licenses: [{sku: EMS, disabled_plans: [INTUNE_A]}]}
      - {name: others, members: [admin1@contoso.com], licenses: [INTUNE_A_D]}
    """
    spec_ = fleet(SHARED + "accounts: {licenses: [CONTOSO_SUITE]}", more=more)
    directory, field = Directory(spec_), spec_.deployments()[0]
    ((grants, upns),) = directory.alike(field).items()
    assert upns == ("hl-0101@contoso.com", "hl-0102@contoso.com")
    assert [(grant.sku, grant.group, sorted(grant.plans)) for grant in grants] == [
        ("CONTOSO_SUITE", "", []),
        ("EMS", "line-accounts", ["AAD_PREMIUM"]),
    ]
    assert [(grant.sku, grant.device_only) for grant in directory.grants(field, "admin1@contoso.com")] == [
        ("INTUNE_A_D", True)
    ]
    assert {sku: len(upns) for sku, upns in directory.holders.items()} == {
        "EMS": 2,
        "INTUNE_A_D": 1,
        "CONTOSO_SUITE": 2,
    }
