"""``app_control``: the compiled policy that a headset gets."""

import base64
import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.unit.desired.fleets import SERIAL, VENDOR, document, fleet, line_of, told

from holofleet import desired
from holofleet.desired.errors import CompileError
from holofleet.diagnostics import Finding
from holofleet.formats import app_control as wdac
from holofleet.spec import SpecError

NODE = f"ApplicationControl/Policies/{wdac.POLICY_ID}/Policy"
ASSIST = "assist: {runs_in: app, app: {package_family_name: Contoso.Shell_1qaz2wsx3edc4, application_id: App}}\n"


def denied(text: str, **places: str) -> set[str]:
    """Package families and file names that the policy of a headset denies."""
    policy = wdac.read_binary(base64.b64decode(told(text, **places)[NODE], validate=True)).policy
    assert policy.policy_id == wdac.POLICY_ID
    rules = [rule for rule in policy.file_rules if rule.kind is wdac.RuleKind.DENY]
    return {rule.package_family or rule.file_name for rule in rules}


def test_both_browsers_are_denied_each_in_its_form():
    found = denied("app_control: {deny: [edge, edge-old]}")
    assert found == {"msedge.exe", "Microsoft.MicrosoftEdge_8wekyb3d8bbwe"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("app_control: {deny: [Contoso.Game_1qaz2wsx3edc4]}", {"Contoso.Game_1qaz2wsx3edc4"}),
        ("app_control: {deny: [Contoso.Game_1qaz2wsx3edc4!App]}", {"Contoso.Game_1qaz2wsx3edc4"}),
        (
            "app_control: {deny: [Microsoft.MicrosoftEdge.Stable_8wekyb3d8bbwe]}",
            {"Microsoft.MicrosoftEdge.Stable_8wekyb3d8bbwe", "msedge.exe"},
        ),
        (ASSIST + "app_control: {deny: [assist]}", {"Contoso.Shell_1qaz2wsx3edc4"}),
        (
            "assist: {product: remote-assist}\napp_control: {deny: [assist]}",
            {"Microsoft.MicrosoftRemoteAssist_8wekyb3d8bbwe"},
        ),
    ],
)
def test_an_app_is_denied_by_the_package_or_program_that_its_name_means(text, names):
    assert denied(text) == names


def test_the_policy_is_sent_as_base64_and_says_which_key_line_and_rule_it_comes_from():
    fleet_file = fleet("app_control: {deny: [edge, edge-old]}")
    state = desired.compile(fleet_file)
    assert document(state).by_uri[VENDOR + NODE].format == "b64"
    found = desired.explain(fleet_file, state, SERIAL, VENDOR + NODE)
    (step,) = found.chain
    assert (step.key, found.rule) == ("app_control.deny", "EXT-39")
    assert step.line == line_of(fleet_file, "app_control:")


def test_the_order_of_the_list_does_not_change_the_policy():
    assert told("app_control: {deny: [edge, store]}")[NODE] == told("app_control: {deny: [store, edge]}")[NODE]


@pytest.mark.parametrize("text", ["app_control: none", "app_control: {deny: []}", ""])
def test_nothing_denied_is_no_policy(text):
    assert not [node for node in told(text) if node.startswith("ApplicationControl/")]


@pytest.mark.parametrize("app", ["settings", "device-picker", "Unheard.Of_cw5n1h2txyewy"])
def test_denying_a_part_of_the_system_is_refused_with_its_line_and_a_mend(app):
    bad = fleet(f"app_control:\n  deny:\n    - edge\n    - {app}")
    with pytest.raises(CompileError) as caught:
        desired.compile(bad)
    (finding,) = caught.value.findings
    assert finding.rule == "compile/app-control"
    assert finding.position.line == line_of(bad, f"- {app}")
    assert "kiosk" in finding.mend


OWN = uuid.UUID("11111111-2222-4333-8444-555555555555")
OTHER = uuid.UUID("22222222-2222-4333-8444-555555555555")
POLICY = wdac.block(["Contoso.Game_1qaz2wsx3edc4"], policy_id=OWN)
XML = wdac.render(POLICY).encode()


def own_node(policy_id: uuid.UUID) -> str:
    return f"ApplicationControl/Policies/{policy_id}/Policy"


def raw(policy_id: object, data: bytes) -> str:
    uri = f"{VENDOR}ApplicationControl/Policies/{policy_id}/Policy"
    value = base64.b64encode(data).decode()
    return f'app_control: {{deny: [edge]}}\nsettings: [{{oma_uri: {uri}, value: "{value}"}}]'


def got(text: str, **enclosures: bytes) -> dict[str, str]:
    """What a headset gets, by node; files by their name without a dot."""
    files = {name.replace("_", "."): data for name, data in enclosures.items()}
    settings = document(desired.compile(fleet(text, enclosures=files))).settings
    return {setting.oma_uri.removeprefix(VENDOR): setting.data for setting in settings}


def refused(text: str, **enclosures: bytes) -> list[Finding]:
    with pytest.raises(CompileError) as caught:
        got(text, **enclosures)
    return list(caught.value.findings)


def test_a_raw_policy_under_its_own_id_goes_beside_ours():
    found = told(raw(str(OWN).upper(), wdac.compile_policy(POLICY)))
    assert {node.lower() for node in found} >= {NODE.lower(), own_node(OWN).lower()}


def test_a_raw_policy_under_our_id_is_refused():
    data = wdac.compile_policy(wdac.block(["Contoso.Game_1qaz2wsx3edc4"]))
    (finding,) = refused(raw(wdac.POLICY_ID, data))
    assert finding.rule == "compile/owned-node"


@pytest.mark.parametrize(
    ("node", "data", "reason"),
    [
        (OTHER, wdac.compile_policy(POLICY), "holds the policy"),
        (OWN, b"\0\0\0", "cannot be used"),
        (OWN, wdac.compile_policy(wdac.block([], ["*"], policy_id=OWN)), "every file"),
    ],
)
def test_the_guards_hold_for_raw_policies_too(node, data, reason):
    (finding,) = refused(raw(node, data))
    assert finding.rule == "compile/app-control"
    assert reason in finding.summary
    assert finding.position is not None


def test_a_policy_file_is_compiled_under_its_own_id():
    found = got("app_control: {policy_file: own.xml}", own_xml=XML)
    assert base64.b64decode(found[own_node(OWN)]) == wdac.compile_policy(POLICY, ties=wdac.Ties.POWERSHELL)
    assert NODE not in found


def test_a_compiled_policy_file_is_delivered_byte_for_byte():
    data = wdac.compile_policy(POLICY, 8)
    for content in (data, base64.b64encode(data)):
        found = got("app_control: {policy_file: own.cip}", own_cip=content)
        assert base64.b64decode(found[own_node(OWN)]) == data


def test_a_policy_that_is_too_large_is_refused():
    large = wdac.block([f"Contoso.Game{place}_1qaz2wsx3edc4" for place in range(2500)], policy_id=OWN)
    (finding,) = refused("app_control: {policy_file: own.xml}", own_xml=wdac.render(large).encode())
    assert "too large" in finding.summary


def test_policies_stand_side_by_side_under_their_own_ids():
    other = wdac.render(wdac.block(["Contoso.Quiz_1qaz2wsx3edc4"], policy_id=OTHER)).encode()
    text = "app_control: {deny: [edge], policies: [own.xml, other.xml]}"
    assert {NODE, own_node(OWN), own_node(OTHER)} <= got(text, own_xml=XML, other_xml=other).keys()
    (finding,) = refused(text, own_xml=XML, other_xml=XML)
    assert (finding.rule, str(OWN) in finding.summary) == ("compile/owned-node", True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be used"),
        (XML.replace(b'Value="131"', b'Value="7"'), "might never start again"),
        (XML.replace(b"Enabled:UMCI", b"Enabled:Umci"), "cannot be used"),
        (wdac.compile_policy(POLICY)[:-4], "cannot be used"),
    ],
)
def test_a_policy_file_that_cannot_be_used_is_refused_with_its_line(content, reason):
    (finding,) = refused("app_control:\n  policy_file: own.xml", own_xml=content)
    assert finding.rule == "compile/app-control"
    assert reason in finding.summary
    assert finding.position is not None


def test_a_file_whose_bytes_are_not_there_is_undelivered():
    for text in ("policy_file: own.xml", "deny: [edge], base: windows, trust: [own.cer]"):
        state = desired.compile(fleet(f"app_control: {{{text}}}"))
        (missing,) = [item for item in state.undelivered if item.key.startswith("app_control.")]
        assert "not beside the fleet file" in missing.reason


def test_a_list_of_the_only_apps_is_not_delivered_and_says_why():
    state = desired.compile(fleet("app_control: {allow: [settings]}"))
    (missing,) = [item for item in state.undelivered if item.key == "app_control.allow"]
    assert "no source says" in missing.reason


def test_the_windows_base_denies_the_same_and_trusts_the_certificates_of_own_apps():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso Apps")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + timedelta(days=1)).sign(
        key, hashes.SHA256()
    )
    text = "app_control: {base: windows, deny: [edge, edge-old], trust: [own.cer]}"
    found = got(text, own_cer=certificate.public_bytes(Encoding.DER))
    policy = wdac.read_binary(base64.b64decode(found[NODE])).policy
    tbs = hashlib.sha256(certificate.tbs_certificate_bytes).digest()
    own = next(place for place, signer in enumerate(policy.signers) if signer.tbs == tbs)
    kernel, user = ({ref.signer for ref in scenario.product.allowed} for scenario in policy.scenarios)
    assert (own in user, own in kernel) == (True, False)
    (finding,) = refused(text, own_cer=b"no certificate")
    assert finding.rule == "compile/app-control"


@pytest.mark.parametrize(
    "text", ["{deny: [edge], trust: [own.cer]}", "{base: windows}", "{policy_file: own.xml, deny: [edge]}"]
)
def test_keys_that_mean_nothing_together_are_refused(text):
    with pytest.raises(SpecError):
        fleet(f"app_control: {text}")
