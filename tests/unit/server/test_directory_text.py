"""Names of people are on one line, and show nothing but themselves."""

from __future__ import annotations

import pytest

from holofleet.errors import InputError
from holofleet.server.directory.text import LONGEST, plain_text


def test_TXT_1_what_is_not_shown_but_turns_a_name_around_is_not_kept() -> None:
    assert plain_text("name", " Ada\u202e ecnaV\x00\r\n\u2066 ") == "Ada ecnaV"
    assert plain_text("name", "سارة \u200fمن") == "سارة \u200fمن"  # what belongs to a script stays


def test_a_name_has_an_end() -> None:
    with pytest.raises(InputError, match="more than"):
        plain_text("name", "a" * (LONGEST + 1))
