"""Plans: what is compared, what is marked, what is stopped."""

from __future__ import annotations

import json

import pytest

from holofleet.plans import (
    ADOPT,
    Act,
    Change,
    FieldChange,
    MassDeletionError,
    Plan,
    check_thresholds,
    compare,
    render_plan,
)
from holofleet.resources import Address, Deployment, Document, Format, Group, Headset, Setting, State, Undelivered

USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
LOGON = "./Device/Vendor/MSFT/Policy/Config/MixedReality/AutoLogonUser"


def document(**values: str) -> Document:
    uris = {"usb": USB, "logon": LOGON}
    return Document(tuple(Setting(uris[key], Format.CHR, value) for key, value in sorted(values.items())))


def fleet(doc: Document, *serials: str, **extra: object) -> State:
    return State(
        [
            Deployment(name="line", scenarios=("cloud-connected",)),
            *(Headset(serial=s, deployment="line", document=doc.hash, **extra) for s in serials),  # type: ignore[arg-type]
        ],
        [doc],
    )


def test_equal_states_give_an_empty_plan() -> None:
    state = fleet(document(usb="0"), "A1", "A2")
    plan = compare(state, state, target="server")
    assert plan.empty
    assert "No changes" in render_plan(plan)


def test_a_new_fleet_is_all_creations_in_the_order_in_which_they_depend_on_each_other() -> None:
    plan = compare(fleet(document(usb="0"), "A1"), State(), target="server")
    assert [str(c.address) for c in plan.changes] == ["deployment:line", "headset:A1"]
    assert plan.counts == {"create": 2, "update": 0, "delete": 0}
    assert plan.settings[0].before is None


def test_a_changed_setting_is_shown_once_for_all_headsets_that_get_it() -> None:
    plan = compare(fleet(document(usb="1"), "A1", "A2"), fleet(document(usb="0"), "A1", "A2"), target="server")
    (change,) = plan.settings
    assert (change.oma_uri, change.before, change.after) == (USB, "0", "1")
    assert change.headsets == ("A1", "A2")


def test_opening_usb_is_marked_as_weaker_and_closing_it_is_not() -> None:
    closed, opened = fleet(document(usb="0"), "A1"), fleet(document(usb="1"), "A1")
    assert compare(opened, closed, target="server").weakening == ("a PC can read the headset over USB",)
    assert compare(closed, opened, target="server").weakening == ()


def test_auto_logon_weakens_although_nothing_was_set_before() -> None:
    plan = compare(fleet(document(logon="a@contoso.com"), "A1"), fleet(document(usb="0"), "A1"), target="server")
    assert "whoever picks the headset up is signed in" in plan.weakening


def test_the_same_document_with_another_variable_changes_the_setting_on_that_headset() -> None:
    doc = document(logon="{{account}}")
    before = fleet(doc, "A1", variables={"account": "a@contoso.com"})
    after = fleet(doc, "A1", variables={"account": "b@contoso.com"})
    (change,) = compare(after, before, target="server").settings
    assert (change.before, change.after) == ("a@contoso.com", "b@contoso.com")


def test_a_renamed_deployment_is_an_update_and_no_deletion() -> None:
    doc = document(usb="0")
    before = State([Deployment(name="old", scenarios=("near-offline",))], [doc])
    after = State([Deployment(name="new", formerly="old", scenarios=("near-offline",))], [doc])
    (change,) = compare(after, before, target="server").changes
    assert change.act is Act.UPDATE
    assert str(change.formerly) == "deployment:old"


def test_removing_the_formerly_line_later_changes_nothing() -> None:
    with_line = State([Deployment(name="new", formerly="old", scenarios=("near-offline",))])
    without = State([Deployment(name="new", scenarios=("near-offline",))])
    assert compare(without, with_line, target="server").empty


def test_mass_deletion_is_refused_until_the_number_is_said() -> None:
    doc = document(usb="0")
    told = fleet(doc, *(f"A{n}" for n in range(20)))
    plan = compare(fleet(doc, "A1"), told, target="server")
    with pytest.raises(MassDeletionError, match="19 of 20 headsets"):
        check_thresholds(plan)
    with pytest.raises(MassDeletionError, match="deletes 19 resources, 5 are allowed"):
        check_thresholds(plan, allow_deletion=5)
    check_thresholds(plan, allow_deletion=19)


def test_two_deletions_of_a_large_fleet_need_no_flag() -> None:
    doc = document(usb="0")
    told = fleet(doc, *(f"A{n}" for n in range(20)))
    check_thresholds(compare(fleet(doc, *(f"A{n}" for n in range(18))), told, target="server"))


def test_the_hash_is_that_of_what_is_shown() -> None:
    one = compare(fleet(document(usb="1"), "A1"), fleet(document(usb="0"), "A1"), target="server")
    same = compare(fleet(document(usb="1"), "A1"), fleet(document(usb="0"), "A1"), target="server")
    other = compare(fleet(document(usb="1"), "A1"), fleet(document(usb="0"), "A1"), target="files")
    assert one.hash == same.hash == json.loads(json.dumps(one.to_json()))["hash"]
    assert one.hash != other.hash


def test_what_is_not_delivered_is_shown_even_when_nothing_changes() -> None:
    state = State(undelivered=[Undelivered(deployment="line", key="app_control", reason="not built yet")])
    assert "app_control" in render_plan(compare(state, state, target="server"))


def test_a_hostile_name_cannot_drive_the_terminal() -> None:
    state = State([Group(name="line\x1b[2J", members=("a@contoso.com",))])
    assert "\\x1b[2J" in render_plan(compare(state, State(), target="server"))
    assert "\x1b" not in render_plan(compare(state, State(), target="server"))


def of_tenant(*changes: Change, offered: tuple[str, ...] = (), unsolved: tuple[str, ...] = ()) -> Plan:
    return Plan("graph", changes, (), (), "a", "b", {}, offered, unsolved)


def test_a_plan_says_that_all_is_well_only_when_nothing_differs() -> None:
    names = tuple(f"tenant-setting:s{number}" for number in range(6))
    assert of_tenant().headline == "No changes: the tenant is as the file says."
    plan = of_tenant(offered=names[:1])
    assert plan.headline == ("No changes to make; 1 setting differs, written only when named: tenant-setting:s0.")
    assert plan.to_json()["headline"] == render_plan(plan).splitlines()[0] == plan.headline
    assert plan.to_json()["offered"] == ["tenant-setting:s0"]
    many = of_tenant(offered=names, unsolved=("group:a", "group:b"))
    assert many.headline == (
        "No changes to make; 6 settings differ, written only when named: tenant-setting:s0, tenant-setting:s1, "
        "tenant-setting:s2, tenant-setting:s3 and 2 more; 2 things wait for you: group:a, group:b."
    )
    change = Change(Address("group", "a"), Act.DELETE)
    assert of_tenant(change, offered=names[:1]).headline == (
        "graph: 0 to create, 0 to update, 1 to delete; 0 settings change on 0 headsets; "
        "1 setting differs, written only when named: tenant-setting:s0."
    )


def test_what_differs_is_part_of_what_is_approved() -> None:
    assert len({of_tenant().hash, of_tenant(offered=("a",)).hash, of_tenant(unsolved=("a",)).hash}) == 3


def test_taking_over_is_said_in_words_with_the_flag_that_consents() -> None:
    change = Change(Address("group", "a"), Act.UPDATE, (FieldChange(ADOPT, None, "5d1f"),))
    text = render_plan(of_tenant(change))
    assert "somebody else made it (5d1f); it is taken over, and ours from then on, only with --adopt" in text
    assert "not set" not in text
