"""SHR-32: nothing on a shared headset promises people their own files and mail."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import apps, kiosk
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_PERSONAL = ("mail-and-calendar", "onedrive")


def _check(case: Case) -> Iterator[Fault]:
    files = "onedrive-files" in (case.value("accounts.features") or ())
    for name, position in kiosk.shown(case):
        short = apps.short_of(name)
        if short in _PERSONAL and not (short == "onedrive" and files):
            yield Fault(
                f"the kiosk of {case.name} shows {name}, which opens the account's content and nobody's own",
                position,
                f"Take `{name}` out of the kiosk, or write `accounts: {{kind: individual}}` for people who need "
                "theirs.",
                "People who look for their mail or files find those of the headset, and leave theirs there by "
                "signing in with their own account.",
            )


RULE = Rule(
    id="SHR-32",
    title="Nothing on a shared headset promises people their own content",
    why="With a shared account nobody has their own mail, files or calendar on the headset. Where the work needs "
    "them, people need accounts of their own; that is decided before headsets are set up.",
    how="The kiosk shows neither Mail and Calendar nor OneDrive. OneDrive may be shown where `accounts.features` "
    "asks for `onedrive-files`: those are the account's files, for what calls leave behind.",
    mend="Take the app out of the kiosk, or give people individual accounts.",
    check=_check,
)
