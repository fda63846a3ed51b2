"""The fleet file against the four deployment guides: findings, and where each statement stands.

What lives here: the logic of the guides' statements, one file each, by guide; which statements bind which
deployment; waivers and attestations; the rules' pages. What does not: the text, weight and source of a statement
(:mod:`holofleet.catalog`), faults that make a file unusable (:mod:`holofleet.spec`), and I/O of any kind: the day,
the target and what headsets reported are given. Start reading at ``rule.py``, then one rule (``off/off_12.py``),
then ``engine.py``.
"""

from holofleet.checks.engine import run
from holofleet.checks.registry import RULES
from holofleet.checks.report import Report
from holofleet.checks.rule import Form, Rule
from holofleet.checks.standing import Standing, Word

__all__ = ["RULES", "Form", "Report", "Rule", "Standing", "Word", "run"]
