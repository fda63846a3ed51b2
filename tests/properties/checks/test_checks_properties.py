"""Whatever a fleet says: checking it raises nothing, is stable, and hangs on file, day and target only."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet import checks, spec
from holofleet.catalog import statements
from holofleet.checks import RULES, Report, Word

TODAY = date(2026, 11, 25)
ADMIN = "admin1@contoso.com"
SERIALS = [f"00342180010{n}" for n in range(1, 7)]


def optional(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings that hold some of the keys."""
    return st.fixed_dictionaries({}, optional=keys)


DAYS = st.integers(-40, 400).map(lambda n: (TODAY + timedelta(days=n)).isoformat())
KIOSK = optional(
    **{
        "for": st.sampled_from(["everyone", "listed"]),
        "except": st.sampled_from([[], ["device-owners"]]),
        "apps": st.lists(st.sampled_from(["settings", "camera", "edge"]), min_size=1, unique=True),
        "profiles": st.just([{"group": "crew", "apps": ["settings"]}]),
        "group_cache_days": st.integers(0, 60),
    }
)
DEPLOYMENT = optional(
    client=st.sampled_from(["own", "fabrikam"]),
    site=st.sampled_from(["plant", "ship"]),
    enrollment=optional(
        automatic=st.booleans(),
        first_account=st.sampled_from([ADMIN, "none"]),
        autopilot=st.just({"profile": "hololens-field"}),
    ),
    accounts=optional(
        kind=st.sampled_from(["individual", "shared-manual", "shared-certificate"]),
        users=st.sampled_from(["per-headset", [ADMIN]]),
        custody=st.just({"kept_by": "shift lead"}),
    ),
    sign_in=optional(
        iris=st.booleans(), hello=st.booleans(), auto_logon=st.booleans(), pin=optional(required=st.booleans())
    ),
    kiosk=st.one_of(st.just("none"), KIOSK),
    app_control=st.sampled_from(
        [
            "none",
            {"deny": ["edge"]},
            {"deny": ["edge", "edge-old"]},
            {"deny": [], "allow": ["edge"]},
            {"policy_file": "p.xml"},
        ]
    ),
    settings_pages=st.sampled_from(["all", {"show": ["network"]}, {"show": ["sound"]}, {"hide": ["network"]}]),
    network=optional(wifi=optional(manual=st.booleans(), radio=st.booleans())),
    device_owners=st.sampled_from([[], [ADMIN]]),
    reconnect=optional(
        rule=st.sampled_from(["interval", "monthly"]),
        every=st.sampled_from(["7d", "31d", "60d"]),
        week=st.sampled_from(["first", "second", "third"]),
        day=st.sampled_from(["monday", "wednesday"]),
        after_patch_tuesday=st.booleans(),
        longest_absence=st.sampled_from(["10d", "70d"]),
    ),
)
SCENARIO = st.sampled_from(["cloud-connected", "external-clients", "shared-identity", "near-offline"])
SITE = optional(
    connectivity=st.sampled_from(["online", "near-offline", "offline"]),
    connected_in_use=st.booleans(),
    network=optional(
        uplink_mbps=st.integers(1, 20), downlink_mbps=st.integers(1, 20), concurrent_calls=st.integers(1, 5)
    ),
)
RULE = st.sampled_from(sorted({*RULES, "EXT-30", "SHR-46"}))
WAIVER = st.fixed_dictionaries(
    {"rule": RULE, "by": st.just(ADMIN), "until": DAYS, "reason": st.just("accepted")},
    optional={"deployment": st.sampled_from(["one", "two"]), "headset": st.sampled_from(SERIALS)},
)
ATTESTATION = st.fixed_dictionaries(
    {"rule": RULE, "by": st.just(ADMIN), "on": DAYS, "until": DAYS, "seen": st.just("all well")},
    optional={"deployment": st.sampled_from(["one", "two"])},
)


@st.composite
def fleets(draw: st.DrawFn) -> dict[str, Any]:
    """Return fleets of two deployments, two sites and six headsets."""
    deployments = []
    for name, serials in (("one", SERIALS[:3]), ("two", SERIALS[3:])):
        own = draw(DEPLOYMENT) | {"name": name, "scenario": draw(SCENARIO), "headsets": serials}
        deployments.append(own)
    return {
        "holofleet": "1",
        "organization": {"name": "Contoso", "country": "US"},
        "tenant": {
            "id": "11111111-1111-4111-8111-111111111111",
            "domain": "contoso.com",
            "edition": draw(st.sampled_from(["free", "P1"])),
        },
        "people": [{"upn": ADMIN, "roles": ["administrator"]}],
        "groups": [{"name": "crew", "object_id": "22222222-2222-4222-8222-222222222222"}],
        "clients": [{"name": "fabrikam"}],
        "sites": [draw(SITE) | {"name": name} for name in ("plant", "ship")],
        "headsets": [{"serial": serial, "autopilot": draw(st.booleans())} for serial in SERIALS],
        "deployments": deployments,
        "waivers": draw(st.lists(WAIVER, max_size=3)),
        "attestations": draw(st.lists(ATTESTATION, max_size=3)),
    }


def check(fleet: dict[str, Any], target: str = "graph") -> Report:
    """Check a fleet that is written as JSON, which is YAML."""
    return checks.run(spec.parse({"fleet.yaml": json.dumps(fleet, indent=1)}), today=TODAY, target=target)


def without_places(report: Report) -> list[tuple[str, str, str]]:
    """Return the findings without their places, which move with the text."""
    return sorted((finding.rule, finding.summary, finding.subject) for finding in report.findings)


@settings(max_examples=60, deadline=None)
@given(fleets(), st.sampled_from(["server", "graph", "files"]))
def test_a_report_is_sound_whatever_the_fleet_says(fleet: dict[str, Any], target: str) -> None:
    report = check(fleet, target)
    assert report == check(fleet, target)
    assert [f.sort_key for f in report.findings] == sorted(f.sort_key for f in report.findings)
    assert len(set(report.findings)) == len(report.findings)
    lines = json.dumps(fleet, indent=1).splitlines()
    for finding in report.findings:
        assert finding.position is not None
        assert 1 <= finding.position.line <= len(lines)
        assert finding.rule in statements() or finding.rule.startswith("file/")
    for standing in report.standings:
        assert standing.evidence or standing.why
        assert standing.lost <= (standing.word is Word.NOT_APPLICABLE)


@settings(max_examples=60, deadline=None)
@given(fleets())
def test_a_deployment_with_a_finding_is_never_met(fleet: dict[str, Any]) -> None:
    report = check(fleet)
    for finding in report.findings:
        kind, _, name = finding.subject.partition(":")
        if kind == "deployment" and finding.rule in RULES:
            words = {s.word for s in report.standings if (s.rule, s.deployment) == (finding.rule, name)}
            assert words <= {Word.NOT_MET, Word.WAITING}
            assert words


@settings(max_examples=40, deadline=None)
@given(fleets(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_changes_no_finding(fleet: dict[str, Any], chance: random.Random) -> None:
    moved = dict(fleet)
    keys = list(moved)
    chance.shuffle(keys)
    for key in ("headsets", "sites", "deployments"):
        moved[key] = chance.sample(moved[key], len(moved[key]))
    shuffled = {key: moved[key] for key in keys}
    assert without_places(check(fleet)) == without_places(check(shuffled))


@settings(max_examples=40, deadline=None)
@given(fleets())
def test_waiving_every_finding_leaves_none_of_the_guides(fleet: dict[str, Any]) -> None:
    bare = fleet | {"waivers": [], "attestations": []}
    found = check(bare)
    rules = sorted({finding.rule for finding in found.findings})
    waivers = [{"rule": rule, "by": ADMIN, "until": "2027-01-29", "reason": "accepted"} for rule in rules]
    report = check(bare | {"waivers": waivers})
    assert report.findings == ()
    assert without_places(Report(report.waived, ())) == without_places(found)
    assert Word.NOT_MET not in {standing.word for standing in report.standings}
