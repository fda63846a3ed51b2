"""The documentation of the rules, written from the rules and the statements of the catalog.

``docs/rules`` holds what this module renders; a test keeps the two equal.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks.authority import source_of
from holofleet.checks.registry import RULES
from holofleet.checks.rule import Form, Rule

INDEX = "README.md"
_WIDTH = 115
_FORMS = {
    Form.FILE: "a fault of the file is a finding with its line",
    Form.SETTING: "it is met once the headsets report these nodes",
    Form.VERIFICATION: "it waits until this is confirmed",
    Form.ATTESTATION: "it waits until a person attests it",
    Form.OTHERS: "it stands where the worst of those that it repeats stands",
}
_APPLIES = {
    "PREP": "every deployment",
    "EXT": "deployments of the scenario external-clients, and those with a `client`",
    "SHR": "deployments of the scenario shared-identity, and those with shared `accounts`",
    "OFF": "deployments of the scenario near-offline, and those with a site that is near-offline or offline",
}


def pages() -> dict[str, str]:
    """Return every page by its file name, the index with them."""
    return {INDEX: _index()} | {f"{rule.id}.md": page(rule) for rule in RULES.values()}


def page(rule: Rule) -> str:
    """Return the page of one rule: why, how it is judged, how to mend it, how to waive it."""
    return "\n".join(_lines(rule)) + "\n"


def _lines(rule: Rule) -> Iterator[str]:
    statement = catalog.statements()[rule.id]
    yield f"# {rule.id}: {rule.title}"
    yield ""
    yield from _text(f"**{statement.kind}** for {_APPLIES[rule.guide]}.")
    yield ""
    yield from _text(f"> {statement.requirement}", later="> ")
    yield ">"
    yield from _text(f"> In our words, after {source_of(rule.id)}.", later="> ")
    yield ""
    yield "## Why"
    yield ""
    yield from _text(rule.why)
    yield ""
    yield "## How it is checked"
    yield ""
    yield from _text(rule.how)
    yield ""
    yield from _ways(rule)
    yield ""
    yield "## How to mend it"
    yield ""
    yield from _text(rule.mend)
    if rule.attestation:
        yield ""
        yield from _attesting(rule)
    yield ""
    yield from _waiving(rule)


def _ways(rule: Rule) -> Iterator[str]:
    for form in rule.forms:
        yield from _item(f"**{form}**: {_FORMS[form]}{_about(rule, form)}")
        if form is Form.SETTING:
            for node in rule.nodes:
                yield from _item(f"`{node.oma_uri}` (from {', '.join(f'`{key}`' for key in node.keys)})", "  ")


def _about(rule: Rule, form: Form) -> str:
    texts = {
        Form.VERIFICATION: rule.verification,
        Form.ATTESTATION: rule.attestation,
        Form.OTHERS: ", ".join(rule.rests_on),
    }
    return f": {texts[form]}" if form in texts else ""


def _attesting(rule: Rule) -> Iterator[str]:
    yield "## How to attest it"
    yield ""
    yield from _text("Somebody looks, and writes into the fleet file what they saw and until when that counts:")
    yield ""
    yield "    attestations:"
    yield f"      - {{rule: {rule.id}, by: admin1@contoso.com, on: 2026-11-16, until: 2027-05-16,"
    yield "         seen: what was looked at and how it was}"
    yield ""
    yield from _text("Add `deployment:` where it is about one only. When it ends, that is a finding of this rule.")


def _waiving(rule: Rule) -> Iterator[str]:
    yield "## How to waive it"
    yield ""
    yield from _text("Somebody accepts it, for a reason and until a day:")
    yield ""
    yield "    waivers:"
    yield f"      - {{rule: {rule.id}, by: admin1@contoso.com, until: 2027-01-29,"
    yield "         reason: why it cannot be mended now}"
    yield ""
    yield from _text(
        "Add `deployment:` or `headset:` to accept it there only. The finding is then shown no more and the "
        "statement's standing is `waived`. A waiver that has ended or covers nothing is a finding of its own."
    )


def _index() -> str:
    return "\n".join(_index_lines()) + "\n"


def _index_lines() -> Iterator[str]:
    statements = catalog.statements()
    yield "# The rules"
    yield ""
    yield from _text(
        f"A rule is the logic behind one statement of a deployment guide. The guides hold {len(statements)} "
        f"statements; {len(RULES)} have a rule. A statement without one is never called met: it has no standing "
        "until somebody attests or waives it."
    )
    yield ""
    yield "A rule knows in one or several ways:"
    yield ""
    for form, meaning in _FORMS.items():
        yield from _item(f"**{form}**: {meaning}")
    for guide, applies in _APPLIES.items():
        title = catalog.guides()[guide]
        yield ""
        yield f"## {guide}: {title.title}"
        yield ""
        yield from _text(f"{title.published}. Binds {applies}.")
        yield ""
        yield "| rule | weight | what is asked for | how it is known |"
        yield "|---|---|---|---|"
        for rule in RULES.values():
            if rule.guide == guide:
                forms = ", ".join(rule.forms)
                yield f"| [{rule.id}]({rule.id}.md) | {statements[rule.id].kind} | {rule.title} | {forms} |"
    yield ""
    yield "## Standings"
    yield ""
    yield from _text(
        "Each statement has a standing per deployment: `met`, `not met`, `waived`, `attested`, `waiting` or `not "
        "applicable`, with the reason. The file alone makes a statement met only where it is about what the file "
        "says. What headsets have to carry is met when they report it, never before."
    )
    yield ""
    yield "## Findings about waivers and attestations"
    yield ""
    yield from _item("`file/waiver-expired` (warning): a waiver has ended. What it covered is found again.")
    yield from _item("`file/waiver-unused` (recommended): a waiver covers no finding.")
    yield from _item("`file/attestation-unused` (recommended): nothing asks for an attestation.")


def _text(text: str, *, later: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=later, break_long_words=False, break_on_hyphens=False)


def _item(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"{indent}- ",
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
