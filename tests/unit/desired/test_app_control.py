"""``app_control``: the compiled policy that a headset gets."""

import base64

import pytest
from tests.unit.desired.fleets import SERIAL, VENDOR, document, fleet, line_of, told

from holofleet import desired
from holofleet.desired.errors import CompileError
from holofleet.formats import app_control as wdac

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


def test_an_own_policy_under_its_own_id_goes_beside_ours_and_under_our_id_is_refused():
    def raw(policy_id):
        uri = f"{VENDOR}ApplicationControl/Policies/{policy_id}/Policy"
        return f"app_control: {{deny: [edge]}}\nsettings: [{{oma_uri: {uri}, value: AAAA}}]"

    own = "11111111-2222-4333-8444-555555555555"
    assert {NODE, NODE.replace(str(wdac.POLICY_ID), own)} <= told(raw(own)).keys()
    with pytest.raises(CompileError) as caught:
        desired.compile(fleet(raw(str(wdac.POLICY_ID).upper())))
    assert {finding.rule for finding in caught.value.findings} == {"compile/owned-node"}
