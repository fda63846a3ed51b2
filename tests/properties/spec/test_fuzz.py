"""Whatever stands in a fleet file, reading it gives a Spec or a SpecError, never anything else."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet import samples, spec
from holofleet.diagnostics import render_json, render_text
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.translation import keys_of, models_in
from holofleet.spec.yaml_text import places_of, read_yaml

SAMPLE = samples.text("external-clients")["fleet.yaml"]


def _all_keys(model: type[Any], seen: set[type[Any]]) -> set[str]:
    if model in seen:
        return set()
    seen.add(model)
    inner = [part for field in model.model_fields.values() for part in models_in(field.annotation)]
    return set(keys_of(model)).union(*(_all_keys(part, seen) for part in inner))


KEYS = sorted(_all_keys(FleetFile, set()))
WORDS = st.sampled_from(
    ["", "all", "none", "true", "no", "1", "1e3", "cloud-connected", "A1", "{{serial}}", "../x", "own"]
)
SCALARS = WORDS | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | SCALARS, inner, max_size=5)
    ),
    max_leaves=30,
)


def check(error: spec.SpecError) -> None:
    assert error.findings
    assert all(finding.position is not None for finding in error.findings)
    render_text(error.findings)
    render_json(error.findings)


def read(texts: dict[str, str], attachments: dict[str, bytes] | None = None) -> None:
    try:
        found = spec.parse(texts, attachments)
    except spec.SpecError as error:
        check(error)
    else:
        for item in found.deployments():
            for key in item.leaves:
                item.origin(key)


@given(st.text())
def test_any_text_gives_a_spec_or_a_spec_error(text: str) -> None:
    read({"f.yaml": text})


@given(st.dictionaries(st.sampled_from(sorted(FleetFile.model_fields)), VALUES, max_size=8))
@settings(max_examples=200)
def test_any_values_under_the_real_keys_give_a_spec_or_a_spec_error(value: dict[str, Any]) -> None:
    read({"f.yaml": yaml.safe_dump(value, allow_unicode=True)})


@given(st.integers(0, len(SAMPLE) - 1), st.sampled_from(list(":{}[]-,#&*!|>'\"%@`\n\t 0aä\x00\x85\u2028")))
@settings(max_examples=300)
def test_one_changed_character_in_a_sample_gives_a_spec_or_a_spec_error(at: int, char: str) -> None:
    read({"f.yaml": SAMPLE[:at] + char + SAMPLE[at + 1 :]})


@given(st.integers(0, len(SAMPLE)))
@settings(max_examples=150)
def test_a_sample_cut_anywhere_gives_a_spec_or_a_spec_error(at: int) -> None:
    read({"f.yaml": SAMPLE[:at]})


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: ("serial,site,note\n" + text).encode()))
def test_any_table_gives_a_spec_or_a_spec_error(content: bytes) -> None:
    head = SAMPLE.split("headsets:\n")[0].split("groups:")[0]
    for kind in ("csv", "hardware_hashes"):
        read({"f.yaml": f"{head}\nheadsets: {{{kind}: t.csv}}\n"}, {"t.csv": content})


@given(VALUES)
def test_what_yaml_writes_is_read_back_as_the_same_texts(value: Any) -> None:
    text = yaml.dump(value, Dumper=yaml.SafeDumper, allow_unicode=False, default_style='"')
    read_back, faults = read_yaml(text)
    assert {fault.rule for fault in faults} <= {"file/alias", "file/merge-key"}  # the writer aliases equal parts
    if not faults:
        assert read_back == value


@given(VALUES)
def test_every_value_that_is_read_has_a_place(value: Any) -> None:
    text = yaml.dump(value, Dumper=yaml.SafeDumper, allow_unicode=False, default_style='"')
    read_back, faults = read_yaml(text)
    if faults:
        return
    places = places_of(text)

    def walk(inner: Any, path: tuple[str | int, ...]) -> None:
        assert not path or path in places
        for step, part in (
            inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
        ):
            walk(part, (*path, step))

    walk(read_back, ())
