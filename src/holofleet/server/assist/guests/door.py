"""What a guest's browser proves: that the link was opened in it, and that what it opened still stands.

Every link that does not count gets one answer, whether it never was, was used, is over or was withdrawn (AST-1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import RefusedError
from holofleet.server.access.secret import SecretKind, digest_of, is_well_formed, make_secret
from holofleet.server.assist.guests.store import GuestStore
from holofleet.server.assist.guests.values import GuestLink, LinkState
from holofleet.server.assist.policy import CallPolicy
from holofleet.server.assist.store import CallStore
from holofleet.server.assist.values import Party

NO_LINK: Final = "this link does not count"


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link that was opened just now, with the secret of the browser, which is here and nowhere else."""

    link: GuestLink
    session: str = field(repr=False)


class GuestDoor:
    """Opens links, and tells which guest a browser is."""

    def __init__(
        self, store: GuestStore, kept: CallStore, policy: CallPolicy, clock: Clock, *, epoch: int
    ) -> None:
        self._store = store
        self._kept = kept
        self._policy = policy
        self._clock = clock
        self._epoch = epoch

    def open(self, token: str) -> OpenedLink:
        """Use a link up, for one browser.

        Only ever called for a POST that a person asked for: whatever previews a link must not use it up.

        Raises:
            RefusedError: it does not count (any more).
        """
        if is_well_formed(token, SecretKind.GUEST_LINK):
            now, session = self._clock.now(), make_secret(SecretKind.GUEST)
            found = self._store.open(digest_of(token), digest_of(session), at=now, epoch=self._epoch)
            if found is not None and self._stands(found, now):
                return OpenedLink(found, session)
        raise RefusedError(NO_LINK, mend="Ask whoever sent it for another one.")

    def guest(self, session: str) -> GuestLink | None:
        """Return whose browser this is, as long as they may wait, or are in the call: read anew each time."""
        if not is_well_formed(session, SecretKind.GUEST):
            return None
        link = self._store.of_session(digest_of(session))
        return link if link is not None and self._stands(link, self._clock.now()) else None

    def party(self, session: str) -> Party | None:
        """Return the same as a party of calls."""
        link = self.guest(session)
        return link.party() if link is not None else None

    def _stands(self, link: GuestLink, now: datetime) -> bool:
        state = link.state(now)
        if state is LinkState.OVER or link.epoch != self._epoch:
            return False
        if state is LinkState.ADMITTED:
            return bool(self._kept.calls_of(link.who))
        # Its maker has to be somebody who may still invite, and its call one that still runs.
        if self._policy.expert(link.person) is None:
            return False
        call = self._kept.call(link.call) if link.call else None
        return not link.call or (call is not None and not call.is_over)
