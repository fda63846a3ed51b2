"""Device groups and Autopilot registrations.

A group is dynamic where one rule gives exactly its headsets: their group tag is theirs alone and all of them are
registered. Then adding a headset costs no request at all. Otherwise its members are set one by one. Serves EXT-17,
EXT-18, OFF-08.

Source: 'Windows Autopilot for HoloLens 2' and 'Create device groups for Windows Autopilot' (Microsoft).
"""

from __future__ import annotations

import base64
from collections import defaultdict

from holofleet.desired.cloud.draft import Cohort, Draft, registered, serials, tag_of
from holofleet.resources import DeviceGroup, Registration

_RULE = '(device.devicePhysicalIds -any _ -eq "[OrderID]:{tag}")'


def write(draft: Draft) -> None:
    """Write a registration for each headset that has one or gets one, and a group for each cohort."""
    tagged: dict[str, set[str]] = defaultdict(set)
    for headset in draft.spec.model.headsets:
        tagged[tag_of(draft.spec, headset)].add(headset.serial)
    for cohort in draft.cohorts:
        draft.add(
            DeviceGroup(
                name=cohort.name,
                display_name=f"HoloLens {cohort.name}",
                deployment=cohort.deployment.name,
                document=cohort.document,
                serials=serials(cohort.headsets),
                rule=_rule(draft, cohort, tagged),
            )
        )
    _registrations(draft)
    _unregistered(draft)


def _rule(draft: Draft, cohort: Cohort, tagged: dict[str, set[str]]) -> str:
    tags = {tag_of(draft.spec, headset) for headset in cohort.headsets}
    tag = next(iter(tags))
    exact = len(tags) == 1 and tag and tagged[tag] == set(serials(cohort.headsets))
    if not exact or not draft.dynamic or not all(registered(headset) for headset in cohort.headsets):
        return ""
    return _RULE.format(tag=tag.replace("\\", "\\\\").replace('"', '\\"'))


def _registrations(draft: Draft) -> None:
    for headset in draft.spec.model.headsets:
        if not registered(headset):
            continue
        deployment = draft.spec.deployment_of.get(headset.serial)
        locked = deployment is not None and bool(deployment.settings.tenant_lock)
        hash_ = headset.hardware_hash
        draft.add(
            Registration(
                serial=headset.serial,
                group_tag=tag_of(draft.spec, headset),
                hash_sha256=draft.keep(base64.b64decode(hash_)) if hash_ is not None else "",
                locked=locked and headset.autopilot,
            )
        )


def _unregistered(draft: Draft) -> None:
    for deployment in draft.deployments:
        enrollment = deployment.settings.enrollment
        without = [headset for headset in deployment.headsets if not registered(headset)]
        if enrollment is None or enrollment.autopilot is None or not without:
            continue
        named = without[0].serial if len(without) == 1 else f"{without[0].serial} and {len(without) - 1} more"
        draft.miss_key(
            deployment,
            "enrollment.autopilot",
            f"headset {named}: the file has no hardware hash and does not declare a registration, "
            "so Autopilot cannot know it",
        )
