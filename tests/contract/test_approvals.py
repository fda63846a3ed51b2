"""What one person may destroy alone, and what waits for a second one, on both databases (SECURITY WIPE-2)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from tests.approvals_world import WHY, WIPE, ApprovalsWorld, wanted

from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError, RefusedError
from holofleet.plans import compare
from holofleet.resources import State
from holofleet.server.approvals import Approval, Status, Subject
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.fleet import HeadsetQuery
from holofleet.server.orders import OrderKind, OrderStatus
from holofleet.storage.database import Database
from holofleet.storage.tables.identity import AUDIT
from holofleet.storage.tables.management import ENROLLMENT, ORDER

QUARTER = timedelta(minutes=15)


@pytest.fixture
def world(database: Database) -> ApprovalsWorld:
    return ApprovalsWorld(database)


def requested(world: ApprovalsWorld, count: int = 8) -> Approval:
    found = world.give(world.lee, count)
    assert found.request is not None
    assert found.orders == ()
    return found.request


def orders_in(world: ApprovalsWorld) -> int:
    with world.database.read() as connection:
        return len(connection.execute(select(ORDER.c.id)).all())


def test_WIPE_2_one_person_wipes_five_headsets_in_a_day_and_not_a_sixth(world: ApprovalsWorld) -> None:
    for serial in world.serials[:5]:
        world.orders.create(world.lee, serial, WIPE, WHY)
    with pytest.raises(RefusedError, match="second person"):
        world.orders.create(world.lee, world.serials[5], WIPE, WHY)
    with pytest.raises(RefusedError, match="second person"):
        world.orders.create(world.lee, world.serials[5], OrderKind.UNENROLL, WHY)
    world.orders.create(world.lee, world.serials[5], OrderKind.REBOOT)
    world.clock.advance(timedelta(hours=24))
    assert world.orders.create(world.lee, world.serials[5], WIPE, WHY).status is OrderStatus.QUEUED


def test_WIPE_2_a_second_token_of_the_same_person_gives_no_second_allowance(world: ApprovalsWorld) -> None:
    one, other = world.token_of(world.lee, "one"), world.token_of(world.lee, "other")
    world.give(one, 5)
    for who in (one, other, world.lee):
        with pytest.raises(RefusedError, match="second person"):
            world.orders.create(who, world.serials[9], WIPE, WHY)
    world.orders.create(world.mona, world.serials[9], WIPE, WHY)


def test_WIPE_2_everybody_together_wipes_ten_headsets_in_a_day(world: ApprovalsWorld) -> None:
    third = world.person("kim@contoso.com")
    world.give(world.lee, 5)
    world.give(world.mona, 5, start=5)
    with pytest.raises(RefusedError, match="at most 10 headsets"):
        world.orders.create(third, world.serials[10], WIPE, WHY)


def test_WIPE_2_a_helpdesk_wipes_one_headset_at_a_time_and_is_nobodys_second_person(world: ApprovalsWorld) -> None:
    helpdesk = world.person("adele@contoso.com", Role.HELPDESK)
    first = world.orders.create(helpdesk, world.serials[0], WIPE, WHY)
    with pytest.raises(RefusedError, match="one headset at a time"):
        world.orders.create(helpdesk, world.serials[1], WIPE, WHY)
    with pytest.raises(RefusedError, match="not allowed"):
        world.orders.create(helpdesk, world.serials[1], OrderKind.UNENROLL, WHY)
    world.orders.cancel(helpdesk, first.id)
    world.orders.create(helpdesk, world.serials[1], WIPE, WHY)
    asked = world.give(helpdesk, 3, start=2).request
    assert asked is not None
    other = world.person("johanna@contoso.com", Role.HELPDESK)
    with pytest.raises(RefusedError, match="not allowed"):
        world.approvals.approve(other, asked.id, asked.hash)
    world.approvals.approve(world.mona, asked.id, asked.hash)
    world.clock.advance(QUARTER)
    with pytest.raises(RefusedError, match="not allowed"):
        world.approvals.carry_out(helpdesk, asked.id)
    assert len(world.approvals.carry_out(world.mona, asked.id).orders) == 3


def test_WIPE_2_an_order_given_twice_or_taken_back_counts_once_or_not_at_all(world: ApprovalsWorld) -> None:
    made = world.give(world.lee, 5).orders
    again = world.give(world.lee, 5).orders
    assert [order.id for order in again] == [order.id for order in made]
    world.orders.cancel(world.lee, made[0].id)
    world.orders.create(world.lee, world.serials[7], WIPE, WHY)
    with pytest.raises(RefusedError, match="second person"):
        world.orders.create(world.lee, world.serials[8], WIPE, WHY)


def test_WIPE_2_of_twenty_at_the_same_moment_no_more_than_the_limit_pass(world: ApprovalsWorld) -> None:
    refused: list[HolofleetError] = []

    def one(serial: str) -> None:
        try:
            world.orders.create(world.lee, serial, WIPE, WHY)
        except HolofleetError as error:
            refused.append(error)

    threads = [threading.Thread(target=one, args=(serial,)) for serial in world.serials]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert orders_in(world) == 5
    assert len(refused) == 15


def test_WIPE_2_more_than_the_limit_becomes_a_request_that_a_second_person_approves(world: ApprovalsWorld) -> None:
    request = requested(world)
    assert [one.serial for one in request.headsets] == list(world.serials[:8])
    assert orders_in(world) == 0
    approved = world.approvals.approve(world.mona, request.id, request.hash, "checked with the project")
    assert approved.ready_at == world.clock.now() + QUARTER
    with pytest.raises(RefusedError, match="still be stopped"):
        world.approvals.carry_out(world.lee, request.id)
    world.clock.advance(QUARTER)
    done = world.approvals.carry_out(world.lee, request.id)
    assert (done.approval.status, len(done.orders), done.left_out) == (Status.DONE, 8, ())
    assert {order.actor for order in done.orders} == {"person:lee@contoso.com"}
    with pytest.raises(RefusedError, match="done"):
        world.approvals.carry_out(world.lee, request.id)
    assert len(world.give(world.lee, 5, start=10).orders) == 5, "what two persons decided uses up nobody's day"


def test_WIPE_2_nobody_approves_their_own_request_with_whatever_they_hold(world: ApprovalsWorld) -> None:
    request = requested(world)
    spare = world.token_of(world.lee, "spare")
    world.clock.advance(timedelta(seconds=1))
    for who in (world.lee, spare, world.token_of(spare, "of-the-spare")):
        with pytest.raises(RefusedError, match="own request"):
            world.approvals.approve(who, request.id, request.hash)
    local = world.give(LOCAL_ADMIN, 8).request
    link = Principal(PrincipalKind.PERSON, "one-time-link", frozenset({Role.ADMINISTRATOR}), Scope.every())
    assert local is not None
    for who in (LOCAL_ADMIN, link, world.token_of(LOCAL_ADMIN, "ci"), world.token_of(link, "first")):
        with pytest.raises(RefusedError, match="own request"):
            world.approvals.approve(who, local.id, local.hash)


def test_WIPE_2_an_approval_names_the_hash_and_comes_from_a_fresh_sign_in(world: ApprovalsWorld) -> None:
    request = requested(world)
    with pytest.raises(ConflictError, match="hash"):
        world.approvals.approve(world.mona, request.id, "0" * 64)
    with pytest.raises(RefusedError, match="fresh sign-in"):
        world.approvals.approve(replace(world.mona, stale=True), request.id, request.hash)
    assert world.approvals.approval(world.lee, request.id).status is Status.WAITING


def test_WIPE_2_a_request_ends_after_a_day_and_its_approval_too(world: ApprovalsWorld) -> None:
    first, second = requested(world), world.give(world.lee, 9).request
    assert second is not None
    world.approvals.approve(world.mona, second.id, second.hash)
    world.clock.advance(timedelta(hours=24))
    with pytest.raises(RefusedError, match="expired"):
        world.approvals.approve(world.mona, first.id, first.hash)
    with pytest.raises(RefusedError, match="expired"):
        world.approvals.carry_out(world.lee, second.id)
    assert {one.status for one in world.approvals.listed(world.lee)} == {Status.EXPIRED}


def test_WIPE_2_D6_a_restore_voids_what_waits_and_what_was_approved(world: ApprovalsWorld) -> None:
    first, second = requested(world), world.give(world.lee, 9).request
    assert second is not None
    world.approvals.approve(world.mona, second.id, second.hash)
    world.epoch = 2
    world.clock.advance(QUARTER)
    with pytest.raises(RefusedError, match="void"):
        world.approvals.approve(world.mona, first.id, first.hash)
    with pytest.raises(RefusedError, match="void"):
        world.approvals.carry_out(world.lee, second.id)
    assert orders_in(world) == 0


def test_WIPE_2_whoever_may_order_can_stop_what_was_approved(world: ApprovalsWorld) -> None:
    request = requested(world)
    world.approvals.approve(world.mona, request.id, request.hash)
    third = world.person("kim@contoso.com")
    with pytest.raises(InputError, match="reason"):
        world.approvals.refuse(third, request.id, " ")
    world.approvals.refuse(third, request.id, "two of them are in a call")
    world.clock.advance(QUARTER)
    with pytest.raises(RefusedError, match="refused"):
        world.approvals.carry_out(world.lee, request.id)


def test_WIPE_1_a_headset_that_enrolled_again_since_is_left_alone(world: ApprovalsWorld) -> None:
    request = requested(world)
    world.approvals.approve(world.mona, request.id, request.hash)
    world.hold(world.serials[0])
    with world.database.transaction() as connection:
        connection.execute(
            update(ENROLLMENT)
            .where(ENROLLMENT.c.held_serial == world.serials[1])
            .values(standing="retired", held_serial=None)
        )
    world.clock.advance(QUARTER)
    done = world.approvals.carry_out(world.mona, request.id)
    assert done.left_out == world.serials[:2]
    assert {order.serial for order in done.orders} == set(world.serials[2:8])


def test_AUTHZ_3_what_somebody_asked_or_approved_ends_when_they_leave(world: ApprovalsWorld) -> None:
    first, second = requested(world), world.give(world.mona, 9).request
    assert second is not None
    third = world.person("kim@contoso.com")
    world.approvals.approve(world.lee, second.id, second.hash)
    world.directory.leave(LOCAL_ADMIN, "lee@contoso.com")
    world.clock.advance(QUARTER)
    with pytest.raises(RefusedError, match="refused"):
        world.approvals.approve(third, first.id, first.hash)
    with pytest.raises(RefusedError, match="refused"):
        world.approvals.carry_out(world.mona, second.id)


def test_ISO_2_a_request_of_a_foreign_client_is_not_there(world: ApprovalsWorld) -> None:
    request = requested(world)
    foreign = world.person("isaiah@fabrikam.com", Role.ADMINISTRATOR, "fabrikam")
    assert world.approvals.listed(foreign) == ()
    for act in (
        lambda key: world.approvals.approval(foreign, key),
        lambda key: world.approvals.approve(foreign, key, request.hash),
        lambda key: world.approvals.refuse(foreign, key, "no"),
        lambda key: world.approvals.carry_out(foreign, key),
    ):
        said = []
        for key in (request.id, "0" * 32):
            with pytest.raises(NotFoundError) as caught:
                act(key)
            said.append(str(caught.value))
        assert said[0] == said[1]
    preview = world.bulk.preview(foreign, WIPE, (world.serials[0], "X-9"))
    assert preview.serials == ()
    assert len({one.why for one in preview.left_out}) == 1


def test_a_preview_orders_nothing_and_an_order_holds_to_the_list_that_was_shown(world: ApprovalsWorld) -> None:
    preview = world.bulk.preview(world.lee, OrderKind.REBOOT, (*world.serials[:3], "X-9"))
    assert (preview.serials, [one.serial for one in preview.left_out]) == (world.serials[:3], ["X-9"])
    assert preview.second_person == ""
    assert orders_in(world) == 0
    world.hold(world.serials[0])
    with pytest.raises(ConflictError, match="list has changed"):
        world.bulk.give(world.lee, OrderKind.REBOOT, world.serials[:3], "", expect_hash=preview.hash)
    assert len(world.bulk.give(world.lee, OrderKind.REBOOT, world.serials, "").orders) == 20


def test_a_filter_means_the_headsets_that_it_finds_now(world: ApprovalsWorld) -> None:
    assert world.bulk.matching(world.lee, HeadsetQuery(deployment="field")) == world.serials
    assert world.bulk.matching(world.lee, HeadsetQuery(deployment="elsewhere")) == ()
    with pytest.raises(InputError, match="no headset is left"):
        world.bulk.give(world.lee, OrderKind.REBOOT, (), "")


def test_one_request_is_for_headsets_of_one_client(world: ApprovalsWorld) -> None:
    targets = list(world.orders.targets(world.lee, WIPE, world.serials[:8]).values())
    targets[0] = replace(targets[0], client="fabrikam")
    with pytest.raises(InputError, match="one client"):
        world.approvals.ask_for_orders(world.lee, Subject.WIPE, targets, WHY)


def proposed(world: ApprovalsWorld, state: State | None = None) -> Approval:
    desired = state or wanted(*world.serials, value=1)
    told = world.fleet.told()
    plan = compare(desired, State.from_json(told.state), target="server")
    return world.two_persons.propose(
        world.lee,
        desired.to_json(),
        {"fleet.yaml": "y"},
        plan_hash=plan.hash,
        told_hash=told.hash,
        reason="storage cards are needed on the line",
    )


def test_D8_a_plan_is_published_as_it_was_approved(world: ApprovalsWorld) -> None:
    before = world.fleet.told().hash
    proposal = proposed(world)
    shown = world.two_persons.approval(world.mona, proposal.id)
    assert shown.plan["hash"] == proposal.plan_hash
    assert world.fleet.told().hash == before
    with pytest.raises(RefusedError, match="own request"):
        world.two_persons.approve(world.lee, proposal.id, proposal.hash)
    world.two_persons.approve(world.mona, proposal.id, proposal.hash)
    done = world.two_persons.carry_out(world.mona, proposal.id)
    assert world.fleet.told().hash == done.published == proposal.state_hash
    assert world.fleet.texts() == {"fleet.yaml": "y"}
    with world.database.read() as connection:
        about = select(AUDIT.c.data).where(AUDIT.c.subject == f"approval:{proposal.id}")
        steps = connection.execute(about.order_by(AUDIT.c.sequence)).scalars().all()
    assert len(steps) == 3, "asked, approved, done"
    assert all(before in step and proposal.state_hash in step for step in steps)


def test_D8_what_was_published_in_between_keeps_an_approved_plan_from_being_published(
    world: ApprovalsWorld,
) -> None:
    proposal = proposed(world)
    world.two_persons.approve(world.mona, proposal.id, proposal.hash)
    world.publish(wanted(*world.serials[:3], value=0))
    with pytest.raises(ConflictError, match="another State"):
        world.two_persons.carry_out(world.mona, proposal.id)
    assert world.two_persons.approval(world.lee, proposal.id).status is Status.APPROVED


def test_D8_a_proposal_whose_plan_is_another_one_than_its_author_saw_is_refused(world: ApprovalsWorld) -> None:
    told = world.fleet.told().hash
    state = wanted(*world.serials).to_json()
    for plan_hash, told_hash in (("0" * 64, told), ("0" * 64, "1" * 64)):
        with pytest.raises(ConflictError):
            world.approvals.propose(world.lee, state, {}, plan_hash=plan_hash, told_hash=told_hash, reason=WHY)


def test_D8_a_plan_that_was_published_and_not_marked_is_marked_the_next_time(world: ApprovalsWorld) -> None:
    proposal = proposed(world)
    world.two_persons.approve(world.mona, proposal.id, proposal.hash)
    world.publish(wanted(*world.serials, value=1))
    assert world.two_persons.carry_out(world.mona, proposal.id).approval.status is Status.DONE


def test_D8_where_a_plan_takes_two_persons_only_the_local_administrator_applies_alone(
    world: ApprovalsWorld,
) -> None:
    fleet = world.two_persons._fleet
    state = wanted(*world.serials).to_json()
    for who in (world.lee, world.token_of(world.lee, "ci"), LOCAL_ADMIN):
        with pytest.raises(RefusedError, match="two persons"):
            fleet.publish(who, state, {})
    with pytest.raises(RefusedError, match="two persons"):
        fleet.publish(world.lee, state, {}, reason="in a hurry")
    assert fleet.publish(LOCAL_ADMIN, state, {}, reason="the second person is on a ship").changed


def test_only_who_may_read_the_state_sees_proposals(world: ApprovalsWorld) -> None:
    proposal = proposed(world)
    limited = world.person("isaiah@fabrikam.com", Role.DEPLOYER, "own")
    assert [one.subject for one in world.approvals.listed(world.mona)] == [Subject.PUBLISH]
    assert world.approvals.listed(limited) == ()
    with pytest.raises(NotFoundError):
        world.approvals.approval(limited, proposal.id)
