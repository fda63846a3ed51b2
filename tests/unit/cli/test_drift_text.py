"""Drift as text: what many headsets share is said once, and no line grows with the value."""

from __future__ import annotations

from holofleet.cli.drift import as_text
from holofleet.plans import Drift

USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"


def test_what_is_the_same_on_many_headsets_is_said_once_with_their_number() -> None:
    found = [
        Drift(f"H{number:03}", USB, "0", "1", "drifted", since=f"2026-05-{number % 9 + 1:02}T08:00:00Z")
        for number in range(300)
    ]
    assert as_text(found) == (
        f"drifted: {USB}\n"
        "    wanted: 0\n"
        "    found:  1\n"
        "    on 300 headsets: H000, H001, H002, H003 and 296 more\n"
        "    since 2026-05-01T08:00:00Z (the first of them)\n"
        "1 difference on 300 headsets: H000, H001, H002, H003 and 296 more.\n"
    )


def test_a_tenants_object_has_no_headset_and_says_who_changed_it() -> None:
    reason = "group:a was last changed in the tenant by admin@contoso.com."
    text = as_text([Drift("", "group:a displayName", "A", None, "drifted", reason)])
    assert text.splitlines()[1:] == ["    wanted: A", "    found:  not set", f"    {reason}", "1 difference."]


def test_another_value_or_another_state_is_another_difference() -> None:
    found = [
        Drift("H1", USB, "0", "1", "drifted"),
        Drift("H2", USB, "0", "2", "drifted"),
        Drift("H3", USB, "0", "1", "pending"),
    ]
    assert as_text(found).count("on 1 headset: ") == 3
    assert as_text(found).endswith("3 differences on 3 headsets: H1, H2, H3.\n")


def test_long_values_and_control_characters_do_not_reach_the_terminal() -> None:
    text = as_text([Drift("H1", USB, "x" * 5000, "\x1b[2J\nserial", "drifted")])
    assert max(map(len, text.splitlines())) < 140
    assert "(5000 characters, all of them in JSON)" in text
    assert "\x1b" not in text
    assert "\nserial" not in text
