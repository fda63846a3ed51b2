"""How all tests are run, whoever runs them: properties take their time, and the long files begin first.

``tools/run-tests`` gives Hypothesis its profile ``ci`` in place of the one below: the same examples in each run.
New ones are drawn wherever somebody runs a file by hand.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

BROWSER = "tests/browser/"
CALLS = ("call", "guest", "headset_screens", "recordings")
"""Words in the names of files that drive cameras, encoders and decoders in Chromium. They are one unit of work, so
that one call at a time has the processors that a call needs."""
FIRST = (
    BROWSER + "test_every_page",
    "tests/faults/test_kills",
    "tests/faults/test_lost_replies",
    BROWSER,
    "tests/faults/",
    "tests/journeys/",
    "tests/unit/bench/",
    "tests/properties/",
    "tests/security/",
    "tests/contract/",
    "tests/docs/",
)
"""The order of what follows the calls. What comes last is short, so that no worker is left alone with much."""


def is_call(nodeid: str) -> bool:
    """Whether a test is one of calls in a browser."""
    file = nodeid.partition("::")[0]
    return file.startswith(BROWSER) and any(word in file.removeprefix(BROWSER) for word in CALLS)


def rank(nodeid: str) -> int:
    """The place of a test's file among the others."""
    if is_call(nodeid):
        return -1
    return next((at for at, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("dist", "no") != "no" or hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        """Files stay whole; those of calls are one."""

        def _split_scope(self, nodeid: str) -> str:
            return BROWSER if is_call(nodeid) else super()._split_scope(nodeid)

    return ByFile(config, log)
