"""What the bench of calls reads off two pages."""

from __future__ import annotations

from bench.media import FRAMES, Seen, delays


def shown(n: int, at: float) -> dict[str, float]:
    return {"n": n, "at": at}


def test_a_picture_took_as_long_as_from_one_page_to_the_other() -> None:
    assert delays([shown(1, 0), shown(2, 33)], [shown(1, 100), shown(2, 140)]) == [100, 107]


def test_a_number_that_comes_again_means_the_newest_before() -> None:
    sent = [shown(1, 0), shown(1, 1000)]
    assert delays(sent, [shown(1, 900), shown(1, 1100)]) == [900, 100]


def test_what_cannot_be_read_or_was_never_shown_says_nothing() -> None:
    too_old = FRAMES / 30 * 1000 + 1
    assert delays([shown(1, 0), shown(2, 5)], [shown(-1, 9), shown(7, 9), shown(1, too_old)]) == []


def test_a_small_picture_with_false_stripes_is_not_sharp() -> None:
    frames = [(1.0, 640, 360, 5, 0.9), (2.0, 1280, 720, 6, 0.5), (3.0, 1280, 720, 7, 0.8)]
    seen = Seen(0.5, "direct", frames, [], [], 0)
    assert seen.sharp_s == 3.0
    assert (seen.rows(0, 1.5), seen.rows(5, 6), seen.fps(1, 3)) == (360, 0, 1.0)
