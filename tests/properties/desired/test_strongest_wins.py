"""Whatever the layers say, the strongest one that speaks is on the wire, and explain says the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.desired.fleets import POLICY, SERIAL, document, fleet

from holofleet import desired

NODES = {
    "usb_data": "Connectivity/AllowUSBConnection",
    "developer_mode": "ApplicationManagement/AllowDeveloperUnlock",
    "storage_card": "System/AllowStorageCard",
    "side_loading": "ApplicationManagement/AllowAllTrustedApps",
}
"""Flags that the standard baseline sets to 0 and the scenario leaves alone."""

WORDS = st.dictionaries(st.sampled_from(sorted(NODES)), st.booleans())


def layer(words: dict[str, bool]) -> str:
    inner = ", ".join(f"{key}: {str(value).lower()}" for key, value in words.items())
    return f"restrictions: {{{inner}}}" if words else ""


@settings(max_examples=50, deadline=None)
@given(WORDS, WORDS)
def test_the_strongest_layer_that_speaks_wins_and_is_the_last_of_the_chain(defaults, deployment):
    loaded = fleet(layer(deployment), defaults=layer(defaults))
    state = desired.compile(loaded)
    for key, node in NODES.items():
        speakers = [("deployment", deployment), ("defaults", defaults)]
        name, words = next(((n, w) for n, w in speakers if key in w), ("baseline", {key: False}))
        expected = "1" if words[key] else "0"
        assert document(state).by_uri[POLICY + node].data == expected
        last = desired.explain(loaded, state, SERIAL, POLICY + node).chain[-1]
        assert (last.layer, last.value) == (name, expected)
