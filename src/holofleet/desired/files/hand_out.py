"""What the hand-out for wearers says: the day with the headset, what is off, how to look after it."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.files import off
from holofleet.formats.handouts.sheet import HandOut, Step, day, listed, short
from holofleet.formats.handouts.visits import Visit
from holofleet.resources import State
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.identity import Accounts, SignIn
from holofleet.spec.model.site import Site

OWN = "own"
_SITES = 3
"""Sites that a page names; a deployment with more has them in its fleet file."""
_VISITS = 4
_VENDORS = "remote-assist"
_PAGE = "the call page"


def sheet(spec: Spec, deployment: EffectiveDeployment, state: State, planned: tuple[Visit, ...]) -> HandOut:
    """Return the page of a deployment."""
    owner = short(spec.model.organization.name)
    places = listed(site_names(spec, deployment), most=_SITES) or deployment.name
    lent = deployment.client != OWN
    ours = places if places.startswith(owner) else f"{owner}: {places}"
    return HandOut(
        title="Your headset",
        subtitle=f"Lent by {owner}, for {places}" if lent else ours,
        steps=(
            Step("Connect to Wi-Fi", tuple(_connect(spec, deployment))),
            Step("Sign in", tuple(_sign_in(spec, deployment))),
            Step("Call an expert", tuple(_call(spec, deployment))),
        ),
        off=tuple(off.rows(deployment)),
        care=tuple(_care(spec, deployment, planned)),
        contact=_contact(spec, deployment),
        foot=foot(owner, deployment, state),
    )


def foot(owner: str, deployment: EffectiveDeployment, state: State) -> str:
    """Return the line that tells which settings a page was made for."""
    hashes = sorted({one.document[:8] for one in state.headsets.values() if one.deployment == deployment.name})
    settings = f", settings {listed(tuple(hashes), most=3)}" if hashes else ""
    return f"{owner}, deployment {short(deployment.name)}{settings}. Made by holofleet from the fleet file."


def sites(spec: Spec, deployment: EffectiveDeployment) -> tuple[Site, ...]:
    """Return the sites of a deployment's headsets, in the order of the file."""
    named = {deployment.site_of(headset) for headset in deployment.headsets} | {deployment.declared.site}
    return tuple(site for site in spec.model.sites if site.name in named)


def site_names(spec: Spec, deployment: EffectiveDeployment) -> tuple[str, ...]:
    """Return the names of the sites, as people see them."""
    return tuple(short(site.display_name or site.name) for site in sites(spec, deployment))


def _connect(spec: Spec, deployment: EffectiveDeployment) -> Iterator[str]:
    wifi = deployment.settings.network.wifi if deployment.settings.network is not None else None
    if wifi is not None and wifi.radio is False:
        yield "Wi-Fi is switched off on this headset. It works without a network."
        return
    places = sites(spec, deployment)
    for site in places[:_SITES]:
        yield _network(site)
    if len(places) > _SITES:
        yield f"{len(places) - _SITES} more sites: ask there which network is the headset's."
    if any(site.network.first_wifi == "captive-portal" for site in places):
        yield "Where a page of the network opens, agree to its terms. This works before you sign in, too."
    if wifi is not None and wifi.manual is False:
        yield "It joins no other network."
    else:
        yield "Somewhere else: Settings > Network & Internet, choose a network, Connect."
    if places and all(site.connected_in_use is False for site in places):
        yield "While you work you need no network."


def _network(site: Site) -> str:
    name = short(site.display_name or site.name)
    known = tuple(short(wifi.ssid) for wifi in site.network.wifi if wifi.auto_connect)
    offered = tuple(short(wifi.ssid) for wifi in site.network.wifi if not wifi.auto_connect)
    if known:
        return f"{name}: the headset joins {listed(known, most=2)} by itself."
    if offered:
        return f"{name}: choose {listed(offered, most=2)}; the headset knows how to join."
    return f"{name}: choose the network that the people there name to you."


def _sign_in(spec: Spec, deployment: EffectiveDeployment) -> Iterator[str]:
    accounts = deployment.settings.accounts or Accounts()
    sign_in = deployment.settings.sign_in or SignIn()
    custody = accounts.custody
    if custody is not None and custody.check_out in ("required", "offered"):
        kept = f" from the {short(custody.kept_by)}" if custody.kept_by else ""
        may = "Take" if custody.check_out == "required" else "You can take"
        yield f"{may} the headset{kept} in your own name, and give it back in your own name."
    if sign_in.auto_logon:
        yield "It signs in by itself. Whoever holds it is signed in: never leave it lying about."
    elif accounts.kind == "shared-certificate":
        yield "Choose the headset's name and sign in: it has a certificate, so there is nothing to type."
    elif accounts.kind == "shared-manual":
        yield "Choose the headset's name and type its PIN. Do not write the PIN down near the headset."
    elif accounts.users == "per-headset":
        yield f"Choose the name that the headset shows and type the PIN that you were given{_digits(sign_in)}."
        yield "There is no password that you need to know. Nobody will ask you for one."
    else:
        yield from _own_account(deployment, sign_in)
    if sign_in.lock_after_min is not None:
        minutes = "1 minute" if sign_in.lock_after_min == 1 else f"{sign_in.lock_after_min} minutes"
        yield f"After {minutes} without use it locks; sign in again the same way."


def _own_account(deployment: EffectiveDeployment, sign_in: SignIn) -> Iterator[str]:
    only = f": the part before @{sign_in.preferred_domain} is enough" if sign_in.preferred_domain else ""
    yield f"Sign in with your own work account{only}."
    if sign_in.hello is not False:
        eyes = " and let the headset learn your eyes" if sign_in.iris else ""
        yield f"The first time, choose a PIN{_digits(sign_in)}{eyes}. The PIN is good on this one headset only."
    if sign_in.security_key:
        yield "A security key works as well."
    enrollment = deployment.settings.enrollment
    if enrollment is not None and enrollment.online_sign_in_by is not None:
        yield (
            f"Do this once on a network, by {day(enrollment.online_sign_in_by)}: "
            "away from a network the headset lets in only people whom it knows."
        )


def _digits(sign_in: SignIn) -> str:
    pin = sign_in.pin
    if pin is None or pin.min_length is None:
        return ""
    return f" ({pin.min_length} {'digits' if pin.digits_only else 'characters'} or more)"


def _call(spec: Spec, deployment: EffectiveDeployment) -> Iterator[str]:
    places = sites(spec, deployment)
    if places and all(site.connected_in_use is False for site in places):
        yield "There is no network where you work, so there are no calls."
        yield "Ask an expert before you leave, or when you are back."
        return
    assist = deployment.settings.assist
    kiosk = deployment.settings.kiosk
    theirs = assist is not None and assist.product == _VENDORS
    app = "Remote Assist" if theirs else "Assist" if assist is not None and assist.runs_in == "app" else _PAGE
    starts = kiosk is not None and kiosk.auto_launch in ("assist", "edge", "remote-assist")
    if starts:
        yield f"{app[0].upper()}{app[1:]} opens by itself when you have signed in."
    else:
        yield f"Open {app} in the start menu."
    if theirs:
        yield "Choose an expert and call."
        return
    people = _experts(spec, deployment)
    whom = f" You can call {listed(people, most=4)}." if people else ""
    yield f"Choose an expert, then Call now. The expert sees what your camera sees.{whom}"
    yield _kept(deployment)


def _experts(spec: Spec, deployment: EffectiveDeployment) -> tuple[str, ...]:
    """Return whom the headsets may call: names of people where the file has them, else of their groups."""
    client = next((one for one in spec.model.clients if one.name == deployment.declared.client), None)
    assist = deployment.settings.assist
    named = client.experts if client is not None else (assist.experts or () if assist is not None else ())
    people = {person.upn: person for person in spec.model.people}
    groups = {group.name for group in spec.model.groups}
    found = []
    for name in named:
        if name in people:
            found.append(short(people[name].display_name or name.partition("@")[0], 30))
        elif name in groups:
            found.append(f"the {short(name.replace('-', ' '), 30)}")
    return tuple(found)


def _kept(deployment: EffectiveDeployment) -> str:
    assist = deployment.settings.assist
    said = ["Nothing of a call stays on the headset"]
    if assist is not None and assist.recording == "forbidden":
        said.insert(0, "Calls are not recorded")
    elif assist is not None and assist.recording == "allowed":
        said.insert(0, "A call is recorded only when you agree")
    keep = assist.keep if assist is not None else None
    days = (
        f" who called whom and when is known for {keep.records_days} days." if keep and keep.records_days else ""
    )
    return ". ".join(said) + (f";{days}" if days else ".")


def _care(spec: Spec, deployment: EffectiveDeployment, planned: tuple[Visit, ...]) -> Iterator[str]:
    yield "Leave it plugged in when nobody wears it: that is when it updates itself."
    updates = deployment.settings.updates
    hours = updates.active_hours if updates is not None else None
    if hours is not None and hours.start is not None and hours.end is not None:
        yield f"It restarts for an update only outside {hours.start}:00 to {hours.end}:00."
    if planned:
        days = tuple(day(visit.first) for visit in planned[:_VISITS])
        more = f", then {len(planned) - _VISITS} more days" if len(planned) > _VISITS else ""
        yield f"Bring it to the network on {', '.join(days)}{more}; reconnect.ics has them for your calendar."
        yield "There, wait until it has synced, updated and restarted, and sign in once."
    yield "Wipe visor and pads with a dry, soft cloth. Carry it by the headband, never by the visor."


def _contact(spec: Spec, deployment: EffectiveDeployment) -> str:
    if deployment.client != OWN:
        owner = short(spec.model.organization.name)
        return f"PIN forgotten, headset locked, lost or broken: your contact at {owner} helps."
    helpers = [
        short(person.display_name or person.upn, 40) for person in spec.model.people if "helpdesk" in person.roles
    ]
    who = listed(tuple(helpers), most=2) if helpers else "your administrator"
    return f"PIN forgotten, headset locked, lost or broken: {who} helps. Say at once when it is lost."
