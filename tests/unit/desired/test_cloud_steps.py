"""What only people can do in the cloud, and which tenant gets what."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest
import yaml

from holofleet import checks, desired, resources, samples, spec
from holofleet.checks.registry import RULES
from holofleet.checks.rule import Form
from holofleet.desired.cloud import manual, tenancies
from holofleet.desired.cloud.answers import DOCUMENT, answers
from holofleet.desired.cloud.manual.job import quoted
from holofleet.resources import KINDS, ManualStep, State
from holofleet.resources.cloud import CLOUD

TODAY = date(2026, 11, 20)
SERVICE = (
    (
        "kind: owning  ",
        "owner: {id: 44444444-4444-4444-8444-444444444444, domain: contoso.com}\n  kind: service  ",
    ),
    ("  other_domains: [contoso.com]", "  other_domains: []"),
)


def sample(name: str, *changes: tuple[str, str]) -> spec.Spec:
    (text,) = samples.text(name).values()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return spec.parse({"fleet.yaml": text})


def steps(fleet_spec: spec.Spec, tenant: int = 0) -> dict[str, ManualStep]:
    return {step.name: step for step in manual.steps(fleet_spec, tenancies(fleet_spec)[tenant])}


def run(line: str) -> list[str]:
    """Return the single-quoted texts of a line as PowerShell reads them, and refuse what it would expand."""
    found = re.findall(r"'((?:[^'\u2018\u2019\u201a\u201b]|['\u2018\u2019\u201a\u201b]{2})*)'", line)
    return [re.sub(r"(['\u2018\u2019\u201a\u201b])\1", r"\1", text) for text in found]


def test_shared_accounts_bring_every_review_that_no_interface_answers() -> None:
    found = steps(sample("shared-identity"))
    rules = {step.rule for step in found.values()}
    assert {"SHR-44", "SHR-46", "SHR-47", "SHR-48", "SHR-50"} <= rules
    assert found["state-roaming"].attested_until == date(2027, 5, 16)
    assert "None" in found["state-roaming"].steps[1]


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_step_says_why_and_how_and_names_a_statement(name: str) -> None:
    for step in steps(sample(name)).values():
        assert step.steps
        assert step.reason
        assert step.rule in RULES


VENDOR = ("product: holofleet  ", "product: remote-assist  ")


@pytest.mark.parametrize(
    ("name", "changes"), [*((name, ()) for name in samples.SAMPLES), ("external-clients", (VENDOR,))]
)
def test_the_line_that_a_step_offers_is_an_attestation_that_the_checks_ask_for(
    name: str, changes: tuple[tuple[str, str], ...]
) -> None:
    fleet_spec = sample(name, *changes)
    text = fleet_spec.texts["fleet.yaml"]
    for step in steps(fleet_spec).values():
        if not step.attest:
            continue
        said = yaml.safe_load(
            step.attest.replace("on: YYYY-MM-DD", "on: 2026-11-16").replace("YYYY-MM-DD", "2027-05-16")
        )
        assert (said["rule"], said["seen"] is not None) == (step.rule, True)
        dates = "on: 2026-11-16, until: 2027-05-16"
        line = f"  - {{rule: {said['rule']}, by: {said['by']}, {dates}, seen: {said['seen']}}}"
        attested = spec.parse({"fleet.yaml": f"{text.partition('attestations:')[0]}attestations:\n{line}\n"})
        found = [finding.rule for finding in checks.run(attested, today=TODAY, target="graph").findings]
        assert "file/attestation-unused" not in found
        assert Form.ATTESTATION in RULES[step.rule].forms


def test_barriers_part_every_client_from_every_other_by_company() -> None:
    found = steps(sample("external-clients"))
    lines = found["information-barriers"].commands
    assert (
        "New-OrganizationSegment -Name 'northwind' -UserGroupFilter 'Company -eq ''Northwind Traders'''" in lines
    )
    policies = [line for line in lines if line.startswith("New-InformationBarrierPolicy")]
    assert len(policies) == 2
    assert all("-State Inactive" in line for line in policies)
    assert "scoped-search" not in found
    assert "scoped-search" in steps(sample("external-clients", VENDOR))
    assert lines.index("Start-InformationBarrierPoliciesApplication") > lines.index(
        "Set-InformationBarrierPolicy -Identity 'northwind apart' -State Active"
    )


def test_one_client_needs_no_barrier() -> None:
    found = steps(
        sample(
            "external-clients",
            (
                "    client: northwind\n    site: northwind-dock\n    headsets",
                "    site: northwind-dock\n    headsets",
            ),
        )
    )
    assert not {"information-barriers", "scoped-search"} & found.keys()


HOSTILE = (
    "O'Hara; Remove-Mailbox *",
    "\u2019; Remove-Mailbox * #",
    "$(Stop-Computer)",
    'a`b"c',
    "''",
    "x' -or 'a' -eq 'a",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_text_in_powershell(name: str) -> None:
    assert run(quoted(name)) == [name]
    change = (
        "display_name: Fabrikam, experts",
        f"display_name: {yaml.dump(name, default_style=chr(34)).strip()}, experts",
    )
    for step in steps(sample("external-clients", change, VENDOR)).values():
        for line in step.commands:
            if name in "".join(run(line)):
                bare = re.sub(r"'(?:[^'\u2018\u2019\u201a\u201b]|['\u2018\u2019\u201a\u201b]{2})*'", "", line)
                assert "Remove-Mailbox" not in bare
                assert "Stop-Computer" not in bare
                assert not re.search(r"['\u2018\u2019\u201a\u201b\"`]", bare)


def test_the_scope_of_enrollment_names_groups_as_the_file_does() -> None:
    change = ("auto_enrollment: {scope: all}", "auto_enrollment: {scope: some, groups: [pump-experts]}")
    step = steps(sample("external-clients", change))["enrollment-scope"]
    assert "selected" in step.commands[1]
    assert "$ref'" in step.commands[2]
    assert "pump-experts" in step.commands[2]


def test_a_tenant_without_p1_has_no_scope_of_enrollment() -> None:
    assert "enrollment-scope" not in steps(sample("cloud-connected", ("edition: P1", "edition: free")))


def test_chats_of_the_vendors_calls_are_deleted_after_the_days_of_the_file() -> None:
    step = steps(sample("external-clients", VENDOR))["chat-retention"]
    assert "-TeamsChatLocation 'expert1@contoso.com','expert2@contoso.com'" in step.commands[1]
    assert "-RetentionDuration 90" in step.commands[2]


def test_a_service_tenant_gets_headsets_and_accounts_and_the_owner_keeps_people() -> None:
    fleet_spec = sample("external-clients", *SERVICE)
    service = desired.compile(fleet_spec, target="graph", tenant="service")
    owning = desired.compile(fleet_spec, target="graph", tenant="owning")
    assert service == desired.compile(fleet_spec, target="graph")
    assert len(service.headsets) == 16
    assert not owning.headsets
    assert not owning.documents
    assert not owning.contents
    assert not {a.kind for a in owning.resources} & ({noun.kind for noun in CLOUD} - {"manual-step"})
    assert {upn.partition("@")[2] for upn in service.of_kind(resources.User)} == {"clients.contoso.com"}
    assert {upn.partition("@")[2] for upn in owning.of_kind(resources.User)} == {"contoso.com"}
    assert set(service.of_kind(resources.Group)) == {"client-headsets", "emergency-access"}
    assert set(owning.of_kind(resources.Group)) == {"pump-experts"}


def test_nothing_but_domain_names_is_shared_between_two_tenants() -> None:
    fleet_spec = sample("external-clients", *SERVICE)
    service = desired.compile(fleet_spec, target="graph", tenant="service")
    owning = desired.compile(fleet_spec, target="graph", tenant="owning")
    assert not set(service.of_kind(resources.User)) & set(owning.of_kind(resources.User))
    text = owning.render()
    assert not [serial for serial in service.headsets if serial in text]
    ours, theirs = steps(fleet_spec, 0)["calls-to-experts"], steps(fleet_spec, 1)["calls-from-headsets"]
    assert any("'contoso.com'" in line for line in ours.commands)
    assert any("'clients.contoso.com'" in line for line in theirs.commands)
    assert "44444444-4444-4444-8444-444444444444" in theirs.commands[0]


def test_a_group_with_members_in_both_tenants_is_a_group_in_each() -> None:
    mixed = (
        "members: [expert1@contoso.com, expert2@contoso.com]",
        "members: {upns: [expert1@contoso.com], accounts_of: [northwind-dock]}",
    )
    fleet_spec = sample("external-clients", *SERVICE, mixed)
    parts = [
        desired.compile(fleet_spec, target="graph", tenant=which).of_kind(resources.Group)["pump-experts"]
        for which in ("service", "owning")
    ]
    assert [len(part.members) for part in parts] == [6, 1]
    assert parts[1].members == ("expert1@contoso.com",)


@pytest.mark.parametrize(("target", "tenant"), [("graph", "service"), ("server", "owning"), ("files", "owning")])
def test_a_tenant_that_the_file_or_the_target_lacks_is_refused(target: str, tenant: str) -> None:
    with pytest.raises(ValueError, match="tenant"):
        desired.compile(sample("cloud-connected"), target=target, tenant=tenant)


def test_every_statement_of_the_guides_has_an_answer_made_of_known_nouns() -> None:
    assert set(answers()) == set(RULES)
    assert len(answers()) == 181
    for key, answer in answers().items():
        assert set(answer.by) <= KINDS.keys() | {DOCUMENT}, key
        assert answer.how.endswith("."), key


def test_a_statement_that_settings_carry_is_answered_by_documents() -> None:
    wrong = [
        key for key, rule in RULES.items() if Form.SETTING in rule.forms and DOCUMENT not in answers()[key].by
    ]
    assert not wrong


FLEETS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    *((name, ()) for name in samples.SAMPLES),
    ("external-clients", SERVICE),
    ("external-clients", (VENDOR,)),
)


def test_every_noun_that_names_a_statement_stands_in_its_answer() -> None:
    seen = set()
    for name, changes in FLEETS:
        fleet_spec = sample(name, *changes)
        for tenancy in tenancies(fleet_spec):
            state = desired.compile(fleet_spec, target="graph", tenant=tenancy.which)
            for resource in state.resources.values():
                rule = getattr(resource, "rule", "")
                if isinstance(resource, (ManualStep, resources.TenantSetting)):
                    seen.add((resource.kind, rule))
                    assert resource.kind in answers()[rule].by, (resource.address, rule)
    promised = {(kind, key) for key, answer in answers().items() for kind in answer.by if kind == "manual-step"}
    serves_too = {"PREP-04", "EXT-04", "EXT-07", "EXT-36", "EXT-57", "OFF-26", "OFF-44"}
    assert {key for _, key in promised - seen} == serves_too


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def page(state: State) -> _Words:
    words = _Words()
    words.feed(state.contents[state.files["cloud/checklist.html"].sha256].decode())
    return words


def test_the_files_target_writes_the_same_steps_as_a_page_without_scripts() -> None:
    fleet_spec = sample("external-clients", *SERVICE)
    words = page(desired.compile(fleet_spec, target="files"))
    for tenant in (0, 1):
        for step in steps(fleet_spec, tenant).values():
            for sentence in (step.title, *step.steps, *step.commands, step.attest):
                assert sentence in words.text
    assert not {"script", "form", "img", "link", "iframe"} & set(words.tags)


def test_hostile_names_do_nothing_on_the_page() -> None:
    name = "<script>alert(1)</script>{{secret:env:HOLOFLEET_SECRET_X}}"
    change = ("display_name: Fabrikam, experts", f'display_name: "{name}", experts')
    state = desired.compile(sample("external-clients", change), target="files")
    words = page(state)
    assert name in words.text
    assert "script" not in words.tags
    assert state.files["cloud/checklist.html"].secrets == ()
