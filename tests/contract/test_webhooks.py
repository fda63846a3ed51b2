"""Webhooks on both databases: told with what happened, delivered at least once, by one process at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.custody_world import CustodyWorld, staff, state_of
from tests.identity import NOW
from tests.kept_calls import CONNECTED, MISSED, keep_calls

from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.resources import Loan, State
from holofleet.server.authorization import FreshSignInError, Principal, PrincipalKind, Role, Scope
from holofleet.server.events import EventKind, NewEvent
from holofleet.server.loans import ActKind, LoanService
from holofleet.server.sealing import SealingKey
from holofleet.server.webhooks import (
    Added,
    Answer,
    DeliveryState,
    NoticeKind,
    Trouble,
    WebhookService,
    WebhookWorker,
    Wish,
    sign,
)
from holofleet.server.webhooks.worker import LEASE
from holofleet.storage.assist import StoredCalls
from holofleet.storage.database import Database
from holofleet.storage.events import append_events
from holofleet.storage.loans import StoredLoans
from holofleet.storage.tables.webhooks import WEBHOOK, WEBHOOK_DELIVERY
from holofleet.storage.webhooks.outbox import StoredOutbox
from holofleet.storage.webhooks.webhooks import StoredWebhooks

ADMINISTRATOR = staff("lee@contoso.com", Role.ADMINISTRATOR)
ALL = frozenset(NoticeKind) - {NoticeKind.TEST}
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what both databases cannot do differently."""
URL = "https://hooks.contoso.com/fleet"


class Receivers:
    """What would be elsewhere: keeps what came, and answers as it is told."""

    def __init__(self) -> None:
        self.came: list[tuple[str, Mapping[str, str], dict[str, Any]]] = []
        self.bodies: list[bytes] = []
        self.answer = Answer(204)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.came.append((url, headers, json.loads(body)))
        self.bodies.append(body)
        return self.answer

    @property
    def types(self) -> list[str]:
        return sorted(body["type"] for _, _, body in self.came)


class World(CustodyWorld):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.key = SealingKey(b"k" * 32)
        self.webhooks = WebhookService(StoredWebhooks(database, epoch=1), self.clock, key=self.key)
        self.outbox = StoredOutbox(database, epoch=1)
        self.receivers = Receivers()
        self.worker = self.process()

    def process(self) -> WebhookWorker:
        return WebhookWorker(self.outbox, self.key, self.receivers, self.clock)  # type: ignore[arg-type] # stands in

    def hook(self, *kinds: NoticeKind, name: str = "desk", clients: frozenset[str] | None = None) -> Added:
        return self.webhooks.add(ADMINISTRATOR, Wish(name, URL, frozenset(kinds) or ALL, clients))

    def happen(self, kind: EventKind, client: str = "own", **data: Any) -> None:
        event = NewEvent(kind, client, "headset:1", "line", "H-1", "e" * 32, data)
        with self.database.transaction() as connection:
            append_events(connection, at=self.clock.now(), events=[event])

    def deliveries(self, webhook: str) -> tuple[Any, ...]:
        return self.webhooks.detail(ADMINISTRATOR, webhook).deliveries


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def test_a_happening_is_told_once_signed_with_no_value_of_a_setting(world: World) -> None:
    made = world.hook()
    world.happen(EventKind.DRIFTED, oma_uri="./Device/Vendor/X", reported="secret value")
    world.happen(EventKind.INVENTORY)
    assert await world.worker.once() == 1
    assert await world.worker.once() == 0
    ((url, headers, body),) = world.receivers.came
    assert url == URL
    assert body["type"] == "headset.drifted"
    assert body["timestamp"].endswith("Z")
    assert body["data"] == {
        "client": "own",
        "serial": "H-1",
        "deployment": "line",
        "enrollment": "e" * 32,
        "setting": "./Device/Vendor/X",
    }
    stamp = int(headers["webhook-timestamp"])
    expected = sign([made.secret], headers["webhook-id"], stamp, world.receivers.bodies[0])
    assert headers["webhook-signature"] == expected
    (kept,) = world.deliveries(made.id)
    assert (kept.state, kept.status, kept.attempts) == (DeliveryState.ARRIVED, 204, 1)
    assert kept.id == headers["webhook-id"]


async def test_ISO_2_a_webhook_takes_only_what_was_chosen_of_the_clients_it_is_for(world: World) -> None:
    world.hook(NoticeKind.HEADSET_DRIFTED, name="fabrikam", clients=frozenset({"fabrikam"}))
    world.happen(EventKind.DRIFTED, "own")
    world.happen(EventKind.DRIFTED, "fabrikam")
    world.happen(EventKind.LOST, "fabrikam")
    await world.worker.once()
    assert [(body["type"], body["data"]["client"]) for _, _, body in world.receivers.came] == [
        ("headset.drifted", "fabrikam")
    ]


@ON_SQLITE
async def test_what_was_not_stored_is_not_told_and_nothing_is_kept_where_nobody_listens(world: World) -> None:
    world.happen(EventKind.LOST)
    world.hook()
    with suppress(ZeroDivisionError), world.database.transaction() as connection:
        append_events(connection, at=NOW, events=[NewEvent(EventKind.LOST, "own", "server", serial="H-1")])
        _ = 1 / 0  # the change fails after its event was written
    assert await world.worker.once() == 0


async def test_a_call_is_told_as_started_ended_and_missed_with_nothing_that_was_said(world: World) -> None:
    world.hook()
    keep_calls(StoredCalls(world.database, epoch=1), client="own", serial="H-1", now=NOW)
    world.clock.advance(timedelta(minutes=5))
    await world.worker.once()
    assert world.receivers.types == ["call.ended", "call.missed", "call.started"]
    by_type = {body["type"]: body["data"] for _, _, body in world.receivers.came}
    assert by_type["call.ended"]["call"] == CONNECTED
    assert by_type["call.ended"]["seconds"] == 120
    assert by_type["call.missed"]["call"] == MISSED
    text = b"".join(world.receivers.bodies).decode()
    assert not any(said in text for said in ("Isaiah", "Megan", "megan@contoso.com", "P-101", "step"))


async def test_two_processes_never_deliver_the_same_message_at_one_time(world: World) -> None:
    made = world.hook()
    for _ in range(30):
        world.happen(EventKind.LOST)
    now = world.clock.now()
    first = world.outbox.claim(made.id, now=now, until=now + LEASE, limit=20)
    second = world.outbox.claim(made.id, now=now, until=now + LEASE, limit=20)
    assert (len(first), len(second)) == (20, 10)
    assert not {one.id for one in first} & {one.id for one in second}


async def test_a_process_that_is_killed_between_sending_and_keeping_leaves_it_to_another_with_the_same_id(
    world: World,
) -> None:
    made = world.hook()
    world.happen(EventKind.LOST)
    now = world.clock.now()
    (taken,) = world.outbox.claim(made.id, now=now, until=now + LEASE, limit=8)
    assert await world.process().once() == 0
    world.clock.advance(LEASE)
    assert await world.process().once() == 1
    assert world.receivers.came[0][1]["webhook-id"] == taken.id
    (kept,) = world.deliveries(made.id)
    assert (kept.state, kept.attempts) == (DeliveryState.ARRIVED, 2)


async def test_what_does_not_arrive_is_tried_with_growing_waits_for_a_day_and_given_up_for_all_to_see(
    world: World,
) -> None:
    made = world.hook()
    world.happen(EventKind.LOST)
    world.receivers.answer = Answer(503, Trouble.STATUS)
    waits = []
    begun = world.clock.now()
    while (kept := world.deliveries(made.id)[0]).state is DeliveryState.WAITING:
        waits.append(kept.due_at - world.clock.now())
        world.clock.advance(max(waits[-1], timedelta()))
        await world.worker.once()
    assert waits == sorted(waits)
    assert timedelta(hours=12) < world.clock.now() - begun <= timedelta(days=1)
    assert (kept.state, kept.status, kept.trouble) == (DeliveryState.GIVEN_UP, 503, Trouble.STATUS)
    assert len({headers["webhook-id"] for _, headers, _ in world.receivers.came}) == 1
    assert world.webhooks.listed(ADMINISTRATOR)[0].given_up == 1
    world.receivers.answer = Answer(200)
    world.happen(EventKind.LOST)
    await world.worker.once()
    assert world.webhooks.listed(ADMINISTRATOR)[0].given_up == 0


@ON_SQLITE
async def test_one_receiver_that_is_away_keeps_nothing_from_the_others(world: World) -> None:
    made = [world.hook(name=name) for name in ("a", "b")]
    world.happen(EventKind.LOST)
    await world.worker.once()
    assert {world.deliveries(one.id)[0].state for one in made} == {DeliveryState.ARRIVED}
    assert len({headers["webhook-signature"] for _, headers, _ in world.receivers.came}) == 2


@ON_SQLITE
async def test_a_receiver_that_says_410_is_told_nothing_any_more_until_somebody_switches_it_on(
    world: World,
) -> None:
    made = world.hook()
    world.happen(EventKind.LOST)
    world.receivers.answer = Answer(410, Trouble.GONE)
    await world.worker.once()
    (found,) = world.webhooks.listed(ADMINISTRATOR)
    assert not found.is_on
    assert "410" in found.why_off
    world.happen(EventKind.LOST)
    with pytest.raises(ConflictError, match="off"):
        world.webhooks.test(ADMINISTRATOR, made.id)
    assert await world.worker.once() == 0
    world.webhooks.change(ADMINISTRATOR, made.id, Wish("desk", URL, ALL), on=True)
    world.receivers.answer = Answer(204)
    world.webhooks.test(ADMINISTRATOR, made.id)
    assert await world.worker.once() == 1


@ON_SQLITE
async def test_for_a_day_after_a_new_secret_both_sign(world: World) -> None:
    old = world.hook()
    new = world.webhooks.rotate(ADMINISTRATOR, old.id)
    assert new.secret != old.secret
    for passed, secrets in (
        (timedelta(), [new.secret, old.secret]),
        (timedelta(days=1, seconds=1), [new.secret]),
    ):
        world.clock.advance(passed)
        world.webhooks.test(ADMINISTRATOR, old.id)
        await world.worker.once()
        _, headers, _ = world.receivers.came[-1]
        stamp = int(headers["webhook-timestamp"])
        assert headers["webhook-signature"] == sign(
            secrets, headers["webhook-id"], stamp, world.receivers.bodies[-1]
        )


@ON_SQLITE
async def test_a_secret_lies_in_the_database_sealed_only(world: World) -> None:
    made = world.hook()
    again = world.webhooks.rotate(ADMINISTRATOR, made.id)
    with world.database.read() as connection:
        row = connection.execute(select(WEBHOOK)).one()
    assert made.secret[6:] not in str(row)
    assert again.secret[6:] not in str(row)
    other = WebhookWorker(world.outbox, SealingKey(bytes(32)), world.receivers, world.clock)  # type: ignore[arg-type] # as above
    world.webhooks.test(ADMINISTRATOR, made.id)
    await other.once()
    assert world.receivers.came == []
    assert world.deliveries(made.id)[0].trouble is Trouble.SECRET


async def test_a_loan_that_is_not_back_is_told_once_on_the_day_after_its_return(world: World) -> None:
    loan = Loan(
        name="fabrikam-1",
        client="fabrikam",
        serials=("H-1", "H-2"),
        ships=date(2026, 3, 2),
        returns=NOW.date(),
    )
    state = state_of()
    world.publish(State([*state.resources.values(), loan], state.documents.values()))
    loans = LoanService(StoredLoans(world.database, epoch=1), world.clock)
    world.outbox.tell_of_time(world.clock.now())
    world.hook(NoticeKind.LOAN_OVERDUE)
    for serial in ("H-1", "H-2"):
        done = loans.record(ADMINISTRATOR, loan.name, ActKind.TEST_CALL, serials=[serial])
        assert done is not None
    with world.database.transaction() as connection:
        from sqlalchemy import insert

        from holofleet.storage.moments import to_micros
        from holofleet.storage.tables.loans import LOAN_ACT

        key = loans.loan(ADMINISTRATOR, loan.name).loan.id
        act = {"client_id": "fabrikam", "loan_id": key, "at": to_micros(NOW), "actor": "person:lee@contoso.com"}
        connection.execute(insert(LOAN_ACT), [{**act, "serial": "H-1", "kind": "shipped"}])
    assert world.outbox.tell_of_time(world.clock.now()) == 0
    world.clock.advance(timedelta(days=1))
    assert world.outbox.tell_of_time(world.clock.now()) == 1
    assert world.outbox.tell_of_time(world.clock.now()) == 0
    world.clock.advance(timedelta(days=1))
    assert world.outbox.tell_of_time(world.clock.now()) == 0
    await world.worker.once()
    ((_, _, body),) = world.receivers.came
    assert body["type"] == "loan.overdue"
    assert (body["data"]["name"], body["data"]["missing"]) == ("fabrikam-1", 1)


@ON_SQLITE
def test_only_administrators_of_everything_who_just_proved_themselves_change_webhooks(world: World) -> None:
    wish = Wish("desk", URL, ALL)
    of_a_part = Principal(
        PrincipalKind.PERSON, "lee@contoso.com", frozenset({Role.ADMINISTRATOR}), Scope.of("own")
    )
    for who in (staff("kim@contoso.com", Role.DEPLOYER), staff("kim@contoso.com", Role.AUDITOR), of_a_part):
        with pytest.raises(RefusedError):
            world.webhooks.add(who, wish)
    stale = Principal(
        PrincipalKind.PERSON, "lee@contoso.com", frozenset({Role.ADMINISTRATOR}), Scope.every(), stale=True
    )
    with pytest.raises(FreshSignInError):
        world.webhooks.add(stale, wish)
    assert world.webhooks.listed(staff("kim@contoso.com", Role.AUDITOR)) == ()
    with pytest.raises(RefusedError):
        world.webhooks.listed(of_a_part)


@ON_SQLITE
def test_every_change_is_in_the_record_without_the_path_of_the_receiver(world: World) -> None:
    made = world.webhooks.add(ADMINISTRATOR, Wish("desk", f"{URL}/T0KEN-IN-THE-PATH", ALL))
    world.webhooks.change(ADMINISTRATOR, made.id, Wish("desk 2", URL, ALL), on=False)
    world.webhooks.rotate(ADMINISTRATOR, made.id)
    world.webhooks.remove(ADMINISTRATOR, made.id)
    from holofleet.storage.tables.identity import AUDIT

    with world.database.read() as connection:
        rows = connection.execute(select(AUDIT).where(AUDIT.c.action == "change-webhooks")).all()
    assert len(rows) == 4
    assert "T0KEN" not in str(rows)
    assert made.secret not in str(rows)
    assert "hooks.contoso.com" in str(rows)
    assert world.webhooks.listed(ADMINISTRATOR) == ()


@ON_SQLITE
def test_names_numbers_and_wishes_have_limits(world: World) -> None:
    world.hook(name="desk")
    with pytest.raises(ConflictError, match="desk already"):
        world.hook(name="desk")
    for wish in (
        Wish("", URL, ALL),
        Wish("x" * 61, URL, ALL),
        Wish("x", URL, frozenset()),
        Wish("x", URL, frozenset({NoticeKind.TEST})),
        Wish("x", URL, ALL, frozenset()),
        Wish("x", "http://hooks.contoso.com", ALL),
    ):
        with pytest.raises(InputError):
            world.webhooks.add(ADMINISTRATOR, wish)
    for number in range(19):
        world.hook(name=f"w{number}")
    with pytest.raises(ConflictError, match="20 webhooks"):
        world.hook(name="one more")
    with pytest.raises(NotFoundError):
        world.webhooks.detail(ADMINISTRATOR, "0" * 32)


async def test_what_came_to_its_end_long_ago_is_forgotten_and_what_waits_is_not(world: World) -> None:
    made = world.hook()
    world.happen(EventKind.LOST)
    await world.worker.once()
    world.happen(EventKind.LOST)
    assert world.outbox.forget(before=world.clock.now()) == 0
    world.clock.advance(timedelta(days=31))
    assert world.outbox.forget(before=world.clock.now() - timedelta(days=30)) == 1
    with world.database.read() as connection:
        assert [row.state for row in connection.execute(select(WEBHOOK_DELIVERY))] == ["waiting"]
    world.webhooks.remove(ADMINISTRATOR, made.id)
    with world.database.read() as connection:
        assert connection.execute(select(WEBHOOK_DELIVERY)).all() == []
