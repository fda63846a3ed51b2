"""The filter of headsets as it is written: text to filter and back, faults in words, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet.errors import InputError
from holofleet.server.compliance import Compliance
from holofleet.server.fleet.asking import EXAMPLES, Asking
from holofleet.server.fleet.views import Between, BuildBound, HeadsetQuery, SettingSaid

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def query(text: str) -> HeadsetQuery:
    asked = Asking.parse(text)
    assert asked.faults == ()
    return asked.query(now=NOW, me="megan@contoso.com")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", HeadsetQuery()),
        ("HL-LOAN 17", HeadsetQuery(text="HL-LOAN 17")),
        (
            "compliance:drifted Site:plant-3 HL",
            HeadsetQuery(compliance=Compliance.DRIFTED, site="plant-3", text="HL"),
        ),
        ('site:"Plant 3" client:own', HeadsetQuery(site="Plant 3", client="own")),
        ("build:<22621.1244", HeadsetQuery(build=BuildBound("<", (22621, 1244)))),
        ("build:10.0.22621", HeadsetQuery(build=BuildBound("=", (22621,)))),
        ("held-by:me", HeadsetQuery(held_by="megan@contoso.com")),
        ("held-by:nobody", HeadsetQuery(held_by="nobody")),
        ("seen:>30d", HeadsetQuery(seen=Between(before=NOW - timedelta(days=30)))),
        ("seen:<90min", HeadsetQuery(seen=Between(after=NOW - timedelta(minutes=90)))),
        ("seen:never", HeadsetQuery(never_seen=True)),
        ("cert:<4w", HeadsetQuery(certificate=Between(before=NOW + timedelta(weeks=4)))),
        ('setting:"AllowUSBConnection=1"', HeadsetQuery(setting=SettingSaid("AllowUSBConnection", "1"))),
        ("setting:A/B=", HeadsetQuery(setting=SettingSaid("A/B", ""))),
        ('"00:15:5d"', HeadsetQuery(text="00:15:5d")),
    ],
)
def test_what_is_written_is_what_is_asked(text: str, meant: HeadsetQuery) -> None:
    assert query(text) == meant


@pytest.mark.parametrize(
    ("text", "part", "words"),
    [
        ("complaince:drifted", "complaince:drifted", "Is compliance meant?"),
        ("foo:bar", "foo:bar", "put a text with a colon in it into quotation marks"),
        ("compliance:perfect", "compliance:perfect", "Write compliance:drifted."),
        ("seen:30d", "seen:30d", "Write seen:>30d, seen:<1h or seen:never."),
        ("build:new", "build:new", "Write build:<22621.1244."),
        ("setting:USB", "setting:USB", 'Write setting:"AllowUSBConnection=1".'),
        ("site:a site:b", "site:b", "A list has one of each."),
        ('site:"plant', '"', "Close it, or take it out."),
        ('site:""', 'site:""', "Write site:plant-3."),
        ("site: late", 'site:""', "Write site:plant-3."),
        ("late site:", 'site:""', "Write site:plant-3."),
    ],
)
def test_a_fault_says_which_part_and_what_would_be_right(text: str, part: str, words: str) -> None:
    asked = Asking.parse(f"HL {text}")
    assert asked.faults[0].part == part
    assert words in asked.faults[0].mend
    assert asked.words.split()[0] == "HL"
    with pytest.raises(InputError):
        asked.require()


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_read_and_what_is_understood_is_written_so_that_it_reads_the_same(text: str) -> None:
    asked = Asking.parse(text)
    if not asked.faults:
        assert Asking.parse(asked.text) == asked
        asked.query(now=NOW)
        asked.in_words({})


def test_every_example_is_right_and_is_said_in_words() -> None:
    for key, example in EXAMPLES.items():
        for one in example.replace(" or ", ", ").split(", "):
            asked = Asking.parse(one)
            assert asked.faults == ()
            assert asked.values.keys() == {key}
            assert asked.in_words({"drifted": "Drifted"})


@pytest.mark.parametrize(
    ("bound", "builds"),
    [
        (BuildBound("=", (22621,)), {"10.0.22621.1244", "10.0.22621.1266"}),
        (BuildBound("<", (22621, 1266)), {"10.0.20348.1547", "10.0.22621.1244"}),
        (BuildBound(">", (22621,)), set()),
        (BuildBound(">=", (22621, 1266)), {"10.0.22621.1266"}),
        (BuildBound("<=", (22621,)), {"10.0.20348.1547", "10.0.22621.1244", "10.0.22621.1266"}),
    ],
)
def test_builds_compare_by_their_numbers(bound: BuildBound, builds: set[str]) -> None:
    known = ("10.0.20348.1547", "10.0.22621.1244", "10.0.22621.1266", "", "odd")
    assert {build for build in known if bound.includes(build)} == builds
