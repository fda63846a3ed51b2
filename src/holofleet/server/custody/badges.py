"""Badges: what a reader at the desk reads in place of a name. Only their digests are kept."""

from __future__ import annotations

import re

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Scope, Target, permit
from holofleet.server.custody.digest import digest
from holofleet.server.custody.store import CustodyStore, People
from holofleet.server.custody.values import CODE
from holofleet.server.directory import Account, Person
from holofleet.server.directory.text import person_key

_BADGE = re.compile(r"[!-~]{4,128}\Z")


class BadgeService:
    """Gives and takes badges. One person has one badge, and one badge is one person's."""

    def __init__(self, store: CustodyStore, people: People, clock: Clock, *, key: bytes) -> None:
        """Take the stores, the clock, and the key (outside the database) of digests of badges."""
        self._store = store
        self._people = people
        self._clock = clock
        self._key = key

    def give(self, principal: Principal, person: str, code: str) -> None:
        """Give somebody a badge, by the code that a reader reads from it.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: nobody here.
            InputError: a code that cannot be one.
            ConflictError: it is somebody else's badge, or reads like a serial number or code of a headset.
        """
        found = self._of_people(principal, person)
        text = code.strip()
        if not _BADGE.match(text) or "@" in text or CODE.match(text):
            raise InputError("this cannot be the code of a badge", mend="At least four letters, digits and signs.")
        if self._store.headset(Scope.every(), text) is not None:
            raise ConflictError("this reads like a headset, and a reader could not tell them apart")
        audit = self._about(principal, found, "badge-given")
        self._store.give_badge(
            found.id,
            found.client,
            digest(self._key, "badge", text),
            actor=principal.actor,
            at=self._clock.now(),
            audit=audit,
        )

    def take(self, principal: Principal, person: str) -> None:
        """Take somebody's badge: it was lost, or they have another.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: nobody here, or no badge.
        """
        found = self._of_people(principal, person)
        audit = self._about(principal, found, "badge-taken")
        if not self._store.take_badge(found.id, at=self._clock.now(), audit=audit):
            raise NotFoundError(f"{found.upn} has no badge")

    def _of_people(self, principal: Principal, key: str) -> Person:
        found = self._people.person(principal.scope, person_key(key))
        permit(
            principal, Action.KEEP_CUSTODY, Target.of_client(found.client if found is not None else "")
        ).require()
        if found is None or not found.active:
            raise NotFoundError("there is nobody of this name here")
        if found.account is not Account.PERSON:
            raise RefusedError(f"{found.upn} is the account of a headset")
        return found

    @staticmethod
    def _about(principal: Principal, person: Person, act: str) -> AuditRecord:
        return AuditRecord(
            principal.actor, str(Action.KEEP_CUSTODY), f"person:{person.id}", person.client, {"act": act}
        )
