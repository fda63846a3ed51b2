"""The checklist for administrators of a tenant: what has to be clicked or typed, because no application can do it.

The same steps stand in the State of the target ``graph`` (:mod:`holofleet.desired.cloud.manual`).
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.cloud import Tenancy, manual, tenancies
from holofleet.desired.files.made import HTML, Made
from holofleet.formats.handouts.page import cloud_steps
from holofleet.formats.handouts.sheet import CloudSteps, Task, TenantTasks, day, short
from holofleet.resources import ManualStep, State
from holofleet.spec import Spec

_ABOUT = {
    "owning": "The organization's own tenant",
    "service": "The service tenant, which hosts the clients",
}


def write(spec: Spec, state: State) -> Iterator[Made]:
    """Yield the page; none where there is nothing to do by hand."""
    listed = tuple(_tenant(spec, one) for one in tenancies(spec))
    tenants = tuple(one for one in listed if one.tasks)
    if tenants:
        owner = short(spec.model.organization.name)
        sheet = CloudSteps(
            title="What to do by hand in the cloud",
            subtitle=f"{owner}: no application can do it, so that a person has to",
            tenants=tenants,
            foot=f"{owner}. Made by holofleet from the fleet file.",
        )
        yield Made(
            "cloud/checklist.html",
            cloud_steps(sheet),
            HTML,
            "Steps and lines of PowerShell, made of the fleet file.",
        )


def _tenant(spec: Spec, tenancy: Tenancy) -> TenantTasks:
    return TenantTasks(
        title=f"Tenant {tenancy.domain}",
        about=f"{_ABOUT[tenancy.which]}, {tenancy.id}.",
        tasks=tuple(_task(step) for step in manual.steps(spec, tenancy)),
    )


def _task(step: ManualStep) -> Task:
    until = step.attested_until
    return Task(
        title=step.title,
        rule=step.rule,
        reason=step.reason,
        steps=step.steps,
        commands=step.commands,
        attested=f"Attested by {step.attested_by}, until {day(until)}." if until is not None else "",
        attest=step.attest,
    )
