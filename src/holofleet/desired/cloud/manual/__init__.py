"""Work in the cloud that no application can do, as exact steps made of the fleet file.

One module per subject, each with a pure ``steps(job)``. What an application *could* do stands in the rooms beside
this one; a step that Graph learns to do moves there. Start reading at ``job.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from holofleet.desired.cloud.manual import barriers, calls, enrollment, people, reviews
from holofleet.desired.cloud.manual.job import Job
from holofleet.desired.cloud.tenancy import Tenancy
from holofleet.resources import ManualStep
from holofleet.spec import Spec

SUBJECTS: tuple[Callable[[Job], Iterator[ManualStep]], ...] = (
    people.steps,
    enrollment.steps,
    reviews.steps,
    barriers.steps,
    calls.steps,
)


def steps(spec: Spec, tenancy: Tenancy) -> tuple[ManualStep, ...]:
    """Return what people have to do in a tenant, in the order in which it is best done."""
    job = Job(spec, tenancy)
    return tuple(step for subject in SUBJECTS for step in subject(job))


__all__ = ["SUBJECTS", "Job", "steps"]
