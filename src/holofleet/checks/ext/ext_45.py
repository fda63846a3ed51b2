"""EXT-45: no client learns a password."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule
from holofleet.diagnostics import Position

_SECRET = re.compile(r"\b(?:password|passphrase|pwd|pin)\b\s*(?:is|=|:)\s*\S{4,}", re.IGNORECASE)
"""A password or PIN that somebody wrote down in a sentence."""


def _check(case: Case) -> Iterator[Fault]:
    who = case.spec.model.tenant.password_reset
    if who == "all":
        yield Fault(
            "everybody may reset a password without help, the client's people among them",
            case.at("tenant", "password_reset"),
            'Write `password_reset: "off"`, or `selected` for a group without headset accounts.',
            "Whoever wears the headset could give its account a password that you do not know.",
            subject="tenant",
        )
    for words, position, subject in _texts(case):
        if _SECRET.search(words):
            yield Fault(
                "a text seems to hold a password or a PIN",
                position,
                "Take it out of the text, and change the password: the file is read by many.",
                "The fleet file is shown, printed and kept; what stands in it is no secret any more.",
                subject=subject,
            )


def _texts(case: Case) -> Iterator[tuple[str, Position, str]]:
    """Yield what people wrote in sentences, with its place and whom or what it is about."""
    model = case.spec.model
    own = {headset.serial for headset in case.deployment.headsets}
    for index, headset in enumerate(model.headsets):
        if headset.note is not None and headset.serial in own:
            yield headset.note, case.at("headsets", index, "note"), f"headset:{headset.serial}"
    for index, attestation in enumerate(model.attestations):
        if attestation.deployment in (None, case.name):
            yield attestation.seen, case.at("attestations", index, "seen"), f"user:{attestation.by}"
    for index, waiver in enumerate(model.waivers):
        if waiver.deployment in (None, case.name):
            yield waiver.reason, case.at("waivers", index, "reason"), f"user:{waiver.by}"


RULE = Rule(
    id="EXT-45",
    title="No client learns a password",
    why="With the password, an account works on any PC in the world. With name and PIN, it works on that one "
    "headset: the PIN never leaves it.",
    how="The guide says to give clients neither user names nor passwords, and also that signing in takes the "
    "name and a PIN (EXT-46). We decide: the client gets name and PIN where sign-in needs them, no name at all "
    "where the headset signs itself in, and the password never. `tenant.password_reset` is not `all`, since "
    "whoever resets a password knows it; and no note, reason or attestation holds what looks like a password or "
    "PIN. What was handed over a person attests.",
    mend='Write `password_reset: "off"`, take secrets out of texts, and change those that were written down.',
    check=_check,
    attestation="look at what is handed to the client with a headset: name and PIN at most, no password",
)
