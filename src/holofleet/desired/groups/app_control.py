"""``app_control``: what cannot run.

Writes ``ApplicationControl/Policies/{PolicyGUID}/Policy``, the compiled policy as base64. Serves EXT-26, EXT-39,
EXT-44 and SHR-29. The policy comes from :mod:`holofleet.formats.app_control`; its id is always the same, so that a
changed one takes the old one's place at once. It owns no node: a policy of one's own, compiled by
``holofleet app-control compile``, goes beside it as a raw setting under its own id.

The new browser is a program behind a package, and is denied by its file name; the old one is a package.
"""

from __future__ import annotations

import base64

from holofleet import catalog
from holofleet.desired.groups.group import Group
from holofleet.desired.sheet import Sheet
from holofleet.formats import app_control as wdac
from holofleet.resources import normal_uri

NODE = f"./Device/Vendor/MSFT/ApplicationControl/Policies/{wdac.POLICY_ID}/Policy"
_DENY, _ALLOW, _FILE = "app_control.deny", "app_control.allow", "app_control.policy_file"


def _write(sheet: Sheet) -> None:
    if sheet.wanted.value(_ALLOW):
        sheet.undelivered(
            _ALLOW,
            "a list of the only apps that run is not delivered: no source says what a headset itself needs;"
            " deny apps instead",
        )
    if sheet.wanted.value(_FILE):
        sheet.undelivered(
            _FILE,
            "policies of one's own are not read when a fleet is compiled; see `holofleet app-control compile`",
        )
    if sheet.wanted.value(_DENY):
        _deny(sheet)


def _deny(sheet: Sheet) -> None:
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
    policy = wdac.block(packages, files)
    _refuse_second(sheet)
    sheet.node(NODE, base64.b64encode(wdac.compile_policy(policy)).decode(), key=_DENY)


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


def _refuse_second(sheet: Sheet) -> None:
    """Refuse a raw setting under our policy's id: only one of the two could be on a headset."""
    for place, entry in enumerate(sheet.wanted.value("settings") or ()):
        if normal_uri(entry.oma_uri).lower() == NODE.lower():
            sheet.fault(
                "compile/owned-node",
                f"the raw setting for {NODE} takes the policy that the key {_DENY} owns",
                mend=f"Write the key {_DENY} and remove the raw setting, or give your policy an id of its own.",
                at=sheet.wanted.entry("settings", place),
            )


GROUP = Group(write=_write)
