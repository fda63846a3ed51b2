"""Barriers between clients of one tenant: information barriers, or scoped search. Serves EXT-36, EXT-37, EXT-38.

Both go by the company name that headset accounts have in the directory.

Source: 'Get started with information barriers'; 'Limit who can see whom in Teams by scoped directory search';
'Address book policies in Exchange Online' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.cloud.manual.job import Job, filtered, quoted
from holofleet.resources import ManualStep

_SCOPED = "Set-CsTeamsClientConfiguration -Identity Global -AllowScopedPeopleSearchandAccess $true"


def steps(job: Job) -> Iterator[ManualStep]:
    """Yield the ways where headsets of two clients or more live in one tenant.

    Scoped search is Teams', so that it is of use only with the vendor's calls.
    """
    lent = [one for one in job.deployments() if one.client != "own"]
    names = {one.client for one in lent}
    clients = [(one.name, one.display_name or one.name) for one in job.spec.model.clients if one.name in names]
    if len(clients) < 2:
        return
    yield _information_barriers(job, clients)
    calls = [one.settings.assist for one in lent]
    if any(assist is not None and assist.product == "remote-assist" for assist in calls):
        yield _scoped_search(job, clients)


def _information_barriers(job: Job, clients: list[tuple[str, str]]) -> ManualStep:
    lines = [job.teams, _SCOPED, "Connect-IPPSSession"]
    lines += [
        f"New-OrganizationSegment -Name {quoted(name)} -UserGroupFilter {quoted(filtered('Company', shown))}"
        for name, shown in clients
    ]
    for name, _ in clients:
        others = ",".join(quoted(other) for other, _ in clients if other != name)
        lines.append(
            f"New-InformationBarrierPolicy -Name {quoted(name + ' apart')} -AssignedSegment {quoted(name)} "
            f"-SegmentsBlocked {others} -State Inactive"
        )
    lines += [
        f"Set-InformationBarrierPolicy -Identity {quoted(name + ' apart')} -State Active" for name, _ in clients
    ]
    lines += ["Start-InformationBarrierPoliciesApplication", "Get-InformationBarrierPoliciesApplicationStatus"]
    return job.step(
        "information-barriers",
        "Keep clients from finding and calling one another",
        reason="Information barriers are set up in Security & Compliance PowerShell; Graph has no such thing.",
        rule="EXT-37",
        steps=(
            "See that the tenant has licenses with information barriers (Microsoft 365 E5 Compliance has them).",
            "Run the lines as an administrator of compliance, and answer with yes where they ask.",
            "Applying takes hours; the last line says how far it is.",
            "From a headset account of one client, search for an account of another: it must not be found.",
        ),
        commands=lines,
        attested=True,
        see="accounts of one client do not find those of another",
    )


def _scoped_search(job: Job, clients: list[tuple[str, str]]) -> ManualStep:
    own = quoted(job.spec.model.organization.name)
    lines = ["Connect-ExchangeOnline"]
    for name, shown in clients:
        users, rooms, everybody, book = (f"{name} {word}" for word in ("people", "rooms", "everybody", "book"))
        companies = f"-ConditionalCompany {quoted(shown)},{own}"
        lines += [
            f"New-AddressList -Name {quoted(users)} -IncludedRecipients MailboxUsers {companies}",
            f"New-AddressList -Name {quoted(rooms)} -IncludedRecipients Resources {companies}",
            f"New-GlobalAddressList -Name {quoted(everybody)} -IncludedRecipients AllRecipients {companies}",
            f"New-OfflineAddressBook -Name {quoted(book)} -AddressLists {quoted(everybody)}",
            f"New-AddressBookPolicy -Name {quoted(name)} -AddressLists {quoted(users)} -RoomList {quoted(rooms)} "
            f"-GlobalAddressList {quoted(everybody)} -OfflineAddressBook {quoted(book)}",
            f"Get-User -Filter {quoted(filtered('Company', shown))} | ForEach-Object "
            f"{{ Set-Mailbox -Identity $_.UserPrincipalName -AddressBookPolicy {quoted(name)} }}",
        ]
    return job.step(
        "scoped-search",
        "Another way: scope what each client can find",
        reason="Address book policies are Exchange's and scoped search is Teams'; Graph has neither.",
        rule="EXT-38",
        steps=(
            "Choose this way only where information barriers are not to be had: it needs a mailbox for each "
            "account, and EXT-42 advises against mailboxes.",
            f"See that your experts have the company name {job.spec.model.organization.name} in the directory.",
            "Run the lines; search follows within a day or two.",
        ),
        commands=(*lines, job.teams, _SCOPED),
        attested=True,
        see="accounts of one client do not find those of another",
    )
