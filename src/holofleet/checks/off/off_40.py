"""OFF-40: other functions need endpoints of their own."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import apps, calls, firewalls, kiosk
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule
from holofleet.spec.model.site import Site


def _functions(case: Case, site: Site) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the functions in use that need endpoint groups beyond the guide's, with those groups."""
    if case.value("updates.source") == "windows-update":
        yield "downloading updates", ("delivery-optimization",)
    if case.target == "graph":
        yield "being called by Intune", ("wns",)
    if calls.vendor(case) and site.connected_in_use is not False:
        yield "Remote Assist", _beyond("remote-assist")
    for key, value, function, group in (
        ("privacy.location_service", True, "the location service", "location"),
        ("privacy.speech", True, "speech recognition online", "cortana-search"),
        ("restrictions.microsoft_accounts", True, "personal accounts", "microsoft-account"),
    ):
        if case.value(key) is value:
            yield function, (group,)
    if "onedrive-files" in (case.value("accounts.features") or ()):
        yield "files in OneDrive", ("onedrive",)


def _beyond(task: str) -> tuple[str, ...]:
    endpoints = catalog.endpoints()
    others = {group.key for group in endpoints.guide_groups} | {"entra-auth"}
    return tuple(group for group in endpoints.tasks[task] if group not in others)


def _own_hosts(case: Case, site: Site) -> Iterator[str]:
    """Yield what needs hosts that only the organization knows."""
    if case.target == "server":
        yield "our server"
    offered = any(apps.named([app], "assist") for app, _ in kiosk.shown(case))
    if offered and not calls.vendor(case) and site.connected_in_use is not False:
        yield "calls"
    if case.spec.model.tenant.mfa == "other":
        yield "the second factor of another provider"
    if case.value("network.vpn.servers"):
        yield "the VPN"


def _check(case: Case) -> Iterator[Fault]:
    for index, site, firewall in firewalls.filtering(case):
        place, subject = firewalls.place(case, index), f"site:{site.name}"
        for function, groups in _functions(case, site):
            missing = firewalls.missing(firewall, groups)
            if missing:
                yield Fault(
                    f"the firewall of site {site.name} does not open {', '.join(missing)}, needed for {function}",
                    place,
                    f"Add {', '.join(f'`{group}`' for group in missing)} to `firewall.open`, or give the function "
                    "up.",
                    "The guide's table covers setting up and updates. What else is used needs endpoints of its "
                    "own.",
                    subject=subject,
                )
        own = list(_own_hosts(case, site))
        if own and not firewall.extra:
            yield Fault(
                f"the firewall of site {site.name} opens no host of yours, needed for {', '.join(own)}",
                place,
                "Write `firewall: {extra: [{host: assist.contoso.com, reason: our server}]}` with your own hosts.",
                "No list of the vendor's names your own servers. Behind this firewall headsets do not reach them.",
                subject=subject,
            )


RULE = Rule(
    id="OFF-40",
    title="Other functions have their endpoints open",
    why="The guide warns that an organization may need more endpoints than it lists. Which ones follows from what "
    "the file says that headsets do.",
    how="At every restricted site whose firewall filters, each function of the deployment finds its groups open: "
    "`delivery-optimization` for downloads of updates, `wns` for Intune, the groups of Remote Assist, `location`, "
    "`cortana-search`, `microsoft-account` and `onedrive`. Where our own server manages, calls are offered, "
    "another provider asks for the second factor, or there is a VPN, `firewall.extra` names at least one host; "
    "which hosts these are only you know. The Store is judged by OFF-43.",
    mend="Add the groups to `firewall.open` and your own hosts to `firewall.extra`.",
    check=_check,
    verification="the log of the firewall or proxy shows no host that headsets were refused",
    excused=firewalls.no_filter,
)
