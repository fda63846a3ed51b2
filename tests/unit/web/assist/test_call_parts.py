"""Parts of the pages of a call at a desk: what they name is there."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

ROOM = files("holofleet.web.assist")
PAGES = ("live.html", "guest.html", "stage.html", "marking.html", "guests.html")


@pytest.mark.parametrize("name", PAGES)
def test_every_icon_of_a_page_is_in_the_sprite_of_calls(name: str) -> None:
    text = ROOM.joinpath("templates", name).read_text()
    sprite = ROOM.joinpath("static", "call.svg").read_text()
    used = {*re.findall(r'icon\("([a-z-]+)"', text), *re.findall(r'(?:tool|act)\("[a-z-]+", "([a-z-]+)"', text)}
    assert used
    assert {icon for icon in used if f'id="{icon}"' not in sprite} == set()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_takes_its_parts_from_this_room(name: str) -> None:
    """The page of a guest is served to strangers, and where the console is not."""
    text = ROOM.joinpath("templates", name).read_text()
    named = re.findall(r"{%-? *(?:from|import|include|extends) \"([^\"]+)\"", text)
    assert all(ROOM.joinpath("templates", one).is_file() for one in named)
