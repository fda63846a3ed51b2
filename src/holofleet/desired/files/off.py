"""What a hand-out says is off on the headsets of a deployment, and why, in words for people who wear them."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.formats.handouts.sheet import Off, listed, short
from holofleet.spec import EffectiveDeployment
from holofleet.spec.model.identity import Accounts, SignIn
from holofleet.spec.model.lockdown import Privacy, Restrictions

_PAGES = {
    "network": "Network",
    "bluetooth": "Bluetooth",
    "sound": "Sound",
    "calibration": "Calibration",
    "signinoptions": "Sign-in options",
    "windowsupdate": "Windows Update",
    "workplace": "Access work or school",
}
_OLD = "-old"


def rows(deployment: EffectiveDeployment) -> Iterator[Off]:
    """Yield what is off; nothing where the file does not say it."""
    yield from _apps(deployment)
    yield from _restricted(deployment.settings.restrictions or Restrictions())
    yield from _private(deployment.settings.privacy or Privacy())
    sign_in = deployment.settings.sign_in or SignIn()
    accounts = deployment.settings.accounts or Accounts()
    if sign_in.iris is False:
        shared = accounts.kind in ("shared-certificate", "shared-manual")
        yield Off(
            "Sign-in by eye",
            "The account belongs to the headset, not to one person."
            if shared
            else "The headset learns nobody's eyes.",
        )


def _apps(deployment: EffectiveDeployment) -> Iterator[Off]:
    settings = deployment.settings
    control, kiosk, pages = settings.app_control, settings.kiosk, settings.settings_pages
    if control is not None and control.deny:
        why = "The headset is signed in. Without these, nobody comes upon mail, chats or files of its account."
        yield Off(listed(titles(control.deny), most=4), why)
    if control is not None and control.allow:
        yield Off(f"Every app but {listed(titles(control.allow), most=4)}", "Only what the work needs can run.")
    if kiosk is not None and kiosk.apps:
        shown = listed(titles(kiosk.apps), most=6)
        yield Off(f"Start menu: only {shown}", "What you need is quickly found.")
    if pages is not None and pages.show:
        named = tuple(dict.fromkeys(_PAGES.get(page.partition("-")[0], short(page, 20)) for page in pages.show))
        yield Off(f"Settings: only {listed(named, most=6)}", "The rest is set for you, and kept right.")


def titles(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what people call the apps; an older edition of an app has the name of the newer one."""
    known = catalog.apps()
    titles = []
    for name in names:
        app = known.get(name.removesuffix(_OLD)) or known.get(name)
        titles.append(short(app.title.removeprefix("holofleet "), 30) if app is not None else short(name, 30))
    return tuple(dict.fromkeys(titles))


def _restricted(said: Restrictions) -> Iterator[Off]:
    if said.usb_data is False:
        yield Off("Copying by USB cable", "What the headset saw stays where it belongs. Charging works.")
    elif said.storage_card is False:
        yield Off("USB sticks", "What the headset saw stays where it belongs.")
    if said.microsoft_accounts is False:
        yield Off("Personal Microsoft accounts", "Work and private data stay apart.")
    if said.manual_unenrollment is False or said.developer_mode is False:
        yield Off(
            "Developer mode, leaving the management", "Otherwise nobody could keep the headset safe and updated."
        )
    if said.bluetooth is False:
        yield Off("Bluetooth", "No other device connects to it unnoticed.")
    if said.vpn_settings is False:
        yield Off("VPN settings", "The work needs none of your own.")


def _private(said: Privacy) -> Iterator[Off]:
    if said.camera == "deny":
        yield Off("Camera for apps", "No pictures leave the headset.")
    if said.microphone == "deny":
        yield Off("Microphone for apps", "No sound leaves the headset.")
    if said.location_service is False:
        yield Off("Location", "The headset does not work out where you are.")
    if said.speech is False:
        yield Off("Online speech recognition", "What you say is not sent away to be understood.")
