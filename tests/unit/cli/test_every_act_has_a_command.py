"""What can be done in the console can be done at the command line: a table, and what it leaves out, with why."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from tests.security.test_every_command import commands

INVENTORY = Path(__file__).parents[2] / "security" / "routes.txt"
PROGRAMS = ("/api/", "/scim/", "/EnrollmentServer/", "/ManagementServer/")
COMMANDS: dict[str, tuple[str, ...]] = {
    "/audit/verify": ("audit verify",),
    "/bulk": ("headsets bulk",),
    "/calls/{call}/recordings/{recording}": (
        *("call_records recording save", "call_records recording hold", "call_records recording lift"),
        "call_records recording delete",
    ),
    "/custody": ("custody out", "custody hand-over", "custody in", "custody lost", "custody found"),
    "/custody/undo": ("custody undo",),
    "/enrollments/{id}": ("headsets decide",),
    "/headsets/{serial}/orders/cancel": ("orders cancel",),
    "/headsets/{serial}/orders/{act}": (
        *("headsets sync", "headsets reboot", "headsets wipe", "headsets unenroll"),
        *("headsets retire", "headsets lost", "headsets found"),
    ),
    "/headsets/{serial}/pair": ("custody pair invite",),
    "/headsets/{serial}/unpair": ("custody pair end",),
    "/licenses/forecast": ("licenses forecast",),
    "/loans/{key}": (
        *("loans test-call", "loans ship", "loans arrived", "loans returned", "loans password-reset"),
        *("loans wiped", "loans lock-released", "loans released"),
    ),
    "/people/add": ("users add",),
    "/people/groups": ("users add-group",),
    "/people/import": ("users import",),
    "/people/groups/{group}": ("users members", "users remove-group"),
    "/people/{key}/change": ("users change",),
    "/people/{key}/erase": ("audit person-erase",),
    "/people/{key}/export": ("audit person-export",),
    "/people/{key}/invitation": ("users invite",),
    "/people/{key}/leave": ("users leave",),
    "/people/{key}/pin": ("custody pin void",),
    "/people/{key}/roles": ("users role", "users scope"),
    "/people/{key}/secrets": ("custody secrets own", "custody secrets reset"),
    "/people/{key}/sessions": ("users sessions", "users end-session"),
    "/plans/{id}": ("approvals approve", "approvals refuse", "approvals carry-out"),
    "/settings/freeze": ("orders freeze",),
    "/settings/tokens": ("tokens issue",),
    "/settings/tokens/revoke": ("tokens revoke",),
    "/settings/webhooks": ("webhooks add",),
    "/settings/webhooks/{webhook}": ("webhooks switch", "webhooks test", "webhooks secret", "webhooks remove"),
}
IN_A_BROWSER = {
    "/account/": "one's own ways to sign in: a passkey is made and shown by a browser, and a token has none",
    "/account/pin": "one's own PIN: whoever types it has just proved that it is theirs",
    "/sign-in": "signing in to the console; the command line shows a token",
    "/sign-out": "as signing in",
    "/custody/scan": "recognizes what a badge reader typed; `custody out` takes the same texts",
    "/take": "somebody takes the headset in their hands, by the code on it",
    "/k/": "the headset's own page",
    "/h/": "the headset's own page of calls",
    "/g/": "the page of a guest",
    "/calls/links": "an expert makes a link for a guest of their own; `calls links` shows and ends them",
    "/call-recordings": "an expert's page sends what it records",
    "/calls/{call}/guests": "somebody who is in the call lets a guest in",
    "/calls/left/{message}": "an expert who looks at a message says that they see to it",
    "/views": "names that somebody gave to addresses of lists; `headsets list --filter` takes the same words",
    "/demo/": "the demonstration's own buttons",
}
"""What is done in a browser only, by the beginning of its path, with the reason."""


def _acts() -> list[str]:
    lines = [line.split(" ") for line in INVENTORY.read_text().splitlines() if line.startswith("/")]
    return [path for path, methods, *_ in lines if "POST" in methods and not path.startswith(PROGRAMS)]


ACTS = _acts()
KNOWN = frozenset(" ".join(command.words) for command in commands())


@pytest.mark.parametrize("path", ACTS)
def test_what_is_done_on_a_page_has_its_command_or_a_reason_why_not(path: str) -> None:
    here = any(path.startswith(beginning) for beginning in IN_A_BROWSER)
    assert (path in COMMANDS) != here, "name its command, or say why there is none"


@pytest.mark.parametrize("words", sorted({words for listed in COMMANDS.values() for words in listed}))
def test_the_command_is_there_and_talks_to_a_server(words: str) -> None:
    assert words in KNOWN or _listed(words)


def _listed(words: str) -> bool:
    """Whether a command is there that is made from parts, or of a group in a group (``custody pin void``)."""
    group, *inner, word = words.split(" ")
    found = importlib.import_module(f"holofleet.cli.{group}").app
    for name in inner:
        found = found[name]
    return word in list(found)


def test_the_table_names_no_page_that_is_gone() -> None:
    assert set(COMMANDS) <= set(ACTS)
