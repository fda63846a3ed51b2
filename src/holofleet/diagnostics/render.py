"""Findings as text for people, JSON for programs and SARIF 2.1.0 for code hosts.

All three come from the same values; nothing is said in one form only. Control characters are made visible in
text, because names in a file may be hostile (SECURITY TXT-1).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from holofleet.diagnostics.finding import Finding, Severity

SARIF_VERSION = "2.1.0"
SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_SARIF_LEVELS = {
    Severity.MUST: "error",
    Severity.WARNING: "warning",
    Severity.RECOMMENDED: "warning",
    Severity.LIMITATION: "note",
    Severity.OPTIONAL: "note",
}


def visible(text: str) -> str:
    """Replace control characters by their escapes, so that a hostile name cannot drive a terminal."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)


def render_text(findings: Iterable[Finding]) -> str:
    """Render findings for a terminal: place, severity, rule and summary on one line, the rest indented."""
    lines: list[str] = []
    for finding in findings:
        place = f"{finding.position}: " if finding.position else ""
        lines.append(visible(f"{place}{finding.severity}: {finding.summary} [{finding.rule}]"))
        lines.extend(
            f"    {visible(text)}"
            for text in (finding.detail, finding.mend and f"Mend: {finding.mend}", finding.source)
            if text
        )
    return "\n".join(lines) + ("\n" if lines else "")


def finding_json(finding: Finding) -> dict[str, object]:
    """Return the stable JSON form of one finding."""
    place = finding.position
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "summary": finding.summary,
        "detail": finding.detail,
        "mend": finding.mend,
        "path": place.path if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "subject": finding.subject,
        "source": finding.source,
    }


def render_json(findings: Iterable[Finding]) -> str:
    """Render findings as one JSON document, ``{"findings": [...]}``."""
    return json.dumps({"findings": [finding_json(f) for f in findings]}, indent=2, ensure_ascii=False) + "\n"


def render_sarif(findings: Sequence[Finding], *, version: str) -> str:
    """Render findings as a SARIF 2.1.0 log with one run.

    Args:
        findings: In the order to show.
        version: Version of holofleet, written as the driver's version.
    """
    rules = sorted({finding.rule for finding in findings})
    results = []
    for finding in findings:
        result: dict[str, object] = {
            "ruleId": finding.rule,
            "ruleIndex": rules.index(finding.rule),
            "level": _SARIF_LEVELS[finding.severity],
            "message": {"text": " ".join(t for t in (finding.summary, finding.detail, finding.mend) if t)},
        }
        if finding.position:
            result["locations"] = [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": finding.position.path.replace("\\", "/")},
                        "region": {
                            "startLine": finding.position.line,
                            "startColumn": finding.position.column,
                        },
                    }
                }
            ]
        results.append(result)
    log = {
        "$schema": SARIF_SCHEMA,
        "version": SARIF_VERSION,
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "holofleet",
                        "version": version,
                        "rules": [{"id": rule} for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"
