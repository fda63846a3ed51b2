"""The same fleet, written in another order or with other comments, is the same State."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet import desired, samples, spec
from holofleet.resources import State

SCENARIOS = ("cloud-connected", "external-clients", "shared-identity", "near-offline")
NOUNS = ("people", "groups", "clients", "sites", "headsets", "deployments", "loans", "licenses")


def sample(scenario: str) -> str:
    return next(text for name, text in samples.text(scenario).items() if name.endswith((".yaml", ".yml")))


def compiled(text: str) -> State:
    return desired.compile(spec.parse({"fleet.yaml": text}))


TREES = {scenario: yaml.load(sample(scenario), Loader=yaml.BaseLoader) for scenario in SCENARIOS}
HASHES = {scenario: compiled(sample(scenario)).hash for scenario in SCENARIOS}


def shuffled(value: Any, draw: st.DrawFn, *, top: bool = False) -> Any:
    """Return the same tree with the keys of mappings, and the nouns of the file, in another order."""
    if isinstance(value, dict):
        keys = draw(st.permutations(list(value)))
        return {key: _noun(key, value[key], draw) if top else shuffled(value[key], draw) for key in keys}
    return [shuffled(item, draw) for item in value] if isinstance(value, list) else value


def _noun(key: str, value: Any, draw: st.DrawFn) -> Any:
    inner = shuffled(value, draw)
    return draw(st.permutations(inner)) if key in NOUNS and isinstance(inner, list) else inner


@st.composite
def rewritten(draw: st.DrawFn) -> tuple[str, str]:
    scenario = draw(st.sampled_from(SCENARIOS))
    return scenario, yaml.safe_dump(shuffled(TREES[scenario], draw, top=True), sort_keys=False)


@settings(max_examples=25, deadline=None)
@given(rewritten())
def test_the_order_of_keys_and_nouns_changes_nothing(case):
    scenario, text = case
    assert compiled(text).hash == HASHES[scenario]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SCENARIOS), st.lists(st.integers(0, 400), max_size=5))
def test_comments_and_blank_lines_change_no_hash(scenario, places):
    lines = sample(scenario).splitlines()
    for place in places:
        lines.insert(min(place, len(lines)), "# a comment of no weight")
    state = compiled("\n".join(lines) + "\n")
    assert state.hash == HASHES[scenario]
    assert {o.oma_uri for o in state.origins}


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(SCENARIOS), st.sampled_from(("server", "graph", "files")))
def test_a_state_survives_its_json_form(scenario, target):
    state = desired.compile(spec.parse(samples.text(scenario)), target=target)
    assert State.from_json(state.to_json()) == state
    assert State.from_json(state.to_json()).render() == state.render()


def test_the_bytes_do_not_hang_on_the_process():
    code = (
        "from holofleet import desired, samples, spec; import hashlib; "
        "print(hashlib.sha256(desired.compile(spec.parse(samples.text('external-clients'))).render().encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
