"""Any texts survive a page: a reader of HTML gets them back as words, and nothing else."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from holofleet.formats.handouts import page
from holofleet.formats.handouts.sheet import Check, Checklist, HandOut, Off, Part, Step, short
from holofleet.resources.document import VARIABLE

TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("<>&\"'{}/=\n\u202e\u2028"), max_size=80
) | st.sampled_from(
    ["</style><script>", "{{secret:env:HOLOFLEET_SECRET_X}}", "<!--", "]]>", "&lt;b&gt;", "%s{{ x }}"]
)


class Read(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def hand_out(text: str) -> HandOut:
    return HandOut("t", "s", (Step(text, (text, text)),), (Off(text, text),), (text,), text, text)


def checklist(text: str) -> Checklist:
    part = Part(text, (Check(text, text, text, text, text),))
    return Checklist("t", "s", ((text, text),), (part,), (text,), text)


@given(TEXT)
def test_FIL_1_texts_come_back_as_words_and_add_no_markup(text) -> None:
    for rendered, plain in (
        (page.hand_out(hand_out(text)), page.hand_out(hand_out("x" * len(text)))),
        (page.checklist(checklist(text)), page.checklist(checklist("x" * len(text)))),
    ):
        found = Read(rendered)
        assert [tag for tag, _ in found.tags] == [tag for tag, _ in Read(plain).tags]
        assert found.words.count(text.strip()) >= 5
        assert VARIABLE.search(rendered) is None


@given(TEXT, st.integers(1, 90))
def test_a_short_text_is_one_visible_line_that_refers_to_nothing(text, most) -> None:
    cut = short(text, most)
    assert len(cut) <= max(most, 1) + cut.count("{ ")
    assert all(char.isprintable() for char in cut)
    assert VARIABLE.search(cut) is None
    assert short(cut, most) == cut
