"""Filters of SCIM, against the examples and the grammar of RFC 7644, section 3.4.2.2."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holofleet.protocols.scim import ScimError, equality, parse_filter

MEGAN = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "id": "2819c223",
    "userName": "bjensen@example.com",
    "name": {"familyName": "O'Malley", "givenName": "Megan"},
    "title": "Welder",
    "userType": "Employee",
    "active": True,
    "emails": [
        {"type": "work", "value": "bjensen@example.com"},
        {"type": "home", "value": "barbara@example.org"},
    ],
    "meta": {"lastModified": "2026-05-13T04:42:34Z"},
    "empty": [],
}


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "bjensen@example.com"',
        'USERNAME Eq "BJensen@Example.com"',
        'name.familyName co "O\'Malley"',
        'userName sw "bj"',
        'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "bj"',
        "title pr",
        'meta.lastModified gt "2026-05-13T04:42:33Z"',
        'meta.lastModified le "2026-05-13T04:42:34Z"',
        'title pr and userType eq "Employee"',
        'title pr or userType eq "Intern"',
        'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
        'userType ne "Intern" and not (emails co "fabrikam.com")',
        'emails[type eq "work" and value co "@example.com"]',
        'emails[type eq "work"] or emails[type eq "fax"]',
        "active eq true",
        'id eq "2819c223"',
        'emails eq "barbara@example.org"',
        'not (title eq "x") and userName ew ".com"',
        'userType eq "Intern" and active eq false or title pr',
    ],
)
def test_a_filter_means_whom_it_describes(text: str) -> None:
    assert parse_filter(text)(MEGAN)


@pytest.mark.parametrize(
    "text",
    [
        'id eq "2819C223"',
        "empty pr",
        "nickName pr",
        'active eq "true"',
        "userName eq 5",
        'emails[type eq "work" and value co "example.org"]',
        'userName ne "bjensen@example.com"',
        'title eq "Welder" and not (active eq true)',
        'userType eq "Intern" or userType eq "Employee" and active eq false',
        "title gt 4",
    ],
)
def test_a_filter_does_not_mean_whom_it_does_not_describe(text: str) -> None:
    assert not parse_filter(text)(MEGAN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "userName",
        "userName eq",
        'userName is "x"',
        'eq "x"',
        '(userName eq "x"',
        'userName eq "x")',
        'userName eq "x" and',
        'userName eq "x" userName eq "y"',
        'userName eq "x',
        'not userName eq "x"',
        'emails[type eq "work"',
        "userName eq [1]",
        'userName eq "\\q"',
        "(" * 200 + "title pr" + ")" * 200,
        " or ".join(["title pr"] * 11),
        'userName eq "' + "x" * 3000 + '"',
        'user;name eq "x"',
        "title pr; drop table person",
    ],
)
def test_SCIM_a_filter_that_cannot_be_read_or_is_too_much_is_refused(text: str) -> None:
    with pytest.raises(ScimError, match="filter"):
        parse_filter(text)


@given(st.text(alphabet='ab"()[]. eqandornotpr\\:$\x00é5', max_size=80))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    with suppress(ScimError):
        parse_filter(text)(MEGAN)


def test_one_comparison_for_equality_is_known_so_that_an_index_answers_it() -> None:
    assert equality('userName eq "a@b.example"') == ("username", "a@b.example")
    assert equality('externalId EQ "7"') == ("externalid", "7")
    assert equality("active eq true") is None
    assert equality('userName eq "a" or id eq "b"') is None
