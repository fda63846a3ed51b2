"""Hardware hashes for the Autopilot import: one file per group tag and 500 headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.files.made import CSV, Made
from holofleet.formats import autopilot_csv
from holofleet.resources import State
from holofleet.resources.path_part import path_part
from holofleet.spec import Spec


def write(spec: Spec, state: State) -> Iterator[Made]:
    """Yield the files; headsets without a hash are in none."""
    tagged: dict[str, list[autopilot_csv.Row]] = {}
    for headset in sorted(spec.model.headsets, key=lambda one: one.serial):
        if headset.hardware_hash is None:
            continue
        tag = headset.group_tag or _tag_of(spec, headset.serial)
        tagged.setdefault(tag, []).append(autopilot_csv.Row(headset.serial, headset.hardware_hash, group_tag=tag))
    for tag, rows in sorted(tagged.items()):
        for number, piece in enumerate(autopilot_csv.split(rows), start=1):
            note = (
                f"Hashes of {len(piece)} headsets, group tag {tag}."
                if tag
                else f"Hashes of {len(piece)} headsets."
            )
            yield Made(
                f"autopilot/{path_part(tag) if tag else 'untagged'}-{number}.csv",
                autopilot_csv.render(piece),
                CSV,
                note,
            )


def _tag_of(spec: Spec, serial: str) -> str:
    deployment = spec.deployment_of.get(serial)
    enrollment = deployment.settings.enrollment if deployment is not None else None
    profile = enrollment.autopilot if enrollment is not None else None
    return (profile.group_tag or "") if profile is not None else ""
