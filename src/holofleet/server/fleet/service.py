"""The fleet's service: takes over a State, and says what the fleet looks like."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from holofleet.clock import Clock
from holofleet.errors import NotFoundError, RefusedError
from holofleet.resources import State
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, PrincipalKind, Scope, Target, permit
from holofleet.server.events import Event
from holofleet.server.fleet.publication import OWN, Publication, Told, prepare
from holofleet.server.fleet.saved import MOST as MOST_SAVED
from holofleet.server.fleet.saved import SavedView, checked, owner_of
from holofleet.server.fleet.store import FleetStore, NewPublication
from holofleet.server.fleet.views import (
    DriftItem,
    EnrollmentView,
    HeadsetDetail,
    HeadsetQuery,
    Overview,
    Page,
    ReportedPage,
    SettingPlace,
)

MAX_PAGE = 500
"""Headsets or events of one page (SECURITY 5.5)."""


class FleetService:
    """Publications and read models. Whoever reads passes the scope of the one who asks."""

    def __init__(
        self, *, store: FleetStore, clock: Clock, epoch: Callable[[], int], two_persons: bool = False
    ) -> None:
        """Take what is needed; with ``two_persons`` a State is published when a second person approved it."""
        self._store = store
        self._clock = clock
        self._epoch = epoch
        self._two_persons = two_persons

    def publish(
        self,
        principal: Principal,
        state: Mapping[str, Any],
        texts: Mapping[str, str],
        *,
        plan_hash: str = "",
        expect_told_hash: str | None = None,
        reason: str = "",
    ) -> Publication:
        """Take over a State with the texts it was compiled from: all of it, or nothing. Twice is once.

        Args:
            expect_told_hash: Hash of the State that the approved plan was made against.
            reason: Why; the local administrator needs one where a plan takes two persons.

        Raises:
            RefusedError: the principal may not, or a plan takes two persons here.
            InputError: this is no State.
            ConflictError: somebody else published since the plan was made, or a deployment would move to another
                client (which takes a new name, so that no client's past shows up at another one).
        """
        permit(principal, Action.PUBLISH_STATE, Target.installation()).require()
        if self._two_persons:
            _require_second_person(principal, reason)
        more = {"reason": reason} if reason else {}
        return self._publish(principal, state, texts, plan_hash, expect_told_hash, more)

    def publish_approved(
        self,
        principal: Principal,
        state: Mapping[str, Any],
        texts: Mapping[str, str],
        *,
        plan_hash: str,
        expect_told_hash: str,
        approval: str,
    ) -> Publication:
        """Take over what a second person approved, as :meth:`publish`; whoever calls this has checked that."""
        permit(principal, Action.PUBLISH_STATE, Target.installation()).require()
        return self._publish(principal, state, texts, plan_hash, expect_told_hash, {"approval": approval})

    def _publish(
        self,
        principal: Principal,
        state: Mapping[str, Any],
        texts: Mapping[str, str],
        plan_hash: str,
        expect_told_hash: str | None,
        more: Mapping[str, str],
    ) -> Publication:
        read = State.from_json(state)
        hash_ = read.hash
        new = NewPublication(
            id=uuid.uuid4().hex,
            at=self._clock.now(),
            actor=principal.actor,
            state_hash=hash_,
            state=json.dumps(read.to_json(), ensure_ascii=False, separators=(",", ":")),
            texts=json.dumps(dict(texts), ensure_ascii=False, sort_keys=True),
            plan_hash=plan_hash,
            expect_told_hash=expect_told_hash,
            fleet=prepare(read),
            may_grant=permit(principal, Action.GRANT_ROLE, Target.of_client(OWN)),
            audit=AuditRecord(
                principal.actor,
                str(Action.PUBLISH_STATE),
                f"state:{hash_}",
                data={
                    "plan_hash": plan_hash,
                    "before": expect_told_hash or "",
                    "after": hash_,
                    "headsets": len(read.headsets),
                    **more,
                },
            ),
            epoch=self._epoch(),
        )
        return self._store.publish(new)

    def told(self) -> Told:
        """Return the State that was told last."""
        return self._store.told()

    def texts(self) -> Mapping[str, str]:
        """Return the texts of the fleet file that was told last."""
        return self._store.texts()

    def overview(self, scope: Scope) -> Overview:
        """Return the fleet at a glance."""
        return self._store.overview(scope, now=self._clock.now())

    def count_ahead(self) -> timedelta:
        """Count the whole fleet before anybody asks, and return when to do it again."""
        return self._store.count_ahead(Scope.every(), now=self._clock.now())

    def headsets(
        self, scope: Scope, query: HeadsetQuery | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page:
        """Return a page of headsets, in the order that the filter asks for."""
        limit = max(1, min(limit, MAX_PAGE))
        return self._store.headsets(
            scope, query or HeadsetQuery(), after=after, limit=limit, now=self._clock.now()
        )

    def names(self, scope: Scope, serials: Collection[str]) -> Mapping[str, str]:
        """Return the names of headsets by serial; one without a name is left out."""
        return self._store.names(scope, serials) if serials else {}

    def sites(self, scope: Scope) -> Sequence[str]:
        """Return the sites at which headsets stand, in order."""
        return self._store.sites(scope)

    def headset(self, scope: Scope, serial: str) -> HeadsetDetail:
        """Return everything about one headset.

        Raises:
            NotFoundError: there is none with this serial, or not in this scope: the same answer.
        """
        found = self._store.headset(scope, serial, now=self._clock.now())
        if found is None:
            raise NotFoundError("there is no such headset here")
        return found

    def settings_named(self, scope: Scope, text: str) -> Sequence[SettingPlace]:
        """Return settings whose LocURI has a text, whatever its case, with the deployments that say them."""
        return self._store.settings_named(scope, text, limit=MAX_PAGE) if text else ()

    def saved_views(self, principal: Principal) -> tuple[SavedView, ...]:
        """Return what the principal saved, by name; nothing for whoever is not of the directory."""
        return self._store.saved_views(principal.name) if principal.kind is PrincipalKind.PERSON else ()

    def save_view(self, principal: Principal, name: str, text: str) -> SavedView:
        """Keep what the address of a list asks for (``text``) under a name, in place of one with the same name.

        Raises:
            RefusedError: the principal is nobody of the directory.
            InputError: no name, or too long.
            ConflictError: as many are kept as may be.
        """
        view = checked(name, text)
        if not self._store.save_view(owner_of(principal), view, most=MOST_SAVED):
            raise RefusedError("views are saved for people of the directory", mend="Sign in as one of them.")
        return view

    def drop_view(self, principal: Principal, name: str) -> None:
        """Keep a view of the principal's no more.

        Raises:
            RefusedError: the principal is nobody of the directory.
        """
        self._store.drop_view(owner_of(principal), name)

    def drift(self, scope: Scope) -> Sequence[DriftItem]:
        """Return every setting that headsets report otherwise than they were told."""
        return self._store.drift(scope)

    def reported(self, scope: Scope, *, after: str | None = None, limit: int = MAX_PAGE) -> ReportedPage:
        """Return what headsets reported last, by serial; a headset whose identity is in doubt reports nothing."""
        return self._store.reported(scope, after=after, limit=max(1, min(limit, MAX_PAGE)))

    def enrollments(self, scope: Scope, *, standing: str | None = None) -> Sequence[EnrollmentView]:
        """Return enrollments, newest first; without ``standing`` those that wait for a decision."""
        return self._store.enrollments(scope, standing=standing)

    def events_after(self, scope: Scope, sequence: int, limit: int = MAX_PAGE) -> Sequence[Event]:
        """Return events after a number, oldest first."""
        return self._store.events_after(scope, sequence=sequence, limit=max(1, min(limit, MAX_PAGE)))


def _require_second_person(principal: Principal, reason: str) -> None:
    if principal.kind is PrincipalKind.LOCAL_ADMIN and reason.strip():
        return
    raise RefusedError(
        "a plan takes two persons here",
        detail="Only the local administrator may apply alone, with a reason that is kept in the audit log.",
        mend="Propose it with `holofleet propose FLEET`, and let somebody else approve it.",
    )
