"""SyncML round trips, and a parser that fails in one way only."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet.protocols import syncml
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.syncml import (
    Add,
    Alert,
    Atomic,
    Chal,
    Cred,
    Delete,
    Exec,
    Get,
    Header,
    Item,
    Message,
    Rendered,
    Replace,
    Results,
    Sequence,
    Status,
)

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "wire" / "syncml").glob("*.xml"))]

# What XML 1.0 can carry, and what a peer's white-space trimming leaves alone.
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
DATA = st.text(st.one_of(CHARACTERS, st.sampled_from("\r\n\t<>&\"']]>")), max_size=60)
WORD = st.text(CHARACTERS, max_size=30).map(str.strip)
FILLED = WORD.filter(bool)
CMD_ID = st.text("0123456789abcdefABCDEF-", min_size=1, max_size=36).filter(lambda text: text != "0")
NUMBER = st.integers(0, 9_999_999_999)
CODE = st.integers(100, 999)

ITEMS = st.lists(
    st.builds(
        Item,
        target=WORD,
        source=WORD,
        format=WORD,
        type=WORD,
        data=st.none() | DATA,
        more_data=st.booleans(),
        size=st.none() | NUMBER,
        mark=WORD,
    ),
    max_size=4,
).map(tuple)

ON_ITEMS = st.one_of(
    *(st.builds(kind, CMD_ID, ITEMS, st.booleans()) for kind in (Get, Add, Replace, Delete, Exec))
)
ALERTS = st.builds(Alert, CMD_ID, CODE, ITEMS, WORD, st.booleans())
STATUSES = st.builds(
    Status,
    CMD_ID,
    NUMBER,
    CMD_ID | st.just("0"),
    WORD,
    CODE,
    st.lists(WORD, max_size=3).map(tuple),
    st.lists(WORD, max_size=3).map(tuple),
    st.none() | st.builds(Chal, WORD, WORD, WORD),
    ITEMS,
)
RESULTS = st.builds(Results, CMD_ID, NUMBER, CMD_ID, ITEMS, WORD, WORD, WORD)
GROUPS = st.recursive(
    ON_ITEMS,
    lambda inner: st.builds(
        lambda kind, cmd_id, commands: kind(cmd_id, tuple(commands)),
        st.sampled_from((Atomic, Sequence)),
        CMD_ID,
        st.lists(inner, max_size=3),
    ),
    max_leaves=5,
)
HEADERS = st.builds(
    Header,
    session_id=FILLED,
    msg_id=st.integers(1, 9_999_999_999),
    target=FILLED,
    source=FILLED,
    source_name=WORD,
    cred=st.none() | st.builds(Cred, WORD, WORD, WORD),
    max_msg_size=st.none() | NUMBER,
    max_obj_size=st.none() | NUMBER,
    resp_uri=WORD,
)
MESSAGES = st.builds(
    Message,
    HEADERS,
    st.lists(st.one_of(ON_ITEMS, ALERTS, STATUSES, RESULTS, GROUPS), max_size=6).map(tuple),
    st.booleans(),
)


def depth(command: syncml.AnyCommand) -> int:
    inner = command.commands if isinstance(command, Atomic | Sequence) else ()
    return 1 + max(map(depth, inner), default=0)


@given(MESSAGES.filter(lambda message: all(depth(command) <= 5 for command in message.commands)))
def test_what_is_written_reads_the_same(message: Message) -> None:
    assert syncml.parse(syncml.render(message)) == message


@given(ON_ITEMS, HEADERS)
def test_a_fragment_reads_as_the_command_it_was_made_from(command: Replace, header: Header) -> None:
    once = syncml.fragment(command)
    body = syncml.render(Message(header), (Rendered("r1", once),))
    (read,) = syncml.parse(body).commands
    assert isinstance(read, type(command))
    assert (read.cmd_id, read.items) == ("r1", command.items)
    assert once.size == len(once.with_id("").encode())


def parses_or_is_refused(body: bytes) -> Message | None:
    try:
        return syncml.parse(body)
    except MalformedMessageError as error:
        if error.http_status not in (400, 413, 415):
            raise
        return None


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_are_refused(body: bytes) -> None:
    parses_or_is_refused(body)


SPLICES = st.sampled_from(
    (
        *(b"<", b">", b"&", b"/", b'"', b"\x00", b"\xff", b"]]>", b"<![CDATA[", b"<!--", b"<?x?>", b"<Item>", b""),
        *(b"<!DOCTYPE a>", b"<CmdID>0</CmdID>", b"<Data/>", b"<Meta>", b"</Status>", b"<Atomic>", b' xmlns="a"'),
    )
)


@settings(max_examples=400)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), SPLICES), max_size=5))
def test_a_mutated_message_is_a_message_or_is_refused(
    body: bytes, changes: list[tuple[float, int, bytes]]
) -> None:
    for place, length, splice in changes:
        at = int(place * len(body))
        body = body[:at] + splice + body[at + length :]
    message = parses_or_is_refused(body)
    if message is not None and not any(isinstance(c, syncml.Unknown) for c in message.commands):
        # What was accepted can be answered: the reply owes exactly one Status for the header.
        assert syncml.owed(message)[0].cmd == "SyncHdr"


def test_every_truncation_of_every_sample_is_refused() -> None:
    for sample in SAMPLES:
        body = sample.rstrip()
        for length in range(0, len(body), 7):
            assert parses_or_is_refused(body[:length]) is None


def test_the_largest_accepted_messages_cost_bounded_memory() -> None:
    head, tail = SAMPLES[0].split(b"<SyncBody>")[0] + b"<SyncBody>", b"</SyncBody></SyncML>"
    bodies = [
        head + b"<a/>" * 39_900 + tail,
        head + b"<Get><CmdID>1</CmdID>" + b"<Item/>" * 39_900 + b"</Get>" + tail,
        head + b"<Get><CmdID>1</CmdID></Get>" * 9_900 + tail,
        head + b"<Alert><CmdID>1</CmdID><Data>" + b"x" * 1_000_000 + b"</Data></Alert>" + tail,
    ]
    for body in bodies:
        tracemalloc.start()
        parses_or_is_refused(body)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 64 * 1024 * 1024
