"""A reply pays what it owes, and a reader notices when it does not."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from holofleet.protocols import syncml
from holofleet.protocols.errors import MisuseError
from holofleet.protocols.syncml import (
    Alert,
    Atomic,
    Chal,
    Get,
    Header,
    Item,
    Message,
    Replace,
    Reply,
    Results,
    Status,
    Unknown,
    owed,
    violations,
)

PACKAGE_1 = Message(
    Header("48", 1, "https://mdm.contoso.com/m", "A1"),
    (Alert("2", 1201), Replace("3", (Item(source="./DevInfo/Lang", data="en-US"),))),
)


def build(reply: Reply) -> Message:
    return syncml.parse(reply.render())


def test_each_command_is_owed_a_status_and_the_header_comes_first() -> None:
    assert [(debt.cmd_ref, debt.cmd) for debt in owed(PACKAGE_1)] == [
        ("0", "SyncHdr"),
        ("2", "Alert"),
        ("3", "Replace"),
    ]


def test_nothing_is_owed_for_statuses_results_and_commands_that_want_none() -> None:
    commands = (
        Status("1", 1, "0", "SyncHdr", 200),
        Results("2", 1, "5", ()),
        Alert("3", 1201, no_resp=True),
    )
    assert [debt.cmd for debt in owed(replace(PACKAGE_1, commands=commands))] == ["SyncHdr"]


def test_a_group_is_owed_a_status_before_its_children() -> None:
    group = Atomic("5", (Replace("6", ()), Get("7", ())))
    debts = owed(replace(PACKAGE_1, commands=(group,)))
    assert [(debt.cmd_ref, debt.nested) for debt in debts] == [
        ("0", False),
        ("5", False),
        ("6", True),
        ("7", True),
    ]


def test_a_reply_swaps_the_addresses_and_echoes_the_session() -> None:
    reply = Reply(PACKAGE_1, msg_id=1)
    reply.accept_all()
    message = build(reply)
    assert message.header == Header("48", 1, "A1", "https://mdm.contoso.com/m")
    assert [status.code for status in message.statuses] == [200, 200, 200]
    assert reply.ends_session
    assert violations(message, PACKAGE_1) == ()


def test_a_reply_that_still_owes_a_status_cannot_be_sent() -> None:
    reply = Reply(PACKAGE_1, msg_id=1)
    reply.status(reply.owed[0], 200)
    with pytest.raises(MisuseError, match="Alert, Replace"):
        reply.render()


def test_the_header_is_answered_before_anything_else() -> None:
    reply = Reply(PACKAGE_1, msg_id=1)
    with pytest.raises(MisuseError):
        reply.status(reply.owed[1], 200)


def test_a_status_that_is_not_owed_is_our_mistake() -> None:
    with pytest.raises(MisuseError):
        Reply(PACKAGE_1, msg_id=1).status(owed(PACKAGE_1)[0], 200)


def test_what_is_no_command_and_what_has_no_id_is_answered_400() -> None:
    message = replace(PACKAGE_1, commands=(Unknown("4", "Put"), Alert("", 1201), Alert("5", 1201)))
    reply = Reply(message, msg_id=1)
    reply.accept_all()
    assert [(status.cmd_ref, status.code) for status in build(reply).statuses] == [
        ("0", 200),
        ("4", 400),
        ("", 400),
        ("5", 200),
    ]


def test_a_challenge_refuses_every_command_not_only_the_header() -> None:
    reply = Reply(PACKAGE_1, msg_id=1)
    reply.refuse_all(407, Chal("b64", "syncml:auth-md5", "bm9uY2U="))
    statuses = build(reply).statuses
    assert [status.code for status in statuses] == [407, 407, 407]
    assert [status.chal is not None for status in statuses] == [True, False, False]


def test_commands_get_ids_that_are_free() -> None:
    reply = Reply(PACKAGE_1, msg_id=1)
    reply.accept_all()
    get = Get("", (Item("./DevDetail/SwV"),))
    assert reply.add(get) == "4"
    assert reply.add(get, "6") == "6"
    assert reply.add(syncml.fragment(get)) == "5"
    assert reply.add(get) == "7"
    assert reply.add(Get("o1", get.items)) == "o1"
    assert not reply.ends_session
    assert violations(build(reply), PACKAGE_1) == ()


@pytest.mark.parametrize("cmd_id", ["0", "1", "9"])
def test_an_id_that_is_taken_is_refused(cmd_id: str) -> None:
    reply = Reply(PACKAGE_1, msg_id=1)
    reply.accept_all()
    reply.add(Get("9", ()))
    with pytest.raises(MisuseError):
        reply.add(Get("", ()), cmd_id)


def test_a_status_is_not_a_command_to_add() -> None:
    with pytest.raises(MisuseError):
        Reply(PACKAGE_1, msg_id=1).add(Status("1", 1, "0", "SyncHdr", 200))


GOOD = Message(
    Header("48", 1, "A1", "https://mdm.contoso.com/m"),
    (
        Status("1", 1, "0", "SyncHdr", 200),
        Status("2", 1, "2", "Alert", 200),
        Status("3", 1, "3", "Replace", 200),
    ),
)
HEADER_STATUS, ALERT_STATUS, REPLACE_STATUS = GOOD.statuses


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (replace(GOOD, commands=GOOD.commands[:2]), "no Status for Replace 3"),
        (replace(GOOD, commands=GOOD.commands[1:]), "not the one of the SyncHdr"),
        (replace(GOOD, commands=()), "does not start with a Status"),
        (replace(GOOD, commands=(HEADER_STATUS, REPLACE_STATUS, ALERT_STATUS)), "not in the order"),
        (replace(GOOD, commands=(*GOOD.commands, Status("4", 1, "9", "Get", 200))), "answers nothing"),
        (replace(GOOD, commands=(*GOOD.commands, Status("4", 2, "3", "Replace", 200))), "answers nothing"),
        (replace(GOOD, commands=(*GOOD.commands[:2], REPLACE_STATUS._replace(cmd="Add"))), "names it Add"),
        (replace(GOOD, commands=(*GOOD.commands, Get("3", ()))), "share a CmdID"),
        (replace(GOOD, commands=(*GOOD.commands, Get("", ()))), "no CmdID"),
        (replace(GOOD, final=False), "no Final"),
        (replace(GOOD, header=replace(GOOD.header, session_id="49")), "SessionID"),
        (replace(GOOD, header=replace(GOOD.header, target="B2")), "Target"),
    ],
)
def test_a_broken_rule_is_noticed(reply: Message, word: str) -> None:
    assert violations(GOOD, PACKAGE_1) == ()
    assert any(word in violation for violation in violations(reply, PACKAGE_1))


def test_a_message_of_a_thousand_commands_is_answered_in_linear_time() -> None:
    def seconds(count: int) -> float:
        message = replace(PACKAGE_1, commands=tuple(Alert(str(n), 1224) for n in range(1, count + 1)))
        start = time.perf_counter()
        reply = Reply(message, msg_id=1)
        reply.accept_all()
        reply.render()
        return time.perf_counter() - start

    seconds(100)
    assert min(seconds(1_000) for _ in range(3)) < 40 * min(seconds(100) for _ in range(3))
