"""Properties of LocURIs and documents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holofleet.resources import Document, Format, Setting, normal_uri
from holofleet.resources.document import UNCARRIED

SEGMENT = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="/"), min_size=1, max_size=20
)
SEGMENTS = st.lists(SEGMENT.filter(lambda s: s not in (".", "..")), min_size=1, max_size=8)


@given(SEGMENTS)
def test_a_normal_locuri_is_its_own_normal_form(segments: list[str]) -> None:
    once = normal_uri("/".join(segments))
    assert normal_uri(once) == once
    assert once.startswith("./")


@given(st.text(max_size=60))
def test_any_text_is_normal_or_refused(text: str) -> None:
    try:
        assert normal_uri(text).startswith(".")
    except ValueError:
        return


@given(st.dictionaries(SEGMENTS.map(lambda s: normal_uri("/".join(s))), st.text(max_size=30), max_size=6))
def test_a_document_reads_back_with_its_hash_or_no_message_could_carry_it(values: dict[str, str]) -> None:
    document = Document(tuple(Setting(uri, Format.CHR, data) for uri, data in sorted(values.items())))
    if any(UNCARRIED.search(data) for data in values.values()):
        with pytest.raises(ValueError, match="no message can carry"):
            Document.from_json(document.to_json())
    else:
        assert Document.from_json(document.to_json()).hash == document.hash
