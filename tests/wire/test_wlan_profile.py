"""Wi-Fi profiles against the published schema, which a validator of its own applies."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from holofleet.formats.wlan_profile import Security, WlanProfile, render

FOLDER = Path(__file__).parent / "wlan_profile"
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1)
SSID = TEXT.filter(lambda text: len(text.encode()) <= 32)


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(FOLDER / "v1.xsd"))


def valid(text: str) -> bool:
    return schema().validate(etree.fromstring(text.encode()))


@given(SSID, TEXT, st.sampled_from(Security), st.booleans(), st.booleans())
def test_whatever_is_rendered_is_valid(
    ssid: str, passphrase: str, security: Security, hidden: bool, automatic: bool
) -> None:
    key = "" if security is Security.OPEN else passphrase
    assert valid(render(WlanProfile(ssid, security, key, hidden, automatic)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("WPA2PSK", "WPA9"),
        ("<connectionType>ESS</connectionType>", ""),
        ("<keyType>passPhrase</keyType>", ""),
        ("<protected>false</protected>", "<protected>perhaps</protected>"),
        ("<hex>", "<hex>zz"),
        ("profile/v1", "profile/v9"),
        ("<connectionType>", "<other/><connectionType>"),
    ],
)
def test_the_schema_refuses_what_it_does_not_know(old: str, new: str) -> None:
    text = render(WlanProfile("Plant", Security.WPA2_PERSONAL, "passphrase", False, True))
    assert valid(text)
    assert old in text
    assert not valid(text.replace(old, new))
