"""Status codes have words, and each code has one outcome."""

from __future__ import annotations

import pytest

from holofleet.protocols.syncml import Outcome, StatusCode, meaning, outcome


@pytest.mark.parametrize("code", list(StatusCode))
def test_every_code_has_a_meaning_of_its_own(code: StatusCode) -> None:
    assert meaning(code) != f"status {int(code)}"


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((200, 201, 212, 213, 299), Outcome.GOOD),
        ((202,), Outcome.VERIFY_LATER),
        ((404,), Outcome.NOT_FOUND),
        ((405, 406), Outcome.NOT_APPLICABLE),
        ((418,), Outcome.EXISTS),
        ((425, 500, 420, 214, 599), Outcome.RETRY),
        ((215, 216, 507, 516), Outcome.GROUP),
        ((401, 407), Outcome.CHALLENGE),
        ((400, 415, 499), Outcome.MISTAKE),
        ((0, 100, 305, 600), Outcome.UNKNOWN),
    ],
)
def test_codes_are_judged_by_what_to_do_about_them(codes: tuple[int, ...], expected: Outcome) -> None:
    assert {outcome(code) for code in codes} == {expected}
