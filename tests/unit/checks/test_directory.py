"""Accounts, groups and licenses as the file says them."""

from __future__ import annotations

from holofleet import spec
from holofleet.checks.directory import Directory, Grant

FLEET = """\
holofleet: 1
organization: {name: Contoso, country: US, timezone: America/Chicago}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
people:
  - {upn: admin1@contoso.com, roles: [administrator], licenses: [INTUNE_A, AAD_PREMIUM]}
  - {upn: line1@contoso.com, licenses: [INTUNE_A]}
  - {upn: line2@contoso.com}
  - {upn: line3@contoso.com}
groups:
  - {name: first, members: [line1@contoso.com, line3@contoso.com], licenses: [EMS]}
  - {name: empty, members: [line2@contoso.com]}
headsets:
  - {serial: "0101", account: line1@contoso.com}
  - {serial: "0102", account: line2@contoso.com}
  - {serial: "0103"}
  - {serial: "0201"}
deployments:
  - name: listed
    scenario: shared-identity
    headsets: {prefix: "01"}
    enrollment: {first_account: admin1@contoso.com}
    accounts:
      users: [line2@contoso.com, line3@contoso.com]
      licenses: [AAD_PREMIUM, SPE_F1]
  - name: made
    scenario: shared-identity
    headsets: {prefix: "02"}
    enrollment: {first_account: admin1@contoso.com}
"""


def read() -> tuple[Directory, spec.Spec]:
    """Return the directory of the fleet, and the fleet."""
    spec_ = spec.parse({"fleet.yaml": FLEET})
    return Directory(spec_), spec_


def given(upn: str) -> list[tuple[str, str]]:
    """Return product and group of everything that an account of the first deployment gets."""
    directory, spec_ = read()
    return [(grant.sku, grant.group) for grant in directory.grants(spec_.deployments()[0], upn)]


def test_accounts_are_those_of_headsets_and_those_that_are_listed_each_once() -> None:
    directory, _ = read()
    assert directory.accounts == {
        "listed": ("line1@contoso.com", "line2@contoso.com", "line3@contoso.com"),
        "made": ("hl-0201@contoso.com",),
    }


def test_a_headset_with_several_users_has_no_account_of_its_own() -> None:
    directory, _ = read()
    assert directory.account_of == {
        "0101": "line1@contoso.com",
        "0102": "line2@contoso.com",
        "0103": None,
        "0201": "hl-0201@contoso.com",
    }
    assert directory.headsets_of["line2@contoso.com"] == ("0102",)
    assert "line3@contoso.com" not in directory.headsets_of
    assert directory.place_of["0103"] == 2


def test_products_come_from_the_person_the_deployment_and_groups() -> None:
    assert given("line1@contoso.com") == [("INTUNE_A", ""), ("AAD_PREMIUM", ""), ("SPE_F1", ""), ("EMS", "first")]
    assert given("line2@contoso.com") == [("AAD_PREMIUM", ""), ("SPE_F1", "")]


def test_what_a_deployment_gives_goes_to_accounts_of_headsets_only() -> None:
    assert given("line3@contoso.com") == [("EMS", "first")]


def test_what_one_account_gets_is_not_taken_for_what_another_gets() -> None:
    directory, spec_ = read()
    listed, made = spec_.deployments()
    for upn in ("admin1@contoso.com", "line1@contoso.com", "line3@contoso.com", "line2@contoso.com"):
        fresh = Directory(spec_).grants(listed, upn)
        assert directory.grants(listed, upn) == fresh
    assert directory.grants(made, "hl-0201@contoso.com") == ()
    assert list(directory.alike(made)) == [()]


def test_a_grant_knows_its_place_in_the_file() -> None:
    directory, spec_ = read()
    grants = directory.grants(spec_.deployments()[0], "line1@contoso.com")
    assert [grant.path for grant in grants] == [
        ("people", 1, "licenses", 0),
        ("deployments", 0, "accounts", "licenses", 0),
        ("deployments", 0, "accounts", "licenses", 1),
        ("groups", 0, "licenses", 0),
    ]
    assert grants[-1] == Grant(
        "EMS", frozenset({"AAD_PREMIUM", "INTUNE_A"}), "first", ("groups", 0, "licenses", 0)
    )
    assert [grant.path[-1] for grant in directory.grants(spec_.deployments()[1], "admin1@contoso.com")] == [0, 1]


def test_everybody_who_gets_a_product_in_any_way_needs_a_seat() -> None:
    directory, _ = read()
    assert {sku: sorted(upns) for sku, upns in directory.holders.items()} == {
        "INTUNE_A": ["admin1@contoso.com", "line1@contoso.com"],
        "AAD_PREMIUM": ["admin1@contoso.com", "line1@contoso.com", "line2@contoso.com"],
        "SPE_F1": ["line1@contoso.com", "line2@contoso.com"],
        "EMS": ["line1@contoso.com", "line3@contoso.com"],
    }
