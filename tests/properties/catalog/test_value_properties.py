"""Values: what `data` makes passes `check`, `equal` is an equivalence, and nothing given breaks them."""

from __future__ import annotations

import base64
import re
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet import catalog
from holofleet.catalog import Node, ValueRefusedError
from holofleet.catalog.values import markup, numbers, texts

NODES = catalog.nodes()
LEGAL = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
TEXT = st.text(LEGAL, max_size=30).filter(lambda text: "{{" not in text)
FAMILY = st.from_regex(r"[-.A-Za-z0-9]{3,20}_[a-z0-9]{13}", fullmatch=True)
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"\s*[+-]?[0-9_]{1,30}\s*"),
    st.sampled_from(
        ["true", "True", "1", "0", "", "<a/>", "<enabled/>", "<a", "MAA=", "MA\nA=", "{{account}}", "1e9", "NaN"]
    ),
)


def accepted(node: Node) -> st.SearchStrategy[object]:
    """Typed values that a node takes."""
    allowed = node.allowed
    match allowed:
        case numbers.IntAllowed(values=values) if values:
            return st.sampled_from(list(values))
        case numbers.IntAllowed():
            return st.integers(allowed.minimum, allowed.maximum)
        case numbers.FlagsAllowed():
            return st.lists(st.sampled_from(list(allowed.values)), unique=True).map(sum)
        case numbers.BoolAllowed():
            return st.booleans()
        case numbers.FloatAllowed():
            return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9000, 9000)
        case texts.ListAllowed():
            return st.lists(FAMILY, max_size=5)
        case texts.Base64Allowed():
            return st.binary(min_size=1, max_size=50)
        case texts.NothingAllowed():
            return st.just("")
        case markup.ADMXAllowed():
            return admx(allowed)
        case markup.XMLAllowed(attributes=rules) if rules:
            return st.just(
                '<ForceRestart StartDateTime="2024-03-27T22:00:00" Recurrence="None" RunIfTaskIsMissed="0"/>'
            )
        case markup.XMLAllowed():
            return TEXT.map(lambda text: f"<{allowed.root or 'r'}>{escape(text)}</{allowed.root or 'r'}>")
        case texts.TextAllowed(values=values) if values:
            return st.sampled_from(list(values))
        case texts.TextAllowed():
            return shaped(allowed)
    raise AssertionError(f"no strategy for {allowed!r}")


def admx(allowed: markup.ADMXAllowed) -> st.SearchStrategy[object]:
    ids = st.sampled_from(allowed.ids) if allowed.ids else TEXT if allowed.ids is None else st.nothing()
    values = st.integers(0, 999_999_999).map(str) if allowed.unit else TEXT
    rows = st.dictionaries(ids, values, max_size=4) if allowed.ids != () else st.just({})
    return (rows | st.none()).map(markup.render_admx)


def shaped(allowed: texts.TextAllowed) -> st.SearchStrategy[object]:
    if allowed.pattern is not None:
        return st.from_regex(re.compile(allowed.pattern.pattern, re.ASCII), fullmatch=True).filter(
            lambda text: texts.control_fault(text) is None and not texts.has_variable(text)
        )
    if allowed.shape:
        return st.sampled_from(SHAPED[allowed.shape])
    return st.text(LEGAL, max_size=min(30, allowed.max_length or 30))


SHAPED = {
    "domain": ["contoso.com", "hl.fabrikam.co.uk", ""],
    "account": ["user@contoso.com", "HL-1@hl.contoso.com", ""],
    "time-zone": ["UTC", "Central Standard Time (Mexico)", "UTC-11"],
    "date": ["2024-02-29", ""],
    "date-time": ["2024-03-27T03:00:00", "2024-03-27T03:00:00Z", "2024-03-27T03:00"],
    "host-port": ["proxy.contoso.com:8080", "10.1.2.3:80", "[2001:db8::1]:3128"],
    "thumbprint": ["0123456789abcdefABCDEF012345678901234567"],
}
NODE_AND_VALUE = st.sampled_from(NODES.all()).flatmap(lambda node: st.tuples(st.just(node), accepted(node)))


@given(NODE_AND_VALUE)
@settings(max_examples=600)
def test_what_data_makes_passes_check_and_equals_itself(pair):
    node, value = pair
    data = node.data(value)
    node.check(data)
    assert node.data(data) == data
    assert node.equal(data, data)


@given(NODE_AND_VALUE, st.data())
@settings(max_examples=400)
def test_two_values_are_equal_on_the_wire_only_if_they_are_equal(pair, more):
    node, value = pair
    other = more.draw(accepted(node))
    if isinstance(value, bool | int | bytes) and isinstance(other, bool | int | bytes):
        assert node.equal(node.data(value), node.data(other)) == (value == other)


@given(st.sampled_from(NODES.all()), HOSTILE, HOSTILE, HOSTILE)
@settings(max_examples=600)
def test_equal_is_an_equivalence_for_whatever_a_headset_reports(node, a, b, c):
    assert node.equal(a, a)
    assert node.equal(a, b) == node.equal(b, a)
    if node.equal(a, b) and node.equal(b, c):
        assert node.equal(a, c)


@given(
    st.sampled_from(NODES.all()),
    HOSTILE | st.integers() | st.floats() | st.binary() | st.lists(st.text(max_size=5)),
)
@settings(max_examples=600)
def test_a_value_is_either_accepted_or_refused_with_words(node, value):
    try:
        data = node.data(value)
    except ValueRefusedError as error:
        refusal = error
    else:
        node.check(data)
        return
    assert refusal.reason
    assert refusal.allowed == node.allowed.describe()


@given(st.binary(min_size=1, max_size=200), st.integers(1, 76), st.sampled_from(["\n", "\r\n"]))
def test_base64_that_a_headset_wrapped_is_the_same_value(raw, width, newline):
    node = NODES.by_name("ApplicationControl", "Policies/{PolicyGUID}/Policy")
    data = node.data(raw)
    assert base64.b64decode(data) == raw
    wrapped = newline.join(data[i : i + width] for i in range(0, len(data), width))
    assert node.equal(data, wrapped)


@given(st.text(max_size=80))
def test_find_answers_any_text(text):
    node = NODES.find(text)
    assert node is None or NODES.find(node.oma_uri) is not None


@given(st.sampled_from([node for node in NODES.all() if node.variables]), st.data())
def test_a_filled_in_address_finds_its_node_again(node, more):
    names = {name: "x" + more.draw(st.text(LEGAL, max_size=20)) for name in node.variables}
    assert NODES.find(node.uri(**names)) is node
