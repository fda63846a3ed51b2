"""Calls between two tenants, and what the vendor's calls keep. Serves EXT-47, EXT-56, EXT-57.

Source: 'Manage external access in Teams'; 'Learn about retention for Teams' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.cloud.manual.job import Job, quoted
from holofleet.desired.cloud.tenancy import tenancies
from holofleet.resources import ManualStep

_FEDERATION = "Set-CsTenantFederationConfiguration"


def steps(job: Job) -> Iterator[ManualStep]:
    """Yield how two tenants reach each other, and how long chats are kept."""
    known = tenancies(job.spec)
    if len(known) > 1:
        home, away = known
        yield _service(job, away.domain) if job.tenancy.headsets else _owning(job, _domains(job, home.domain))
    yield from _retention(job)


def _domains(job: Job, first: str) -> tuple[str, ...]:
    said = [one.settings.accounts for one in job.spec.deployments()]
    more = (accounts.domain for accounts in said if accounts is not None and accounts.domain is not None)
    return tuple(dict.fromkeys((first, *more)))


def _service(job: Job, domain: str) -> ManualStep:
    return job.step(
        "calls-to-experts",
        f"Let headsets call experts of {domain}, and nobody else outside",
        reason="Who may be called outside a tenant is set in Teams; Graph has no such thing.",
        rule="EXT-47",
        steps=(
            "Run the lines as a Teams administrator of the service tenant; they replace its allowed domains.",
            "From a headset, call an expert. Then try an address of another company: it must not be found.",
        ),
        commands=(
            job.teams,
            f"$allowed = New-CsEdgeAllowList -AllowedDomain (New-CsEdgeDomainPattern -Domain {quoted(domain)})",
            f"{_FEDERATION} -AllowFederatedUsers $true -AllowedDomains $allowed",
            f"{_FEDERATION} -AllowTeamsConsumer $false -AllowPublicUsers $false",
        ),
    )


def _owning(job: Job, domains: tuple[str, ...]) -> ManualStep:
    return job.step(
        "calls-from-headsets",
        "Let experts be called from the service tenant",
        reason="Who may call from outside a tenant is set in Teams; Graph has no such thing.",
        rule="EXT-47",
        steps=(
            "Run the first two lines as a Teams administrator of the owning tenant.",
            "If AllowedDomains is AllowAllKnownDomains, nothing is left to do. If it lists domains, run the rest.",
            "Do not invite headset accounts as guests: they would come into your own directory.",
        ),
        commands=(
            job.teams,
            "Get-CsTenantFederationConfiguration | Format-List AllowFederatedUsers, AllowedDomains",
            *(f"{_FEDERATION} -AllowedDomainsAsAList @{{ Add = {quoted(one)} }}" for one in domains),
        ),
    )


def _retention(job: Job) -> Iterator[ManualStep]:
    model = job.spec.model
    days: dict[str, int] = {}
    experts: dict[str, None] = {}
    for deployment in job.deployments():
        assist = deployment.settings.assist
        if assist is None or assist.product != "remote-assist" or assist.keep is None:
            continue
        if assist.keep.expert_chat_days:
            days[deployment.name] = assist.keep.expert_chat_days
            client = next((one for one in model.clients if one.name == deployment.client), None)
            named = (*(assist.experts or ()), *(client.experts if client is not None else ()))
            experts |= dict.fromkeys(named)
    if not days:
        return
    members = {group.name: group.members.upns for group in model.groups}
    people = sorted({upn for name in experts for upn in members.get(name, (name,))})
    located = ",".join(quoted(upn) for upn in people) or quoted("All")
    yield job.step(
        "chat-retention",
        f"Delete chats of experts after {min(days.values())} days",
        reason="What Teams keeps is set in Security & Compliance PowerShell; Graph has no such thing.",
        rule="EXT-56",
        steps=("Run the lines as an administrator of compliance; they take effect within a week.",),
        commands=(
            "Connect-IPPSSession",
            f"New-RetentionCompliancePolicy -Name 'HoloLens chats' -TeamsChatLocation {located}",
            "New-RetentionComplianceRule -Name 'HoloLens chats' -Policy 'HoloLens chats' "
            f"-RetentionDuration {min(days.values())} -RetentionComplianceAction Delete",
        ),
    )
