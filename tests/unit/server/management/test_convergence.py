from __future__ import annotations

from datetime import timedelta

from tests.management_world import CAMERA, SERIAL, USB, WLAN, World, fleet_of, many, number
from tests.scripted_headset import ScriptedHeadset

from holofleet.resources import Format, Setting
from holofleet.server.compliance import Compliance, SettingStatus


def test_a_headset_converges_and_is_compliant(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    assert world.word() is Compliance.EXPECTED
    world.check_in(headset)
    assert headset.nodes[CAMERA] == "1"
    assert world.word() is Compliance.COMPLIANT
    assert world.events().count("converged") == 1


def test_sixty_settings_take_three_messages_of_the_server(world: World) -> None:
    world.publish(fleet_of(many(60)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    assert world.check_in(headset) == 3
    assert len(headset.writes) == 60
    assert world.word() is Compliance.COMPLIANT


def test_variables_and_secrets_are_filled_in_and_escaped(world: World) -> None:
    world.publish(fleet_of(many(4)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    assert headset.nodes[WLAN] == "<psk>tall&amp;blue&lt;tree</psk>"
    assert headset.nodes["./Device/Vendor/MSFT/Policy/Config/Test/ZAccount"] == "hl-101@contoso.com"


def test_a_second_check_in_sends_nothing_and_stores_nothing(world: World) -> None:
    world.publish(fleet_of(many(10)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    calls: list[str] = []
    world.store.store = lambda changes: calls.append("store") or [True]  # type: ignore[method-assign,func-returns-value]
    assert world.check_in(headset) == 1
    assert calls == []


def test_a_changed_document_sends_only_what_changed(world: World) -> None:
    world.publish(fleet_of(many(10)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    headset.writes.clear()
    changed = (number("./Device/Vendor/MSFT/Policy/Config/Test/Setting000", 7), *many(10)[1:])
    world.publish(fleet_of(changed))
    assert world.word() is Compliance.PENDING
    world.check_in(headset)
    assert headset.writes == [("./Device/Vendor/MSFT/Policy/Config/Test/Setting000", "7")]
    assert world.word() is Compliance.COMPLIANT


def test_drift_is_noticed_and_mended_in_one_session(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    headset.nodes[CAMERA] = "0"
    world.clock.advance(timedelta(hours=25))
    world.check_in(headset)
    assert headset.nodes[CAMERA] == "1"
    assert world.events()[-3:] == ["drifted", "mended", "converged"]
    assert world.word() is Compliance.COMPLIANT


def test_a_value_that_vanished_is_drift(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    del headset.nodes[USB]
    world.clock.advance(timedelta(hours=25))
    world.check_in(headset)
    assert headset.nodes[USB] == "0"
    assert "drifted" in world.events()


def test_a_node_that_keeps_drifting_back_does_not_keep_the_session_going(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    headset.nodes[CAMERA] = "0"
    headset._write = lambda verb, item: 200  # type: ignore[method-assign]
    world.clock.advance(timedelta(hours=25))
    assert world.check_in(headset) == 3
    assert world.word() is Compliance.DRIFTED


def test_a_refused_setting_is_tried_again_later_and_then_refused(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", refuses={CAMERA: 500})
    world.enroll(headset)
    words = []
    for _ in range(3):
        world.check_in(headset)
        words.append(world.word())
        world.clock.advance(timedelta(hours=3))
    assert words == [Compliance.PENDING, Compliance.PENDING, Compliance.REFUSED]
    headset.refuses.clear()
    world.clock.advance(timedelta(hours=25))
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT


def test_a_setting_that_is_not_for_this_headset_does_not_count(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", refuses={CAMERA: 405})
    world.enroll(headset)
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT
    camera = next(s for s in world.detail().settings if s.oma_uri == CAMERA)
    assert camera.status is SettingStatus.NOT_APPLICABLE


def test_a_removed_setting_is_deleted_from_the_headset(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    world.publish(fleet_of((number(CAMERA, 1),)))
    world.check_in(headset)
    assert USB not in headset.nodes
    assert world.word() is Compliance.COMPLIANT


def test_a_removed_setting_that_cannot_be_deleted_is_shown(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", refuses={("Delete", USB): 405})
    world.enroll(headset)
    world.check_in(headset)
    world.publish(fleet_of((number(CAMERA, 1),)))
    world.check_in(headset)
    left = next(s for s in world.detail().settings if s.oma_uri == USB)
    assert left.status is SettingStatus.LEFT_BEHIND
    assert "cannot-revert" in world.events()


def test_an_undelivered_part_keeps_a_headset_from_being_compliant(world: World) -> None:
    world.publish(fleet_of(undelivered=("app_control",)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    summary = world.detail().summary
    assert summary.compliance is Compliance.PENDING
    assert summary.reasons == ("undelivered: app_control",)


def test_a_small_answer_limit_spreads_settings_over_messages(world: World) -> None:
    world.publish(fleet_of(many(60)))
    headset = ScriptedHeadset("device-1", max_msg_size=8_000)
    world.enroll(headset)
    sizes: list[int] = []

    def post(body: bytes) -> bytes:
        answer = world.post(headset, body)
        sizes.append(len(answer))
        return answer

    assert headset.check_in(post) > 3
    assert max(sizes) <= 8_000
    assert world.word() is Compliance.COMPLIANT


def test_a_user_setting_waits_until_a_user_is_signed_in(world: World) -> None:
    uri = "./User/Vendor/MSFT/Policy/Config/Experience/AllowTailoredExperiencesWithDiagnosticData"
    world.publish(fleet_of((number(CAMERA, 1), number(uri, 0))))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    assert uri not in headset.nodes
    assert world.word() is Compliance.PENDING
    headset.user = "user"
    world.check_in(headset)
    assert headset.nodes[uri] == "0"
    assert world.word() is Compliance.COMPLIANT


def test_a_node_that_exists_already_is_replaced(world: World) -> None:
    settings = (Setting(WLAN, Format.CHR, "<a/>"),)
    world.publish(fleet_of(settings))
    headset = ScriptedHeadset("device-1")
    headset.nodes[WLAN] = "<old/>"
    world.enroll(headset)
    world.check_in(headset)
    assert headset.nodes[WLAN] == "<a/>"
    assert world.word(SERIAL) is Compliance.COMPLIANT


def test_a_rotated_secret_is_sent_again_and_its_value_is_kept_nowhere(world: World) -> None:
    world.publish(fleet_of(many(4)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    headset.writes.clear()
    world.secrets.values["env:HOLOFLEET_SECRET_WIFI"] = "new-secret-canary"
    world.check_in(headset)
    assert headset.writes == [(WLAN, "<psk>new-secret-canary</psk>")]
    path = world.database.engine.url.database
    assert path is not None
    for suffix in ("", "-wal"):
        with open(path + suffix, "rb") as file:
            assert b"new-secret-canary" not in file.read()
