"""Envelopes are read by namespace and written with the prefixes that the client's reader knows."""

from __future__ import annotations

import pytest

from holofleet.protocols import soap
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.soap import RefusableMessageError


def test_a_reply_uses_the_conventional_prefixes_and_relates_to_its_request() -> None:
    text = soap.render_reply(action="urn:act", relates_to="urn:uuid:1", payload='<P xmlns="urn:p"/>').decode()
    assert text.startswith('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a=')
    assert '<a:Action s:mustUnderstand="1">urn:act</a:Action><a:RelatesTo>urn:uuid:1</a:RelatesTo>' in text
    assert '<P xmlns="urn:p"/></s:Body>' in text


def test_what_a_client_sent_is_escaped_in_the_reply() -> None:
    reply = soap.render_reply(action="urn:act", relates_to='"<script>&', payload="<P/>")
    assert soap.parse(reply).relates_to == '"<script>&'


def test_an_envelope_is_read_whatever_its_prefixes_are() -> None:
    body = (
        b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Header>'
        b'<x:Action xmlns:x="http://www.w3.org/2005/08/addressing"> urn:act </x:Action></Header>'
        b'<Body><P xmlns="urn:p"/></Body></Envelope>'
    )
    assert soap.parse(body).expect("urn:act", ("{urn:p}P",)).tag == "{urn:p}P"


@pytest.mark.parametrize(
    "body",
    [
        b"<Envelope/>",
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>',
        b"<html><body/></html>",
    ],
)
def test_what_is_no_soap_1_2_envelope_is_400_without_soap(body: bytes) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        soap.parse(body)
    assert caught.value.http_status == 400
    assert not isinstance(caught.value, RefusableMessageError)


def test_an_address_without_end_is_refused() -> None:
    body = soap.render_request(action="urn:act", message_id="m" * 3_000, to="t", payload="<P/>")
    with pytest.raises(MalformedMessageError):
        soap.parse(body)
