"""What many errors of one run are told as."""

from __future__ import annotations

from holofleet.errors import HolofleetError, InputError
from holofleet.targets.graph.errors import GraphError, Said, Trouble
from holofleet.targets.graph.operations import directory, intune
from holofleet.targets.graph.summary import summed


def refused(words: str, id_: str = "") -> GraphError:
    return GraphError(intune.LIST_PROFILES.request(), Trouble.INVALID, Said(message=words, request_id=id_))


def test_a_hundred_refusals_for_one_reason_are_one_sentence_with_the_first_ids() -> None:
    detail, mend = summed({f"profile:{n}": refused("The value is too long.", f"r{n}") for n in range(100)})
    assert detail.count("The value is too long") == 1
    assert "and 96 more" in detail
    assert "profile:0" in detail
    assert "request-id r0" in detail
    assert intune.LIST_PROFILES.name in detail
    assert mend.count("the message says which") == 1


def test_reasons_that_differ_are_told_each_and_never_more_than_a_screen_of_them() -> None:
    many: dict[str, HolofleetError] = {f"group:{n}": refused(f"reason {n}") for n in range(30)}
    detail, _ = summed(many)
    assert "reason 0" in detail
    assert "reason 11" in detail
    assert "reason 12" not in detail
    assert "And 18 other reasons." in detail


def test_an_error_of_ours_keeps_its_own_words_and_is_mended_its_own_way() -> None:
    late = InputError("the file of app is not there", detail="No such file.", mend="Put it there.")
    gone = GraphError(directory.LIST_USERS.request(), Trouble.ABSENT, Said(message="gone"))
    detail, mend = summed({"app:app": late, "user:a": gone})
    assert "the file of app is not there. No such file." in detail
    assert "user:a: gone" in detail
    assert "Put it there." in mend
    assert "plan again" in mend
