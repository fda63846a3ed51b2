"""Headsets as the API shows them. Names of keys are a contract with the command line and other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holofleet.web.api.render import render

if TYPE_CHECKING:
    from holofleet.server.fleet import HeadsetDetail, HeadsetSummary, SettingView


def summary(headset: HeadsetSummary) -> dict[str, Any]:
    """Return one line of the list."""
    return {
        "serial": headset.serial,
        "name": headset.name,
        "client": headset.client,
        "deployment": headset.deployment,
        "site": headset.site,
        "compliance": render(headset.compliance),
        "reasons": list(headset.reasons),
        "last_seen_at": render(headset.last_seen_at),
        "build": headset.os_build,
        "removed": headset.removed,
    }


def setting(view: SettingView) -> dict[str, Any]:
    """Return one setting; ``origin`` is the strongest of ``origins``, which is where the value comes from."""
    origins = [render(origin) for origin in view.origins]
    return {
        "oma_uri": view.oma_uri,
        "name": view.name,
        "format": view.format,
        "desired": view.desired,
        "reported": view.reported,
        "status": render(view.status),
        "reason": view.reason,
        "since": render(view.since),
        "readable": view.readable,
        "evidence": view.evidence,
        "origin": origins[-1] if origins else None,
        "origins": origins,
    }


def detail(headset: HeadsetDetail) -> dict[str, Any]:
    """Return everything about one headset."""
    enrolled = headset.summary.enrollment is not None
    return {
        **summary(headset.summary),
        "settings": [setting(view) for view in headset.settings],
        "undelivered": render(headset.undelivered),
        "inventory": render(headset.inventory),
        "orders": render(headset.orders),
        "events": render(headset.timeline),
        "document": headset.document,
        "acknowledged": headset.acknowledged,
        "verified_at": render(headset.verified_at),
        "enrollment": {
            "id": headset.summary.enrollment,
            "standing": headset.standing,
            "standing_reason": headset.standing_reason,
            "enrolled_at": render(headset.enrolled_at),
            "certificate_sha256": headset.certificate_sha256,
            "certificate_not_after": render(headset.certificate_not_after),
            "tenant_lock": headset.tenant_lock,
        }
        if enrolled
        else None,
    }
