"""What makes a fleet file unusable: faults with a path, turned into findings with a place, all at once."""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Callable, Collection, Iterable

from holofleet.diagnostics import Finding, Position, Severity
from holofleet.errors import InputError
from holofleet.spec.yaml_text import Path

MAX_FINDINGS = 1000
MAX_SUGGESTIONS = 50
FEW_WORDS = 200


class SpecError(InputError):
    """The fleet file cannot be used; ``findings`` say what is wrong with it, where, and how to mend it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        ordered = sorted(findings, key=lambda finding: finding.sort_key)
        shown = ordered[:MAX_FINDINGS]
        first = shown[0]
        more = f" (and {len(ordered) - 1} more)" if len(ordered) > 1 else ""
        super().__init__(
            f"{first.position or ''}: {first.summary}{more}".lstrip(": "), detail=first.detail, mend=first.mend
        )
        self.findings: tuple[Finding, ...] = tuple(shown)
        self.count = len(ordered)


class Faults:
    """Collects faults by path; the place of each is looked up only when it is kept."""

    def __init__(self, place: Callable[[Path], Position]) -> None:
        self.place = place
        self.findings: list[Finding] = []

    def add(
        self, rule: str, path: Path, summary: str, *, detail: str = "", mend: str = "", subject: str = ""
    ) -> None:
        """Keep a fault of the thing at ``path``."""
        if len(self.findings) <= MAX_FINDINGS:
            self.findings.append(
                Finding(
                    rule=rule,
                    severity=Severity.MUST,
                    summary=summary,
                    detail=detail,
                    mend=mend,
                    position=self.place(path),
                    subject=subject,
                    source="Format of the fleet file",
                )
            )

    def suggest(self, word: str, known: Collection[str]) -> str:
        """Return the nearest known word; a file that is wrong all over gets its first suggestions only."""
        return nearest(word, known) if len(self.findings) < MAX_SUGGESTIONS else ""

    def stop_if_any(self) -> None:
        """Raise :class:`SpecError` when anything was collected."""
        if self.findings:
            raise SpecError(self.findings)


def at(rule: str, position: Position, summary: str, *, mend: str = "", detail: str = "") -> Finding:
    """Return a fault of a file as a whole, or of a place that has no path."""
    return Finding(
        rule=rule,
        severity=Severity.MUST,
        summary=summary,
        detail=detail,
        mend=mend,
        position=position,
        source="Format of the fleet file",
    )


def nearest(word: str, known: Collection[str]) -> str:
    """Return the known word that ``word`` was probably meant to be, or an empty text.

    Of many known words only neighbours in the order of letters are compared, read forwards and backwards:
    a slip is rarely at both ends.
    """
    word = word[:80]
    candidates = list(known)
    if len(candidates) > FEW_WORDS:
        forwards = sorted(candidates)
        backwards = sorted(text[::-1] for text in candidates)
        candidates = _around(forwards, word) + [text[::-1] for text in _around(backwards, word[::-1])]
    found = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    return found[0] if found else ""


def _around(ordered: list[str], word: str) -> list[str]:
    index = bisect.bisect_left(ordered, word)
    return ordered[max(0, index - FEW_WORDS // 8) : index + FEW_WORDS // 8]


def shown_path(path: Path) -> str:
    """Write a path as people say it: ``deployments[0].kiosk.apps``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the file"
