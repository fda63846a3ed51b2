"""All settings of the whole tenant as one kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, Group, TenantSetting
from holofleet.targets.graph.errors import GraphError, Trouble
from holofleet.targets.graph.kinds.tenant_settings.authorization import UserAppRegistration
from holofleet.targets.graph.kinds.tenant_settings.enrollment import AutomaticEnrollment
from holofleet.targets.graph.kinds.tenant_settings.join import SINGLE, DeviceJoin
from holofleet.targets.graph.kinds.tenant_settings.passwords import PasswordValidity
from holofleet.targets.graph.kinds.tenant_settings.setting import GROUPS, Setting
from holofleet.targets.graph.operations import Operation, Request, Response
from holofleet.targets.graph.reconcile import Care, Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work

_PERSON: Final = (
    "No application may read or write it: sign in as a person who may, or look at it in the portal "
    "(the checklist of the files target has the steps)."
)


class TenantSettings:
    """What the file says of the whole tenant.

    ``reads`` leaves out what only a signed-in person may ask: without one it is asked in vain or not at all, and
    told as a problem.

    Args:
        root: Address of the Graph, which references of bodies name.
    """

    name = TenantSetting.kind
    after: Sequence[str] = (Group.kind,)
    comparers: Mapping[str, Comparer] = {}
    closed: Sequence[str] = (SINGLE,)

    def __init__(self, root: str) -> None:
        self._settings: tuple[Setting, ...] = (
            DeviceJoin(),
            UserAppRegistration(),
            PasswordValidity(),
            AutomaticEnrollment(root),
        )
        self.reads: Sequence[Operation] = tuple(
            operation for setting in self._settings for operation in setting.reads if not operation.delegated_only
        )

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act: of the settings whose fields change."""
        changed = [setting for setting in self._settings if fields & set(setting.fields.values())]
        return [operation for setting in changed for operation in setting.writes]

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return the settings of the file."""
        listed = [(one, self._of(one.name)) for one in scope.state.of_kind(TenantSetting).values()]
        return [_wanted(one, setting) for one, setting in listed if setting is not None]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read what the file names, and nothing else of the tenant."""
        names = [one.name for one in scope.state.of_kind(TenantSetting).values()]
        used = [setting for setting in self._settings if any(setting.takes(name) for name in names)]
        answers = yield from _answers([setting.requests() for setting in used])
        found = []
        for setting, responses in zip(used, answers, strict=True):
            for name in names if responses is not None else ():
                reading = setting.read(name, responses or ()) if setting.takes(name) else None
                if reading is not None:
                    properties = {setting.fields[key]: value for key, value in reading.value.items()}
                    references = {setting.fields[GROUPS]: reading.groups} if GROUPS in setting.fields else {}
                    found.append(Seen(name, name, properties, references, Address(self.name, name)))
        return found

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return what could not be looked at: what needs a person, and domains that the tenant does not have."""
        there = {seen.address for seen in sides[self.name].seen}
        problems = []
        for one in scope.state.of_kind(TenantSetting).values():
            if one.address not in there:
                reason = (
                    _PERSON if one.delegated_only else f"The tenant has no {one.value.get('domain', one.name)}."
                )
                problems.append(Problem(one.address, reason, frozenset([one.address])))
        return problems

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Write it; such an object is always there."""
        yield from self._write(wanted, ids, scope)
        return wanted.address.name

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Write it."""
        yield from self._write(wanted, ids, scope)

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Never asked for: what the file does not name is not read.

        Raises:
            NotImplementedError: always.
        """
        yield from ()
        raise NotImplementedError("a setting of the tenant is never deleted")

    def _write(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[None]:
        setting = self._of(wanted.address.name)
        if setting is not None:
            value = scope.state.of_kind(TenantSetting)[wanted.address.name].value
            groups = ids.of(wanted.references.get(setting.fields.get(GROUPS, ""), ()))
            yield from setting.write(wanted.address.name, value, groups)

    def _of(self, name: str) -> Setting | None:
        return next((setting for setting in self._settings if setting.takes(name)), None)


def _answers(asked: Sequence[Sequence[Request]]) -> Work[list[Sequence[Response] | None]]:
    """Return the answers of each; ``None`` where only a signed-in person gets them, and nobody is."""
    requests = [request for group in asked for request in group]
    if not requests:
        return []
    try:
        outcomes: Sequence[Response | GraphError] = yield requests
    except GraphError as error:
        outcomes = error.outcomes
        for one in outcomes:
            if isinstance(one, GraphError) and not _wants_a_person(one):
                raise one from error
    answers: list[Sequence[Response] | None] = []
    start = 0
    for group in asked:
        share = outcomes[start : start + len(group)]
        start += len(group)
        responses = [one for one in share if isinstance(one, Response)]
        answers.append(responses if len(responses) == len(group) else None)
    return answers


def _wants_a_person(error: GraphError) -> bool:
    return error.request.operation.delegated_only and error.trouble is Trouble.PERMISSION


def _wanted(one: TenantSetting, setting: Setting) -> Wanted:
    value: dict[str, Any] = {setting.fields[key]: plain for key, plain in one.value.items() if key != GROUPS}
    references: dict[str, tuple[Address, ...]] = {}
    if GROUPS in setting.fields:
        groups = one.value.get(GROUPS, ())
        named = groups if isinstance(groups, tuple) else ()
        references = {setting.fields[GROUPS]: tuple(Address(Group.kind, str(name)) for name in named)}
    touches = f"It touches: {one.touches}" if one.touches else ""
    return Wanted(one.address, one.name, value, references, care=Care.OFFER, why=touches)
