"""Compare two States: pure, deterministic, the same input gives the same plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from holofleet.plans.plan import Act, Change, FieldChange, Plan, SettingChange
from holofleet.plans.weaken import weakened
from holofleet.resources import KINDS, Address, Document, Headset, Resource, State

_KIND_ORDER = tuple(KINDS)


def compare(desired: State, told: State, *, target: str) -> Plan:
    """Return what has to change so that a target that was told ``told`` is told ``desired``.

    A resource with ``formerly`` whose old address is known and whose new one is not is a renaming: one update,
    no deletion. Settings are compared by what stands in the documents, so a document that only got another
    hash through reordering shows as a headset change without setting changes.
    """
    changes = sorted(_resource_changes(desired, told), key=_order)
    return Plan(
        target=target,
        changes=tuple(changes),
        settings=tuple(_setting_changes(desired, told)),
        undelivered=tuple(item for item in desired.undelivered if item.target in ("all", target)),
        desired_hash=desired.hash,
        told_hash=told.hash,
        told_counts=_counts(told),
    )


def _counts(state: State) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for address in state.resources:
        counts[address.kind] += 1
    return dict(counts)


def _order(change: Change) -> tuple[bool, int, str]:
    """Creations and updates from the bottom up, then deletions from the top down."""
    index = _KIND_ORDER.index(change.address.kind)
    deleting = change.act is Act.DELETE
    return deleting, -index if deleting else index, change.address.name


def _resource_changes(desired: State, told: State) -> Iterable[Change]:
    renamed: set[Address] = set()
    for address, wanted in desired.resources.items():
        known = told.resources.get(address)
        formerly: Address | None = None
        old_name = getattr(wanted, "formerly", None)
        if known is None and old_name:
            formerly = Address(address.kind, old_name)
            known = told.resources.get(formerly) if formerly not in desired.resources else None
            if known is None:
                formerly = None
            else:
                renamed.add(formerly)
        if known is None:
            yield Change(address, Act.CREATE, _fields(None, wanted))
        else:
            fields = _fields(known, wanted)
            if fields or formerly:
                yield Change(address, Act.UPDATE, fields, formerly)
    for address in told.resources:
        if address not in desired.resources and address not in renamed:
            yield Change(address, Act.DELETE)


def _fields(before: Resource | None, after: Resource) -> tuple[FieldChange, ...]:
    old = _bare(before) if before else {}
    new = _bare(after)
    return tuple(
        FieldChange(key, old.get(key), new.get(key))
        for key in dict.fromkeys((*new, *old))
        if old.get(key) != new.get(key) and not (before is None and new.get(key) in (None, "", [], {}))
    )


def _bare(resource: Resource) -> dict[str, Any]:
    value = resource.model_dump(mode="json")
    value.pop("formerly", None)
    return value


def _setting_changes(desired: State, told: State) -> list[SettingChange]:
    """Group what changes on headsets by node and values; headsets that leave the file change nothing."""
    cache: dict[tuple[str | None, str], list[tuple[str, str | None, str | None]]] = {}
    grouped: dict[tuple[str, str | None, str | None], list[str]] = defaultdict(list)
    for serial, headset in desired.headsets.items():
        known = told.headsets.get(serial)
        before = told.documents[known.document] if known else None
        pair = (known.document if known else None, headset.document)
        if pair not in cache:
            cache[pair] = _document_changes(before, desired.documents[headset.document])
        for change in cache[pair]:
            grouped[change].append(serial)
        for change in _variable_changes(known, headset, desired.documents[headset.document], before):
            grouped[change].append(serial)
    return [
        SettingChange(uri, old, new, tuple(sorted(serials)), weakened(uri, old, new))
        for (uri, old, new), serials in sorted(grouped.items(), key=lambda item: tuple(str(p) for p in item[0]))
    ]


def _document_changes(before: Document | None, after: Document) -> list[tuple[str, str | None, str | None]]:
    old = {uri: setting.data for uri, setting in before.by_uri.items()} if before else {}
    new = {uri: setting.data for uri, setting in after.by_uri.items()}
    return [
        (uri, old.get(uri), new.get(uri))
        for uri in sorted(old.keys() | new.keys())
        if old.get(uri) != new.get(uri)
    ]


def _variable_changes(
    known: Headset | None, headset: Headset, document: Document, before: Document | None
) -> list[tuple[str, str | None, str | None]]:
    """The same text with another variable is another value on the headset."""
    if known is None or before is None:
        return []
    changed = {
        name
        for name in known.variables.keys() | headset.variables.keys()
        if known.variables.get(name) != headset.variables.get(name)
    }
    if not changed:
        return []
    return [
        (setting.oma_uri, _filled(setting.data, known.variables), _filled(setting.data, headset.variables))
        for setting in document.settings
        if setting.variables & changed
        and setting.oma_uri in before.by_uri
        and before.by_uri[setting.oma_uri].data == setting.data
    ]


def _filled(data: str, variables: dict[str, str]) -> str:
    for name, value in variables.items():
        data = data.replace("{{" + name + "}}", value)
    return data
