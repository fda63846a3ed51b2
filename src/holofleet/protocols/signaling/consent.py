"""Consent to a recording: nothing is recorded unless everybody in the call has agreed, and still does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Recording(StrEnum):
    """Where a recording stands."""

    NONE = "none"
    ASKED = "asked"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Consent:
    """What was asked, by whom, and who agreed. ``answers`` holds yes only: a no ends it."""

    by: str = ""
    answers: Mapping[str, bool] = field(default_factory=dict)
    state: Recording = Recording.NONE

    def asked(self, by: str, present: Iterable[str]) -> Consent:
        """Return it after a seat asked; who asks has agreed. Asking again while it is asked changes nothing."""
        if self.state is not Recording.NONE:
            return self
        return Consent(by, {by: True}, Recording.ASKED).with_present(present)

    def answered(self, seat: str, agree: bool, present: Iterable[str]) -> Consent:
        """Return it after somebody answered, or changed their mind: one no ends it."""
        if self.state is Recording.NONE:
            return self
        if not agree:
            return Consent()
        return replace(self, answers={**self.answers, seat: True}).with_present(present)

    def with_present(self, present: Iterable[str]) -> Consent:
        """Return it for those who are in the call now: somebody new is asked before anything goes on."""
        if self.state is Recording.NONE:
            return self
        here = set(present)
        if self.by not in here:
            return Consent()
        answers = {seat: True for seat in self.answers if seat in here}
        return Consent(self.by, answers, Recording.ON if here == set(answers) else Recording.ASKED)
