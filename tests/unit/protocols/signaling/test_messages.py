"""Frames that are messages, and everything that is not."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holofleet.protocols.signaling import MESSAGE_BYTES, MessageError, messages, read


def said(**fields: Any) -> str:
    return json.dumps({"v": 1, "id": "a-1", **fields})


def described(**description: Any) -> str:
    return said(type="signal.description", call="c", to="p", description=description)


def refusal(text: str) -> MessageError:
    with pytest.raises(MessageError) as error:
        read(text)
    return error.value


def test_a_message_becomes_its_type() -> None:
    message = read(said(type="call.invite", to="abc", asset="PUMP-7"))
    assert isinstance(message, messages.CallInvite)
    assert (message.to, message.asset, message.work_order) == ("abc", "PUMP-7", "")


def test_the_last_candidate_is_null_and_a_missing_one_is_no_message() -> None:
    assert isinstance(
        read(said(type="signal.candidate", call="c", to="p", candidate=None)), messages.SignalCandidate
    )
    assert refusal(said(type="signal.candidate", call="c", to="p")).code == "malformed"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-json"),
        ("[]", "not-json"),
        ("null", "not-json"),
        ("{", "not-json"),
        ('{"v":1,"v":1,"id":"a","type":"ping"}', "not-json"),
        ('{"v":1,"id":"a","type":"quality","x":NaN}', "not-json"),
        ("[" * 100_000, "too-large"),
        ("[" * 50_000, "not-json"),
        ('{"a":' * 2000 + "1" + "}" * 2000, "not-json"),
        ('{"v":1,"id":"a","type":"' + "x" * MESSAGE_BYTES + '"}', "too-large"),
        (said(type="call.wipe"), "unknown-type"),
        (json.dumps({"v": 1, "id": "a"}), "unknown-type"),
        (json.dumps({"v": 2, "id": "a", "type": "ping"}), "malformed"),
        (json.dumps({"v": True, "id": "a", "type": "ping"}), "malformed"),
        (json.dumps({"v": 1, "type": "ping"}), "malformed"),
        (json.dumps({"v": 1, "id": "a" * 41, "type": "ping"}), "malformed"),
        (json.dumps({"v": 1, "id": "a b", "type": "ping"}), "malformed"),
        (said(type="ping", extra=1), "malformed"),
        (said(type="call.end", call=7), "malformed"),
        (said(type="call.accept", call="c", **{"from": "somebody"}), "malformed"),
        (said(type="chat.send", call="c", text=""), "malformed"),
        (said(type="chat.send", call="c", text="x" * 2001), "malformed"),
        (described(type="offer", sdp="x" * 32769), "malformed"),
        (described(type="offer", sdp="", x=1), "malformed"),
        (said(type="presence.set", state="busy"), "malformed"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_by_its_code(text: str, code: str) -> None:
    assert refusal(text).code == code


@pytest.mark.parametrize("name", ["../etc", "a/b", "a\\b", "line\nbreak", ""])
def test_names_of_files_that_are_paths_or_break_lines_are_refused(name: str) -> None:
    file = {"id": "f1", "name": name, "type": "image/png", "size": 1, "sha256": "0" * 64}
    assert refusal(said(type="file.offer", call="c", file=file)).code == "malformed"


def test_words_of_a_refusal_never_repeat_what_was_sent() -> None:
    error = refusal(said(type="chat.send", call="c", text="x", **{"canary-4711": "canary-4712"}))
    assert "canary" not in error.words
    assert error.re == "a-1"


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")))
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(MessageError):
        read(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
_TYPES = sorted(
    one.model_fields["type"].annotation.__args__[0]  # type: ignore[union-attr]  # a Literal of one text
    for one in (*messages.Message.__subclasses__(), *messages.OfCall.__subclasses__())
    if "type" in one.model_fields
)


@given(st.sampled_from(_TYPES), st.dictionaries(st.sampled_from(["call", "to", "file", "text", "events"]), _JSON))
def test_no_field_of_any_form_raises_anything_else(kind: str, fields: dict[str, Any]) -> None:
    with contextlib.suppress(MessageError):
        read(json.dumps({"v": 1, "id": "a", "type": kind, **fields}))
