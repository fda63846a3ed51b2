"""Bech32 (BIP 173): 32 bytes as text with a checksum, as age writes its keys."""

from __future__ import annotations

from holofleet.errors import InputError

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6


def encode(kind: str, value: bytes) -> str:
    """Return ``value`` as lower-case text that begins with ``kind`` and a 1."""
    words = _regroup(value, 8, 5, pad=True)
    rest = _remainder(kind, [*words, *[0] * _CHECKSUM]) ^ 1
    check = [(rest >> 5 * (_CHECKSUM - 1 - i)) & 31 for i in range(_CHECKSUM)]
    return f"{kind}1{''.join(_ALPHABET[word] for word in [*words, *check])}"


def decode(kind: str, text: str) -> bytes:
    """Return the bytes of a text of this kind, in lower or in upper case.

    Raises:
        InputError: of another kind, mistyped or cut off.
    """
    lower = text.lower()
    head, one, tail = lower.rpartition("1")
    try:
        if text not in (lower, text.upper()) or not one or head != kind or len(tail) <= _CHECKSUM:
            raise ValueError("another kind of text")
        words = [_ALPHABET.index(character) for character in tail]
        if _remainder(kind, words) != 1:
            raise ValueError("the checksum does not hold")
        return bytes(_regroup(words[:-_CHECKSUM], 5, 8, pad=False))
    except ValueError as error:
        # The text may be a private key: it is not repeated.
        raise InputError(f"this is no key of the kind {kind}1...", detail=f"{error}.") from error


def _regroup(values: bytes | list[int], size: int, into: int, *, pad: bool) -> list[int]:
    held, bits, result = 0, 0, []
    for value in values:
        held, bits = (held << size | value) & 0xFFF, bits + size
        while bits >= into:
            bits -= into
            result.append(held >> bits & (1 << into) - 1)
    left = held << into - bits & (1 << into) - 1
    if pad and bits:
        result.append(left)
    elif not pad and (bits >= size or left):
        raise ValueError("it is cut off")
    return result


def _remainder(kind: str, words: list[int]) -> int:
    spread = [ord(character) >> 5 for character in kind] + [0] + [ord(character) & 31 for character in kind]
    rest = 1
    for word in [*spread, *words]:
        top, rest = rest >> 25, (rest & 0x1FFFFFF) << 5 ^ word
        for bit, generator in enumerate(_GENERATORS):
            if top >> bit & 1:
                rest ^= generator
    return rest
