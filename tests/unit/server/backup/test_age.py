"""The encrypted container: what the tool age writes is opened, and nothing that was changed is."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
from pathlib import Path

import pytest

from holofleet.errors import InputError
from holofleet.server.backup import bech32
from holofleet.server.backup.age import PIECE, Encrypting, Identity, Recipient, pieces

# Made with age-keygen and age 1.1.1.
OF_AGE = "AGE-SECRET-KEY-1M2SHNS0LAMPC74UP8VKFJMNQL4R784FR6A4Q09H8Z59LXEPHGGNSFTENLZ"
BY_AGE = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA4WDZlQ1hvRmdkVmtKZ3dBaDlBcW5BUTRhRU9KNFk5eGl0bm"
    "Nkc3lJckJBCkRJMXRHcnhPNEdXbjVsMTRGcGdWemVISldkNXpCazdrK0NrWUZSd091MjAKLS0tIHZ4WnVuQTNTMGxp"
    "eHllMXY4aFhPTUZBKzZBclZRZ1FQSUMwUzN3dVg1blEKUMZ3bc/6PfrXKjh01Ywy7JlLsd9IfK/DNtt+y/T0QC80L2"
    "agmsQfTwD4xCYYg+xNN0Wf"
)


def encrypted(content: bytes, *identities: Identity) -> bytes:
    out = io.BytesIO()
    writer = Encrypting(out, [one.recipient for one in identities])
    for start in range(0, len(content), 50_000):
        writer.write(content[start : start + 50_000])
    writer.finish()
    return out.getvalue()


def opened(content: bytes, identity: Identity) -> bytes:
    return b"".join(pieces(io.BytesIO(content), identity))


def test_a_file_of_the_tool_age_is_opened() -> None:
    assert opened(BY_AGE, Identity.parse(f"# created by somebody\n\n{OF_AGE}\n")) == b"a backup of Contoso"


@pytest.mark.skipif(shutil.which("age") is None, reason="the tool age is not installed")
def test_the_tool_age_opens_ours(tmp_path: Path) -> None:
    identity = Identity.generate()
    (tmp_path / "identity").write_text(identity.render())
    content = bytes(range(256)) * 600
    command = ["age", "-d", "-i", str(tmp_path / "identity")]
    done = subprocess.run(command, input=encrypted(content, identity), capture_output=True, timeout=30, check=True)
    assert done.stdout == content


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_content_of_any_length_comes_back_for_each_recipient(size: int) -> None:
    first, second = Identity.generate(), Identity.generate()
    content = (b"holofleet" * (size // 9 + 1))[:size]
    sealed = encrypted(content, first, second)
    assert opened(sealed, first) == opened(sealed, second) == content


def test_somebody_else_is_told_so() -> None:
    with pytest.raises(InputError, match="not encrypted to this identity"):
        opened(encrypted(b"x", Identity.generate()), Identity.generate())


def test_no_change_of_any_byte_and_no_cut_is_taken() -> None:
    identity = Identity.generate()
    sealed = encrypted(b"a backup of Contoso", identity)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(InputError):
            opened(changed, identity)
        with pytest.raises(InputError):
            opened(sealed[:place], identity)


def test_pieces_cannot_be_left_out_exchanged_or_added() -> None:
    identity = Identity.generate()
    sealed = encrypted(b"x" * (3 * PIECE + 5), identity)
    long = PIECE + 16
    head, rest = sealed[: len(sealed) - 3 * long - 21], sealed[len(sealed) - 3 * long - 21 :]
    first, second, third, last = rest[:long], rest[long : 2 * long], rest[2 * long : 3 * long], rest[3 * long :]
    for parts in ([first, second, third], [second, first, third, last], [first, third, last], [rest, last]):
        with pytest.raises(InputError, match="changed or is cut off"):
            opened(head + b"".join(parts), identity)


def test_keys_are_written_as_age_writes_them_and_a_typing_mistake_is_noticed() -> None:
    identity = Identity.parse(OF_AGE)
    assert OF_AGE in identity.render()
    text = str(identity.recipient)
    assert text.startswith("age1")
    assert Recipient.parse(text) == identity.recipient
    for wrong in (text[:-1], text + "q", text.replace("age1", "ago1"), text.capitalize(), "age1", "", OF_AGE):
        with pytest.raises(InputError):
            Recipient.parse(wrong)
    with pytest.raises(InputError) as refused:
        Identity.parse(OF_AGE[:-1] + "X")
    assert OF_AGE[16:40] not in str(refused.value)
    with pytest.raises(InputError, match="one key"):
        Identity.parse(f"{OF_AGE}\n{OF_AGE}")


def test_bech32_is_that_of_its_specification() -> None:
    assert bech32.decode("abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw").hex() == (
        "00443214c74254b635cf84653a56d7c675be77df"
    )
    assert bech32.encode("abcdef", bytes.fromhex("00443214c74254b635cf84653a56d7c675be77df")) == (
        "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"
    )
