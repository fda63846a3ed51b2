"""The examples of docs/app-control.md compile, and its commands do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.unit.desired.fleets import VENDOR, document, fleet

from holofleet import desired
from holofleet.formats import app_control as wdac

PAGE = (Path(__file__).parents[2] / "docs/app-control.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
POLICY = wdac.render(wdac.block(["Contoso.Quiz_1qaz2wsx3edc4"], policy_id=wdac.POLICY_ID.__class__(int=7)))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_delivered_or_waits_only_for_its_certificate(text: str) -> None:
    state = desired.compile(fleet(text, enclosures={"policies/tools.xml": POLICY.encode()}))
    waiting = [item.key for item in state.undelivered if item.key.startswith("app_control.")]
    sent = [one for one in document(state).settings if one.oma_uri.startswith(f"{VENDOR}ApplicationControl/")]
    assert (waiting == ["app_control.trust"]) if "trust:" in text else (waiting == [] and sent)


def test_tips_can_be_denied_while_a_release_waits() -> None:
    assert document(desired.compile(fleet("app_control: {deny: [tips]}"))).settings


def test_the_page_names_every_danger_that_stops_a_policy() -> None:
    for word in (
        "only audits",
        "Enabled:UMCI",
        "no drivers, or no apps",
        "system package",
        "every file",
        "signed",
    ):
        assert word in PAGE
