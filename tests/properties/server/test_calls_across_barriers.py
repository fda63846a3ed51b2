"""Over generated directories and any order of acts: nobody finds, calls, joins, hears, reads or replays across a
barrier, and no guest is in a call into which nobody let them, or in which guests are forbidden.

The services of calls run over a real database. Who is apart is written in ``test_who_may_call`` as sets, and who
reads is written here as sets; neither shares a line with the rules or with the statements (SECURITY AST-1).
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert
from tests.databases import fresh_sqlite
from tests.properties.server.test_who_may_call import CLIENTS, GROUPS, PEOPLE, apart, barriers, groups
from tests.unit.server.assist.test_rules import Directory

from holofleet.clock import SetClock
from holofleet.errors import HolofleetError, NotFoundError, RefusedError
from holofleet.protocols.signaling import PartyKind, messages
from holofleet.resources import CallRules
from holofleet.server.assist import AssistDesk, CallService, ExpertSearch, Party, Socket, TalkService
from holofleet.server.assist.guests import GuestDoor, GuestLinks, GuestLobby
from holofleet.server.assist.left import PHRASES, Draft, LeftMessages
from holofleet.server.assist.policy import CallPolicy, PublishedCalls, Side, SideKind
from holofleet.server.assist.presence import Presence
from holofleet.server.assist.recordings import ConsentAct, ConsentRecord, RecordingQuery, RecordingRecord
from holofleet.server.assist.records import CallRecords, PartyRecord
from holofleet.server.assist.watch import Watch
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.sealing import SealingKey
from holofleet.storage.assist import (
    StoredCallHappenings,
    StoredCalls,
    StoredGuests,
    StoredLeft,
    StoredPresence,
    StoredRecordings,
    StoredRecords,
)
from holofleet.storage.assist.policy import take_over_calls
from holofleet.storage.database import Database
from holofleet.storage.directory.barriers import kept_from
from holofleet.storage.tables import assist as tables
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON, PERSON_GROUP
from holofleet.storage.tables.left import CALL_LEFT
from holofleet.storage.tables.management import CLIENT

ACTS = ("list", "list-call", "invite", "any", "accept", "connected", "add", "hand-over", "chat", "signal", "hello",
        "rules", "wait", "end", "guest", "admit", "withdraw", "leave", "draw", "replay")  # fmt: skip
CALLING = ("draw", "replay", "invite", "accept", "connected", "connected", "add", "hand-over", "guest", "admit")
"""Drawn as often again, by whoever can do it: a call has to begin before anything can go wrong in it."""
INSIDE = frozenset({"accept", "connected", "add", "hand-over", "chat", "signal", "list-call", "guest", "draw"})
"""What is expected of somebody in the call."""
PHRASE = next(iter(PHRASES))
step = st.tuples(
    st.sampled_from([*ACTS, *CALLING, *CALLING]),
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(0, 3),
    st.booleans(),
)
steps = st.lists(step, min_size=8, max_size=30)


readers = st.tuples(
    *(
        st.builds(
            lambda key, client, of, role: (
                Side(SideKind.EXPERT, key, client, upn=f"{key}@x.com", groups=of),
                role,
            ),
            st.just(key),
            st.sampled_from(CLIENTS),
            groups,
            st.sampled_from([Role.HELPDESK, Role.DEPLOYER, Role.AUDITOR, Role.ADMINISTRATOR]),
        )
        for key in ("r1", "r2", "r3")
    )
)
"""People who read, in no call themselves, with any role that may."""


@st.composite
def directories(draw: st.DrawFn) -> tuple[PublishedCalls, PublishedCalls, list[Side], list[Side]]:
    """Rules, the rules that come later, experts and headsets: such that somebody may call somebody as a rule."""
    clients = {"d1": draw(st.sampled_from(CLIENTS)), "d2": draw(st.sampled_from(CLIENTS))}
    people = [
        Side(
            SideKind.EXPERT,
            key,
            draw(st.sampled_from(["own", "own", *CLIENTS])),
            name=key,
            upn=f"{key}@x.com",
            groups=draw(groups),
            here=draw(st.sampled_from([True] * 7 + [False])),
            expert=draw(st.sampled_from([True] * 7 + [False])),
        )
        for key in PEOPLE[:5]
    ]
    fleet = [
        Side(SideKind.HEADSET, serial, clients[name], deployment=name, groups=draw(groups))
        for serial, name in (("h1", "d1"), ("h2", "d2"), ("h3", "d1"))
    ]
    listed = st.lists(st.sampled_from([*GROUPS, *(person.upn for person in people)]), max_size=4).map(tuple)

    def rules() -> PublishedCalls:
        said = {
            name: CallRules(
                name=name,
                client=client,
                experts=draw(listed),
                barrier=draw(st.sampled_from(["client", "none"])),
                forbid=draw(st.sampled_from([(), (), ("guests",)])),
            )
            for name, client in clients.items()
        }
        return PublishedCalls(said, (), draw(barriers))

    return rules(), rules(), people, fleet


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        opened = fresh_sqlite(Path(folder) / "calls.db")
        with opened.transaction() as connection:
            for name in CLIENTS:
                connection.execute(insert(CLIENT).values(client_id=name, display_name=name))
        yield opened
        opened.close()


class Fleet(Directory):
    """The directory, with headsets."""

    def __init__(self, calls: PublishedCalls, people: list[Side], fleet: list[Side]) -> None:
        super().__init__(calls, *people)
        self._headsets = {side.key: side for side in fleet}

    def headset(self, serial: str) -> Side | None:
        return self._headsets.get(serial)

    def publish(self, calls: PublishedCalls) -> None:
        self.calls, self.version = calls, self.version + 1


class Known:
    """Who everybody is, from the sides that were generated."""

    def __init__(self, sides: dict[str, Side]) -> None:
        self._sides = sides

    def _party(self, key: str, kind: SideKind) -> Party | None:
        side = self._sides.get(key)
        if side is None or side.kind is not kind:
            return None
        serial = key if kind is SideKind.HEADSET else ""
        return Party(PartyKind(str(kind)), key, side.client, key, serial=serial, account=side.upn)

    def headset(self, serial: str) -> Party | None:
        return self._party(serial, SideKind.HEADSET)

    def expert(self, person: str) -> Party | None:
        return self._party(person, SideKind.EXPERT)

    def person_of(self, upn: str) -> str | None:
        return next((key for key, side in self._sides.items() if upn and side.upn == upn), None)

    def pairing(self, serial: str, *, now: datetime) -> str | None:
        return None


class World:
    """The services of calls over generated rules, sides and one database, and the expectation beside them."""

    def __init__(
        self,
        database: Database,
        calls: PublishedCalls,
        people: list[Side],
        fleet: list[Side],
        readers: tuple[tuple[Side, Role], ...],
    ) -> None:
        self.readers = list(readers)
        self.sides = {side.key: side for side in (*people, *fleet)}
        self.rules = calls
        self.people, self.fleet = people, fleet
        self.clock = SetClock(datetime(2026, 11, 25, 9, tzinfo=UTC))
        self.store, shown = StoredCalls(database, epoch=1), StoredPresence(database)
        with database.transaction() as connection:
            for table in (
                CALL_LEFT,
                MEMBERSHIP,
                PERSON_GROUP,
                PERSON,
                tables.CALL,
                tables.CALL_DONE,
                tables.CALL_SOCKET,
                tables.CALL_FAVOURITE,
                tables.GUEST_LINK,
            ):
                connection.execute(delete(table))
            self.furnish(connection)
        self.directory = Fleet(calls, people, fleet)
        policy, presence = CallPolicy(self.directory, self.clock), Presence(shown, self.clock)
        known = Known(self.sides)
        kept = StoredGuests(database, epoch=1)
        service = CallService(self.store, policy, presence, known, self.clock, guest_stands=kept.stands)
        self.links = GuestLinks(kept, service, self.store, policy, known, self.clock, epoch=1)
        self.door = GuestDoor(kept, self.store, policy, self.clock, epoch=1)
        self.guests: list[Party] = []
        self.admitted: set[str] = set()
        self.desk = AssistDesk(
            service,
            TalkService(self.store, service.teller, self.clock),
            ExpertSearch(self.store, policy, presence, service.teller, self.clock),
            self.store,
            self.clock,
            GuestLobby(kept, self.links, service, self.store, presence, self.clock),
        )
        self.policy = policy
        self.records = CallRecords(StoredRecords(database, epoch=1), self.clock)
        self.story, self.recordings = StoredCallHappenings(database), StoredRecordings(database, epoch=1)
        self.left = LeftMessages(
            StoredLeft(database, epoch=1), policy, known, self.clock, key=SealingKey(os.urandom(32))
        )
        self.database = database
        self.made: dict[str, Side] = {}
        self.publish()
        self._shown = shown
        self.watch = Watch(self.store, service, policy, presence, self.clock)
        self.parties = [
            party for key in self.sides if (party := known.headset(key) or known.expert(key)) is not None
        ]
        for party in self.parties:
            shown.open(Socket(uuid.uuid4().hex, "p", party.who, ""), at=self.clock.now())
        self._renew = shown.renew

    def furnish(self, connection: Connection) -> None:
        """Write the people and their groups, whose barriers are asked in the database when they read."""
        of = {"source": "console", "changed_at": 0}
        rows = [{"id": name, "client_id": "own", "name": name, **of} for name in GROUPS]
        connection.execute(insert(PERSON_GROUP), rows)
        for side in (*self.people, *(reader for reader, _ in self.readers)):
            who = {"id": side.key, "client_id": side.client, "upn": side.upn, "account": "person", "created_at": 0}
            connection.execute(insert(PERSON).values(**who, **of))
            for name in side.groups:
                one = {"group_id": name, "group_client_id": "own"}
                one |= {"person_id": side.key, "person_client_id": side.client}
                connection.execute(insert(MEMBERSHIP).values(one))

    def publish(self) -> None:
        """Make the rules of now those of everybody."""
        self.directory.publish(self.rules)
        with self.database.transaction() as connection:
            take_over_calls(connection, self.rules)

    def begin(self) -> None:
        """Let each headset that may call somebody talk to them, so that there are calls to break into."""
        for party in [one for one in self.parties if one.kind is PartyKind.HEADSET]:
            free = self.sides.keys() - {who.split(":")[1] for call in self.store.open_calls() for who in call.who}
            may = [key for key in sorted(free) if not apart(self.rules, self.side(party), self.sides[key])]
            if not may or party.key not in free:
                continue
            call = self.ask(party, messages.CallInvite, type="call.invite", to=may[0])["call"]["id"]
            expert = next(one for one in self.parties if one.key == may[0])
            self.ask(expert, messages.CallAccept, type="call.accept", call=call)
            for one in (party, expert):
                self.ask(one, messages.CallConnected, type="call.connected", call=call)

    def step(self, act: str, one: int, other: int, number: int, others: PublishedCalls, *, apt: bool) -> None:
        """Let somebody do something; ``apt``: somebody of whom it can be expected."""
        running = [call.id for call in self.store.open_calls()]
        call = running[number % len(running)] if running else "0" * 32
        seats = self.store.seats(call) if running else {}
        me, them = self._pick(self.parties, one), self._pick(self.parties, other)
        if apt and act in ("invite", "any"):
            me = self._pick([party for party in self.parties if party.kind is PartyKind.HEADSET], one)
            them = self._pick([party for party in self.parties if party.kind is PartyKind.EXPERT], other)
        elif apt and act in INSIDE:
            me = self._pick([party for party in self.parties if party.who in self.inside(call)], one) or me
        match act:
            case "list":
                answer = self.ask(me, messages.ExpertsList, type="experts.list")
                expected = {person.key for person in self.people if not apart(self.rules, self.side(me), person)}
                found = {entry["key"] for entry in answer.get("entries", ())}  # a guest is refused
                assert found == (expected if me.kind is PartyKind.HEADSET else set())
            case "list-call":
                answer = self.ask(me, messages.ExpertsList, type="experts.list", call=call)
                if answer["type"] == "experts":
                    present = [self.sides[who.split(":")[1]] for who in self.inside(call)]
                    for entry in answer["entries"]:
                        far = self.sides[entry["key"]]
                        assert not any(apart(self.rules, far, near) for near in present if near is not far)
            case "invite":
                self.ask(me, messages.CallInvite, type="call.invite", to=them.key)
            case "any":
                self.ask(me, messages.CallInvite, type="call.invite", any="")
            case "accept":
                self.ask(me, messages.CallAccept, type="call.accept", call=call)
            case "connected":
                self.ask(me, messages.CallConnected, type="call.connected", call=call)
            case "add":
                self.ask(me, messages.CallAdd, type="call.add", call=call, to=them.key)
            case "hand-over":
                self.ask(me, messages.CallHandOver, type="call.hand_over", call=call, to=them.key)
            case "chat":
                self.ask(me, messages.ChatSend, type="chat.send", call=call, text=f"canary of {call}")
            case "signal":
                to = seats.get(them.who, ("nobody", 0))[0]
                self.ask(me, messages.SignalRestart, type="signal.restart", call=call, to=to)
            case "hello":
                answer = self.ask(
                    me, messages.Hello, type="hello", page=str(me.kind), resume=[{"call": call, "seq": 0}]
                )
                for view in answer["calls"]:
                    assert me.who in self.inside(view["id"])
            case "rules":
                self.rules = others
                self.publish()
                self.watch.run(judge=True)
            case "wait":
                self.clock.advance(timedelta(seconds=15))
                self._renew("p", at=self.clock.now())
                self.watch.run(judge=False)
            case "guest":
                self.invite_guest(me, call, forged=not apt)
            case "admit":
                self.admit(me, call, number, apt=apt)
            case "withdraw":
                if guest := self._pick(self.guests, number):
                    self.ask(me, messages.GuestWithdraw, type="guest.withdraw", call=call, link=guest.key)
            case "leave":
                self.ask(me, messages.CallLeave, type="call.leave", call=call)
            case "draw":
                author = seats.get(me.who, ("nobody", 0))[0]
                drawn = {"id": uuid.uuid4().hex[:20], "author": author, "op": "mark.add"}
                self.ask(me, messages.MarksCopy, type="marks.copy", call=call, events=[drawn])
            case "replay":
                self.read(*self._pick(self.readers, one))
            case "end":
                self.ask(me, messages.CallEnd, type="call.end", call=call)

    def invite_guest(self, me: Party, call: str, *, forged: bool) -> None:
        """Let a party invite a guest, who opens the link and knocks; ``forged``: and tries to get in at once."""
        who = Principal(PrincipalKind.PERSON, me.account or me.key, frozenset(), Scope.every())
        try:
            token = self.links.make(who, "Service", call=call).token
            guest = self.door.party(self.door.open(token).session)
        except HolofleetError:
            return
        assert guest is not None
        self.guests.append(guest)
        self.parties.append(guest)
        self.sides[guest.key] = Side(SideKind.GUEST, guest.key, "")
        self._shown.open(Socket(uuid.uuid4().hex, "p", guest.who, ""), at=self.clock.now())
        self.ask(guest, messages.GuestKnock, type="guest.knock", name="Lynne")
        if forged:
            self.ask(guest, messages.GuestAdmit, type="guest.admit", call=call, link=guest.key)
            self.ask(guest, messages.CallAccept, type="call.accept", call=call)
            self.ask(guest, messages.CallConnected, type="call.connected", call=call)

    def admit(self, me: Party, call: str, number: int, *, apt: bool) -> None:
        """Let a party let a guest in."""
        guest = self._pick(self.guests[::-1], number)
        if guest is None:
            return
        if apt:
            inside = self.inside(call)
            me = (
                self._pick([one for one in self.parties if one.who in inside and one.kind is PartyKind.EXPERT], 0)
                or me
            )
        answer = self.ask(me, messages.GuestAdmit, type="guest.admit", call=call, link=guest.key)
        if answer["type"] == "call.state":
            assert me.kind is PartyKind.EXPERT
            assert guest.key not in self.admitted
            self.admitted.add(guest.key)

    def leave_messages(self) -> None:
        """Let each headset leave words for each expert for whom it may."""
        for headset in self.fleet:
            for person in self.people:
                draft = Draft(uuid.uuid4().hex, to=person.key, phrases=(PHRASE,))
                with suppress(RefusedError):
                    self.left.leave(headset.key, draft)

    def record(self) -> None:
        """Let there be a recording and an agreement of each call."""
        for one in self.records.listed(LOCAL_ADMIN)[0]:
            at = self.clock.now()
            begun = RecordingRecord(
                uuid.uuid4().hex, one.id, one.client, one.serial, one.parties[0].id, (), "video/webm", at, None,
                "", 0, 0, at, None, "", "", None,
            )  # fmt: skip
            with self.store.turn(one.id) as turn:
                turn.recordings.begin(begun, "expert:e0", b"key")
                turn.recordings.consents([ConsentRecord(one.parties[0].id, ConsentAct.AGREED, "1", at)])

    def across(self, reader: Side, others: Iterable[Side]) -> bool:
        """Tell whether a barrier of now stands between somebody and one of others: the expectation."""
        mine = {*reader.groups, reader.client}
        theirs = {name for side in others for name in (*side.groups, side.client) if name}
        return any(
            (one in mine and other in theirs) or (other in mine and one in theirs)
            for one, other in self.rules.barriers
        )

    def read(self, reader: Side, role: Role) -> None:
        """Let somebody read in every way there is: what they see is all that no barrier keeps from them."""
        with self.database.read() as connection:
            scope = Scope(None, apart=kept_from(connection, reader.key))
        who = Principal(PrincipalKind.PERSON, reader.upn, frozenset({role}), scope)
        every = {one.id: one for one in self.records.listed(LOCAL_ADMIN, limit=200)[0]}
        sides = {key: [self._side(one) for one in call.parties] for key, call in every.items()}
        open_to = {key for key in every if not self.across(reader, sides[key])}
        seen, after = set(), ""
        while True:
            page, after = self.records.listed(who, after=after, limit=2)
            seen |= {one.id for one in page}
            if not after:
                break
        assert seen == open_to
        for key in every:
            for ask in (self.records.detail, self.records.marks):
                try:
                    ask(who, key)
                except NotFoundError:
                    continue
                assert key in open_to
                event("read" if ask == self.records.detail else "replayed")
            assert bool(self.recordings.consents(scope, key)) <= (key in open_to)
        listed, _ = self.recordings.listed(scope, RecordingQuery(), after="", limit=200)
        assert {one.call for one in listed} <= open_to
        kept, _ = self.recordings.listed(Scope.every(), RecordingQuery(), after="", limit=200)
        for one in kept:
            assert (self.recordings.kept(scope, one.id) is not None) == (one.call in open_to)
        since, until = self.clock.now() - timedelta(days=1), self.clock.now() + timedelta(days=1)
        for headset in self.fleet:
            told = self.story.happenings(scope, headset.key, since=since, until=until, limit=200)
            assert {one.reference for one in told} == {key for key in open_to if every[key].serial == headset.key}
        for message in self.left.listed(who)[0]:
            assert not self.across(reader, [self.sides[message.serial], self.sides[message.to_person]])
        for link in self.links.listed(who):
            assert not self.across(reader, [self.sides[link.serial], self.sides[link.person]])
        hidden = len(every) - len(open_to)
        event("something is hidden" if hidden else "nothing is hidden")

    def _side(self, party: PartyRecord) -> Side:
        if party.kind == "guest":
            return Side(SideKind.GUEST, "", "")
        return self.sides[party.serial or party.account.partition("@")[0]]

    def finish(self, later: PublishedCalls) -> None:
        """Draw in every call, end it, and let everybody look by the rules that come later."""
        for number, call in enumerate(self.store.open_calls()):
            self.step("draw", 0, 0, number, later, apt=True)
            for party in [one for one in self.parties if one.who in self.inside(call.id)]:
                self.ask(party, messages.CallEnd, type="call.end", call=call.id)
        self.leave_messages()
        self.record()
        self.rules = later
        self.publish()
        for reader, role in (*self.readers, *((side, Role.AUDITOR) for side in self.people[:2])):
            self.read(reader, role)

    def ask(self, party: Party, kind: type[messages.Message], **fields: Any) -> dict[str, Any]:
        message = kind.model_validate({"v": 1, "id": uuid.uuid4().hex, **fields})
        return dict(self.desk.take(party, message).answer)

    @staticmethod
    def _pick(parties: list[Any], number: int) -> Any:
        return parties[number % len(parties)] if parties else None

    def side(self, party: Party) -> Side:
        return self.sides[party.key]

    def inside(self, call: str) -> set[str]:
        found = self.store.call(call)
        return {seat.who for seat in found.present} if found is not None else set()

    def check(self) -> None:
        """Nobody is in a call, or hears of one, with somebody they are kept apart from."""
        busy: list[str] = []
        for one in self.store.open_calls():
            call = self.store.call(one.id)
            assert call is not None
            busy += [seat.who for seat in call.present]
            for left, right in combinations([self.sides[seat.key] for seat in call.present], 2):
                assert not apart(self.rules, left, right), (left, right)
            ever = {seat.who for seat in call.seats}
            guests = [seat for seat in call.seats if seat.kind is PartyKind.GUEST]
            assert {seat.key for seat in guests} <= self.admitted
            assert len({seat.key for seat in guests}) == len(guests)
            for who, (seat, _) in self.store.seats(call.id).items():
                assert who in ever
                for line in self.store.lines(call.id, {seat: 0}):
                    assert "canary" not in repr(line.body) or call.id in repr(line.body)
        assert len(busy) == len(set(busy))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(directories(), readers, steps)
def test_AST_1_no_order_of_acts_brings_anybody_across_a_barrier(
    database: Database,
    directory: tuple[PublishedCalls, PublishedCalls, list[Side], list[Side]],
    who_read: tuple[tuple[Side, Role], ...],
    acts: list[tuple[str, int, int, int, bool]],
) -> None:
    calls, later, people, fleet = directory
    world = World(database, calls, people, fleet, who_read)
    world.begin()
    world.check()
    for act, one, other, number, apt in acts:
        world.step(act, one, other, number, later, apt=apt)
        world.check()
    world.finish(later)
