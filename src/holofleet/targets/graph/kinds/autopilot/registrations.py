"""Registrations of headsets with Autopilot, and their group tags.

A registration has no text that could hold a marker. It is ours because the fleet file names its serial number:
that is the operator's claim of this very headset. Its group tag is made what the file says; it is never deleted
here, not even when the headset leaves the file, because a locked headset without registration can never be set up
again. Registrations of other serials are not looked at.

Source: 'windowsAutopilotDeviceIdentity', Microsoft Graph reference (beta: the status of profiles).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from holofleet.errors import HolofleetError
from holofleet.plans import Act
from holofleet.resources import Address, Registration
from holofleet.targets.graph.kinds.autopilot.imports import register
from holofleet.targets.graph.operations import Operation, autopilot
from holofleet.targets.graph.reconcile import Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask, together

TAG = "groupTag"


class Registrations:
    """The registrations of the headsets in the file."""

    name = Registration.kind
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {}
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (autopilot.LIST_IDENTITIES,)

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        if act is Act.CREATE:
            return autopilot.IMPORT_HASHES, autopilot.LIST_IMPORTS, autopilot.SYNC, autopilot.LIST_IDENTITIES
        return (autopilot.UPDATE_IDENTITY,)

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all registrations of the file."""
        return [
            Wanted(one.address, one.serial, {TAG: one.group_tag}, serials=(one.serial,))
            for one in scope.state.of_kind(Registration).values()
        ]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read the registrations of serials that the file names; nothing is asked where it names none."""
        named = scope.state.of_kind(Registration)
        if not named:
            return []
        response = yield from ask(autopilot.LIST_IDENTITIES.request())
        return [
            Seen(str(item["id"]), serial, {TAG: item.get(TAG) or ""}, {}, Address(self.name, serial), raw=item)
            for item in response.value
            if (serial := str(item.get("serialNumber"))) in named
        ]

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return which headsets somebody else has to register, because the file has no hardware hash."""
        there = {seen.key for seen in sides[self.name].seen}
        reason = (
            "It is not registered, and the file has no hardware hash; have it registered, or add the hash, "
            "and plan again."
        )
        return [
            Problem(one.address, reason, frozenset([one.address]))
            for one in scope.state.of_kind(Registration).values()
            if not one.hash_sha256 and one.serial not in there
        ]

    def create_all(
        self, wanted: Sequence[Wanted], ids: Ids, scope: Scope
    ) -> Work[Mapping[Address, str | HolofleetError]]:
        """Register many headsets in few imports."""
        named = scope.state.of_kind(Registration)
        registrations = [named[one.address.name] for one in wanted]
        rows = [(one, scope.state.contents[one.hash_sha256]) for one in registrations]
        found = yield from register(rows)
        return {one.address: found[one.serial] for one in registrations}

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Register one headset.

        Raises:
            RegistrationError: the service refused it.
            NeverError: it did not show in time.
        """
        found = (yield from self.create_all([wanted], ids, scope))[wanted.address]
        if isinstance(found, HolofleetError):
            raise found
        return found

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change the group tag."""
        body = {TAG: wanted.properties[TAG]}
        yield from ask(autopilot.UPDATE_IDENTITY.request(id=seen.id, body=body))

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Do nothing; see the module."""
        yield from together([])
