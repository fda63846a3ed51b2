"""The console knows every word of the server: none falls through."""

from __future__ import annotations

from holofleet.server.compliance import Compliance, SettingStatus
from holofleet.server.events import EventKind
from holofleet.server.orders import OrderKind, OrderStatus
from holofleet.web.console.acts import ACTS
from holofleet.web.console.happenings import _LINES
from holofleet.web.console.headset import DONE
from holofleet.web.console.words import HEADSET_WORDS, ORDER_WORDS, SETTING_WORDS


def test_every_status_of_the_server_is_a_word_of_the_console() -> None:
    assert set(HEADSET_WORDS) == set(Compliance)
    assert set(SETTING_WORDS) == set(SettingStatus)
    assert set(ORDER_WORDS) == set(OrderStatus)


def test_every_kind_of_event_has_a_sentence() -> None:
    assert set(_LINES) == set(EventKind)


def test_every_order_can_be_given_on_a_page_and_says_what_came_of_it() -> None:
    assert set(OrderKind) <= set(ACTS)
    assert set(ACTS) <= set(DONE)
