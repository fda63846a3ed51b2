"""The one error of app control documents."""

from __future__ import annotations

from holofleet.errors import InputError


class AppControlError(InputError):
    """A policy, as XML or as binary, that cannot be used; ``faults`` holds one sentence per fault."""

    def __init__(self, faults: tuple[str, ...], *, mend: str = "") -> None:
        super().__init__("the app control policy cannot be used", detail=" ".join(faults), mend=mend)
        self.faults = faults
