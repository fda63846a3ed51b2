"""Which guides bind a deployment: by the scenario that it names, and by what it is in fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from holofleet.spec import EffectiveDeployment
from holofleet.spec.model.site import Site

_SCENARIOS = {
    "PREP": "cloud-connected",
    "EXT": "external-clients",
    "SHR": "shared-identity",
    "OFF": "near-offline",
}

NOBODY = {
    "PREP": "the file has no deployment",
    "EXT": "no deployment is for external clients",
    "SHR": "no deployment shares accounts",
    "OFF": "no deployment is near-offline",
}
"""What to say where a guide binds no deployment at all."""


def binding(deployment: EffectiveDeployment, sites: Iterable[Site]) -> Mapping[str, str]:
    """Return the guides that bind a deployment, each with the reason.

    A deployment whose accounts are shared follows the shared-identity guide whatever its scenario is called; one
    with a client the guide for external clients; one at a site without a steady network the near-offline guide.
    """
    scenarios = deployment.all_scenarios
    found = {
        guide: f"scenario {scenario}"
        for guide, scenario in _SCENARIOS.items()
        if guide == "PREP" or scenario in scenarios
    }
    if deployment.client != "own":
        found.setdefault("EXT", f"client {deployment.client}")
    accounts = deployment.settings.accounts
    if accounts is not None and accounts.kind is not None and accounts.kind.startswith("shared"):
        found.setdefault("SHR", f"accounts.kind {accounts.kind}")
    for site in sites:
        if site.connectivity in ("near-offline", "offline"):
            found.setdefault("OFF", f"site {site.name} is {site.connectivity}")
    return found
