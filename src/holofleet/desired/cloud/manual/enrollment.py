"""Enrollment scope, certificates by SCEP, and packages of apps. Serves PREP-10, SHR-01, EXT-27.

Source: 'Set up automatic enrollment in Intune'; 'Use a SCEP certification authority with Intune'; 'Add
line-of-business apps' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.cloud.manual.job import ENTRA, INTUNE, Job, quoted
from holofleet.desired.required_apps import by_hand, title_of
from holofleet.resources import ManualStep
from holofleet.spec.model.organization import AutoEnrollment

_POLICY = (
    "https://graph.microsoft.com/beta/policies/mobileDeviceManagementPolicies/0000000a-0000-0000-c000-000000000000"
)
_SCOPES = {"all": "all", "some": "selected", "none": "none"}


def steps(job: Job) -> Iterator[ManualStep]:
    """Yield what enrolling needs of people; nothing where there are no headsets."""
    if not job.tenancy.headsets:
        return
    tenant = job.spec.model.tenant
    if tenant.edition != "free":
        yield _scope(job, tenant.auto_enrollment)
    yield from _scep(job)
    yield from _packages(job)


def _scope(job: Job, said: AutoEnrollment) -> ManualStep:
    groups = tuple(sorted(said.groups)) if said.scope == "some" else ()
    word = {"all": "All", "some": "Some", "none": "None"}[said.scope]
    lines = [
        job.graph + "Policy.ReadWrite.MobilityManagement,Group.Read.All",
        f"Invoke-MgGraphRequest -Method PATCH -Uri {quoted(_POLICY)} "
        f"-Body @{{ appliesTo = {quoted(_SCOPES[said.scope])} }}",
    ]
    for group in groups:
        named = quoted(f"displayName eq '{group}'")
        lines.append(
            f"Invoke-MgGraphRequest -Method POST -Uri {quoted(_POLICY + '/includedGroups/$ref')} -Body @{{ "
            "'@odata.id' = 'https://graph.microsoft.com/beta/groups/' + "
            f"(Get-MgGroup -Filter {named}).Id }}"
        )
    return job.step(
        "enrollment-scope",
        "Whose devices are enrolled when they join",
        reason="Graph lets only a person who signs in read or change it, no application.",
        rule="PREP-10",
        steps=(
            f"Open {ENTRA}, Identity, Settings, Mobility, Microsoft Intune.",
            f"Set MDM user scope to {word}" + (f" and choose {', '.join(groups)}." if groups else "."),
            "Leave the addresses as they are, and save.",
        ),
        commands=lines,
    )


def _scep(job: Job) -> Iterator[ManualStep]:
    urls: dict[str, None] = {}
    for deployment in job.deployments():
        accounts = deployment.settings.accounts
        if accounts is not None and accounts.kind == "shared-certificate" and accounts.certificate is not None:
            urls |= {accounts.certificate.scep_url: None} if accounts.certificate.scep_url else {}
    for number, url in enumerate(urls, start=1):
        yield job.step(
            "certificate-service" + (f".{number}" if len(urls) > 1 else ""),
            f"Connect {url} with Intune",
            reason="The service checks each request with Intune; how it is connected is the service's own.",
            rule="SHR-01",
            steps=(
                f"Own servers: open {INTUNE}, Tenant administration, Connectors and tokens, Certificate "
                "connectors, and install the connector with the SCEP role beside the service.",
                "Another maker's service: register it as an application that may validate SCEP requests, as its "
                "maker describes.",
                f"See that {url} is reached from outside, and that its certificates name the account as user "
                "principal name and have the key usages smart card logon and client authentication.",
            ),
        )


def _packages(job: Job) -> Iterator[ManualStep]:
    used: dict[str, tuple[str, str, str, list[str]]] = {}
    for deployment in job.deployments():
        for said, reason in by_hand(deployment.settings):
            title = title_of(said, deployment.settings)
            known = used.setdefault(said.app.partition("!")[0], (title, said.package or "", reason, []))
            known[3].append(deployment.name)
    for name, (title, package, reason, deployments) in sorted(used.items()):
        yield job.step(
            f"app.{name}",
            f"Bring the app {title} to headsets",
            reason=f"holofleet does not bring it: {reason}.",
            rule="EXT-27",
            steps=(
                f"Open {INTUNE}, Apps, Windows, Create, line-of-business app.",
                f"Choose {package or 'its package'}: signed, for ARM64, with the packages that it needs.",
                "Assign it as required to the device groups of " + ", ".join(deployments) + ".",
            ),
        )
