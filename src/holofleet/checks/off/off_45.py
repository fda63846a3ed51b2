"""OFF-45: whoever looks after a headset can look for updates by hand."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import pages
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_PAGE = "windowsupdate"


def _check(case: Case) -> Iterator[Fault]:
    key = pages.keeps_away(case, _PAGE)
    if key:
        yield Fault(
            f"the page {_PAGE} of the Settings app is kept from people of {case.name}",
            case.place(key),
            f"Add `{_PAGE}` to `settings_pages.show`."
            if key.endswith("show")
            else f"Take `{_PAGE}` out of `settings_pages.hide`.",
            "At a visit somebody looks for updates by hand, in Settings, Update & Security. Without the page the "
            "headset decides by itself whether the visit was long enough.",
        )


RULE = Rule(
    id="OFF-45",
    title="Updates can be looked for by hand",
    why="A visit is short, and a headset looks for updates when it likes. Looking by hand makes sure that the "
    "visit was used. The headset needs 40 % of its battery, or power.",
    how="`settings_pages` shows the page `windowsupdate`. The list holds for everybody on the headset, so it "
    "cannot be shown to those alone who look after it. EXT-31 asks that clients see network pages only: where "
    "both guides bind a deployment, we decide for updates. Keep the page, and waive EXT-31 for this deployment "
    "with that reason. Headsets have to report the list; that updates were looked for, the time of the search and "
    "the build tell.",
    mend="Add `windowsupdate`, and `windowsupdate-action` for its buttons, to `settings_pages.show`.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/Policy/Config/Settings/PageVisibilityList",
            ("settings_pages.show", "settings_pages.hide"),
        ),
    ),
    verification="each headset searched for updates at its last visit and runs the newest build",
)
