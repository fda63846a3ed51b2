"""``app_control``: what cannot run.

Writes ``ApplicationControl/Policies/{PolicyGUID}/Policy``, the compiled policy as base64. Serves EXT-26, EXT-39,
EXT-44 and SHR-29. The policy comes from :mod:`holofleet.formats.app_control`; its id is always the same, so that a
changed one takes the old one's place at once. Policies of one's own go beside it under their own ids, from files
or as raw settings (:mod:`.own_policies`).

The new browser is a program behind a package, and is denied by its file name; the old one is a package.
"""

from __future__ import annotations

from holofleet import catalog
from holofleet.desired.groups import own_policies
from holofleet.desired.groups.group import Group
from holofleet.desired.sheet import Sheet
from holofleet.formats import app_control as wdac

_DENY, _ALLOW = "app_control.deny", "app_control.allow"
_BASE, _TRUST = "app_control.base", "app_control.trust"


def _write(sheet: Sheet) -> None:
    if sheet.wanted.value(_ALLOW):
        sheet.undelivered(
            _ALLOW,
            "a list of the only apps that run is not delivered: no source says what a headset itself needs;"
            " deny apps instead, or write and try a policy of your own (app_control.policy_file)",
        )
    policies = own_policies.Policies(sheet)
    if sheet.wanted.value(_DENY):
        _deny(sheet, policies)
    policies.files()
    policies.raw_settings()


def _deny(sheet: Sheet, policies: own_policies.Policies) -> None:
    packages: list[str] = []
    files: list[str] = []
    for place, name in enumerate(sheet.wanted.value(_DENY)):
        family, program = _meant(sheet, name)
        if not family and not program:
            sheet.undelivered(
                _DENY, f"the package of {name} is not known, so nothing is denied; assist.app names it"
            )
            return
        danger = wdac.package_danger(family)
        if danger is not None:
            at = sheet.wanted.entry(_DENY, place) or sheet.wanted.origin(_DENY).position
            sheet.fault("compile/app-control", f"{_DENY}: {danger.summary}", mend=danger.mend, at=at)
        packages += [family] if family else []
        files += [program] if program else []
    trust = _trust(sheet)
    if trust is not None:
        base = wdac.Base(sheet.wanted.value(_BASE) or wdac.Base.ALLOW_ALL)
        policy = wdac.block(packages, files, base=base, trust=trust)
        policies.state(policy.policy_id, wdac.compile_policy(policy), _DENY)


def _trust(sheet: Sheet) -> list[wdac.Trusted] | None:
    """Read the certificates that are trusted; nothing where one of them is missing or is none."""
    found: list[wdac.Trusted] = []
    for place, name in enumerate(sheet.wanted.value(_TRUST) or ()):
        data = sheet.wanted.spec.attachment(name)
        if data is None:
            sheet.undelivered(_TRUST, f"the certificate `{name}` is not beside the fleet file")
            return None
        try:
            found += wdac.trusted(data)
        except wdac.AppControlError as error:
            at = sheet.wanted.entry(_TRUST, place)
            sheet.fault("compile/app-control", f"{_TRUST}: `{name}` cannot be used", error.detail, at=at)
            return None
    return found


def _meant(sheet: Sheet, name: str) -> tuple[str, str]:
    """Return the package family and the program that a name denies; either may be empty."""
    if "_" in name:  # a package family name, perhaps with an application id behind it
        family = name.partition("!")[0]
        known = (app for app in catalog.apps().values() if (app.package_family or "").lower() == family.lower())
        return family, next((app.block_file for app in known), "")
    assist = sheet.wanted.settings.assist
    if name == "assist":
        if assist is not None and assist.product == "remote-assist":
            return catalog.apps()["remote-assist"].package_family or "", ""
        return (assist.app.package_family_name if assist is not None and assist.app is not None else ""), ""
    app = catalog.apps()[name]
    return ("", app.block_file) if app.block_file else (app.package_family or "", "")


GROUP = Group(write=_write)
