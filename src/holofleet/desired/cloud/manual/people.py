"""Roles of administrators. Serves EXT-07, SHR-04.

Source: 'Assign Microsoft Entra roles with Microsoft Graph PowerShell' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.cloud.manual.job import ENTRA, Job, quoted
from holofleet.desired.cloud.tenancy import tenancies
from holofleet.resources import ManualStep


def steps(job: Job) -> Iterator[ManualStep]:
    """Yield the step that gives people the roles that the file says they have."""
    away = next((one for one in tenancies(job.spec) if not one.headsets), None)
    held = [
        (person.upn, role)
        for person in job.spec.model.people
        if away is None or person.upn.endswith(f"@{away.domain}") != job.tenancy.headsets
        for role in person.directory_roles
    ]
    if held:
        yield job.step(
            "directory-roles",
            "Give administrators their roles",
            reason="An application that may give roles may give itself every role, so that none is asked for.",
            rule="SHR-04",
            steps=(
                f"Open {ENTRA}, Identity, Roles & admins.",
                *(
                    f"Open the role {role} and see that {upn} has it; add it where it is missing."
                    for upn, role in held
                ),
            ),
            commands=(job.graph + "RoleManagement.ReadWrite.Directory", *(_line(upn, role) for upn, role in held)),
        )


def _line(upn: str, role: str) -> str:
    named = quoted("displayName eq '" + role.replace("'", "''") + "'")
    return (
        "New-MgRoleManagementDirectoryRoleAssignment -DirectoryScopeId '/' "
        f"-PrincipalId (Get-MgUser -UserId {quoted(upn)}).Id "
        f"-RoleDefinitionId (Get-MgRoleManagementDirectoryRoleDefinition -Filter {named}).Id"
    )
