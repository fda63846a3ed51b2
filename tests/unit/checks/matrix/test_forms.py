"""The three forms of the matrix say the same, and none lets a name in a file do anything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.unit.checks.matrix.fleets import NOW, line, matrix_of, sample

from holofleet import catalog, samples
from holofleet.checks.matrix import Heard, Mark
from holofleet.checks.matrix.as_json import as_json
from holofleet.checks.matrix.as_page import as_page
from holofleet.checks.matrix.as_text import WIDTH, as_text
from holofleet.diagnostics import Finding, Severity

ROOT = Path(__file__).parents[4]
HOSTILE = "<script>alert(1)</script>&\"'"
BROKEN = sample("cloud-connected").replace("edition: P1 ", "edition: free ", 1)
HEARD = Heard("https://fleet.contoso.com", 24, 22, NOW - timedelta(days=3), NOW)


class Page(HTMLParser):
    """What stands in a page: elements with their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        """Attributes of all elements of a name."""
        return [attributes for tag, attributes in self.elements if tag == name]


# JSON


def keys_documented() -> dict[str, set[str]]:
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    part = text.split("### `holofleet guide", 1)[1].split("\n### ", 1)[0]
    rows = re.findall(r"^\| (\S.*?) \| (.*) \|$", part, re.M)
    keys = {where.strip("`"): re.sub(r"\([^)]*\)", "", text) for where, text in rows}
    return {where: {k.removesuffix("[]") for k in re.findall(r"`([^`]+)`", text)} for where, text in keys.items()}


def test_the_keys_of_the_json_form_are_the_documented_ones() -> None:
    written = json.loads(as_json(matrix_of(BROKEN, heard=HEARD)))
    guide = written["guides"][0]
    statement = next(item for item in guide["statements"] if item["id"] == "PREP-04")
    standing = statement["standings"][0]
    found = {
        "top": written,
        "reports": written["reports"],
        "guides[]": guide,
        "statements[]": statement,
        "standings[]": standing,
        "places[]": standing["places"][0],
    }
    documented = keys_documented()
    for where, value in found.items():
        assert set(value) == documented[where], where


def test_the_json_form_is_the_same_for_the_same_matrix_and_whole() -> None:
    first, again = (as_json(matrix_of(BROKEN)) for _ in range(2))
    assert first == again
    written = json.loads(first)
    statements = [item for guide in written["guides"] for item in guide["statements"]]
    assert [item["id"] for item in statements] == list(catalog.statements())
    assert sum(written["counts"].values()) == len(statements)
    assert set(written["counts"]) == {str(mark) for mark in Mark}
    assert written["reports"] is None


# Text


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_the_text_form_names_every_statement_of_the_guides_that_bind(scenario: str) -> None:
    matrix = matrix_of(sample(scenario))
    text = as_text(matrix)
    for part in matrix.parts:
        for row in part.rows:
            assert (f" {row.statement.id} " in text) == bool(part.binds)
    words = [word for word in text.splitlines() if len(word) > WIDTH and " " in word.strip()[:WIDTH]]
    assert words == []


def test_the_text_form_names_line_and_mending_of_what_is_not_met() -> None:
    text = as_text(matrix_of(BROKEN))
    part = text.split("PREP-04", 1)[1].split("PREP-05", 1)[0]
    assert f"line {line(BROKEN, 'edition: free')}" in " ".join(part.split())
    assert "Mend: " in part


def test_TXT_1_a_control_character_in_a_name_cannot_drive_a_terminal() -> None:
    text = as_text(matrix_of(BROKEN, name="fl\x1b[2Jeet.yaml"))
    assert "\x1b" not in text
    assert "fl\\x1b[2Jeet.yaml" in text


def test_reports_are_said_with_their_number_and_age() -> None:
    assert "No reports of headsets were read" in as_text(matrix_of(BROKEN))
    text = as_text(matrix_of(BROKEN, heard=HEARD))
    assert "22 of 24 headsets have reported to https://fleet.contoso.com" in text
    assert "2026-11-25 08:30 UTC" in text
    at_once = as_text(matrix_of(BROKEN, heard=Heard("https://fleet.contoso.com", 24, 24, NOW, NOW)))
    assert "https://fleet.contoso.com, last at 2026-11-25 08:30 UTC." in at_once
    nobody = as_text(matrix_of(BROKEN, heard=Heard("https://fleet.contoso.com", 24, 0)))
    assert "No headset of the file has reported" in nobody


# The page


def test_the_page_says_what_the_matrix_says() -> None:
    matrix = matrix_of(BROKEN, heard=HEARD)
    page = Page(as_page(matrix))
    rows = [item["id"] for item in page.named("tr") if item.get("class") == "row"]
    assert sorted(str(id_) for id_ in rows) == sorted(catalog.statements())
    for row in matrix.rows:
        assert row.title in page.text
        for cell in row.cells:
            for finding in cell.findings:
                assert finding.mend.replace("`", "") in page.text.replace("`", "")


def test_the_page_needs_nothing_but_itself() -> None:
    page = Page(as_page(matrix_of(BROKEN)))
    for tag, attributes in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "base")
        for name in ("src", "href", "action", "srcset", "style"):
            value = attributes.get(name)
            assert value is None or (name == "href" and value.startswith("#")), (tag, name, value)
        assert not [name for name in attributes if name.startswith("on")]


def test_WEB_1_the_pages_policy_lets_only_its_own_style_and_script_run() -> None:
    text = as_page(matrix_of(BROKEN))
    policy = next(
        item["content"] for item in Page(text).named("meta") if "content" in item and "http-equiv" in item
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_names_in_the_fleet_file_are_text_in_the_page() -> None:
    broken: Any = BROKEN.replace("name: Contoso", f"name: {json.dumps(HOSTILE)}", 1)
    text = as_page(matrix_of(broken, heard=Heard(HOSTILE, 24, 22, NOW, NOW)))
    page = Page(text)
    assert HOSTILE in page.text
    assert "<script>alert" not in text
    assert len(page.named("script")) == 1


def test_code_in_a_sentence_is_code_in_the_page_and_still_text() -> None:
    finding = Finding("file/x", Severity.MUST, "x", "Write `a: <b>` here, not ` or <i>.", "Use `c`.")
    page = as_page(replace(matrix_of(BROKEN), others=(finding,)))
    assert "Write <code>a: &lt;b&gt;</code> here, not ` or &lt;i&gt;." in page
    assert "Use <code>c</code>." in page


def test_the_colours_of_the_page_are_those_of_the_console() -> None:
    token = re.compile(r"(--[\w-]+): ([^;]+);")
    own = dict(token.findall((ROOT / "src/holofleet/checks/matrix/page/report.css").read_text()))
    console = dict(token.findall((ROOT / "src/holofleet/web/console/static/tokens.css").read_text()))
    named = {key: value for key, value in own.items() if key not in ("--tone", "--soft", "--fill")}
    assert len(named) > 25
    assert {key: console.get(key) for key in named} == named
