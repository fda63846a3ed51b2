"""Who wins when layers speak about one node, and what is refused."""

import pytest
from tests.unit.desired.fleets import POLICY, SERIAL, document, fleet, line_of, told

from holofleet import desired
from holofleet.desired.statement import Layer

USB = "Connectivity/AllowUSBConnection"
GAZE = POLICY + "Privacy/LetAppsAccessGazeInput"


def findings(deployment: str = "", **places: str) -> tuple:
    with pytest.raises(desired.CompileError) as caught:
        desired.compile(fleet(deployment, **places))
    return caught.value.findings


def test_layers_grow_stronger_from_baseline_to_deployment():
    assert [layer.value for layer in sorted(Layer, key=lambda layer: layer.rank)] == [
        "holofleet",
        "baseline",
        "scenario",
        "defaults",
        "deployment",
    ]


def test_a_stronger_layer_wins_silently():
    assert told()[USB] == "0"
    assert told(defaults="restrictions: {usb_data: true}")[USB] == "1"
    assert told("restrictions: {usb_data: false}", defaults="restrictions: {usb_data: true}")[USB] == "0"


def test_the_origin_of_a_setting_is_the_line_that_won():
    loaded = fleet("restrictions: {usb_data: false}", defaults="restrictions: {usb_data: true}")
    state = desired.compile(loaded)
    origin = next(o for o in state.origins if o.oma_uri == POLICY + USB)
    assert (origin.layer, origin.key, origin.rule) == ("deployment", "restrictions.usb_data", "EXT-24")
    assert (origin.path, origin.line) == ("fleet.yaml", line_of(loaded, "usb_data: false"))


def test_a_preset_has_no_line_but_a_rule():
    origin = next(
        o for o in desired.compile(fleet()).origins if o.oma_uri.endswith("AllowMicrosoftAccountConnection")
    )
    assert (origin.layer, origin.path, origin.line, origin.rule) == ("scenario", "", 0, "PREP-09")


def test_every_setting_has_exactly_one_origin():
    state = desired.compile(fleet())
    assert sorted(o.oma_uri for o in state.origins) == sorted(s.oma_uri for s in document(state).settings)


def test_two_raw_settings_for_one_node_are_a_conflict_that_names_both_lines():
    text = f"""
    settings:
      - {{oma_uri: {GAZE}, value: 1}}
      - {{oma_uri: {GAZE.replace("./Device/Vendor", "./Vendor")}, value: 2}}
    """
    found = findings(text)
    assert {f.rule for f in found} == {"compile/conflict"}
    lines = [f.position.line for f in found]
    assert lines[1] == lines[0] + 1
    assert f"fleet.yaml:{lines[1]}" in found[0].detail
    assert f"fleet.yaml:{lines[0]}" in found[1].detail


@pytest.mark.parametrize("typed", ["", "restrictions: {usb_data: false}"])
@pytest.mark.parametrize("where", ["deployment", "defaults"])
def test_a_raw_setting_for_a_node_that_a_key_owns_is_refused_at_any_strength(typed, where):
    raw = f"settings:\n  - {{oma_uri: {POLICY}{USB}, value: 0}}"
    found = findings(**{where: raw}, more="") if not typed else findings(typed + "\n" + raw)
    assert {f.rule for f in found} == {"compile/owned-node"}
    assert "restrictions.usb_data" in found[0].summary + found[0].mend
    assert len(found) == (2 if typed else 1)
    assert all(f.position is not None for f in found)


def test_a_raw_setting_wins_over_a_baseline_value_that_no_key_owns():
    node = "Browser/AllowCookies"
    assert told(f"settings:\n  - {{oma_uri: {POLICY}{node}, value: 2}}")[node] == "2"


def test_the_raw_settings_of_a_deployment_replace_those_of_defaults():
    data = told(
        f"settings:\n  - {{oma_uri: {GAZE}, value: 2}}",
        defaults=f"settings:\n  - {{oma_uri: {POLICY}Browser/AllowPopups, value: 1}}",
    )
    assert data["Privacy/LetAppsAccessGazeInput"] == "2"
    assert "Browser/AllowPopups" not in data


@pytest.mark.parametrize(
    ("entry", "rule", "word"),
    [
        (f"{{oma_uri: {GAZE}, value: 7}}", "compile/value", "does not take"),
        (f"{{oma_uri: {GAZE}, value: 1, format: chr}}", "compile/raw-setting", "has the format int"),
        (f"{{oma_uri: {POLICY}Privacy/LetAppsAccessGaze, value: 1}}", "compile/raw-setting", "not a known node"),
        ("{oma_uri: ./DevDetail/SwV, value: 1}", "compile/value", "cannot be written"),
        (
            f"{{oma_uri: {POLICY}Bluetooth/LocalDeviceName, value: 'HL-{{{{serail}}}}'}}",
            "compile/variable",
            "no variable",
        ),
        (
            f"{{oma_uri: {POLICY}Bluetooth/LocalDeviceName, value: '{{{{secret:env:PATH}}}}'}}",
            "compile/variable",
            "HOLOFLEET",
        ),
        (
            f"{{oma_uri: {POLICY}Bluetooth/LocalDeviceName, value: '{{{{secret}}}}'}}",
            "compile/variable",
            "reference",
        ),
        (f"{{oma_uri: {POLICY}Bluetooth/LocalDeviceName, value: '{{{{Serial}}}}'}}", "compile/variable", "braces"),
    ],
)
def test_a_raw_setting_that_no_headset_would_take_is_refused_at_its_line(entry, rule, word):
    loaded_text = f"settings:\n  - {entry}"
    (finding,) = findings(loaded_text)
    assert finding.rule == rule
    assert word in finding.summary
    assert finding.position.line == line_of(fleet(loaded_text), "oma_uri:")
    assert finding.subject == "deployment:field-service"


def test_a_node_that_the_catalog_does_not_know_is_sent_as_it_stands_when_the_file_names_its_format():
    node = "./Device/Vendor/MSFT/Contoso/Colour"
    state = desired.compile(fleet(f"settings:\n  - {{oma_uri: {node}, value: blue, format: chr}}"))
    setting = document(state).by_uri[node]
    assert (setting.data, setting.format) == ("blue", "chr")


def test_a_raw_secret_stays_a_reference():
    text = f"settings:\n  - {{oma_uri: {POLICY}Bluetooth/LocalDeviceName, secret: env:HOLOFLEET_SECRET_NAME}}"
    assert told(text)["Bluetooth/LocalDeviceName"] == "{{secret:env:HOLOFLEET_SECRET_NAME}}"


def test_all_findings_of_all_deployments_come_at_once():
    other = f"""
    - name: second
      scenario: cloud-connected
      headsets: {{prefix: zz}}
      settings:
        - {{oma_uri: {GAZE}, value: 9}}
    """
    found = findings(f"settings:\n  - {{oma_uri: {GAZE}, value: 8}}", other=other)
    assert [f.subject for f in found] == ["deployment:field-service", "deployment:second"]


def test_a_value_that_a_typed_key_cannot_have_is_a_finding_and_no_crash():
    text = "updates: {build: 19041.1128}\nsettings_pages: {show: [appupdate]}"
    (finding,) = findings(text)
    assert "none of the pages" in finding.summary
    assert finding.position.line == line_of(fleet(text), "appupdate")


def test_an_unknown_target_is_our_own_mistake():
    with pytest.raises(ValueError, match="no target"):
        desired.compile(fleet(), target="intune")


def test_the_error_shows_every_finding_to_a_person():
    with pytest.raises(desired.CompileError) as caught:
        desired.compile(fleet(f"settings:\n  - {{oma_uri: {GAZE}, value: 9}}"))
    assert "fleet.yaml:" in str(caught.value)
    assert caught.value.exit_status == 2
    assert SERIAL not in str(caught.value)
