"""Findings, positions and how they are shown.

What lives here: :class:`Finding` (a fault of the fleet file, as data), :class:`Position` (where it stands),
:class:`Severity`, and the renderers for text, JSON and SARIF. What does not: the rules themselves
(:mod:`holofleet.checks`) and exceptions (:mod:`holofleet.errors`). Start reading at ``finding.py``.
"""

from holofleet.diagnostics.finding import Finding, Position, Severity
from holofleet.diagnostics.render import render_json, render_sarif, render_text

__all__ = ["Finding", "Position", "Severity", "render_json", "render_sarif", "render_text"]
