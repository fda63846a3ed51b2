"""Variants: the headsets of a deployment that are equal in everything that settings depend on.

What settings depend on is the site, the declared Autopilot registration, whether an account of its own signs in
on the headset, and the build. Headsets of one variant share one document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from holofleet import catalog
from holofleet.desired.directory import account_of
from holofleet.desired.wanted import Wanted
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.headset import Headset

NEWEST = "newest-known"


@dataclass(frozen=True, slots=True)
class Placed:
    """A headset with its account and its site, as far as the file tells."""

    headset: Headset
    account: str | None
    site: str | None


@dataclass(frozen=True, slots=True)
class Variant:
    """What its headsets are compiled from, and the headsets; none where a deployment has none yet."""

    wanted: Wanted
    headsets: tuple[Placed, ...]


def variants(spec: Spec, deployment: EffectiveDeployment, *, target: str) -> Iterator[Variant]:
    """Yield the variants of a deployment; always at least one, so that an empty deployment is judged too."""
    index = {site.name: place for place, site in enumerate(spec.model.sites)}
    loaned = _open_loans(spec)
    groups: dict[tuple[str | None, bool, bool, str], list[Placed]] = {}
    for headset in deployment.headsets:
        site = headset.site or loaned.get(headset.serial) or deployment.site_of(headset)
        account = account_of(spec, deployment, headset)
        key = (site, headset.autopilot, account is not None, headset.build or "")
        groups.setdefault(key, []).append(Placed(headset, account, site))
    if not groups:
        said = deployment.settings.accounts
        own = said is not None and said.users == "per-headset"
        groups[(deployment.declared.site, False, own, "")] = []
    for (site, autopilot, account_known, build), placed in groups.items():
        wanted = Wanted(
            spec,
            deployment,
            index.get(site) if site is not None else None,
            autopilot,
            account_known,
            build_of(deployment, build),
            target,
        )
        yield Variant(wanted, tuple(placed))


def build_of(deployment: EffectiveDeployment, own: str = "") -> catalog.Build:
    """Return the build of headsets: their own, else the deployment's, else the newest one known."""
    updates = deployment.settings.updates
    said = own or (updates.build if updates is not None and updates.build is not None else NEWEST)
    return catalog.builds().newest() if said == NEWEST else catalog.Build.parse(said)


def _open_loans(spec: Spec) -> dict[str, str]:
    """Return the site of each headset that is lent and did not come back, or is about to leave."""
    return {
        serial: loan.site
        for loan in spec.model.loans
        if loan.returned is None and loan.site is not None
        for serial in loan.headsets
    }
