"""How numbers, moments, values and settings are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from holofleet.web.console.words import (
    HEADSET_WORDS,
    breakable,
    count,
    percent,
    reasons_of,
    setting_name,
    since,
    time_tag,
    title_of_name,
    value_of,
    when,
    with_times,
    word,
)

NOW = datetime(2026, 11, 20, 10, 22, tzinfo=UTC)
POLICY = "./Device/Vendor/MSFT/Policy/Config"


def test_numbers_have_thousands_commas_and_their_noun_in_the_right_form() -> None:
    assert count(4312, "headset") == "4,312 headsets"
    assert count(1, "headset") == "1 headset"
    assert count(0, "enrollment waits", "enrollments wait") == "0 enrollments wait"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(64, 100, "64 %"), (999, 1000, "99 %"), (1, 1000, "1 %"), (0, 5, "0 %"), (5, 5, "100 %"), (0, 0, "–")],
)
def test_a_share_is_never_whole_while_something_is_missing(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=10), "just now"),
        (timedelta(minutes=12, seconds=40), "12 min ago"),
        (timedelta(hours=2), "today 08:22"),
        (timedelta(days=1), "yesterday 10:22"),
        (timedelta(days=18), "2 Nov"),
        (timedelta(days=400), "16 Oct 2025"),
        (timedelta(days=-60), "19 Jan 2027"),
        (timedelta(minutes=-20), "today 10:42"),
    ],
)
def test_a_moment_is_written_by_its_distance(ago: timedelta, text: str) -> None:
    assert when(NOW - ago, NOW) == text


def test_after_since_stands_a_time_and_not_an_age() -> None:
    assert since(NOW - timedelta(minutes=12), NOW) == "10:10"
    assert since(NOW - timedelta(days=18), NOW) == "2 Nov"


def test_a_moment_carries_its_utc_time_for_machines_and_for_the_script() -> None:
    tag = str(time_tag(NOW - timedelta(minutes=12), NOW))
    assert 'datetime="2026-11-20T10:10:00.000Z"' in tag
    assert 'data-form="when"' in tag
    assert ">12 min ago<" in tag
    assert "never" in str(time_tag(None, NOW))


def test_a_setting_is_called_by_words_and_by_its_node() -> None:
    named = setting_name(f"{POLICY}/Connectivity/AllowUSBConnection")
    assert (named.title, named.short) == ("Allow USB connection", "Connectivity/AllowUSBConnection")
    assert title_of_name("AllowBluetooth") == "Allow Bluetooth"
    assert title_of_name("os_build") == "OS build"


def test_a_long_value_becomes_its_digest_and_its_length() -> None:
    value = value_of("./Device/Vendor/MSFT/AssignedAccess/Configuration", "<a>" + "x" * 4000 + "</a>", "xml")
    assert "…" in value.text
    assert len(value.text) < 12
    assert value.meaning == "XML, 4,007 characters"
    assert value.whole.startswith("<a>")


def test_a_value_says_what_it_means() -> None:
    value = value_of(f"{POLICY}/Connectivity/AllowUSBConnection", "0", "int")
    assert (value.text, value.meaning) == ("0", "not allowed")


def test_a_value_that_may_be_a_secret_is_never_written() -> None:
    uri = "./Device/Vendor/MSFT/WiFi/Profile/Plant/WlanXml"
    value = value_of(uri, "<keyMaterial>tall&blue</keyMaterial>", "chr")
    assert "tall" not in value.text + value.meaning + value.whole


def test_text_that_may_break_is_still_escaped() -> None:
    assert str(breakable("a/<b>;c")) == "a/<wbr>&lt;b&gt;;<wbr>c"


def test_many_undelivered_keys_become_one_reason() -> None:
    reasons = ["1 setting pending", *(f"undelivered: key{number}" for number in range(5))]
    assert reasons_of(reasons) == "1 setting pending; not delivered: key0, key1, key2 and 2 more"


def test_every_word_has_an_icon_in_the_sprite_and_a_colour() -> None:
    from holofleet.web.console.assets import read_static
    from holofleet.web.console.words import ORDER_WORDS, SETTING_WORDS

    sprite, colours = read_static("icons.svg").decode(), read_static("components.css").decode()
    for known in (*HEADSET_WORDS.values(), *SETTING_WORDS.values(), *ORDER_WORDS.values()):
        assert f'id="{known.icon}"' in sprite, known
        assert f".is-{known.tone} " in colours, known


def test_a_word_of_a_later_version_stays_readable() -> None:
    assert word("in orbit").label == "In orbit"


def test_moments_in_a_sentence_of_the_server_become_elements_and_nothing_else_does() -> None:
    text = "<Lee> had it from 2026-03-31 08:02 UTC until 2026-02-30 10:00 UTC"
    made = str(with_times(text, NOW))
    assert made.count("<time") == 1
    assert ">2026-03-31 08:02 UTC</time>" in made
    assert made.startswith("&lt;Lee&gt; had it from ")
    assert made.endswith(" until 2026-02-30 10:00 UTC")


def test_a_day_with_its_time_says_its_zone_where_no_script_runs() -> None:
    assert ">2 Jan 08:05 UTC</time>" in str(time_tag(datetime(2026, 1, 2, 8, 5, tzinfo=UTC), NOW, "at"))
