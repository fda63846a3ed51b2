"""Several texts to one fleet: lists join, any other key twice is an error; tables of headsets become headsets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from holofleet.diagnostics import Finding, Position
from holofleet.spec.attachments import Table, read_hardware_hashes, read_headset_csv
from holofleet.spec.faults import SpecError, at
from holofleet.spec.model.fleet_file import LISTS
from holofleet.spec.positions import Positions, Row, Span
from holofleet.spec.yaml_text import MAX_BYTES, Path, read_yaml

_TABLE_KEYS = frozenset({"csv", "hardware_hashes", "registered"})


@dataclass(frozen=True)
class _TableUse:
    """A table that the fleet names: its kind, its file, and where it is named."""

    kind: str
    file: str
    registered: bool
    source: str
    path: Path


@dataclass
class Joined:
    """The values of all texts, joined; headsets still as they were written."""

    texts: Mapping[str, str]
    raw: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    headsets: list[tuple[str, Any]] = field(default_factory=list)

    def place(self, source: str, path: Path) -> Position:
        """Return the place of a path inside one of the texts."""
        return Positions(self.texts, {str(path[0]): (Span(source, 0, 0),)} if path else {}).of(path)

    def expanded(self, attachments: Mapping[str, bytes]) -> tuple[dict[str, Any], Positions]:
        """Put the headsets of tables in their place.

        Raises:
            SpecError: a table is missing or wrong.
        """
        items: list[Any] = []
        origins: list[Row | tuple[str, Path]] = []
        findings: list[Finding] = []
        broken: Any = None
        for source, value in self.headsets:
            if not isinstance(value, (list, dict)):
                broken = value
                continue
            for path, entry in _entries(value):
                uses = _uses(entry, source, path)
                if uses is None:
                    items.append(entry)
                    origins.append((source, path))
                    continue
                for use in uses:
                    table = self._read(use, attachments, findings)
                    items.extend(table.headsets)
                    origins.extend(table.rows)
        if findings:
            raise SpecError(findings)
        raw = dict(self.raw)
        if self.headsets:
            raw["headsets"] = items if broken is None else broken
        return raw, Positions(self.texts, self.spans, tuple(origins))

    def _read(self, use: _TableUse, attachments: Mapping[str, bytes], findings: list[Finding]) -> Table:
        content = attachments.get(use.file)
        if content is None:
            place = self.place(use.source, use.path)
            findings.append(
                at(
                    "file/table",
                    place,
                    f"the table `{use.file[:120]}` is not there",
                    mend="Put it beside the fleet file.",
                )
            )
            return Table((), (), ())
        if use.kind == "csv":
            table = read_headset_csv(use.file, content)
        else:
            table = read_hardware_hashes(use.file, content, registered=use.registered)
        findings.extend(table.findings)
        return table


def _entries(value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        yield ("headsets",), value
    else:
        for index, entry in enumerate(value):
            yield ("headsets", index), entry


def _uses(entry: Any, source: str, path: Path) -> list[_TableUse] | None:
    """Return the tables that an entry names, or ``None`` for a headset (or anything else: the model judges)."""
    if not isinstance(entry, dict) or not ("csv" in entry or "hardware_hashes" in entry):
        return None
    if not entry.keys() <= _TABLE_KEYS or ("csv" in entry and len(entry) > 1):
        return None
    kind = "csv" if "csv" in entry else "hardware_hashes"
    named = entry[kind]
    files = named if isinstance(named, list) else [named]
    if entry.get("registered", "false") not in ("true", "false") or not all(
        isinstance(f, str) and f for f in files
    ):
        return None
    registered = entry.get("registered") == "true"
    return [_TableUse(kind, file, registered, source, (*path, kind)) for file in files]


def wanted_files(joined: Joined) -> dict[str, Position]:
    """Return the tables that a fleet names, each with the place that names it."""
    found: dict[str, Position] = {}
    for source, value in joined.headsets:
        if isinstance(value, (list, dict)):
            for path, entry in _entries(value):
                for use in _uses(entry, source, path) or ():
                    if use.file not in found:
                        found[use.file] = joined.place(use.source, use.path)
    return found


def join(texts: Mapping[str, str]) -> Joined:
    """Read every text and join them.

    Raises:
        SpecError: one of them is not YAML as we allow it, is no mapping, or says a key that another one says.
    """
    joined = Joined(texts=texts)
    findings: list[Finding] = []
    if sum(len(text) for text in texts.values()) > MAX_BYTES:
        raise SpecError(
            [at("file/too-large", Position(next(iter(texts)), 1, 1), f"more than {MAX_BYTES >> 20} MiB of YAML")]
        )
    for source, text in texts.items():
        value, faults = read_yaml(text)
        findings.extend(at(f.rule, Position(source, f.line, f.column), f.summary, mend=f.mend) for f in faults)
        if faults:
            continue
        if not isinstance(value, dict):
            findings.append(
                at(
                    "file/wrong-value",
                    Position(source, 1, 1),
                    "a fleet file is a mapping of keys",
                    mend="Begin with `holofleet: 1`.",
                )
            )
            continue
        for key, part in value.items():
            _join_key(joined, source, key, part, findings)
    if not texts:
        findings.append(at("file/missing", Position("", 1, 1), "no fleet file was given", mend="Name one."))
    if findings:
        raise SpecError(findings)
    return joined


def _join_key(joined: Joined, source: str, key: str, part: Any, findings: list[Finding]) -> None:
    held = joined.raw.get(key)
    spans = joined.spans.get(key, ())
    if key == "headsets":
        joined.headsets.append((source, part))
        joined.spans[key] = (*spans, Span(source, 0, 0))
    elif key in LISTS and isinstance(part, list) and (held is None or isinstance(held, list)):
        before = held or []
        joined.raw[key] = before + part
        joined.spans[key] = (*spans, Span(source, len(before), len(part)))
    elif spans:
        place = joined.place(source, (key,))
        first = joined.place(spans[0].file, (key,))
        summary = f"key `{key[:80]}` stands in two files"
        findings.append(
            at(
                "file/duplicate-key",
                place,
                summary,
                mend="Keep one of the two.",
                detail=f"The other one: {first}.",
            )
        )
    else:
        joined.raw[key] = part
        joined.spans[key] = (Span(source, 0, 0),)
