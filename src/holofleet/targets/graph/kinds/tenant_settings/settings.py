"""All settings of the whole tenant as one kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, Group, TenantSetting
from holofleet.targets.graph.kinds.tenant_settings.authorization import UserAppRegistration
from holofleet.targets.graph.kinds.tenant_settings.join import DeviceJoin
from holofleet.targets.graph.kinds.tenant_settings.passwords import PasswordValidity
from holofleet.targets.graph.kinds.tenant_settings.setting import GROUPS, Setting
from holofleet.targets.graph.operations import Operation
from holofleet.targets.graph.reconcile import Care, Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer, default
from holofleet.targets.graph.work import Work, together

SETTINGS: Final[tuple[Setting, ...]] = (DeviceJoin(), UserAppRegistration(), PasswordValidity())


class TenantSettings:
    """What the file says of the whole tenant."""

    name = TenantSetting.kind
    after: Sequence[str] = (Group.kind,)
    comparers: Mapping[str, Comparer] = {"single users": default(())}
    closed: Sequence[str] = ("single users",)
    reads: Sequence[Operation] = tuple(operation for setting in SETTINGS for operation in setting.reads)

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        return [operation for setting in SETTINGS for operation in setting.writes]

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return the settings that an application may look at."""
        return [_wanted(one) for one in scope.state.of_kind(TenantSetting).values() if _of(one.name) is not None]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read what the file names, and nothing else of the tenant."""
        names = [one.name for one in scope.state.of_kind(TenantSetting).values()]
        used = [setting for setting in SETTINGS if any(setting.takes(name) for name in names)]
        if not used:
            return []
        responses = yield [setting.request() for setting in used]
        found = []
        for name in names:
            for setting, response in zip(used, responses, strict=True):
                reading = setting.read(name, response) if setting.takes(name) else None
                if reading is not None:
                    address = Address(self.name, name)
                    found.append(Seen(name, name, reading.value, {GROUPS: reading.groups}, address))
        return found

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return the settings that no application may read, and domains that the tenant does not have."""
        there = {seen.address for seen in sides[self.name].seen}
        problems = []
        for one in scope.state.of_kind(TenantSetting).values():
            if _of(one.name) is None:
                reason = (
                    "No application may read or write it, only a person who signs in: look at it in the portal "
                    "(the checklist of the files target has the steps)."
                )
                problems.append(Problem(one.address, reason))
            elif one.address not in there:
                reason = f"The tenant has no {one.value.get('domain', 'such setting')}."
                problems.append(Problem(one.address, reason, frozenset([one.address])))
        return problems

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Write it; such an object is always there."""
        yield from self._write(wanted, ids)
        return wanted.address.name

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Write it."""
        yield from self._write(wanted, ids)

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Never asked for: what the file does not name is not read.

        Raises:
            NotImplementedError: always.
        """
        yield from together([])
        raise NotImplementedError("a setting of the tenant is never deleted")

    @staticmethod
    def _write(wanted: Wanted, ids: Ids) -> Work[None]:
        setting = _of(wanted.address.name)
        if setting is not None:
            groups = ids.of(wanted.references.get(GROUPS, ()))
            yield from setting.write(wanted.address.name, wanted.properties, groups)


def _of(name: str) -> Setting | None:
    return next((setting for setting in SETTINGS if setting.takes(name)), None)


def _wanted(setting: TenantSetting) -> Wanted:
    value: dict[str, Any] = {name: plain for name, plain in setting.value.items() if name != GROUPS}
    groups = setting.value.get(GROUPS, ())
    named = tuple(Address(Group.kind, str(name)) for name in groups) if isinstance(groups, tuple) else ()
    touches = f"It touches: {setting.touches}" if setting.touches else ""
    return Wanted(setting.address, setting.name, value, {GROUPS: named}, care=Care.OFFER, why=touches)
