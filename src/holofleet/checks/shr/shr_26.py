"""SHR-26: the kiosk shows needed apps only, and no way to the account pages."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import apps, kiosk, lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule
from holofleet.formats.page_visibility import Mode, select

_BROWSERS = ("edge", "edge-old")
_SYNC = "workplace"
_DETAIL = (
    "The account is signed in to everything. In a browser its pages are one step away, and whoever wears the "
    "headset can change its second factor or its password."
)


def _excused(case: Case) -> NotApplicable | None:
    return None if lockdown.has_kiosk(case) else NotApplicable("there is no kiosk (SHR-25 says so)")


def _check(case: Case) -> Iterator[Fault]:
    for name, position in kiosk.shown(case):
        browser = next((short for short in _BROWSERS if apps.named([name], short)), "")
        if browser or (name == "assist" and case.value("assist.runs_in") == "browser"):
            yield Fault(
                f"the kiosk of {case.name} shows the browser ({name})",
                position,
                f"Take `{name}` out of the kiosk." if browser else "Write `assist: {runs_in: app}`.",
                _DETAIL,
            )
    yield from _pages(case)


def _pages(case: Case) -> Iterator[Fault]:
    mend = "Write `settings_pages: {show: [network]}`."
    if case.value("settings_pages.show"):
        for entry, position in case.entries("settings_pages.show"):
            if _accounts(case) & _named(entry):
                yield Fault(
                    f"{case.name} shows account pages of the Settings app ({entry})", position, mend, _DETAIL
                )
        return
    hidden = {page for entry in case.value("settings_pages.hide") or () for page in _named(entry)}
    shown = sorted(_accounts(case) - hidden)
    if shown:
        yield Fault(
            f"{case.name} shows account pages of the Settings app ({shown[0]})",
            case.place("settings_pages"),
            mend,
            _DETAIL,
        )


def _accounts(case: Case) -> frozenset[str]:
    """Return the account pages that are not to be seen; near-offline headsets keep the one for syncing."""
    pages = {name for name, page in catalog.settings_pages().items() if page.group == "Accounts"}
    needed = "OFF" in case.guides and case.value("restrictions.manual_unenrollment") is False
    return frozenset(pages - ({_SYNC} if needed else set()))


def _named(entry: str) -> set[str]:
    return set(select(Mode.SHOW_ONLY, [entry, "network"]).pages)


RULE = Rule(
    id="SHR-26",
    title="The kiosk shows needed apps only, and no way to the account pages",
    why="One tile too many is enough: the browser knows the account already and opens its pages without a "
    "question. The same holds for the account pages of the Settings app.",
    how="No browser stands in `kiosk.apps` or in a profile, calls do not run in the browser, and "
    "`settings_pages` shows no page of the group accounts. Which other apps the work needs, nobody but you can "
    "say. Near-offline headsets need the page Access work or school to sync by hand (OFF-45): we decide that "
    "`workplace` may be shown there while `restrictions.manual_unenrollment` is false, so that nobody can "
    "disconnect the account on it. Headsets have to report all three.",
    mend="Write `kiosk: {apps: [assist, settings]}`, `settings_pages: {show: [network]}` and `assist: {runs_in: "
    "app}`.",
    check=_check,
    nodes=(
        lockdown.KIOSK_NODE,
        Enforced(
            "./Device/Vendor/MSFT/Policy/Config/Settings/PageVisibilityList",
            ("settings_pages.show", "settings_pages.hide"),
        ),
        lockdown.CONTROL_NODE,
    ),
    excused=_excused,
)
