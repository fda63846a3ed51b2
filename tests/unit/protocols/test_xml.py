"""The XML reader refuses what it must before a parser sees it, and the writer loses nothing."""

from __future__ import annotations

import codecs

import pytest

from holofleet.protocols import xml
from holofleet.protocols.errors import MalformedMessageError, MisuseError

LIMITS = xml.XMLLimits(max_body_bytes=100_000, max_tags=4_000)


def refused(body: bytes, limits: xml.XMLLimits = LIMITS) -> int:
    with pytest.raises(MalformedMessageError) as caught:
        xml.parse(body, limits)
    return caught.value.http_status


def test_a_document_with_declaration_bom_and_comments_is_read() -> None:
    body = (
        codecs.BOM_UTF8
        + b"<?xml version='1.0' encoding='utf-8' standalone=\"yes\"?>\n<!-- a - b -->\n<r a='1'>x</r>\n"
    )
    root = xml.parse(body, LIMITS)
    assert (root.tag, root.text, root.get("a")) == ("r", "x", "1")


def test_a_body_over_the_limit_is_413_before_it_is_looked_at() -> None:
    assert refused(b"\x00" * 100_001) == 413


def test_too_many_tags_are_413() -> None:
    assert refused(b"<r>" + b"<a/>" * 4_000 + b"</r>") == 413


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_refused_with_and_without_byte_order_mark(encoding: str) -> None:
    assert refused("<!DOCTYPE r [<!ENTITY e 'x'>]><r>&e;</r>".encode(encoding)) in (400, 415)


@pytest.mark.parametrize("name", ["UTF-7", "UTF-16", "ISO-8859-1", "windows-1252", "EBCDIC-CP-US"])
def test_another_declared_encoding_is_415(name: str) -> None:
    assert refused(f'<?xml version="1.0" encoding="{name}"?><r/>'.encode()) == 415


def test_bytes_that_are_not_utf8_are_415() -> None:
    assert refused(b"<r>\xe9</r>") == 415
    assert refused(b"<r>\xed\xa0\x80</r>") == 415


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE r><r/>",
        b"<!-- x --><!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>",
        b"<?xml version='1.0'?> <!doctype r><r/>",
        b"<r><!DOCTYPE r></r>",
        b"<r/><!DOCTYPE r>",
    ],
)
def test_a_document_type_is_refused_wherever_it_stands(body: bytes) -> None:
    assert refused(body) == 400


@pytest.mark.parametrize(
    "body", [b"<?go now?><r/>", b"<r><?go now?></r>", b"<r/><?go now?>", b"<r/><?xml version='1.0'?>"]
)
def test_a_processing_instruction_is_refused_wherever_it_stands(body: bytes) -> None:
    assert refused(body) == 400


def test_a_cdata_section_may_hold_what_looks_like_markup() -> None:
    inner = '<?xml version="1.0"?><!DOCTYPE x><AssignedAccessConfiguration/>'
    assert xml.parse(f"<r><![CDATA[{inner}]]></r>".encode(), LIMITS).text == inner


def test_a_nul_byte_inside_a_document_is_refused() -> None:
    assert refused(b"<r>a\x00b</r>") == 400


@pytest.mark.parametrize(
    "body", [b"", b" ", b"no xml", b"<r>", b"<r></s>", b"<r/><r/>", b"<r>&unknown;</r>", b"<r a=1/>", b"<a:r/>"]
)
def test_what_is_not_well_formed_is_400(body: bytes) -> None:
    assert refused(body) == 400


def test_depth_is_limited_and_the_limit_itself_is_allowed() -> None:
    assert xml.parse(b"<a>" * 32 + b"</a>" * 32, LIMITS).tag == "a"
    assert refused(b"<a>" * 33 + b"</a>" * 33) == 400


def test_attributes_are_limited_namespace_declarations_included() -> None:
    def body(count: int, pattern: str) -> bytes:
        return f"<r>{'<b/>' * 3}<a {' '.join(pattern.format(n) for n in range(count))}/></r>".encode()

    assert xml.parse(body(64, 'x{}="&gt;=="'), LIMITS).tag == "r"
    assert refused(body(65, 'x{}="1"')) == 400
    assert refused(body(65, "x{} = '>'")) == 400
    assert refused(body(65, 'xmlns:x{}="syncml:metinf"')) == 400


def test_a_text_full_of_equals_signs_is_no_attribute() -> None:
    assert xml.parse(b"<r>" + b"a=b;" * 200 + b"</r>", LIMITS).tag == "r"


@pytest.mark.parametrize("seed", [b" " * 40_000 + b"a" * 40_000, b"a=" * 40_000, b"a='" * 30_000, b"-" * 90_000])
def test_hostile_runs_are_judged_in_linear_time(seed: bytes) -> None:
    # A pattern that backtracks would need minutes for these.
    for body in (b"<r " + seed, b"<!--" + seed, b"<?xml " + seed, b"<r>" + b"=" * 99 + b"<a " + seed):
        refused(body)


def test_names_of_one_document_do_not_stay_in_memory() -> None:
    import resource

    def parse_fresh_names(start: int) -> None:
        for number in range(start, start + 300):
            xml.parse(f"<r><e{number}{'a' * 60_000}/></r>".encode(), LIMITS)

    parse_fresh_names(0)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    parse_fresh_names(1_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 8 * 1024


def test_base64_may_be_wrapped_and_nothing_else() -> None:
    assert xml.decode_base64("aGVs\r\n  bG8=\r\n", max_bytes=10) == b"hello"
    for text in ("aGVsbG8", "aGV$bG8=", "aGVs bG8=", "aGVsbG8=aGVs", "aGVsbG8==", "äGVs", "aGVsbG8=\x0b"):
        with pytest.raises(MalformedMessageError):
            xml.decode_base64(text, max_bytes=10)
    with pytest.raises(MalformedMessageError) as caught:
        xml.decode_base64("aaaa" * 100, max_bytes=10)
    assert caught.value.http_status == 413


def test_what_xml_cannot_carry_is_our_mistake() -> None:
    for text in ("\x00", "\x1b[2J", "\ud800", "\uffff"):
        with pytest.raises(MisuseError):
            xml.escape(text)


def test_an_attribute_is_found_with_and_without_prefix() -> None:
    root = xml.parse(b"<r xmlns:w='urn:w' w:Type='x' Plain='y'/>", LIMITS)
    assert (xml.attribute(root, "Type"), xml.attribute(root, "Plain"), xml.attribute(root, "None")) == (
        "x",
        "y",
        "",
    )


def test_the_error_never_repeats_the_content() -> None:
    with pytest.raises(MalformedMessageError) as caught:
        xml.parse(b"<r>canary-secret</wrong>", LIMITS)
    assert "canary" not in str(caught.value)
