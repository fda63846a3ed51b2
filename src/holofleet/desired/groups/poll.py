"""``poll``: how often a headset asks our server for orders.

Writes ``DMClient/Provider/holofleet/Poll``, for our own server only: another server keeps the schedule of its own
enrollment. The schedule of the enrollment itself is the same one, from the State's deployment. Where nobody says
anything, the schedule is ours. Serves OFF-17 and OFF-46.

Source: 'DMClient CSP' (Microsoft): no retries left in the third set means that it goes on for ever.
"""

from __future__ import annotations

from holofleet.desired.groups.group import Group
from holofleet.desired.sheet import Sheet, Value
from holofleet.desired.statement import Layer
from holofleet.desired.wanted import Wanted
from holofleet.resources import PollSchedule

PROVIDER = "holofleet"
_TREE = "./Device/Vendor/MSFT/DMClient/Provider/{ProviderID}/Poll/"
_KEYS = {
    "first_count": ("NumberOfFirstRetries", "poll.first.times"),
    "first_interval_min": ("IntervalForFirstSetOfRetries", "poll.first.every_min"),
    "second_count": ("NumberOfSecondRetries", "poll.second.times"),
    "second_interval_min": ("IntervalForSecondSetOfRetries", "poll.second.every_min"),
    "remaining_interval_min": ("IntervalForRemainingScheduledRetries", "poll.then_every_min"),
    "on_login": ("PollOnLogin", "poll.on_sign_in"),
}
_FOR_EVER = "NumberOfRemainingScheduledRetries"


def schedule(wanted: Wanted) -> PollSchedule:
    """Return the schedule of a deployment: what the file says, and ours for the rest."""
    said = {name: wanted.value(key) for name, (_, key) in _KEYS.items()}
    return PollSchedule.model_validate({name: value for name, value in said.items() if value is not None})


def _write(sheet: Sheet) -> None:
    if sheet.wanted.target != "server":
        return
    times = schedule(sheet.wanted)
    for name, (node, key) in _KEYS.items():
        _say(sheet, node, getattr(times, name), key)
    _say(sheet, _FOR_EVER, 0, "poll.then_every_min")


def _say(sheet: Sheet, node: str, value: Value, key: str) -> None:
    uri = (_TREE + node).replace("{ProviderID}", PROVIDER)
    if sheet.wanted.value(key) is None:
        sheet.state(uri, value, layer=Layer.HOLOFLEET, key="poll")
    else:
        sheet.node(uri, value, key=key)


GROUP = Group(
    writes={_TREE + node: key for node, key in (*_KEYS.values(), (_FOR_EVER, "poll.then_every_min"))}, write=_write
)
