"""Files that a fleet file names besides tables: certificates, profiles and policies of your own.

They are read once, when the fleet file is, so that everything after it stays pure. Packages of apps are named too,
but not read here: they may be large, and only who uploads them needs their bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.diagnostics import Position
from holofleet.spec.model.deployment import DeploymentSettings
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.positions import Positions
from holofleet.spec.yaml_text import Path

MAX_ENCLOSURE_BYTES = 1024 * 1024
"""Of one file. Ours; a policy with thousands of hashes has some hundred kilobytes."""


def named_files(model: FleetFile, positions: Positions) -> dict[str, Position]:
    """Return the files by their name in the fleet file, each with the place that names it first."""
    found: dict[str, Position] = {}
    for name, path in _names(model):
        found.setdefault(name, positions.of(path))
    return found


def _names(model: FleetFile) -> Iterator[tuple[str, Path]]:
    for index, site in enumerate(model.sites):
        proxy = site.network.proxy
        if proxy is not None and proxy.root_certificate is not None:
            yield proxy.root_certificate, ("sites", index, "network", "proxy", "root_certificate")
    yield from _of_settings(model.defaults, ("defaults",))
    for index, deployment in enumerate(model.deployments):
        yield from _of_settings(deployment, ("deployments", index))


def _of_settings(settings: DeploymentSettings, at: Path) -> Iterator[tuple[str, Path]]:
    for index, certificate in enumerate(settings.certificates or ()):
        yield certificate.file, (*at, "certificates", index, "file")
    vpn = settings.network.vpn if settings.network is not None else None
    if vpn is not None and vpn.profile_file is not None:
        yield vpn.profile_file, (*at, "network", "vpn", "profile_file")
    control = settings.app_control
    if control is not None and control.policy_file is not None:
        yield control.policy_file, (*at, "app_control", "policy_file")
    for index, name in enumerate((control.policies if control is not None else None) or ()):
        yield name, (*at, "app_control", "policies", index)
    for index, name in enumerate((control.trust if control is not None else None) or ()):
        yield name, (*at, "app_control", "trust", index)
