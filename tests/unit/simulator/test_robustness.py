"""Whatever a server sends, a headset ends up with a violation or an error of its own, never with a crash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.simulator.scripted_server import DeviceAuthority, command, provisioning_document

from holofleet.simulator import End
from holofleet.simulator.headset import soap
from holofleet.simulator.headset.csr import render_request
from holofleet.simulator.headset.identity import DeviceName, Dialect
from holofleet.simulator.headset.keys import KeyPool
from holofleet.simulator.headset.knowledge import comparable, find, is_interior
from holofleet.simulator.headset.markup import MarkupError
from holofleet.simulator.headset.payload.error import PayloadError
from holofleet.simulator.headset.payload.kiosk import read_kiosk
from holofleet.simulator.headset.provisioning import ProvisioningRefusedError, read_provisioning
from holofleet.simulator.headset.session import ManagementSession, Opening
from holofleet.simulator.headset.tree import Tree

USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
STATUSES = "".join(
    f"<Status><CmdID>{n}</CmdID><MsgRef>1</MsgRef><CmdRef>{ref}</CmdRef><Cmd>{verb}</Cmd><Data>200</Data></Status>"
    for n, (verb, ref) in enumerate([("SyncHdr", 0), ("Alert", 2), ("Alert", 3), ("Replace", 4)], start=1)
)
MESSAGE = (
    '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
    "<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>D</LocURI></Target><Source><LocURI>S</LocURI></Source></SyncHdr><SyncBody>"
    + STATUSES
    + command("Replace", "a", USB, data="0", form="int")
    + f"<Atomic><CmdID>b</CmdID>{command('Delete', 'c', USB)}</Atomic>"
    + f"<Sequence><CmdID>d</CmdID>{command('Get', 'e', USB)}</Sequence>"
    + command("Exec", "f", "./Device/Vendor/MSFT/Reboot/RebootNow", form="null")
    + "<Final/></SyncBody></SyncML>"
).encode()


def mutated(sample: bytes) -> st.SearchStrategy[bytes]:
    """The sample with a few places replaced, cut out or doubled."""
    place = st.integers(0, len(sample) - 1)
    junk = st.sampled_from(
        [b"", b"<", b">", b"&x;", b"\0", b"\xff", b"<Item/>", b"0", "²".encode(), b"-1", b"9" * 20]
    )
    edit = st.tuples(place, st.integers(0, 30), junk)

    def apply(edits: list[tuple[int, int, bytes]]) -> bytes:
        body = sample
        for start, length, new in edits:
            body = body[:start] + new + body[start + length :]
        return body

    return st.lists(edit, min_size=1, max_size=4).map(apply)


def new_session() -> ManagementSession:
    tree = Tree(find, is_interior, build=comparable("10.0.22621.1244"), inventory={})
    session = ManagementSession(tree, Opening("1", "S", "D", (("./DevInfo/Man", "M"),)))
    session.open()
    return session


def test_the_sample_itself_is_without_fault() -> None:
    session = new_session()
    assert session.receive(MESSAGE) is not None
    assert session.violations == []


@settings(max_examples=300, deadline=None)
@given(mutated(MESSAGE))
def test_a_broken_message_is_answered_or_ends_the_session(body: bytes) -> None:
    session = new_session()
    reply = session.receive(body)
    assert (reply is None) is (session.record.end is not End.OPEN)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_break_the_session(body: bytes) -> None:
    session = new_session()
    assert session.receive(body) is None
    assert session.record.end is End.BROKEN
    assert session.violations


KEY = KeyPool().take()
AUTHORITY = DeviceAuthority()
OWN = AUTHORITY.sign(
    render_request(DeviceName.of_enrollment("1", seed=0, number=1), KEY, dialect=Dialect.WINDOWS_11, sha256=True)
)
DOCUMENT = provisioning_document(AUTHORITY.root, OWN, "https://contoso.com/manage").encode()


@settings(max_examples=200, deadline=None)
@given(mutated(DOCUMENT))
def test_a_broken_provisioning_document_is_refused_or_used(body: bytes) -> None:
    try:
        result = read_provisioning(body, key=KEY.public_key(), now=datetime.now(UTC))
    except ProvisioningRefusedError:
        return
    assert result.certificate == OWN


@pytest.mark.parametrize("reader", [soap.read_discovery, soap.read_policies, soap.read_token])
@settings(max_examples=60, deadline=None)
@given(body=mutated(soap.envelope(action="x", to="y", message_id="z", security="", body="<a xmlns='b'><c/></a>")))
def test_a_broken_envelope_is_refused_or_read(reader: object, body: bytes) -> None:
    try:
        envelope = soap.read_envelope(body)
        if envelope.payload is not None:
            reader(envelope.payload)  # type: ignore[operator]
    except MarkupError:
        pass


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_text_that_is_no_kiosk_is_refused(text: str) -> None:
    with pytest.raises(PayloadError):
        read_kiosk(text)
