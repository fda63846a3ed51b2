"""What headsets have to carry is met by their reports, and by nothing else."""

from __future__ import annotations

import pytest
from tests.unit.checks.fleets import IRIS, PAGES, TODAY, checked, fleet, proved, reports, standing, without

from holofleet import checks, desired, spec
from holofleet.checks import Word
from holofleet.checks.case import Case
from holofleet.checks.directory import Directory
from holofleet.checks.proof import Proof
from holofleet.checks.rule import Enforced
from holofleet.resources import State

LOGON = Enforced("./Device/Vendor/MSFT/Policy/Config/MixedReality/AutoLogonUser", ("sign_in.auto_logon",))
AUTO_LOGON = "sign_in: {auto_logon: true}\naccounts: {users: per-headset}"
SHARED = "scenario: shared-identity\nkiosk: {apps: [settings, camera]}\naccounts: {kind: shared-manual}"


def judged(spec_: spec.Spec, state: State, reported: State | None, *nodes: Enforced) -> Word:
    """Judge nodes for the deployment `field`."""
    case = Case(spec_, spec_.deployments()[0], TODAY, "server", {}, (), Directory(spec_))
    return Proof(state, reported).of(case, nodes).word


def test_without_reports_a_setting_waits_however_good_the_file_is() -> None:
    spec_ = fleet(SHARED)
    assert standing(checked(spec_), "SHR-19").word is Word.WAITING
    told = standing(proved(spec_, None), "SHR-19")
    assert (told.word, told.why, told.evidence) == (Word.WAITING, "waits for reports of 2 of 2 headsets", "")


def test_a_setting_is_met_when_every_headset_reports_it() -> None:
    spec_ = fleet(SHARED)
    found = standing(proved(spec_, reports(desired.compile(spec_))), "SHR-19")
    assert (found.word, found.evidence) == (Word.MET, "2 of 2 headsets reported it")


def test_it_waits_for_the_one_headset_that_did_not_report() -> None:
    spec_ = fleet(SHARED)
    found = standing(proved(spec_, without(reports(desired.compile(spec_)), "0102")), "SHR-19")
    assert (found.word, found.why) == (Word.WAITING, "waits for reports of 1 of 2 headsets")
    assert found.evidence == "1 of 2 headsets reported it"


def test_it_waits_for_the_one_node_that_was_not_reported() -> None:
    spec_ = fleet(SHARED)
    found = standing(proved(spec_, reports(desired.compile(spec_), s0101={IRIS: None})), "SHR-19")
    assert (found.word, found.evidence) == (Word.WAITING, "1 of 2 headsets reported it")


def test_it_is_not_met_when_a_headset_reports_another_value() -> None:
    spec_ = fleet(SHARED)
    found = standing(proved(spec_, reports(desired.compile(spec_), s0101={IRIS: "true"})), "SHR-19")
    assert (found.word, found.why) == (Word.NOT_MET, "1 of 2 headsets report another value")


def test_a_headset_that_differs_in_one_node_and_is_silent_about_another_differs() -> None:
    spec_ = fleet("settings_pages: {show: [network]}")
    manual = "./Device/Vendor/MSFT/Policy/Config/Wifi/AllowManualWiFiConfiguration"
    state = desired.compile(spec_)
    found = standing(proved(spec_, reports(state, s0101={PAGES: None, manual: "0"})), "PREP-16")
    assert found.word is Word.NOT_MET
    assert found.evidence == "1 of 2 headsets reported it"


def test_values_are_compared_as_their_type_asks() -> None:
    spec_ = fleet(SHARED)
    found = standing(proved(spec_, reports(desired.compile(spec_), s0101={IRIS: "False"})), "SHR-19")
    assert found.word is Word.MET


def test_variables_are_filled_in_before_they_are_compared() -> None:
    spec_ = fleet(AUTO_LOGON)
    state = desired.compile(spec_)
    assert judged(spec_, state, reports(state), LOGON) is Word.MET
    assert judged(spec_, state, reports(state, s0101={LOGON.oma_uri: "{{account}}"}), LOGON) is Word.NOT_MET
    assert judged(spec_, state, reports(state, s0101={LOGON.oma_uri: "0102@contoso.com"}), LOGON) is Word.NOT_MET


def test_a_template_stands_for_any_one_segment() -> None:
    spec_ = fleet("settings_pages: {show: [network]}")
    state = desired.compile(spec_)
    pages = ("settings_pages.show",)
    uri = PAGES.replace("/Settings/", "/{Area}/")
    assert judged(spec_, state, reports(state), Enforced(uri, pages)) is Word.MET
    assert judged(spec_, state, None, Enforced(uri.replace("Policy/", ""), pages)) is Word.NOT_MET
    assert judged(spec_, state, None, Enforced(uri.removesuffix("List"), pages)) is Word.NOT_MET


def test_a_node_that_the_file_asks_for_and_no_document_holds_is_not_met() -> None:
    spec_ = fleet("settings_pages: {show: [network]}")
    state = desired.compile(spec_)
    assert judged(spec_, state, None, Enforced(IRIS, ("settings_pages.show",))) is Word.NOT_MET


def test_a_node_that_the_file_does_not_ask_for_is_not_looked_for() -> None:
    spec_ = fleet("settings_pages: {show: [network]}")
    state = desired.compile(spec_)
    asked = (Enforced(PAGES, ("settings_pages.show",)), Enforced(IRIS, ("sign_in.iris",)))
    assert judged(spec_, state, reports(state), *asked) is Word.MET


def test_what_is_not_delivered_is_not_met() -> None:
    spec_ = fleet(
        "scenario: external-clients\nkiosk: {apps: [settings, camera]}\napp_control: {allow: [settings, camera]}"
    )
    found = standing(proved(spec_, reports(desired.compile(spec_))), "EXT-39")
    assert found.word is Word.NOT_MET
    assert found.why.startswith("not delivered: a list of the only apps that run is not delivered")


def test_a_delivered_policy_that_headsets_report_is_met() -> None:
    spec_ = fleet("scenario: external-clients\nkiosk: {apps: [settings, camera]}")
    found = standing(proved(spec_, reports(desired.compile(spec_))), "EXT-39")
    assert found.word is Word.MET


def test_a_deployment_without_headsets_waits_for_them() -> None:
    found = standing(proved(fleet(SHARED + '\nheadsets: {prefix: "99"}'), None), "SHR-19")
    assert (found.word, found.why) == (Word.WAITING, "waits for headsets: the deployment has none")


def test_verification_waits_even_when_every_setting_was_reported() -> None:
    near = "scenario: near-offline\nsite: ship"
    more = "sites: [{name: ship, connected_in_use: false}]"
    spec_ = fleet(near, more=more)
    found = standing(proved(spec_, reports(desired.compile(spec_))), "OFF-16")
    assert found.word is Word.WAITING
    assert found.why.startswith("waits to be confirmed: the directory shows a Windows Hello key")
    assert found.evidence == "2 of 2 headsets reported it"


def test_what_the_file_decides_is_met_by_the_file() -> None:
    found = standing(checked(fleet()), "PREP-07")
    assert (found.word, found.evidence) == (Word.MET, "the fleet file says so")


def test_reports_without_the_desired_state_are_refused() -> None:
    spec_ = fleet()
    with pytest.raises(ValueError, match="desired state"):
        checks.run(spec_, today=TODAY, target="server", reported=reports(desired.compile(spec_)))


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(ValueError, match="no target 'intune'"):
        checks.run(fleet(), today=TODAY, target="intune")


def test_a_headset_that_reported_one_node_and_not_the_other_is_waited_for() -> None:
    spec_ = fleet("settings_pages: {show: [network]}")
    found = standing(proved(spec_, reports(desired.compile(spec_), s0101={PAGES: None})), "PREP-16")
    assert (found.word, found.why) == (Word.WAITING, "waits for reports of 1 of 2 headsets")
