"""Device groups part the headsets of any fleet, and a rule gives exactly the headsets of its group."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet import desired, resources, spec

TAGS = ("", "field", "dock", 'a "quoted" one'.replace('"', "!"))
BUILDS = ("", "19041.1128", "22621.1244", "22621.1266")

HEADSET = st.fixed_dictionaries(
    {
        "tag": st.sampled_from(TAGS),
        "autopilot": st.booleans(),
        "build": st.sampled_from(BUILDS),
        "site": st.sampled_from(("", "plant", "harbour")),
        "account": st.booleans(),
        "deployment": st.sampled_from(("", "one", "two")),
    }
)


def text(headsets: list[dict[str, str | bool]]) -> str:
    """Return a fleet of these headsets in up to two deployments."""
    lines = [
        "holofleet: 1",
        "organization: {name: Contoso, country: US, timezone: America/Chicago}",
        "tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}",
        "sites: [{name: plant}, {name: harbour}]",
        "headsets:",
    ]
    for number, one in enumerate(headsets):
        parts = [f'serial: "00{number}"', f"autopilot: {str(one['autopilot']).lower()}"]
        parts += [f'group_tag: "{one["tag"]}"'] if one["tag"] else []
        parts += [f'build: "{one["build"]}"'] if one["build"] else []
        parts += [f"site: {one['site']}"] if one["site"] else []
        parts += [f"account: visor-{number}@contoso.com"] if one["account"] else []
        lines.append("  - {" + ", ".join(parts) + "}")
    lines.append("deployments:")
    for name in ("one", "two"):
        serials = [f'"00{n}"' for n, one in enumerate(headsets) if one["deployment"] == name]
        lines.append(f"  - {{name: {name}, scenario: cloud-connected, headsets: [{', '.join(serials)}],")
        lines.append("     power: {restart: {day: sunday, time: 02:30}},")
        lines.append("     enrollment: {autopilot: {profile: hololens, group_tag: field}}}")
    return "\n".join(lines) + "\n"


@settings(max_examples=60, deadline=None)
@given(st.lists(HEADSET, min_size=1, max_size=9))
def test_device_groups_part_the_headsets_and_rules_give_exactly_theirs(
    headsets: list[dict[str, str | bool]],
) -> None:
    state = desired.compile(spec.parse({"fleet.yaml": text(headsets)}), target="graph")
    groups = state.of_kind(resources.DeviceGroup).values()
    counted = Counter(serial for group in groups for serial in group.serials)
    assert counted == Counter(list(state.headsets))
    tagged = {f"00{n}": one["tag"] or ("field" if one["deployment"] else "") for n, one in enumerate(headsets)}
    for group in groups:
        assert {state.headsets[serial].document for serial in group.serials} == {group.document}
        assert {state.headsets[serial].deployment for serial in group.serials} == {group.deployment}
        if group.rule:
            (tag,) = re.findall(r'"\[OrderID\]:(.*)"', group.rule)
            given_by = {serial for serial, its in tagged.items() if its == tag}
            assert given_by == set(group.serials)
            assert all(state.headsets[serial].autopilot for serial in group.serials)
    assert set(state.of_kind(resources.Registration)) == {
        f"00{n}" for n, one in enumerate(headsets) if one["autopilot"]
    }
