"""Plans: the difference between two States, as a value that can be read before it is run.

What lives here: :func:`compare`, :class:`Plan` and its changes, the marks for changes that weaken a fleet, the
thresholds for mass deletion, and the port :class:`Target` that every place a plan can be applied to implements.
What does not: targets themselves (:mod:`holofleet.targets`) and anything that reads or writes. Start reading at
``compare.py``.
"""

from holofleet.plans.compare import compare
from holofleet.plans.plan import ADOPT, Act, Change, FieldChange, Plan, SettingChange
from holofleet.plans.render import render_plan
from holofleet.plans.target import ApplyReport, Drift, Target
from holofleet.plans.thresholds import MassDeletionError, check_thresholds

__all__ = [
    "ADOPT",
    "Act",
    "ApplyReport",
    "Change",
    "Drift",
    "FieldChange",
    "MassDeletionError",
    "Plan",
    "SettingChange",
    "Target",
    "check_thresholds",
    "compare",
    "render_plan",
]
