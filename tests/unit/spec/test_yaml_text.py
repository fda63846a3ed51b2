"""Strict YAML: texts stay texts, and what YAML can do beyond plain values is refused with its place."""

from __future__ import annotations

import time

import pytest
import yaml

from holofleet.spec import yaml_text
from holofleet.spec.yaml_text import MAX_DEPTH, places_of, read_yaml


@pytest.fixture(autouse=True, params=["CBaseLoader", "BaseLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run everything with the parser in C, and with the one in Python that stands in where it is missing."""
    monkeypatch.setattr(yaml_text, "Loader", getattr(yaml, request.param))


@pytest.mark.parametrize(
    "text",
    [
        *("003421700101", "22621.1250", "17:00", "no", "on", "off", "1e3", "0x1F", "0o17", "1_000", "~", "null"),
        *(".inf", "2026-12-07", "yes", "TRUE", "+1", "=", "0b1"),
    ],
)
def test_a_plain_scalar_stays_the_text_that_was_written(text: str) -> None:
    assert read_yaml(f"key: {text}\n") == ({"key": text}, ())
    assert read_yaml(f"- {text}\n") == ([text], ())


def test_an_empty_value_is_an_empty_text() -> None:
    assert read_yaml("a:\nb: ''\n") == ({"a": "", "b": ""}, ())


def test_flow_and_block_collections_nest() -> None:
    value, faults = read_yaml("a: {b: [1, {c: d}], e: []}\nf:\n  - g: h\n    i: j\n  - - k\n")
    assert faults == ()
    assert value == {"a": {"b": ["1", {"c": "d"}], "e": []}, "f": [{"g": "h", "i": "j"}, ["k"]]}


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", "file/duplicate-key", 3, 1),
        ("x: {a: 1, a: 2}\n", "file/duplicate-key", 1, 11),
        ("a: &anchor 1\n", "file/alias", 1, 4),
        ("a: 1\nb: *a\n", "file/alias", 2, 4),
        ("a: &m {b: 1}\n", "file/alias", 1, 4),
        ("a: !!int 5\n", "file/tag", 1, 4),
        ("a: ! 5\n", "file/tag", 1, 4),
        ("a: !!python/object/apply:os.system [x]\n", "file/tag", 1, 4),
        ("a:\n  <<: {b: 1}\n", "file/merge-key", 2, 3),
        ("%YAML 1.1\n---\na: 1\n", "file/directive", 1, 1),
        ("a: 1\n---\nb: 2\n", "file/documents", 2, 1),
        ("? [a, b]\n: c\n", "file/key", 1, 3),
        ("a: b: c\n", "file/yaml", 1, 5),
        ("a: [1, 2\n", "file/yaml", 2, 1),
        ("a: '1\n", "file/yaml", 2, 1),
        ("\ta: 1\n", "file/yaml", 1, 1),
        ("a: \x00\n", "file/yaml", 1, 1),
        ("a: \x1b[31m\n", "file/yaml", 1, 1),
    ],
)
def test_what_goes_beyond_plain_values_is_refused_with_its_place(
    text: str, rule: str, line: int, column: int
) -> None:
    _, faults = read_yaml(text)
    assert [(fault.rule, fault.line, fault.column) for fault in faults][:1] == [(rule, line, column)]


def test_every_duplicate_is_reported_not_only_the_first() -> None:
    _, faults = read_yaml("a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert [fault.line for fault in faults] == [2, 3]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_hostile_nesting_ends_in_a_fault_at_once(opening: str) -> None:
    started = time.perf_counter()
    _, faults = read_yaml(opening * 100_000)
    assert [fault.rule for fault in faults] in (["file/depth"], ["file/key"])
    assert time.perf_counter() - started < 5


def test_the_deepest_allowed_nesting_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read_yaml(text)[1] == ()
    assert [fault.rule for fault in read_yaml(f"[{text}]")[1]] == ["file/depth"]


def test_billion_laughs_is_refused_before_it_grows() -> None:
    laughs = "a0: &a0 [lol]\n" + "".join(
        f"a{i}: &a{i} [{', '.join(f'*a{i - 1}' for _ in range(9))}]\n" for i in range(1, 12)
    )
    value, faults = read_yaml(laughs)
    assert faults
    assert {fault.rule for fault in faults} == {"file/alias"}
    assert value == {}


def test_a_huge_scalar_is_only_a_text() -> None:
    assert read_yaml("a: " + "x" * 500_000) == ({"a": "x" * 500_000}, ())


def test_places_are_those_of_keys_and_of_list_items() -> None:
    places = places_of("a: 1\nb:\n  - c: 2\n    d: [3, 4]\n  - 5\n")
    assert places == {
        ("a",): (1, 1),
        ("b",): (2, 1),
        ("b", 0): (3, 5),
        ("b", 0, "c"): (3, 5),
        ("b", 0, "d"): (4, 5),
        ("b", 0, "d", 0): (4, 9),
        ("b", 0, "d", 1): (4, 12),
        ("b", 1): (5, 5),
    }


def test_columns_count_characters_not_bytes() -> None:
    assert places_of("{ä: 1, ö: 2}\n")[("ö",)] == (1, 8)


def test_an_empty_text_is_an_empty_mapping() -> None:
    assert read_yaml("") == ({}, ())
    assert read_yaml("# nothing but a comment\n") == ({}, ())
