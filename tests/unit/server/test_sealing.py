"""Sealed boxes and data keys: what opens them, and that nothing else does."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as some

from holofleet.server.sealing import DamagedError, SealedBox, SealingKey

KEY, OTHER = SealingKey(bytes(range(32))), SealingKey(bytes(32))
NOTE = ("note", "7")


def test_a_box_opens_in_its_own_context_and_no_two_boxes_are_alike() -> None:
    one, two = KEY.seal(b"plain", context=NOTE), KEY.seal(b"plain", context=NOTE)
    assert KEY.open(one, context=NOTE) == KEY.open(two, context=NOTE) == b"plain"
    assert one != two
    assert SealedBox.parse(bytes(one)) == one


def test_a_box_is_aes_256_gcm_as_it_is_described() -> None:
    """Opened by hand, so that what is kept today can be opened by whoever reads this."""
    box = KEY.seal(b"plain", context=NOTE)
    assert (
        box.header[:9] == b"\x01" + hashlib.sha256(b"holofleet sealing key id\x00" + bytes(range(32))).digest()[:8]
    )
    bound = b"".join(len(p).to_bytes(4, "big") + p for p in (b"holofleet", box.header, b"box", b"note", b"7"))
    assert AESGCM(bytes(range(32))).decrypt(box.header[9:], box.body, bound) == b"plain"


@given(position=some.integers(0, 41), bit=some.integers(0, 7))
def test_no_bit_of_a_box_can_be_changed(position: int, bit: int) -> None:
    raw = bytearray(bytes(KEY.seal(b"plain", context=NOTE)))
    raw[position] ^= 1 << bit
    with pytest.raises(DamagedError):
        KEY.open(SealedBox.parse(bytes(raw)), context=NOTE)


@given(length=some.integers(0, 41))
def test_a_box_that_was_cut_is_damaged(length: int) -> None:
    raw = bytes(KEY.seal(b"plain", context=NOTE))
    assert len(raw) == 42
    with pytest.raises(DamagedError, match="is damaged"):
        KEY.open(SealedBox.parse(raw[:length]), context=NOTE)


@pytest.mark.parametrize("context", [(), ("note",), ("note", "8"), ("note", "7", ""), ("note7",), ("not", "e7")])
def test_a_box_is_not_opened_in_another_context(context: tuple[str, ...]) -> None:
    with pytest.raises(DamagedError, match="is damaged") as caught:
        KEY.open(KEY.seal(b"plain", context=NOTE), context=context)
    assert not caught.value.is_other_key


def test_a_box_of_another_key_is_told_apart_from_a_damaged_one() -> None:
    with pytest.raises(DamagedError, match="another key") as caught:
        OTHER.open(KEY.seal(b"plain", context=NOTE), context=NOTE)
    assert caught.value.is_other_key
    named = caught.value.named("the note cannot be opened", mend="Write another.")
    assert str(named) == "the note cannot be opened It was sealed under another key. Write another."
    assert named.is_other_key


def test_a_data_key_is_wrapped_for_one_thing_and_is_another_each_time() -> None:
    wrapped = KEY.new_data_key(context=NOTE)
    key = KEY.data_key(wrapped, context=NOTE)
    assert key.id not in (KEY.id, KEY.data_key(KEY.new_data_key(context=NOTE), context=NOTE).id)
    assert key.open(KEY.data_key(wrapped, context=NOTE).seal(b"plain", context=NOTE), context=NOTE) == b"plain"
    with pytest.raises(DamagedError):
        KEY.data_key(wrapped, context=("note", "8"))
    with pytest.raises(DamagedError):
        OTHER.data_key(wrapped, context=NOTE)


def test_a_wrapped_key_is_no_box_and_a_box_is_no_wrapped_key() -> None:
    with pytest.raises(DamagedError):
        KEY.open(SealedBox.parse(KEY.new_data_key(context=NOTE)), context=NOTE)
    with pytest.raises(DamagedError):
        KEY.data_key(bytes(KEY.seal(bytes(32), context=NOTE)), context=NOTE)


def test_a_key_shows_nothing_of_itself_and_has_32_bytes() -> None:
    assert repr(KEY) == f"SealingKey(id={KEY.id!r})"
    with pytest.raises(ValueError, match="32 bytes"):
        SealingKey(bytes(16))
