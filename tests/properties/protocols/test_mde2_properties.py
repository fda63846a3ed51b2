"""Enrollment round trips, and parsers that fail in known ways only."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet.protocols import xml
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.mde2 import credentials, csr, discovery, enrollment, faults, policy, provisioning

WIRE = Path(__file__).parents[2] / "wire" / "mde2"
SAMPLES = [path.read_bytes() for path in sorted(WIRE.glob("*.xml"))]
PARSERS: list[Callable[[bytes], object]] = [
    discovery.parse_request,
    discovery.parse_response,
    policy.parse_request,
    policy.parse_response,
    enrollment.parse_request,
    enrollment.parse_response,
    faults.parse_fault,
    provisioning.parse,
]

CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
WORD = st.text(CHARACTERS, max_size=30).map(str.strip)
FILLED = WORD.filter(bool)
SECRET = st.text(st.one_of(CHARACTERS, st.sampled_from(" \t\n<>&\"'")), max_size=40)
CREDENTIALS = st.one_of(
    st.none(),
    st.builds(credentials.UsernameToken, WORD, SECRET),
    st.builds(credentials.FederatedToken, st.binary(max_size=200)),
    st.builds(credentials.EntraToken, st.text("abcXYZ019._-", max_size=200)),
)


@given(
    st.builds(
        discovery.DiscoverRequest,
        *(WORD,) * 6,
        os_edition=st.none() | st.integers(0, 999_999_999),
        auth_policies=st.lists(st.sampled_from(discovery.AuthPolicy), max_size=3).map(tuple),
    )
)
def test_discover_reads_the_same(request: discovery.DiscoverRequest) -> None:
    assert discovery.parse_request(discovery.render_request(request)) == request


@given(
    st.builds(discovery.DiscoverResponse, st.sampled_from(discovery.AuthPolicy), FILLED, WORD, FILLED, WORD),
    WORD,
)
def test_discover_response_reads_the_same(response: discovery.DiscoverResponse, relates_to: str) -> None:
    body = discovery.render_response(response, relates_to=relates_to, activity_id="a")
    assert discovery.parse_response(body) == (response, relates_to)


@given(st.builds(policy.GetPoliciesRequest, WORD, WORD, CREDENTIALS, FILLED, WORD))
def test_get_policies_reads_the_same(request: policy.GetPoliciesRequest) -> None:
    assert policy.parse_request(policy.render_request(request)) == request


@given(
    st.builds(
        enrollment.SecurityTokenRequest,
        WORD,
        st.sampled_from(enrollment.RequestKind),
        st.binary(min_size=1, max_size=300).map(lambda tail: b"\x30" + tail),
        st.lists(st.tuples(WORD, SECRET), max_size=6).map(lambda items: enrollment.Context(tuple(items))),
        CREDENTIALS,
        WORD,
        st.booleans(),
    )
)
def test_a_security_token_request_reads_the_same(request: enrollment.SecurityTokenRequest) -> None:
    assert enrollment.parse_request(enrollment.render_request(request)) == request


ACCOUNTS = st.builds(provisioning.Account, SECRET, st.binary(max_size=32), st.just("DIGEST"), WORD)
MINUTES = st.integers(1, 999_999)


@given(
    st.builds(
        provisioning.ProvisioningDocument,
        root=st.binary(min_size=1, max_size=40),
        certificate=st.binary(min_size=1, max_size=40),
        application=st.builds(
            provisioning.Application,
            st.text("abcXYZ019-", min_size=1).filter(lambda text: text.strip("-")),
            *(WORD, WORD, ACCOUNTS, ACCOUNTS, WORD),
        ),
        dm_client=st.builds(
            provisioning.DMClient,
            WORD,
            st.builds(provisioning.Poll, *(MINUTES,) * 5, st.booleans(), st.booleans()),
            *(WORD, WORD, st.booleans()),
        ),
        intermediates=st.lists(st.binary(min_size=1, max_size=40), max_size=1).map(tuple),
        store=st.sampled_from(provisioning.Store),
        renewal=st.none() | st.builds(provisioning.Renewal, MINUTES, MINUTES),
    )
)
def test_a_provisioning_document_reads_the_same(document: provisioning.ProvisioningDocument) -> None:
    assert provisioning.parse(provisioning.render(document)) == document


SPLICES = st.sampled_from(
    (
        *(b"<", b">", b"&", b'"', b"\x00", b"\xff", b"<![CDATA[", b"<!--", b"<?x?>", b"<s:Body/>", b"xmlns", b"="),
        *(b"<!DOCTYPE a>", b"s:mustUnderstand", b"AAAA", b"", b"</s:Header>"),
    )
)


@settings(max_examples=300)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 80), SPLICES), max_size=4),
)
def test_a_mutated_message_is_read_or_refused_by_every_parser(
    body: bytes, changes: list[tuple[float, int, bytes]]
) -> None:
    for place, length, splice in changes:
        at = int(place * len(body))
        body = body[:at] + splice + body[at + length :]
    for parse in PARSERS:
        try:
            parse(body)
        except (MalformedMessageError, faults.FaultReceivedError):
            continue


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_every_parser(body: bytes) -> None:
    for parse in PARSERS:
        try:
            parse(body)
        except MalformedMessageError as error:
            if error.http_status not in (400, 413, 415):
                raise


REQUEST = enrollment.parse_request((WIRE / "issue_windows11_entra.xml").read_bytes())


@settings(max_examples=500)
@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 20), st.binary(max_size=8)), max_size=4))
def test_a_mutated_certificate_request_is_proven_or_refused(changes: list[tuple[int, int, bytes]]) -> None:
    der = REQUEST.request
    for at, length, splice in changes:
        at %= len(der)
        der = der[:at] + splice + der[at + length :]
    try:
        request = csr.parse(der)
        request.verify()
    except csr.CSRRefusedError:
        return
    # Whatever was accepted is what the holder of the key signed: only the frame around it may differ.
    assert request.signed == csr.parse(REQUEST.request).signed


@given(st.binary(max_size=200), st.integers(1, 80))
def test_base64_in_lines_of_any_width_decodes(data: bytes, width: int) -> None:
    text = b64encode(data).decode()
    wrapped = "\r\n".join(text[n : n + width] for n in range(0, len(text), width))
    assert xml.decode_base64(wrapped, max_bytes=200) == data
