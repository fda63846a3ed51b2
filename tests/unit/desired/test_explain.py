"""Explain: the chain of words about one node, from the weakest to the one that counts."""

import json

import pytest
from tests.unit.desired.fleets import POLICY, SERIAL, VENDOR, document, fleet, line_of

from holofleet import desired
from holofleet.errors import InputError, NotFoundError

USB = POLICY + "Connectivity/AllowUSBConnection"


def explained(uri: str, deployment: str = "", *, serial: str = SERIAL, **places: str) -> desired.Explanation:
    loaded = fleet(deployment, **places)
    return desired.explain(loaded, desired.compile(loaded), serial, uri)


def test_the_chain_goes_from_the_weakest_layer_to_the_one_that_counts():
    deployment, defaults = "restrictions: {usb_data: true}", "restrictions: {usb_data: false}"
    found = explained(USB, deployment, defaults=defaults)
    assert [(s.layer, s.key, s.value) for s in found.chain] == [
        ("baseline", "restrictions.baseline", "0"),
        ("defaults", "restrictions.usb_data", "0"),
        ("deployment", "restrictions.usb_data", "1"),
    ]
    loaded = fleet(deployment, defaults=defaults)
    assert [s.line for s in found.chain] == [
        0,
        line_of(loaded, "usb_data: false"),
        line_of(loaded, "usb_data: true"),
    ]
    assert (found.value, found.format, found.rule) == ("1", "int", "EXT-24")


def test_any_spelling_of_the_address_is_understood():
    assert explained("./Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection").oma_uri == USB


def test_every_setting_can_be_explained_and_ends_in_its_own_value():
    loaded = fleet(
        "kiosk: {for: everyone, apps: [settings]}\nsign_in: {pin: {min_length: 8}}",
        defaults="kiosk: {for: everyone, apps: [camera]}\nsettings_pages: {show: [network]}",
    )
    state = desired.compile(loaded)
    for setting in document(state).settings:
        found = desired.explain(loaded, state, SERIAL, setting.oma_uri)
        assert found.chain[-1].value == found.value == setting.data
        assert found.evidence
        ranks = [
            ("holofleet", "baseline", "scenario", "defaults", "deployment").index(s.layer) for s in found.chain
        ]
        assert ranks == sorted(ranks)


def test_the_kiosk_of_weaker_layers_is_shown_as_it_would_have_been():
    found = explained(
        VENDOR + "AssignedAccess/Configuration",
        "kiosk: {apps: [camera]}",
        defaults="kiosk: {for: everyone, apps: [settings]}",
    )
    assert [s.layer for s in found.chain] == ["defaults", "deployment"]
    assert "HoloCamera" not in found.chain[0].value
    assert "HoloCamera" in found.chain[1].value


def test_a_node_that_nobody_sets_is_said_to_be_not_set():
    found = explained(POLICY + "Privacy/LetAppsAccessGazeInput")
    assert (found.value, found.chain) == (None, ())
    assert "not set" in found.render()


def test_weak_evidence_is_said():
    uri = POLICY + "MixedReality/AutoUnlock"
    found = explained(uri, f"settings:\n  - {{oma_uri: {uri}, value: 1}}")
    assert found.weak
    assert "try it on a headset first" in found.render()


def test_a_node_that_the_build_cannot_take_is_explained_as_not_delivered():
    text = "updates: {build: 22621.1133}\ndevice_owners: [admin@contoso.com]"
    found = explained(POLICY + "LocalUsersAndGroups/Configure", text)
    assert found.value is None
    assert "needs build" in found.undelivered[0]
    assert "not delivered:" in found.render()


def test_variables_of_the_headset_are_shown_and_secrets_never_are():
    found = explained(
        POLICY + "MixedReality/AutoLogonUser", "sign_in: {auto_logon: true}\naccounts: {users: per-headset}"
    )
    assert found.value == "{{account}}"
    assert found.variables == {"account": f"hl-{SERIAL}@contoso.com"}
    node = POLICY + "Bluetooth/LocalDeviceName"
    secret = explained(node, f"settings:\n  - {{oma_uri: {node}, secret: env:HOLOFLEET_SECRET_NAME}}")
    assert secret.value == "{{secret:env:HOLOFLEET_SECRET_NAME}}"
    assert secret.variables == {}


def test_the_json_form_is_json_and_uses_the_words_of_the_waist():
    value = explained(USB).to_json()
    assert json.loads(json.dumps(value)) == value
    assert {"serial", "deployment", "oma_uri", "desired", "format", "chain", "rule", "evidence"} <= value.keys()


def test_long_values_are_shortened_for_people():
    text = explained(VENDOR + "AssignedAccess/Configuration", "kiosk: {for: everyone, apps: [camera]}").render()
    assert "characters)" in text


def test_an_unknown_headset_or_address_is_refused():
    with pytest.raises(NotFoundError):
        explained(USB, serial="nobody")
    with pytest.raises(InputError):
        explained("./Device//x")
