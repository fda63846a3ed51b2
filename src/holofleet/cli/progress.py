"""Progress of long work: a bar on a terminal, a line now and then elsewhere. Always on standard error."""

from __future__ import annotations

import shutil
import sys

from holofleet.clock import monotonic_s

_BAR = 30
_TEXT = 60
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
        self._width = 0

    def show(self, done: int, total: int, waits: str = "") -> None:
        """Show how far it is; cheap enough to be called for each item.

        Args:
            done: How many are done.
            total: Of how many.
            waits: What it waits for, where it does; shown in place of a rate, which would only mislead then.
        """
        now = monotonic_s()
        last = done >= total
        if not last and now - self._said < (0.1 if self._terminal else _LINES_EVERY_S):
            return
        self._said = now
        rate = done / max(now - self._started, 1e-6)
        left = f"about {(total - done) / rate:.0f} s left" if rate and not last else f"{now - self._started:.1f} s"
        pace = waits or f"{rate:,.0f}/s  {left}"
        text = f"{self._label}: {done:,} of {total:,}  {pace}"
        if self._terminal:
            filled = _BAR * done // max(total, 1)
            end = "\n" if last else ""
            bar = f"{'#' * filled}{'.' * (_BAR - filled)}"
            room = max(
                _TEXT, shutil.get_terminal_size().columns - _BAR - 2
            )  # a line that wraps is not overwritten
            text = text[:room]
            width, self._width = max(_TEXT, self._width), len(text)
            print(f"\r{bar} {text:<{width}}", end=end, file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)
