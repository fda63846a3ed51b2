"""What is short, wasted, expiring and lacking, and the forecast of a fleet file."""

from __future__ import annotations

from datetime import date

from holofleet.resources import Group, LicensePool, State, User
from holofleet.server.licenses import Demand, Report, forecast, rules_of_the_catalog

TODAY = date(2026, 11, 25)
RULES = rules_of_the_catalog()


def foretold(*resources: User | Group | LicensePool, more: tuple[Demand, ...] = ()) -> Report:
    return forecast(State(resources), rules=RULES, today=TODAY, more=more)


def account(name: str, *licenses: str, location: str = "DE") -> User:
    return User(upn=f"{name}@contoso.com", account="shared", licenses=licenses, usage_location=location)


def test_an_account_with_all_it_needs_leaves_nothing_to_say() -> None:
    found = foretold(
        LicensePool(sku="MICROSOFT_REMOTE_ASSIST", seats=1),
        LicensePool(sku="EMS", seats=1),
        account("hl-1", "MICROSOFT_REMOTE_ASSIST", "EMS"),
    )
    assert found.clean
    assert (found.lacking, found.wasted, found.problems) == ((), (), ())


def test_a_headset_account_lacks_the_plans_that_nothing_gives() -> None:
    found = foretold(
        LicensePool(sku="MICROSOFT_REMOTE_ASSIST", seats=1),
        LicensePool(sku="INTUNE_A", seats=1),
        account("hl-1", "MICROSOFT_REMOTE_ASSIST"),
    )
    assert {lack.need.plan for lack in found.lacking} == {"INTUNE_A", "AAD_PREMIUM"}
    assert not found.clean


def test_a_wearer_of_a_headset_with_an_account_of_its_own_needs_nothing_themselves() -> None:
    lee = User(upn="lee@contoso.com", roles=("wearer",), usage_location="DE")
    found = foretold(LicensePool(sku="EMS", seats=1), account("hl-1", "EMS"), lee)
    assert found.clean
    assert {lack.need.required for lack in found.lacking} == {False}
    alone = foretold(LicensePool(sku="EMS", seats=1), lee)
    assert {lack.need.required for lack in alone.lacking} == {True}


def test_headsets_that_our_own_server_manages_need_no_intune() -> None:
    found = foretold(LicensePool(sku="AAD_PREMIUM", seats=1), account("hl-1", "AAD_PREMIUM"))
    assert found.clean


def test_our_own_calls_need_no_license() -> None:
    found = foretold(LicensePool(sku="EMS", seats=1), account("hl-1", "EMS"))
    assert found.clean


def test_a_plan_that_is_switched_off_is_lacking() -> None:
    off = {"EMS": ("INTUNE_A",)}
    user = User(
        upn="hl-1@contoso.com", account="headset", licenses=("EMS",), disabled_plans=off, usage_location="DE"
    )
    found = foretold(LicensePool(sku="EMS", seats=1), user)
    assert [lack.need.plan for lack in found.lacking] == ["INTUNE_A"]


def test_seats_that_are_short_are_counted_by_unique_holders() -> None:
    accounts = [account(f"hl-{n}", "EMS") for n in range(5)]
    group = Group(name="all", members=tuple(a.upn for a in accounts), licenses=("EMS",))
    found = foretold(LicensePool(sku="EMS", seats=3), *accounts, group)
    (pool,) = found.pools
    assert (pool.seats, pool.used, pool.waiting, pool.short) == (3, 3, 2, 2)
    assert {problem.error for problem in found.problems} == {"CountViolation"}


def test_a_trial_that_ends_soon_or_has_ended_is_named() -> None:
    for until, expiring in ((date(2026, 12, 25), True), (date(2026, 11, 1), True), (date(2027, 6, 1), False)):
        (pool,) = foretold(LicensePool(sku="EMS", seats=3, trial_until=until)).pools
        assert pool.expiring is expiring
        assert pool.ends_in_days == (until - TODAY).days


def test_seats_without_use_are_named_with_the_reason() -> None:
    pools = [LicensePool(sku=sku, seats=9) for sku in ("EMS", "INTUNE_A", "INTUNE_A_D")]
    found = foretold(
        *pools,
        User(upn="lee@contoso.com", licenses=("EMS",), usage_location="DE"),
        account("hl-1", "EMS", "INTUNE_A"),
        account("hl-2", "EMS", "INTUNE_A_D"),
    )
    said = {(waste.upn.partition("@")[0], waste.sku): waste.why for waste in found.wasted}
    assert set(said) == {("lee", "EMS"), ("hl-1", "INTUNE_A"), ("hl-2", "INTUNE_A_D")}
    assert "no role" in said["lee", "EMS"]


def test_two_products_that_are_the_same_are_wasted_once() -> None:
    pools = [LicensePool(sku=sku, seats=9) for sku in ("SPE_E3", "SPB")]
    found = foretold(*pools, account("hl-1", "SPE_E3", "SPB"))
    assert len(found.wasted) == 1


def test_a_member_who_has_a_license_by_a_group_needs_p1() -> None:
    group = Group(name="all", members=("lee@contoso.com",), licenses=("Microsoft_Teams_Enterprise_New",))
    lee = User(upn="lee@contoso.com", roles=("expert",), usage_location="DE")
    found = foretold(LicensePool(sku="Microsoft_Teams_Enterprise_New", seats=1), group, lee)
    assert [(lack.need.role, lack.need.plan) for lack in found.lacking] == [("member of a group", "AAD_PREMIUM")]


def test_what_is_assigned_beside_the_file_takes_seats_too() -> None:
    found = foretold(
        LicensePool(sku="EMS", seats=1),
        account("hl-1", "EMS"),
        more=(Demand("lee@contoso.com", "EMS", order=-1),),
    )
    assert found.pools[0].short == 1


def test_a_product_that_the_catalog_does_not_know_is_marked() -> None:
    (pool,) = foretold(LicensePool(sku="SOMETHING_NEW", seats=1)).pools
    assert (pool.known, pool.title) == (False, "SOMETHING_NEW")
