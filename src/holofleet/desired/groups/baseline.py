"""``restrictions.baseline``: the vendor's security baseline, the weakest layer of all.

Writes every node that the catalog gives a baseline value for, at the strength ``baseline``, so that scenario,
defaults and deployment win over it. Serves EXT-34. It owns no node.

Left out: what the vendor leaves to the site (pages, app control), and the tenant lock, which would strand a
headset without an Autopilot profile (``tenant_lock.py`` decides).

Source: 'HoloLens 2 security baselines' (Microsoft), levels standard and advanced.
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.desired.groups import settings_pages, tenant_lock
from holofleet.desired.groups.group import Group
from holofleet.desired.sheet import Sheet, Value
from holofleet.desired.statement import Layer

_KEY = "restrictions.baseline"
_SITE_CHOICES = frozenset(
    {
        settings_pages.NODE,
        tenant_lock.NODE,
        "./Device/Vendor/MSFT/ApplicationControl/Policies/{PolicyGUID}/Policy",
    }
)


def values(level: str) -> Iterator[tuple[str, Value]]:
    """Yield node and value of one level (``standard`` or ``advanced``)."""
    for node in catalog.nodes().all():
        value = node.baseline.value(level) if node.baseline is not None else None
        if value is not None and node.oma_uri not in _SITE_CHOICES:
            yield node.oma_uri, value


def _write(sheet: Sheet) -> None:
    level = sheet.wanted.value(_KEY)
    if level in (None, "none"):
        return
    at = sheet.wanted.origin(_KEY).position
    for uri, value in values(level):
        filled = uri.replace("{TenantId}", sheet.wanted.spec.model.tenant.id)
        rule = f"security baseline, {level}"
        sheet.state(filled, value, layer=Layer.BASELINE, key=_KEY, rule=rule, at=at)


GROUP = Group(write=_write)
