"""The compilers of typed keys, one file per group of keys.

Each file names the keys that it reads and the nodes that it writes. :data:`GROUPS` is all of them, and
:data:`OWNERS` says which key owns a node. What lives elsewhere: raw ``settings:`` (no key owns them,
:mod:`holofleet.desired.raw`) and who wins (:mod:`holofleet.desired.resolution`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from holofleet.desired.groups import (
    account_certificate,
    app_control,
    apps,
    baseline,
    certificates,
    device_owners,
    first_start,
    kiosk,
    network,
    poll,
    power,
    privacy,
    profiles,
    restrictions,
    settings_pages,
    shared_account,
    sign_in,
    site_network,
    tenant_lock,
    undelivered,
    updates,
    vpn,
)
from holofleet.desired.groups.group import Group

GROUPS: tuple[Group, ...] = (
    baseline.GROUP,
    restrictions.GROUP,
    privacy.GROUP,
    tenant_lock.GROUP,
    settings_pages.GROUP,
    kiosk.GROUP,
    app_control.GROUP,
    updates.GROUP,
    apps.GROUP,
    sign_in.GROUP,
    shared_account.GROUP,
    account_certificate.GROUP,
    network.GROUP,
    site_network.GROUP,
    certificates.GROUP,
    vpn.GROUP,
    device_owners.GROUP,
    profiles.GROUP,
    power.GROUP,
    first_start.GROUP,
    poll.GROUP,
    undelivered.GROUP,
)
OWNERS: Mapping[str, str] = MappingProxyType({node: key for group in GROUPS for node, key in group.owners.items()})

__all__ = ["GROUPS", "OWNERS", "Group"]
