"""Names of the directory, read."""

from __future__ import annotations

import re
import unicodedata

from holofleet.errors import InputError

LONGEST = 256
_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_UPN = re.compile(r"[a-z0-9'._!#^~+-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,188}[a-z0-9])?\Z")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}\Z")
_OTHER = re.compile(r"[^a-z0-9._-]+")


def user_principal_name(text: str) -> str:
    """Return a UPN in lower case.

    Raises:
        InputError: it is none.
    """
    name = text.strip().casefold()
    if not is_user_principal_name(name):
        raise InputError(f"{text[:80]!r} is no user principal name", mend="Write it as name@domain.")
    return name


def is_user_principal_name(name: str) -> bool:
    """Return whether a text, in lower case, is a UPN."""
    return _UPN.match(name) is not None


def person_key(text: str) -> str:
    """Return what a person is looked up by: an id as it was written, a UPN in lower case."""
    text = text.strip()
    return text.casefold() if "@" in text else text


def is_group_name(name: str) -> bool:
    """Return whether a text can be the name of a group."""
    return _NAME.match(name) is not None


def group_name(display_name: str) -> str:
    """Return the name of a group that is known by a name for people.

    Raises:
        InputError: nothing of it is left.
    """
    name = _OTHER.sub("-", display_name.casefold()).strip("-._")[:100]
    if not is_group_name(name):
        raise InputError(f"{display_name[:80]!r} is no name of a group", mend="Use letters or digits too.")
    return name


def plain_text(field: str, text: str) -> str:
    """Return a text without blanks around it, on one line, and without what turns the text beside it around.

    Raises:
        InputError: longer than 256 characters.
    """
    if len(text) > LONGEST:
        raise InputError(f"{field}: more than {LONGEST} characters")
    return "".join(one for one in text if not _is_control(one)).strip()


def _is_control(character: str) -> bool:
    """Whether a character is not shown but changes what is: a name with it would read as another one's."""
    return unicodedata.category(character) == "Cc" or unicodedata.bidirectional(character) in _TURNS
