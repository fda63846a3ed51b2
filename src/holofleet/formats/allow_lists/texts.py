"""Plain list, CSV, and lists for firewalls that fetch them (external dynamic lists)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from holofleet.formats.allow_lists.entry import AllowList, Entry, one_line

COLUMNS = ("host", "path", "ports", "need", "groups", "inspect_tls", "through_proxy", "inside", "why")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(allowed: AllowList, title: str) -> str:
    """Render the plain list: ``host ports`` per line, required ones first; ``#`` begins a remark."""
    lines = [f"# {one_line(title)}"]
    for required, heading in ((True, "Required"), (False, "Recommended and optional")):
        entries = allowed.needed(required=required)
        if entries:
            lines += ["", f"# {heading}", *map(_line, entries)]
    if allowed.left_out:
        lines += ["", "# Named by the source, not listed", *(f"# {text}" for text in _remarks(allowed))]
    return "\n".join(lines) + "\n"


def _line(entry: Entry) -> str:
    return f"{entry.host}{entry.path} {','.join(entry.ports)} # {one_line('; '.join(entry.why))}"


def as_csv(allowed: AllowList) -> str:
    """Render a table, RFC 4180 with line feeds; a cell that a spreadsheet would run begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in allowed.entries:
        row = (
            entry.host,
            entry.path,
            " ".join(entry.ports),
            entry.need.value,
            " ".join(entry.groups),
            "yes" if entry.inspect else "no",
            "no" if entry.direct else "yes",
            "yes" if entry.inside else "no",
            one_line("; ".join(entry.why)),
        )
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()


def as_names(entries: Iterable[Entry]) -> str:
    """Render whole names only, one a line: for firewalls that resolve names and know no wildcards."""
    return "".join(f"{host}\n" for host in _hosts(e for e in entries if not e.wildcard and not e.inside))


def as_urls(entries: Iterable[Entry]) -> str:
    """Render URL patterns, one a line, for filters that see the name of a connection.

    The slash at the end is part of the entry: without it some firewalls match longer names, too.
    """
    outside = [e for e in entries if e.tcp and not e.inside]
    return "".join(f"{line}\n" for line in dict.fromkeys(f"{e.host}{e.path or '/'}" for e in outside))


def left_out(allowed: AllowList) -> str:
    """Say what a list of whole names does not hold, and what to do; empty when it holds everything."""
    if not (allowed.wildcards or allowed.left_out):
        return ""
    lines = [
        "A firewall that only knows whole names cannot hold the following.",
        "Let these pass by a proxy or a filter that reads the name of a connection (squid.conf, edl-urls-*.txt).",
        "Where there is none, open the names that the firewall's log shows as denied, and look again after each",
        "system update.",
        "",
        *(f"{e.host}{e.path} {','.join(e.ports)} ({e.need})" for e in allowed.wildcards),
    ]
    if allowed.left_out:
        lines += ["", "No list of ours holds these as the source names them:", "", *_remarks(allowed)]
    return "\n".join(lines) + "\n"


def _remarks(allowed: AllowList) -> list[str]:
    return [f"{out.pattern}: {out.reason} {out.instead}" for out in allowed.left_out]


def _hosts(entries: Iterable[Entry]) -> Iterable[str]:
    return dict.fromkeys(entry.host for entry in entries)
