"""A session: which message may come, which is a repeat, and which breaks the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holofleet.protocols.errors import BrokenRuleError, MisuseError
from holofleet.protocols.syncml import (
    Alert,
    Atomic,
    Conversation,
    Get,
    Header,
    Item,
    Message,
    Receipt,
    Results,
    Role,
    Stage,
    Status,
)
from holofleet.protocols.syncml import Replace as ReplaceCommand

SERVER, DEVICE = "https://mdm.contoso.com/m", "A1"


def from_client(msg_id: int, *commands: object, session: str = "48") -> Message:
    return Message(Header(session, msg_id, SERVER, DEVICE), commands)  # type: ignore[arg-type]


def from_server(msg_id: int, *commands: object, session: str = "48") -> Message:
    return Message(Header(session, msg_id, DEVICE, SERVER), commands)  # type: ignore[arg-type]


OPENING = from_client(1, Alert("2", 1201))
ASKING = from_server(1, Status("1", 1, "0", "SyncHdr", 200), Get("5", (Item("./DevDetail/SwV"),)))
ANSWER = from_client(
    2,
    Status("1", 1, "0", "SyncHdr", 200),
    Status("2", 1, "5", "Get", 200),
    Results("3", 1, "5", (Item(source="./DevDetail/SwV", data="10.0"),)),
)
CLOSING = from_server(2, Status("1", 2, "0", "SyncHdr", 200))


def opened() -> Conversation:
    return Conversation(Role.SERVER).receive(OPENING, "d1")[0]


def waiting() -> Conversation:
    return opened().send(ASKING)


def test_a_session_runs_from_its_first_message_to_the_reply_without_commands() -> None:
    session, receipt = Conversation(Role.SERVER).receive(OPENING, "d1")
    assert (receipt, session.stage) == (Receipt.OPENED, Stage.OWING)
    session = session.send(ASKING)
    assert session.stage is Stage.WAITING
    session, receipt = session.receive(ANSWER, "d2")
    assert (receipt, session.stage) == (Receipt.NEXT, Stage.OWING)
    assert session.commands[0].answered
    assert session.send(CLOSING).stage is Stage.CLOSED


def test_both_ends_agree_on_a_session() -> None:
    client = Conversation(Role.CLIENT).send(OPENING)
    client, receipt = client.receive(ASKING, "s1")
    assert (receipt, client.stage) == (Receipt.NEXT, Stage.OWING)
    client, _ = client.send(ANSWER).receive(CLOSING, "s2")
    assert client.stage is Stage.CLOSED
    assert client.send(from_client(1, Alert("2", 1201), session="49")).session_id == "49"


def test_the_last_message_again_is_a_repeat_and_changes_nothing() -> None:
    session = waiting()
    assert session.receive(OPENING, "d1") == (session, Receipt.REPEATED)
    closed = session.receive(ANSWER, "d2")[0].send(CLOSING)
    assert closed.receive(ANSWER, "d2") == (closed, Receipt.REPEATED)


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (ANSWER, "other"),
        (from_client(4), "d4"),
        (from_client(3, session="49"), "d3"),
    ],
)
def test_an_older_number_a_gap_or_another_session_breaks_the_rules(message: Message, digest: str) -> None:
    third = waiting().receive(ANSWER, "d2")[0].send(from_server(2, Get("7", ())))
    with pytest.raises(BrokenRuleError):
        third.receive(message, digest)


def test_a_message_to_no_session_breaks_the_rules() -> None:
    with pytest.raises(BrokenRuleError):
        Conversation(Role.SERVER).receive(ANSWER, "d2")
    with pytest.raises(BrokenRuleError):
        waiting().receive(ANSWER, "d2")[0].send(CLOSING).receive(from_client(3), "d3")


def test_a_message_before_the_last_was_answered_breaks_the_rules() -> None:
    with pytest.raises(BrokenRuleError):
        opened().receive(ANSWER, "d2")


def test_a_first_message_opens_a_new_session_whatever_was_before() -> None:
    # SessionIDs start again after re-enrollment, and sessions are killed in the middle.
    for before in (opened(), waiting(), waiting().receive(ANSWER, "d2")[0].send(CLOSING)):
        session, receipt = before.receive(OPENING, "another digest")
        assert (receipt, session.commands, session.sent) == (Receipt.OPENED, (), 0)


def test_only_answers_to_what_was_sent_in_this_session_count() -> None:
    session = waiting()
    stray = (
        Status("8", 1, "6", "Get", 200),
        Status("9", 2, "5", "Get", 200),
        Results("10", 1, "99", ()),
    )
    statuses, results, strays = session.answers(replace(ANSWER, commands=(*ANSWER.commands, *stray)))
    assert [status.cmd_ref for status in statuses] == ["0", "5"]
    assert [result.cmd_ref for result in results] == ["5"]
    assert strays == 3


def test_a_command_is_answered_once() -> None:
    session = waiting().receive(ANSWER, "d2")[0].send(from_server(2, Get("7", ())))
    again = from_client(3, Status("1", 2, "0", "SyncHdr", 200), Status("2", 1, "5", "Get", 404))
    assert session.answers(again)[2] == 1


def test_results_answer_a_get_and_nothing_else() -> None:
    session = opened().send(from_server(1, ReplaceCommand("5", ())))
    assert session.answers(from_client(2, Results("3", 1, "5", ())))[1:] == ((), 1)


def test_commands_inside_a_group_are_noted() -> None:
    session = opened().send(from_server(1, Atomic("5", (ReplaceCommand("6", ()),))))
    assert [sent.cmd_id for sent in session.commands] == ["5", "6"]


@pytest.mark.parametrize("message", [from_server(2, Get("5", ())), from_server(1, Get("5", ()), session="49")])
def test_a_reply_out_of_turn_is_our_mistake(message: Message) -> None:
    with pytest.raises(MisuseError):
        opened().send(message)


def test_a_second_reply_is_our_mistake() -> None:
    with pytest.raises(MisuseError):
        waiting().send(from_server(2, Get("6", ())))
    with pytest.raises(MisuseError):
        Conversation(Role.SERVER).send(ASKING)
