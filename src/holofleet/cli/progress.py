"""Progress of long work: a bar on a terminal, a line now and then elsewhere. Always on standard error."""

from __future__ import annotations

import sys

from holofleet.clock import monotonic_s

_BAR = 30
_LINES_EVERY_S = 5.0


class ProgressLine:
    """Shows ``done`` of ``total`` with the rate and the time left.

    Args:
        label: What is being done.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._terminal = sys.stderr.isatty()
        self._started = monotonic_s()
        self._said = self._started

    def show(self, done: int, total: int) -> None:
        """Show how far it is; cheap enough to be called for each item."""
        now = monotonic_s()
        last = done >= total
        if not last and now - self._said < (0.1 if self._terminal else _LINES_EVERY_S):
            return
        self._said = now
        rate = done / max(now - self._started, 1e-6)
        left = f"about {(total - done) / rate:.0f} s left" if rate and not last else f"{now - self._started:.1f} s"
        text = f"{self._label}: {done:,} of {total:,}  {rate:,.0f}/s  {left}"
        if self._terminal:
            filled = _BAR * done // max(total, 1)
            end = "\n" if last else ""
            print(f"\r{'#' * filled}{'.' * (_BAR - filled)} {text:<60}", end=end, file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)
