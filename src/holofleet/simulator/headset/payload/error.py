"""The one error of payload readers."""

from __future__ import annotations


class PayloadError(ValueError):
    """A headset could not apply this data, and why."""
