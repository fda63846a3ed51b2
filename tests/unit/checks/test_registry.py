"""Every rule is registered, is backed by the catalog, and has its page."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest

from holofleet import catalog, spec
from holofleet.checks import RULES, Rule
from holofleet.checks.page import pages
from holofleet.desired.wanted import rule_of

ROOT = Path(__file__).parents[3]
HEAD = """\
holofleet: 1
organization: {name: Contoso, country: US, timezone: America/Chicago}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
"""


EVERY = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)


@pytest.mark.parametrize("guide", ["prep", "ext", "shr", "off"])
def test_every_file_of_a_rule_is_registered_under_its_name(guide: str) -> None:
    package = import_module(f"holofleet.checks.{guide}")
    files = {info.name for info in pkgutil.iter_modules(package.__path__)}
    assert files == {rule.id.lower().replace("-", "_") for rule in package.RULES}
    assert all(RULES[rule.id] is rule and rule.guide == guide.upper() for rule in package.RULES)


@EVERY
def test_every_rule_is_about_a_statement_of_the_catalog_and_knows_in_some_way(rule: Rule) -> None:
    assert rule.id in catalog.statements()
    assert rule.forms


@EVERY
def test_a_statement_repeats_only_what_is_judged_before_it(rule: Rule) -> None:
    order = list(catalog.statements())
    assert all(order.index(other) < order.index(rule.id) for other in rule.rests_on)


@EVERY
def test_every_node_of_a_rule_can_be_set_and_read_back(rule: Rule) -> None:
    for node in rule.nodes:
        found = catalog.nodes().find(node.oma_uri)
        assert found is not None
        assert found.oma_uri == node.oma_uri
        assert found.writable
        assert found.readable


@EVERY
def test_every_key_of_a_rule_s_nodes_is_a_key_of_the_fleet_file(rule: Rule) -> None:
    for key in (key for node in rule.nodes for key in node.keys):
        rule_of(key)  # raises KeyError for a key that no deployment can say


def test_the_committed_pages_are_those_that_the_rules_give() -> None:
    folder = ROOT / "docs" / "rules"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert written == pages(), "run .venv/bin/python tools/rule_pages.py"


@EVERY
def test_every_rule_has_its_page_with_why_how_mending_and_waiving(rule: Rule) -> None:
    text = (ROOT / "docs" / "rules" / f"{rule.id}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {rule.id}: {rule.title}\n")
    headings = re.findall(r"^## (.*)$", text, re.M)
    wanted = ["Why", "How it is checked", "How to mend it", "How to attest it", "How to waive it"]
    assert headings == [h for h in wanted if h != "How to attest it" or rule.attestation]
    assert all(len(part) > 60 for part in (rule.why, rule.how))
    assert max(len(line) for line in text.splitlines()) <= 120


@EVERY
def test_what_a_page_says_to_write_can_be_read(rule: Rule) -> None:
    text = pages()[f"{rule.id}.md"]
    parts = [part for part in text.split("\n## ") if part.startswith(("How to attest", "How to waive"))]
    lines = [line for part in parts for line in part.splitlines() if line.startswith("    ")]
    examples = "\n".join(line.removeprefix("    ") for line in lines)
    model = spec.parse({"fleet.yaml": HEAD + examples + "\n"}).model
    assert [waiver.rule for waiver in model.waivers] == [rule.id]
    assert [item.rule for item in model.attestations] == ([rule.id] if rule.attestation else [])


def test_the_index_names_every_rule() -> None:
    index = pages()["README.md"]
    assert all(f"[{id_}]({id_}.md)" in index for id_ in RULES)
