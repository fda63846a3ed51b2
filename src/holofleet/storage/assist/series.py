"""How the media of a call was, over time: kept as a series that does not grow without bound, and summed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from holofleet.server.assist.kept import Call
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.assist import CALL_MEDIA, CALL_QUALITY

MOST_POINTS: Final = 720
"""Of one party: an hour of samples of five seconds. A longer call keeps coarser ones."""
_BEST_FIRST: Final = ("optimal", "minimum", "reduced", "stills", "audio", "none")
_MEANS: Final = ("up_kbps", "down_kbps", "rtt_ms", "jitter_ms", "loss", "fps")
_MOST: Final = ("width", "height")
_Q, _M = CALL_QUALITY.c, CALL_MEDIA.c


def add_media(connection: Connection, call: Call, samples: Iterable[Mapping[str, Any]]) -> None:
    """Add what the headset of a call measured to the sums of the call."""
    sums: dict[tuple[str, int], float] = defaultdict(float)
    for sample in samples:
        sums[sample["grade"], int(str(sample.get("path", "")).startswith("relay"))] += sample["s"]
    for (grade, relayed), seconds in sums.items():
        mine = (_M.call_id == call.id) & (_M.grade == grade) & (_M.relayed == relayed)
        done = connection.execute(update(CALL_MEDIA).where(mine).values(seconds=_M.seconds + seconds))
        if not done.rowcount:
            connection.execute(
                insert(CALL_MEDIA).values(
                    call_id=call.id,
                    grade=grade,
                    relayed=relayed,
                    client_id=call.client,
                    serial=call.serial,
                    at=to_micros(call.created_at),
                    seconds=seconds,
                )
            )


def bound_series(connection: Connection, call: str, party: str) -> None:
    """Where a party has more points than are kept, make one of each two that follow each other."""
    mine = (_Q.call_id == call) & (_Q.party_id == party)
    if connection.execute(select(func.count()).select_from(CALL_QUALITY).where(mine)).scalar_one() <= MOST_POINTS:
        return
    listed = select(_Q.sequence, _Q.data).where(mine).order_by(_Q.at, _Q.sequence)
    rows = [(row.sequence, json.loads(row.data)) for row in connection.execute(listed)]
    gone = []
    for (first, one), (second, two) in zip(rows[::2], rows[1::2], strict=False):
        both = merged(one, two)
        values = {"data": json.dumps(both, separators=(",", ":")), "grade": both["grade"]}
        connection.execute(update(CALL_QUALITY).where(_Q.sequence == first).values(values))
        gone.append(second)
    connection.execute(delete(CALL_QUALITY).where(_Q.sequence.in_(gone)))


def merged(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    """Return one sample for two: their time together, means by time, and the grade that lasted longer, else the
    worse one."""
    seconds = one["s"] + two["s"]
    worse = max(one, two, key=lambda sample: (sample["s"], _BEST_FIRST.index(sample["grade"])))
    found: dict[str, Any] = {**two, **one, "s": seconds, "grade": worse["grade"]}
    for name in _MEANS:
        known = [(sample[name], sample["s"]) for sample in (one, two) if sample.get(name) is not None]
        weight = sum(s for _, s in known)
        if weight:
            found[name] = round(sum(value * s for value, s in known) / weight, 4)
    for name in _MOST:
        found |= {name: max(one.get(name) or 0, two.get(name) or 0)} if one.get(name) or two.get(name) else {}
    freezes = (one.get("freezes") or 0) + (two.get("freezes") or 0)
    return found | ({"freezes": freezes} if freezes else {})
