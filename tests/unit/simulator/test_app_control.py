"""What a headset makes of app control policies: its own reading of the binary, against bytes made elsewhere."""

from __future__ import annotations

import base64

import pytest

from holofleet.formats import app_control as wdac
from holofleet.simulator.headset.payload.app_control import read_app_control
from holofleet.simulator.headset.values import ValueFacts, judge

# A reference policy, kept as bytes and not made here: it allows every file, denies the package A_8wekyb3d8bbwe.
GIVEN_ID = "11111111-2222-3333-4444-555555555555"
GIVEN = (
    "BwAAABEREREiIjMzRERVVVVVVVXk9wcuTBkgTbfJb0SmxaI0BAAIgAAAAAACAAAAAAAAAAEAAAAEAAMAAgABAEAAAAAAAAAAAAAA"
    "AAAAAAD//////////wAAAAABAAAAAgAAACoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAMAAAAAAAAAAyAAAAAAAAAAAAAAAIA"
    "AAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAAFAAAAFAAbwBsAGkAYwB5AEkAbgBmAG8AAAAAABYAAABJ"
    "AG4AZgBvAHIAbQBhAHQAaQBvAG4AAAAAAAAACAAAAE4AYQBtAGUAAAAAAAMAAAAEAAAAVAAxAAAAAAADAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAUAAAAeAAAAQQBf"
    "ADgAdwBlAGsAeQBiADMAZAA4AGIAYgB3AGUAAAAAAAAA//////////8AAAAAAAAAAAAAAAAAAAAABgAAABEREREiIjMzRERVVVVV"
    "VVURERERIiIzM0REVVVVVVVVAAAAAAcAAAAAAAAAAAAAAAAAAAAAAAAACAAAAA=="
)
URI = f"./Device/Vendor/MSFT/ApplicationControl/Policies/{wdac.POLICY_ID}/Policy"
RAW = wdac.compile_policy(wdac.block(["Contoso.Game_1qaz2wsx3edc4"], ["msedge.exe"]))


def told(raw: bytes, uri: str = URI) -> tuple[int, str]:
    return judge(uri, ValueFacts("b64"), form="b64", data=base64.b64encode(raw).decode())


def test_our_policies_and_those_of_others_are_read_alike() -> None:
    ours = read_app_control(base64.b64encode(RAW).decode(), policy_id=str(wdac.POLICY_ID).upper())
    assert ours.blocks(package="contoso.game_1qaz2wsx3edc4")
    assert ours.blocks(file="MSEDGE.EXE")
    assert not ours.blocks(package="Contoso.Work_1qaz2wsx3edc4")
    theirs = read_app_control(GIVEN, policy_id=GIVEN_ID)
    assert theirs.packages == {"a_8wekyb3d8bbwe"}
    assert not theirs.files


def test_a_policy_that_only_audits_blocks_nothing() -> None:
    raw = bytearray(RAW)
    raw[0x26] |= 0x01
    policy = read_app_control(base64.b64encode(raw).decode(), policy_id=str(wdac.POLICY_ID))
    assert not policy.blocks(file="msedge.exe")


def test_the_node_takes_a_policy_of_its_own_id_only() -> None:
    assert told(RAW) == (200, "")
    status, why = told(RAW, URI.replace(str(wdac.POLICY_ID), GIVEN_ID))
    assert status == 500
    assert GIVEN_ID in why


@pytest.mark.parametrize(
    "raw",
    [b"", b"policy", b"<SiPolicy/>" * 20, b"\x30\x82" + RAW, RAW + b"\0", b"\x63" + RAW[1:], bytes(len(RAW))],
    ids=["nothing", "a word", "XML", "signed", "more behind", "another format", "zeros"],
)
def test_what_is_no_policy_is_refused(raw: bytes) -> None:
    assert told(raw)[0] == 500


def test_a_policy_that_ends_anywhere_too_early_is_refused() -> None:
    assert {told(RAW[:length])[0] for length in range(len(RAW))} == {500}


def test_a_policy_with_counts_beyond_its_end_is_refused_at_once() -> None:
    for place in range(0x28, 0x38, 4):
        assert told(RAW[:place] + b"\xff\xff\xff\xff" + RAW[place + 4 :])[0] == 500
