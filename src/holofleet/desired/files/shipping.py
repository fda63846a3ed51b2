"""What the checklist of one headset says: before it leaves, and when it is back.

For headsets of a loan that is not closed, and for shared headsets before they go to the people who share them.
The page stays with whoever ships; the label holds nothing that lets anybody sign in.

Source: 'Deploy cloud connected HoloLens 2 to external clients' and 'Deploying Remote Assist using a shared
identity across multiple users' (Microsoft, 2024-06-27); the rule of each line stands at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from holofleet.desired.files.hand_out import OWN, foot
from holofleet.desired.files.off import titles
from holofleet.formats.handouts.sheet import Check, Checklist, Part, day, listed, short
from holofleet.resources import State
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.headset import Headset, Loan
from holofleet.spec.model.identity import Accounts, SignIn

_SHARED = "shared-identity"
_NAME = 24
_TENANT_LOCK = "TenantLockdown"


def sheets(spec: Spec, state: State) -> Iterator[tuple[str, Headset, Checklist]]:
    """Yield client, headset and page, in the order of the loans and then of the deployments.

    A headset that goes to one client twice has the page of its latest open loan there.
    """
    known = {headset.serial: headset for headset in spec.model.headsets}
    loans: dict[tuple[str, str], Loan] = {}
    for loan in sorted(spec.model.loans, key=lambda one: one.ships):
        if not _closed(loan):
            loans |= {(loan.client, serial): loan for serial in loan.headsets if serial in known}
    for (client, serial), loan in loans.items():
        deployment = spec.deployment_of.get(serial)
        if deployment is not None:
            yield client, known[serial], _sheet(spec, state, deployment, known[serial], loan)
    lent = {serial for _, serial in loans}
    for deployment in spec.deployments():
        if _SHARED in deployment.all_scenarios:
            for headset in deployment.headsets:
                if headset.serial not in lent:
                    yield OWN, headset, _sheet(spec, state, deployment, headset, None)


def _closed(loan: Loan) -> bool:
    return loan.returned is not None and loan.password_reset is not None and loan.wiped is not None


def _sheet(
    spec: Spec, state: State, deployment: EffectiveDeployment, headset: Headset, loan: Loan | None
) -> Checklist:
    owner = short(spec.model.organization.name)
    name = short(headset.asset or headset.name or headset.serial, _NAME)
    parts = [
        Part(
            "Before it leaves" if loan is not None else "Before people share it",
            tuple(_before(spec, deployment, headset, loan)),
        )
    ]
    if loan is not None:
        parts.append(Part("When it is back", tuple(_after(spec, deployment, headset, loan))))
    account = state.headsets[headset.serial].variables.get("account") if headset.serial in state.headsets else None
    facts = [
        ("Serial number", headset.serial),
        *_route(spec, deployment, headset, loan),
        ("Account", short(account, 80) if account else "of each person"),
    ]
    label = (
        name,
        f"Serial number {headset.serial}",
        f"Property of {owner}. Found it? Phone: ____________________",
    )
    return Checklist(
        title=f"{name}: {'out and back' if loan is not None else 'ready to share'}",
        subtitle=f"Stays with whoever ships it: it is not for {_client(spec, loan.client)}."
        if loan is not None
        else f"{owner}, deployment {deployment.name}. For whoever sets it up.",
        facts=tuple(facts),
        parts=tuple(parts),
        label=label,
        foot=foot(owner, deployment, state),
    )


def _client(spec: Spec, name: str) -> str:
    return next(
        (short(one.display_name or one.name, _NAME) for one in spec.model.clients if one.name == name), name
    )


def _route(
    spec: Spec, deployment: EffectiveDeployment, headset: Headset, loan: Loan | None
) -> Iterator[tuple[str, str]]:
    named = (loan.site if loan is not None else None) or deployment.site_of(headset)
    site = next((one for one in spec.model.sites if one.name == named), None)
    if site is not None:
        yield "Where to", short(site.display_name or site.name)
    elif loan is not None:
        yield "Where to", _client(spec, loan.client)
    if loan is not None:
        yield "Leaves", day(loan.ships)
        yield "Expected back", day(loan.returns) if loan.returns is not None else "not agreed"


def _before(spec: Spec, deployment: EffectiveDeployment, headset: Headset, loan: Loan | None) -> Iterator[Check]:
    yield from _earlier(spec, headset, loan)
    yield from _account(deployment, loan)
    yield from _locked(deployment, headset)
    yield Check(
        "It is compliant.",
        "Newest build, newest call app, every setting reported by the headset itself.",
        f"holofleet headsets show {headset.serial}",
        rule="EXT-58" if loan is not None else "SHR-16",
    )
    yield from _looked_at(deployment, loan)
    tested = loan.test_call if loan is not None else None
    yield Check("A test call to an expert was made.", done=_on(tested), rule="EXT-57" if loan is not None else "")
    if loan is not None:
        client = next((one for one in spec.model.clients if one.name == loan.client), None)
        told = client.informed_about_records if client is not None else None
        yield Check("The client knows what is kept of calls.", done=_on(told), rule="EXT-56")
    yield Check(
        "Charged, clean, packed:",
        "headset, charger, cable, hand-out. The PIN goes to the wearer on another way, never in the box."
        if _has_pin(deployment)
        else "headset, charger, cable, hand-out.",
    )
    yield Check(
        "Labels are on the headset and on the box.",
        "No account name, no PIN, no password on either.",
        rule="EXT-45" if loan is not None else "SHR-21",
    )


def _earlier(spec: Spec, headset: Headset, loan: Loan | None) -> Iterator[Check]:
    """Yield what has to be done after the loan before this one."""
    if loan is None:
        return
    before = [one for one in spec.model.loans if headset.serial in one.headsets and one.ships < loan.ships]
    if not before:
        return
    last = max(before, key=lambda one: one.ships)
    client = _client(spec, last.client)
    yield Check(f"Wiped after it came back from {client}.", done=_on(last.wiped), rule="EXT-54")
    yield Check(f"Password reset after it came back from {client}.", done=_on(last.password_reset), rule="EXT-54")


def _account(deployment: EffectiveDeployment, loan: Loan | None) -> Iterator[Check]:
    accounts = deployment.settings.accounts or Accounts()
    if accounts.kind == "shared-certificate":
        yield Check("It signs in with its certificate:", "the account's name, and nothing to type.", rule="SHR-01")
        return
    if accounts.kind == "shared-manual" or accounts.users == "per-headset":
        yield Check(
            "The password of its account is new,",
            f"known to nobody who wears it.{_runs_out(accounts, loan)}",
            rule="SHR-21" if accounts.kind == "shared-manual" else "EXT-45",
        )
        yield Check(
            "Set up with its own account, and a PIN is set.",
            "The PIN is good on this headset only.",
            rule="SHR-17" if accounts.kind == "shared-manual" else "EXT-46",
        )


def _runs_out(accounts: Accounts, loan: Loan | None) -> str:
    """Say from when on a reset lasts until the headset is back."""
    days = accounts.password.expires_after_days if accounts.password is not None else None
    if loan is None or loan.returns is None or not isinstance(days, int):
        return ""
    earliest: date = loan.returns - timedelta(days=days)
    return f" Reset it on {day(earliest)} or later: it runs out after {days} days."


def _locked(deployment: EffectiveDeployment, headset: Headset) -> Iterator[Check]:
    if deployment.settings.tenant_lock:
        yield Check(
            "Registered for Autopilot with a profile, and locked to the tenant:",
            f"{_TENANT_LOCK} is compliant. Without a profile, a locked headset is stuck.",
            rule="EXT-21",
        )
    elif headset.autopilot:
        yield Check("Registered for Autopilot with a profile.", "It is not locked to the tenant.", rule="EXT-18")


def _looked_at(deployment: EffectiveDeployment, loan: Loan | None) -> Iterator[Check]:
    settings = deployment.settings
    sign_in = settings.sign_in or SignIn()
    if settings.kiosk is not None and settings.kiosk.apps:
        yield Check(
            "Signed in as its account, the start menu shows what it shall:",
            f"{listed(titles(settings.kiosk.apps), most=6)}.",
            rule="EXT-22" if loan is not None else "SHR-25",
        )
    if settings.app_control is not None and settings.app_control.deny:
        blocked = listed(titles(settings.app_control.deny), most=5)
        yield Check(
            "What is blocked does not start:", f"{blocked}.", rule="EXT-26" if loan is not None else "SHR-29"
        )
    if sign_in.iris is False:
        yield Check("No eyes were learned in set-up.", rule="" if loan is not None else "SHR-19")


def _after(spec: Spec, deployment: EffectiveDeployment, headset: Headset, loan: Loan) -> Iterator[Check]:
    yield Check(
        "Complete and unbroken.", "Write the day as returned at the loan.", done=_on(loan.returned), rule="EXT-03"
    )
    accounts = deployment.settings.accounts or Accounts()
    if accounts.kind != "shared-certificate":
        yield Check(
            "Password of its account reset.",
            "Write the day as password_reset.",
            done=_on(loan.password_reset),
            rule="EXT-54",
        )
    lock = "The tenant lock is released and confirmed first: " if deployment.settings.tenant_lock else ""
    yield Check(
        "Wiped.",
        f"{lock}{'w' if lock else 'W'}ait for the confirmation. Write the day as wiped.",
        f'holofleet headsets wipe {headset.serial} --reason "back from {loan.client}"',
        done=_on(loan.wiped),
        rule="EXT-54",
    )
    again = ", and locked again" if deployment.settings.tenant_lock else ""
    yield Check(f"Set up again{again}, or on the shelf.", "Old labels are off.")


def _has_pin(deployment: EffectiveDeployment) -> bool:
    accounts = deployment.settings.accounts or Accounts()
    return accounts.kind != "shared-certificate"


def _on(known: date | None) -> str:
    return day(known) if known is not None else ""
