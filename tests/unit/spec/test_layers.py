"""Strength: scenario < defaults < deployment, with the origin of every leaf key."""

from __future__ import annotations

from fleets import SMALL, only

from holofleet import spec
from holofleet.diagnostics import Position
from holofleet.spec import EffectiveDeployment


def effective(deployment: str = "", defaults: str = "", scenario: str = "cloud-connected") -> EffectiveDeployment:
    text = SMALL.replace("scenario: cloud-connected", f"scenario: {scenario}") + deployment
    return spec.parse({"fleet.yaml": f"{text}{defaults}"}).deployments()[0]


def test_a_key_that_nobody_says_is_none_and_comes_from_holofleet() -> None:
    found = effective()
    assert found.settings.power is None
    assert found.origin("power.display_off_on_battery_s") == spec.KeyOrigin("holofleet")
    assert not found.says("power")


def test_a_scenario_fills_what_the_file_leaves_out_and_names_its_rule() -> None:
    found = effective(scenario="external-clients")
    assert found.settings.kiosk is not None
    assert found.settings.kiosk.for_ == "everyone"
    assert found.origin("kiosk.for") == spec.KeyOrigin("scenario", None, "EXT-22")
    assert found.origin("restrictions.usb_data").rule == "EXT-24"
    assert found.all_scenarios == ("cloud-connected", "external-clients")


def test_defaults_beat_the_scenario_and_the_deployment_beats_defaults() -> None:
    found = effective(
        "    restrictions: {usb_data: true}\n",
        "defaults:\n  restrictions: {usb_data: false, developer_mode: true}\n",
        "external-clients",
    )
    restrictions = found.settings.restrictions
    assert restrictions is not None
    assert (restrictions.usb_data, restrictions.developer_mode, restrictions.manual_unenrollment) == (
        True,
        True,
        False,
    )
    assert found.origin("restrictions.usb_data") == spec.KeyOrigin("deployment", Position("fleet.yaml", 13, 20))
    assert found.origin("restrictions.developer_mode").layer == "defaults"
    assert found.origin("restrictions.manual_unenrollment") == spec.KeyOrigin("scenario", None, "EXT-34")
    assert [layered.value for layered in found.chain("restrictions.usb_data")] == ["false", "false", "true"]
    assert [layered.origin.layer for layered in found.chain("restrictions.usb_data")] == [
        "scenario",
        "defaults",
        "deployment",
    ]


def test_the_origin_of_a_mapping_is_the_strongest_word_below_it_and_of_a_list_item_the_list() -> None:
    found = effective("    kiosk: {apps: [camera]}\n", scenario="external-clients")
    assert found.origin("kiosk").layer == "deployment"
    assert found.origin("kiosk.apps.0") == found.origin("kiosk.apps")


def test_lists_replace_and_do_not_join() -> None:
    found = effective("    app_control: {deny: [edge]}\n", scenario="external-clients")
    assert found.settings.app_control is not None
    assert found.settings.app_control.deny == ("edge",)


def test_a_word_takes_back_a_mapping_and_a_mapping_a_word() -> None:
    found = effective("    kiosk: none\n    network: {vpn: {name: office}}\n", scenario="external-clients")
    assert found.settings.kiosk is not None
    assert found.settings.kiosk.for_ is None
    assert found.origin("kiosk").layer == "deployment"
    assert found.origin("kiosk.for").layer == "deployment"
    assert found.settings.network is not None
    assert found.settings.network.vpn is not None
    assert found.settings.network.vpn.name == "office"


def test_two_ways_to_say_one_thing_do_not_add_up_across_layers() -> None:
    found = effective("    settings_pages: {hide: [reset]}\n", scenario="external-clients")
    assert found.settings.settings_pages is not None
    assert found.settings.settings_pages.show is None
    assert found.settings.settings_pages.hide == ("reset",)
    assert not found.says("settings_pages.show")


def test_keys_of_two_layers_that_do_not_go_together_are_reported_where_they_stand() -> None:
    text = SMALL + "    sign_in: {pin: {max_length: 5}}\ndefaults:\n  sign_in: {pin: {min_length: 6}}\n"
    finding = only(text)
    assert "a min_length that is not above max_length" in finding.summary
    assert finding.position is not None
    assert finding.position.line in (13, 15)


def test_headsets_are_chosen_by_list_prefix_site_or_tag() -> None:
    rows = "  - {serial: X1, site: dock}\n  - {serial: X2, group_tag: blue}\n"
    text = SMALL.replace("deployments:", f"{rows}deployments:").replace(
        "headsets: all", "headsets: {prefix: '0034'}"
    )
    text += "  - {name: b, scenario: cloud-connected, headsets: {site: dock}}\n"
    text += "  - {name: c, scenario: cloud-connected, headsets: {group_tag: blue}}\nsites: [{name: dock}]\n"
    found = spec.parse({"f": text})
    serials = [[headset.serial for headset in item.headsets] for item in found.deployments()]
    assert serials == [["003421700101", "003421700102"], ["X1"], ["X2"]]
    assert found.deployment_of["X1"].name == "b"


def test_headsets_come_in_the_order_of_their_serial_numbers_whatever_the_file_says() -> None:
    turned = SMALL.replace("003421700101", "9").replace("003421700102", "1")
    found = spec.parse({"f": turned}).deployments()[0]
    assert [headset.serial for headset in found.headsets] == ["1", "9"]
