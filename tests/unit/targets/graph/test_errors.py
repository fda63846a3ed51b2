"""Refusals, translated for people."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holofleet.targets.graph.errors import GraphError, Trouble, said, trouble_of
from holofleet.targets.graph.operations import Response, directory, intune

ACTIVITY = "0f5c4b2e-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
REQUEST = intune.CREATE_PROFILE.request(
    body={"omaSettings": [{"value": "hunter2-secret"}]}, secrets=("omaSettings[0].value",)
)


def test_the_sentence_is_found_inside_the_json_that_intune_hides_in_its_message() -> None:
    nested = {
        "_version": 3,
        "Message": "The URI is used twice - Operation ID (for customer support): x - "
        f"Activity ID: {ACTIVITY} - Url: https://fef.example",
        "CustomApiErrorPhrase": "",
        "RetryAfter": None,
    }
    body = {"error": {"code": "BadRequest", "message": json.dumps(nested), "innerError": {"request-id": "r1"}}}
    words = said(REQUEST, Response(400, {}, body))
    assert words.message == "The URI is used twice"
    assert words.activity_id == ACTIVITY
    error = GraphError(REQUEST, Trouble.INVALID, words, status=400)
    assert "r1" in error.detail
    assert ACTIVITY in error.detail


def test_ids_for_support_are_found_in_headers_too() -> None:
    words = said(REQUEST, Response(500, {"request-id": "r2", "client-request-id": "c2"}, None))
    assert (words.request_id, words.client_request_id) == ("r2", "c2")


def test_LOG_1_a_secret_that_a_refusal_repeats_is_masked() -> None:
    body = {"error": {"code": "x", "message": "value 'hunter2-secret' is not allowed"}}
    assert "hunter2" not in said(REQUEST, Response(400, {}, body)).message


@given(
    st.recursive(
        st.none() | st.text() | st.integers() | st.booleans(),
        lambda s: (
            st.lists(s)
            | st.dictionaries(st.sampled_from(["error", "message", "innerError", "code", "Message"]), s)
        ),
    )
)
def test_any_body_is_read_without_a_crash_or_control_characters(body: object) -> None:
    words = said(REQUEST, Response(400, {}, body))
    assert all(ord(sign) >= 32 for sign in words.message + words.code + words.request_id)


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (401, Trouble.SIGN_IN),
        (403, Trouble.PERMISSION),
        (404, Trouble.ABSENT),
        (409, Trouble.CONFLICT),
        (412, Trouble.CONFLICT),
        (423, Trouble.CONFLICT),
        (424, Trouble.UNAVAILABLE),
        (429, Trouble.THROTTLED),
        (400, Trouble.INVALID),
        (405, Trouble.INVALID),
        (500, Trouble.UNAVAILABLE),
        (504, Trouble.UNAVAILABLE),
        (302, Trouble.BROKEN),
    ],
)
def test_each_status_is_a_kind_of_trouble(status: int, trouble: Trouble) -> None:
    assert trouble_of(status, said(directory.LIST_USERS.request(), Response(status))) is trouble
