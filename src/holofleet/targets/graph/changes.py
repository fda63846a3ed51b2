"""Who changed an object in a tenant, and when: out of the audit logs, asked only when something differs.

There are two logs: one of the directory, one of Intune. Each is read with one list, newest first and of so many
pages at most, because they count against a small quota. What they do not say is never guessed: a log that may not
be read, or has no entry, gives a sentence that says so. Entries arrive some minutes late, and the directory's are
kept for 30 days (7 without a premium license).

Source: 'directoryAudit', 'auditEvent', Microsoft Graph reference; 'Microsoft Entra data retention' (Microsoft).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from holofleet.clock import render_utc
from holofleet.errors import HolofleetError
from holofleet.plans import Act
from holofleet.resources import Address
from holofleet.targets.graph.engine import Engine
from holofleet.targets.graph.operations import Operation, Request, Response, reports
from holofleet.targets.graph.reconcile import Difference
from holofleet.targets.graph.tokens import Token, missing
from holofleet.targets.graph.work import Work, ask

LOOKED_BACK: Final = timedelta(days=30)
_PAGES: Final = 5
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_INTUNE: Final = ("/deviceManagement", "/deviceAppManagement")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a log: somebody did something with objects.

    Args:
        who: User principal name, or the name of an application.
        moment: When, in UTC.
        ids: Of the objects, in lower case.
        names: Of the objects, as they were shown.
        deleted: They were deleted.
    """

    who: str
    moment: datetime
    ids: frozenset[str]
    names: frozenset[str]
    deleted: bool

    def __str__(self) -> str:
        return f"by {self.who} on {self.moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Log:
    """One audit log: how it is read, and how its entries are understood."""

    name: str
    operation: Operation
    size: Mapping[str, str] = field(default_factory=dict, hash=False)

    def request(self, since: datetime) -> Request:
        """Return the request for its newest entries."""
        query = {
            "$filter": f"activityDateTime ge {render_utc(since)}",
            "$orderby": "activityDateTime desc",
            **self.size,
        }
        return self.operation.request(query=query, pages=_PAGES)


DIRECTORY: Final = Log("the directory's log", reports.LIST_DIRECTORY_AUDITS, {"$top": "999"})
INTUNE: Final = Log("Intune's log", reports.LIST_AUDIT_EVENTS)


@dataclass(frozen=True, slots=True)
class Trace:
    """What a log says, newest first, or why it says nothing."""

    log: Log
    since: datetime
    entries: Sequence[Entry] = ()
    why_not: str = ""

    def sentence(self, difference: Difference) -> str:
        """Return what is to be said of a difference, with who made it where that is known."""
        address = difference.address
        if difference.act is Act.DELETE:
            return "It is ours, and no longer in the file."
        entry = self._entry(difference)
        if difference.act is Act.CREATE:
            return "It is not in the tenant." + (f" It was deleted there {entry}." if entry else "")
        if entry is not None:
            return f"{address} was last changed in the tenant {entry}."
        reason = self.why_not or f"{self.log.name} has no change of it since {self.since:%Y-%m-%d}"
        return f"{address} was changed in the tenant. By whom is not known: {reason}."

    def _entry(self, difference: Difference) -> Entry | None:
        if difference.seen is not None:
            ids = {id_.lower() for id_ in _GUID.findall(difference.seen.id)}
            return next((entry for entry in self.entries if ids & entry.ids), None)
        names = _names(difference)
        return next((entry for entry in self.entries if entry.deleted and names & entry.names), None)


async def traces(
    engine: Engine, differences: Iterable[Difference], *, now: datetime, token: Token | None
) -> Mapping[Address, str]:
    """Return for each difference the sentence that tells it, with who made it where a log tells.

    A log that cannot be read is no error: the sentences say why it could not.

    Args:
        engine: Sends.
        differences: What was found; nothing is asked where there are none.
        now: The present moment.
        token: As held, to ask nothing that it does not allow.
    """
    found = list(differences)
    since = (now - LOOKED_BACK).replace(microsecond=0)
    held = token.permissions if token is not None else None
    wanted = {log_of(difference) for difference in found if difference.act is not Act.DELETE}
    read: dict[Log, Trace] = {}
    works: dict[str, Work[Response]] = {}
    for log in (DIRECTORY, INTUNE):
        # The first decides; whether a log asks for the wider ones that are documented beside it, it says itself.
        lacking = missing(log.operation.permissions[:1], held) if held is not None else ()
        if lacking:
            read[log] = Trace(log, since, why_not=f"the sign-in lacks {', '.join(lacking)}")
        elif log in wanted:
            works[log.name] = ask(log.request(since))
    results = await engine.run(works) if works else {}
    for log in (DIRECTORY, INTUNE):
        if log.name in results:
            read[log] = _trace(log, since, results[log.name])
    nothing = {log: Trace(log, since) for log in (DIRECTORY, INTUNE)}
    return {one.address: (nothing | read)[log_of(one)].sentence(one) for one in found}


def log_of(difference: Difference) -> Log:
    """Return the log that objects of a kind stand in: where they are read, they are logged."""
    paths = [operation.path for operation in difference.kind.reads]
    return INTUNE if paths and paths[0].startswith(_INTUNE) else DIRECTORY


def _trace(log: Log, since: datetime, answer: Response | HolofleetError) -> Trace:
    if isinstance(answer, HolofleetError):
        return Trace(log, since, why_not=f"{log.name} cannot be read ({answer})")
    found = (_entry(item) for item in answer.value)
    entries = sorted((entry for entry in found if entry is not None), key=lambda e: e.moment, reverse=True)
    cut = isinstance(answer.body, Mapping) and "@odata.nextLink" in answer.body
    reason = f"it is not among the newest {len(answer.value)} entries of {log.name}" if cut else ""
    return Trace(log, since, entries, reason)


def _entry(item: Mapping[str, Any]) -> Entry | None:
    """Read an entry of either log; ``None`` for one that tells of a failure, or says neither who nor when."""
    result = str(item.get("result") or item.get("activityResult") or "success").casefold()
    who = _who(item)
    if result != "success" or not who:
        return None
    try:
        moment = datetime.fromisoformat(str(item.get("activityDateTime")))
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    resources = [*(item.get("targetResources") or ()), *(item.get("resources") or ())]
    done = str(item.get("operationType") or item.get("activityOperationType") or "")
    return Entry(
        who,
        moment,
        frozenset(str(one.get("id") or one.get("resourceId") or "").lower() for one in resources) - {""},
        frozenset(str(one.get(name)).casefold() for one in resources for name in _SHOWN if one.get(name)),
        done.casefold() == "delete",
    )


_SHOWN: Final = ("displayName", "userPrincipalName")


def _who(item: Mapping[str, Any]) -> str:
    actor: Mapping[str, Any] = item.get("actor") or {}
    by: Mapping[str, Any] = item.get("initiatedBy") or {}
    user: Mapping[str, Any] = by.get("user") or {}
    person = user.get("userPrincipalName") or user.get("displayName") or actor.get("userPrincipalName")
    application = (by.get("app") or {}).get("displayName") or actor.get("applicationDisplayName")
    return str(person) if person else f"the application {application}" if application else ""


def _names(difference: Difference) -> frozenset[str]:
    wanted = difference.wanted
    if wanted is None:
        return frozenset()
    shown = (wanted.key, wanted.properties.get("displayName"))
    return frozenset(name.casefold() for name in shown if isinstance(name, str) and name)
