"""What a Status or a value means for one setting, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from holofleet.catalog import Build
from holofleet.resources import Document, Format, Setting
from holofleet.server.compliance import Entry, Phase, SettingStatus, parse_overlay, render_overlay
from holofleet.server.compliance.overlay import MAX_REPORTED, kept
from holofleet.server.events import EventKind
from holofleet.server.management.ledger import Ledger, back_off
from holofleet.server.management.prepared import NOTHING, PreparedDocument

URI = "./Device/Vendor/MSFT/Policy/Config/Test/One"
OTHER = "./Device/Vendor/MSFT/Policy/Config/Test/Two"
NOW = 1_000_000


@dataclass
class Facts:
    readable: bool = True
    deletable: bool = True
    verb: str = "Replace"
    min_build: Build | None = None
    secret: bool = False

    def equal(self, a: str, b: str) -> bool:
        return int(a) == int(b) if a.isdigit() and b.isdigit() else a == b


def prepared(*pairs: tuple[str, str], facts: Facts | None = None) -> PreparedDocument:
    document = Document(tuple(Setting(uri, Format.INT, data) for uri, data in pairs))
    return PreparedDocument.of(document, lambda uri: facts or Facts())


def ledger(document: PreparedDocument | None = None, *, facts: Facts | None = None) -> Ledger:
    """A ledger that has been given a document with one setting, 1."""
    given = Ledger(NOTHING, {}, NOW, lambda setting: setting.setting.data)
    given.rebase(document or prepared((URI, "1"), facts=facts))
    return given


def test_a_good_status_alone_is_not_compliant_where_the_node_can_be_read() -> None:
    given = ledger()
    given.wrote(URI, 200)
    assert given.entries[URI].phase is Phase.READ
    assert not given.converged
    given.read(URI, "01")
    assert given.entries == {}
    assert given.converged


def test_a_good_status_is_enough_where_the_node_cannot_be_read() -> None:
    given = ledger(facts=Facts(readable=False))
    given.wrote(URI, 200)
    assert given.entries == {}


def test_a_value_read_before_the_write_was_answered_settles_nothing() -> None:
    given = ledger()
    given.read(URI, "1")
    assert given.entries[URI].phase is Phase.WRITE


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (405, SettingStatus.NOT_APPLICABLE),
        (406, SettingStatus.NOT_APPLICABLE),
        (400, SettingStatus.REFUSED),
        (415, SettingStatus.REFUSED),
        (500, SettingStatus.PENDING),
        (425, SettingStatus.PENDING),
        (215, SettingStatus.PENDING),
    ],
)
def test_what_a_status_of_a_write_means(code: int, status: SettingStatus) -> None:
    given = ledger()
    given.wrote(URI, code)
    assert given.entries[URI].status is status


def test_a_node_that_is_newer_than_the_build_is_not_for_this_headset() -> None:
    facts = Facts(min_build=Build.parse("22621.1"))
    given = ledger(facts=facts)
    given.build = Build.parse("20348.1")
    given.gate()
    assert given.entries[URI].status is SettingStatus.NOT_APPLICABLE
    newer = ledger(facts=facts)
    newer.build = Build.parse("22621.2")
    newer.gate()
    assert newer.entries[URI].status is SettingStatus.PENDING


def test_404_of_a_write_tries_the_other_verb_once() -> None:
    given = ledger()
    assert given.wrote(URI, 404)
    assert given.entries[URI].verb == "Add"
    assert not given.wrote(URI, 404)
    assert given.entries[URI].status is SettingStatus.REFUSED


def test_failures_wait_longer_each_time_and_the_third_is_a_refusal() -> None:
    given = ledger()
    given.wrote(URI, 500)
    assert given.entries[URI].retry_at == NOW + back_off(1)
    given.wrote(URI, 500)
    assert given.entries[URI].retry_at == NOW + back_off(2) > NOW + back_off(1)
    given.wrote(URI, 500)
    assert given.entries[URI].status is SettingStatus.REFUSED
    assert [kind for kind, _ in given.events] == [EventKind.REFUSED]


def test_a_refused_setting_that_is_refused_again_is_told_once() -> None:
    given = ledger()
    given.wrote(URI, 415)
    given.give_another_chance(SettingStatus.REFUSED)
    assert given.entries[URI].open
    given.wrote(URI, 415)
    assert len(given.events) == 1


def test_another_value_or_none_is_drift_with_its_time() -> None:
    for value in ("0", None):
        given = Ledger(prepared((URI, "1")), {}, NOW, lambda setting: setting.setting.data)
        given.read(URI, value)
        entry = given.entries[URI]
        assert (entry.status, entry.phase, entry.since, entry.reported) == (
            SettingStatus.DRIFTED,
            Phase.WRITE,
            NOW,
            value,
        )


def test_a_drifted_setting_is_mended_when_it_reads_right_again() -> None:
    given = Ledger(prepared((URI, "1")), {}, NOW, lambda setting: setting.setting.data)
    given.read(URI, "0")
    given.wrote(URI, 200)
    given.read(URI, "1")
    assert [kind for kind, _ in given.events] == [EventKind.DRIFTED, EventKind.MENDED]
    assert given.converged


def test_a_value_that_never_takes_effect_is_refused_in_the_end() -> None:
    given = ledger()
    for _ in range(3):
        given.wrote(URI, 200)
        given.read(URI, "0")
    assert given.entries[URI].status is SettingStatus.REFUSED


def test_a_secret_is_judged_by_its_presence_and_never_kept() -> None:
    document = PreparedDocument.of(
        Document((Setting(URI, Format.CHR, "{{secret:env:HOLOFLEET_SECRET_X}}"),)), lambda uri: Facts()
    )
    given = Ledger(document, {}, NOW, lambda setting: None)
    given.read(URI, "the secret itself")
    assert given.entries == {}
    given.read(URI, None)
    assert given.entries[URI].status is SettingStatus.DRIFTED
    assert given.entries[URI].reported is None


def test_between_two_documents_only_the_difference_is_open() -> None:
    given = Ledger(prepared((URI, "1"), (OTHER, "2")), {}, NOW, lambda setting: setting.setting.data)
    given.rebase(prepared((OTHER, "3")))
    assert {uri: (entry.phase, entry.reported) for uri, entry in given.entries.items()} == {
        OTHER: (Phase.WRITE, "2"),
        URI: (Phase.DELETE, None),
    }


def test_a_setting_that_never_left_us_needs_no_deletion() -> None:
    given = ledger()
    given.rebase(prepared((OTHER, "2")))
    assert set(given.entries) == {OTHER}


def test_a_removed_setting_that_cannot_be_deleted_is_left_behind() -> None:
    given = Ledger(prepared((URI, "1"), facts=Facts(deletable=False)), {}, NOW, lambda s: s.setting.data)
    given.rebase(NOTHING)
    assert given.entries[URI].status is SettingStatus.LEFT_BEHIND
    assert given.converged
    assert [kind for kind, _ in given.events] == [EventKind.CANNOT_REVERT]


@pytest.mark.parametrize(("code", "left"), [(200, False), (404, False), (405, True)])
def test_gone_is_gone(code: int, left: bool) -> None:
    given = Ledger(prepared((URI, "1")), {}, NOW, lambda setting: setting.setting.data)
    given.rebase(NOTHING)
    given.deleted(URI, code)
    assert (URI in given.entries) is left


def test_a_setting_that_comes_back_is_sent_again() -> None:
    given = Ledger(prepared((URI, "1")), {}, NOW, lambda setting: setting.setting.data)
    given.rebase(NOTHING)
    given.rebase(prepared((URI, "1")))
    assert given.entries[URI].phase is Phase.WRITE


def test_an_overlay_survives_its_json_form() -> None:
    overlay = {
        URI: Entry(SettingStatus.DRIFTED, Phase.READ, NOW, "", 500, 2, 9, "Add", sent=True),
        OTHER: Entry(SettingStatus.PENDING, Phase.WRITE, 0),
    }
    assert parse_overlay(render_overlay(overlay)) == overlay
    assert render_overlay({}) == "{}"


def test_a_reported_value_is_cut_and_cleaned_before_it_is_kept() -> None:
    value = kept("\x1b[31mred\x00" + "x" * 10_000)
    assert value is not None
    assert value.startswith("[31mred")
    assert len(value) <= MAX_REPORTED + 1
