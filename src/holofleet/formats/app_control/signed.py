"""The envelope of a signed policy: PKCS #7, with the bytes of the policy inside. The signature is not checked.

Who signed is the headset's question; here people only want to see what a policy says.
"""

from __future__ import annotations

from holofleet.formats.app_control.error import AppControlError

_SEQUENCE, _SET, _OID, _OCTETS, _INTEGER, _EXPLICIT = 0x30, 0x31, 0x06, 0x04, 0x02, 0xA0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_POLICY = bytes.fromhex("2b0601040182374f01")
"""1.3.6.1.4.1.311.79.1, the content type of a policy."""


def is_signed(data: bytes) -> bool:
    """Tell whether the data is an envelope; a policy without one begins with its format, a small number."""
    return data[:1] == bytes([_SEQUENCE])


def content(data: bytes) -> bytes:
    """Return the policy inside an envelope.

    Raises:
        AppControlError: cut off, not DER, or an envelope of something else.
    """
    outer, end = _part(data, 0, len(data), _SEQUENCE)
    if end != len(data):
        raise _wrong(end, f"{len(data) - end} bytes stand behind the envelope.")
    at = _expect(data, outer, end, _SIGNED_DATA, "signed data")
    at, end = _inside(data, at, end, _EXPLICIT, _SEQUENCE)
    for tag in (_INTEGER, _SET):
        _, at = _part(data, at, end, tag)
    at, end = _inside(data, at, end, _SEQUENCE)
    at = _expect(data, at, end, _POLICY, "an app control policy")
    at, end = _inside(data, at, end, _EXPLICIT, _OCTETS)
    return data[at:end]


def _inside(data: bytes, at: int, end: int, *tags: int) -> tuple[int, int]:
    for tag in tags:
        at, end = _part(data, at, end, tag)
    return at, end


def _expect(data: bytes, at: int, end: int, oid: bytes, what: str) -> int:
    start, stop = _part(data, at, end, _OID)
    if data[start:stop] != oid:
        raise _wrong(at, f"it is signed, but it is not {what}.")
    return stop


def _part(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Return where the content of the part at a place begins and ends."""
    if end - at < 2 or data[at] != tag:
        raise _wrong(at, f"the signed envelope should have a part {tag:#04x} here.")
    length, start = data[at + 1], at + 2
    if length >= 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or end - start < count:
            raise _wrong(at, "the signed envelope has a length of a form that DER does not know.")
        length, start = int.from_bytes(data[start : start + count]), start + count
    if length > end - start:
        raise _wrong(at, f"{length} bytes should follow, {end - start} are left.")
    return start, start + length


def _wrong(at: int, text: str) -> AppControlError:
    return AppControlError((f"At byte {at}: {text}",))
