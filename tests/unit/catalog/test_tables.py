"""Apps, builds, settings pages, licenses, endpoints and statements."""

from __future__ import annotations

import pytest

from holofleet import catalog
from holofleet.catalog import Build, Release
from holofleet.diagnostics import Severity


def test_there_are_181_statements_and_their_guide_is_their_prefix():
    statements = catalog.statements()
    assert len(statements) == 181
    for key, statement in statements.items():
        assert statement.id == key
        assert key.partition("-")[0] == statement.guide in catalog.guides()
        assert statement.lines
        assert statement.section
        assert statement.requirement
        assert statement.check
        assert statement.enforce
        assert statement.verify
        assert isinstance(statement.kind, Severity)


def test_statements_count_by_guide_and_kind():
    statements = catalog.statements().values()
    assert sum(statement.kind is Severity.MUST for statement in statements) == 68
    assert sum(statement.kind is Severity.LIMITATION for statement in statements) == 13
    assert sum(statement.derived for statement in statements) == 3
    assert sum(bool(statement.params) for statement in statements) == 27
    assert catalog.statements()["PREP-04"].params == {"min_edition": "P1"}


def test_guides_are_cited_by_title_and_date():
    assert {guide.published for guide in catalog.guides().values()} == {"Microsoft, 2024-06-27"}
    assert catalog.guides()["EXT"].title == "Deploy cloud connected HoloLens 2 to external clients"


@pytest.mark.parametrize("app", catalog.apps().values(), ids=lambda app: app.name)
def test_the_aumid_of_an_app_is_its_package_family_and_an_id(app):
    for aumid in app.aumids:
        family, bang, application = aumid.partition("!")
        assert (family, bang) == (app.package_family, "!")
        assert application
        assert "!" not in application
    assert set(app.sources) <= set(catalog.sources())


def test_the_short_names_of_apps_are_those_that_fleet_files_use():
    assert {
        "assist", "settings", "settings-old", "camera", "device-picker", "edge", "edge-old", "mail-and-calendar",
        "onedrive", "remote-assist", "guides", "photos", "store",
    } <= set(catalog.apps())  # fmt: skip
    assert len(catalog.apps()["mail-and-calendar"].aumids) == 2
    assert catalog.apps()["edge"].block_file == "msedge.exe"
    assert catalog.apps()["camera"].in_box is True
    assert catalog.apps()["guides"].in_box is None


def test_builds_are_ordered_as_numbers_major_first():
    assert Build.parse("10.0.20348.1543") < Build.parse("22621.1113") < Build.parse("22621.10000")
    assert str(Build.parse("22621.1250")) == "10.0.22621.1250"


@pytest.mark.parametrize(
    "text", ["", "22621", "10.0.22621", "10.0.22621.1250 ", "11.0.22621.1", "22621.1x", "２２６２１.1"]
)
def test_what_is_no_build_is_refused(text):
    with pytest.raises(ValueError, match="not a build"):
        Build.parse(text)


@pytest.mark.parametrize(
    ("build", "release"),
    [
        ("22621.1266", "23H2"),
        ("22621.1244", "23H2"),
        ("22621.1243", "23H1"),
        ("20348.1432", "21H2"),
        ("20348.1431", "21H1"),
        ("20346.1002", "21H1"),
        ("22621.99999", "23H2"),
        ("26100.1", None),
        ("17763.1", None),
    ],
)
def test_the_release_of_a_build_is_told_by_the_row_at_or_below_it(build, release):
    assert catalog.builds().release_of(Build.parse(build)) == release


def test_the_builds_table_can_be_extended_and_newer_builds_are_accepted():
    builds = catalog.builds()
    assert builds.newest() == Build.parse("22621.1266")
    later = Build.parse("22621.1300")
    assert not builds.knows(later)
    more = builds.extended([Release(later, "23H2", "2024-08")])
    assert more.newest() == later
    assert more.knows(later)
    assert builds.newest() == Build.parse("22621.1266")
    assert len(builds.all()) == 91
    assert builds.first_of("23H2") == Build.parse("22621.1244")
    assert builds.first_of("99H9") is None


def test_the_first_build_of_each_release_is_in_the_table_once():
    firsts = [row.release for row in catalog.builds().all() if row.first]
    assert sorted(firsts) == sorted({row.release for row in catalog.builds().all()})


def test_settings_pages_know_their_group_and_builds():
    pages = catalog.settings_pages()
    assert len(pages) == 79
    assert {name for name, page in pages.items() if page.group == "Network"} == {
        "network-wifi", "network-wifisettings", "network-status", "wifi-provisioning", "network-vpn",
        "network-proxy", "network-airplanemode",
    }  # fmt: skip
    proxy = pages["network-proxy"]
    assert proxy.on(Build.parse("19041.1223"))
    assert not proxy.on(Build.parse("20346.1002"))
    assert pages["appupdate"].on(Build.parse("22621.1113"))
    assert not pages["appupdate"].on(Build.parse("20348.1543"))


def test_every_named_page_is_one_that_the_visibility_policy_takes():
    node = catalog.nodes().by_name("Settings", "PageVisibilityList")
    node.check("showonly:" + ";".join(catalog.settings_pages()))


def test_products_hold_plans_and_plans_are_known():
    licenses = catalog.licenses()
    assert len(licenses.products) == 23
    for product in licenses.products.values():
        assert set(product.plans) <= set(licenses.plans)
    assert "TEAMS1" in licenses.plans_of(["MICROSOFT_REMOTE_ASSIST"])
    assert "TEAMS1" not in licenses.plans_of(["Microsoft_365_E3_(no_Teams)", "NO_SUCH_SKU"])
    assert {product.sku for product in licenses.with_plan("AAD_PREMIUM_P2")} == {
        "AAD_PREMIUM_P2",
        "EMSPREMIUM",
        "SPE_E5",
    }
    assert licenses.products["INTUNE_A_D"].device_only


def test_endpoints_carry_the_guide_table_and_what_tasks_need():
    endpoints = catalog.endpoints()
    assert len(endpoints.endpoints) == 162
    assert len(endpoints.guide_groups) == 11
    in_table = {endpoint.group for endpoint in endpoints.endpoints if endpoint.in_guide_table}
    assert in_table == {group.key for group in endpoints.guide_groups}
    for task, groups in endpoints.tasks.items():
        assert set(groups) <= set(endpoints.groups), task
        assert endpoints.for_task(task)
    for endpoint in endpoints.endpoints:
        assert endpoint.ports
        assert endpoint.hosts or endpoint.path or endpoint.raw
        assert endpoint.requirement in ("required", "recommended", "conditional", "optional")
        assert endpoint.source in catalog.sources()
    with pytest.raises(KeyError):
        endpoints.for_task("brew-tea")
