"""Calls on both databases: who may, who is told, what is kept."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.custody_world import CustodyWorld
from tests.served_assist import fleet

from holofleet import desired, spec
from holofleet.cli.rooms import assist_rooms
from holofleet.errors import NotFoundError, RefusedError
from holofleet.protocols.signaling import messages
from holofleet.server.assist import Line, Outcome, Party, Socket, TurnServers
from holofleet.server.audit import PrivacyService
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.custody import Source
from holofleet.storage.database import Database
from holofleet.storage.identity import StoredAudit, StoredPrivacy
from holofleet.storage.identity.privacy import all_tables

MEGAN, ADELE, LEE = "megan@contoso.com", "adele@contoso.com", "lee@contoso.com"
READER = Principal(PrincipalKind.PERSON, "alex@contoso.com", frozenset({Role.HELPDESK}), Scope.every())


class World:
    """The services of calls with parties that have sockets."""

    def __init__(self, database: Database) -> None:
        self.custody = CustodyWorld(database)
        self.database, self.clock = database, self.custody.clock
        relays = TurnServers(("turn:relay.contoso.com:3478?transport=udp",), lambda: (b"newest", b"former"))
        self.rooms = assist_rooms(database, self.clock, epoch=1, servers=relays)
        self.publish()

    def publish(self, *, barriers: str = "", text: str = "") -> None:
        self.custody.publish(desired.compile(spec.parse({"fleet.yaml": text or fleet(barriers=barriers)})))

    def key(self, upn: str) -> str:
        found = self.rooms.parties.person_of(upn)
        assert found is not None
        return found

    def expert(self, upn: str, *, there: bool = True) -> Party:
        party = self.rooms.parties.expert(self.key(upn))
        assert party is not None
        return self.there(party) if there else party

    def headset(self, serial: str) -> Party:
        party = self.rooms.parties.headset(serial)
        assert party is not None
        return self.there(party)

    def there(self, party: Party) -> Party:
        socket = Socket(uuid.uuid4().hex, "p1", party.who, "expert")
        self.rooms.presence.store.open(socket, at=self.clock.now())
        return party

    def ask(self, party: Party, kind: type[messages.Message], *, named: str = "", **fields: Any) -> dict[str, Any]:
        outcome: Outcome = self.rooms.desk.take(
            party, kind(v=1, id=named or uuid.uuid4().hex, type=_type(kind), **fields)
        )
        return dict(outcome.answer)

    def audited(self, act: str) -> list[tuple[str, str, str]]:
        links = StoredAudit(self.database, epoch=1).after(0, 1_000)
        return [(one.actor, one.subject, one.data["call"]) for one in links if one.data.get("act") == act]

    def told(self, call: str, party: Party) -> list[Line]:
        seat, _ = self.rooms.store.seats(call)[party.who]
        return list(self.rooms.store.lines(call, {seat: 0}))

    def invite(self, headset: Party, upn: str = MEGAN) -> str:
        answer = self.ask(headset, messages.CallInvite, to=self.key(upn))
        assert answer["type"] == "call.state", answer
        call: str = answer["call"]["id"]
        return call

    def connected(self, headset: Party, expert: Party) -> str:
        call = self.invite(headset, expert.account)
        self.ask(expert, messages.CallAccept, call=call)
        for party in (headset, expert):
            self.ask(party, messages.CallConnected, call=call, path="direct")
        return call


def _type(kind: type[messages.Message]) -> str:
    name: str = kind.model_fields["type"].annotation.__args__[0]  # type: ignore[union-attr]  # a Literal of one text
    return name


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def refused(answer: dict[str, Any]) -> str:
    assert answer["type"] == "refused", answer
    rule: str = answer["rule"]
    return rule


# Who may


def test_a_headset_finds_and_calls_its_experts_and_nobody_else(world: World) -> None:
    headset = world.headset("100")
    world.expert(MEGAN)
    world.expert(LEE)
    found = world.ask(headset, messages.ExpertsList)
    assert [(one["name"], one["presence"]) for one in found["entries"]] == [
        ("Adele Vance", "away"),
        ("Megan Bowen", "ready"),
    ]
    assert found["any"] == [{"rota": "pumps", "name": "pumps", "ready": 1}]
    foreign = world.ask(headset, messages.CallInvite, to=world.key(LEE))
    missing = world.ask(headset, messages.CallInvite, to="nobody")
    assert foreign == missing
    assert refused(foreign) == "EXT-57"


def test_a_headset_does_not_call_a_headset(world: World) -> None:
    headset = world.headset("100")
    world.headset("101")
    assert refused(world.ask(headset, messages.CallInvite, to="101")) == "EXT-35"
    # One of another client is nobody.
    assert refused(world.ask(headset, messages.CallInvite, to="200")) == "EXT-57"


def test_a_barrier_that_comes_in_mid_call_ends_it(world: World) -> None:
    headset, expert = world.headset("100"), world.expert(MEGAN)
    call = world.connected(headset, expert)
    assert world.rooms.watch.run(judge=True) == ()
    world.publish(barriers="[{between: [fabrikam, pump-experts]}]")
    assert world.rooms.watch.run(judge=True) == (call,)
    for party in (headset, expert):
        last = world.told(call, party)[-1].body["call"]
        assert (last["state"], last["ended"]["reason"]) == ("ended", "not-allowed")


def test_a_barrier_that_comes_while_it_rings_refuses_the_answer(world: World) -> None:
    headset, expert = world.headset("100"), world.expert(MEGAN)
    call = world.invite(headset)
    world.publish(barriers="[{between: [fabrikam, pump-experts]}]")
    refused(world.ask(expert, messages.CallAccept, call=call))
    found = world.rooms.store.call(call)
    assert found is not None
    assert found.ending is not None
    assert found.ending.reason == "not-allowed"


def test_nobody_who_may_not_meet_all_is_taken_in(world: World) -> None:
    headset, expert = world.headset("100"), world.expert(MEGAN)
    world.expert(LEE)
    call = world.connected(headset, expert)
    for kind in (messages.CallAdd, messages.CallHandOver):
        assert refused(world.ask(expert, kind, call=call, to=world.key(LEE))) == "EXT-57"
    assert [one["name"] for one in world.ask(expert, messages.ExpertsList, call=call)["entries"]] == [
        "Adele Vance"
    ]


def test_a_call_is_nothing_to_whoever_is_not_in_it(world: World) -> None:
    call = world.connected(world.headset("100"), world.expert(MEGAN))
    stranger = world.expert(ADELE)
    for kind, fields in (
        (messages.CallAccept, {}),
        (messages.CallEnd, {}),
        (messages.CallAdd, {"to": stranger.key}),
        (messages.ChatSend, {"text": "x"}),
        (messages.TurnGet, {}),
        (messages.SignalRestart, {"to": "x"}),
        (messages.ExpertsList, {}),
        (messages.RecordAsk, {}),
        (messages.MarksCopy, {"events": [{"id": "1"}]}),
    ):
        known = world.ask(stranger, kind, call=call, **fields)
        unknown = world.ask(stranger, kind, call="0" * 32, **fields)
        assert known == unknown
        assert refused(known) == "no-such-call"


# Presence and being busy


def test_who_is_away_or_in_a_call_is_not_called(world: World) -> None:
    first, second = world.headset("100"), world.headset("101")
    megan = world.expert(MEGAN)
    world.ask(megan, messages.PresenceSet, state="away")
    assert refused(world.ask(first, messages.CallInvite, to=megan.key)) == "away"
    world.ask(megan, messages.PresenceSet, state="ready")
    world.invite(first)
    assert refused(world.ask(second, messages.CallInvite, to=megan.key)) == "busy"
    assert refused(world.ask(first, messages.CallInvite, to=megan.key)) == "busy"
    found = world.ask(second, messages.ExpertsList)["entries"]
    assert {one["name"]: one["presence"] for one in found}["Megan Bowen"] == "busy"


def test_the_database_itself_keeps_a_party_in_one_call(world: World) -> None:
    first, second, megan = world.headset("100"), world.headset("101"), world.expert(MEGAN)
    world.invite(first)
    world.rooms.presence.store.busy = lambda who: frozenset()  # type: ignore[method-assign]  # as another process saw it before
    assert refused(world.ask(second, messages.CallInvite, to=megan.key)) == "busy"
    assert len(world.rooms.store.open_calls()) == 1


def test_a_rota_rings_one_after_the_other_and_ends_where_nobody_is_left(world: World) -> None:
    headset, megan, adele = world.headset("100"), world.expert(MEGAN), world.expert(ADELE)
    answer = world.ask(headset, messages.CallInvite, any="pumps")
    call = answer["call"]["id"]
    rang = [next(one for one in (megan, adele) if one.who in world.rooms.store.seats(call))]
    world.clock.advance(timedelta(seconds=21))
    world.rooms.presence.store.renew("p1", at=world.clock.now())
    assert world.rooms.watch.run(judge=False) == (call,)
    assert {one.who for one in (megan, adele)} <= world.rooms.store.seats(call).keys()
    other = adele if rang == [megan] else megan
    world.ask(other, messages.CallDecline, call=call, reason="busy")
    found = world.rooms.store.call(call)
    assert found is not None
    assert found.is_over


# What is told and kept


def test_the_same_message_again_is_answered_the_same_and_done_once(world: World) -> None:
    headset, expert = world.headset("100"), world.expert(MEGAN)
    first = world.ask(headset, messages.CallInvite, named="m-1", to=expert.key)
    again = world.ask(headset, messages.CallInvite, named="m-1", to=expert.key)
    call = first["call"]["id"]
    assert again == first
    world.ask(expert, messages.CallAccept, call=call)
    for _ in range(2):
        assert world.ask(headset, messages.ChatSend, named="m-2", call=call, text="once")["type"] == "done"
    assert len([line for line in world.told(call, expert) if line.type == "chat"]) == 1


def test_lines_of_each_party_are_numbered_without_gaps(world: World) -> None:
    headset, expert = world.headset("100"), world.expert(MEGAN)
    call = world.connected(headset, expert)
    world.ask(headset, messages.ChatSend, call=call, text="one")
    for party in (headset, expert):
        lines = world.told(call, party)
        assert [line.seq for line in lines] == list(range(1, len(lines) + 1))


def test_a_hand_over_shows_the_new_expert_the_marks_and_lets_the_old_one_go(world: World) -> None:
    headset, megan, adele = world.headset("100"), world.expert(MEGAN), world.expert(ADELE)
    call = world.connected(headset, megan)
    me = world.rooms.store.seats(call)[megan.who][0]
    event = {"id": "01J0000000000000000000000A", "call": call, "author": me, "op": "mark.add"}
    assert world.ask(megan, messages.MarksCopy, call=call, events=[event, event])["type"] == "done"
    world.ask(megan, messages.CallHandOver, call=call, to=adele.key)
    world.ask(adele, messages.CallAccept, call=call)
    assert [line.body["events"] for line in world.told(call, adele) if line.type == "marks"] == [[event]]
    world.ask(adele, messages.CallConnected, call=call)
    found = world.rooms.store.call(call)
    assert found is not None
    assert [(seat.name, seat.why) for seat in found.seats if not seat.is_in] == [("Megan Bowen", "handed-over")]
    assert not world.rooms.presence.store.busy([megan.who])


def test_who_is_asked_in_a_second_time_is_told_on_from_where_they_were(world: World) -> None:
    headset, megan, adele = world.headset("100"), world.expert(MEGAN), world.expert(ADELE)
    call = world.connected(headset, megan)
    world.ask(megan, messages.CallAdd, call=call, to=adele.key)
    world.ask(adele, messages.CallDecline, call=call)
    before = [line.seq for line in world.told(call, adele)]
    world.ask(megan, messages.CallAdd, call=call, to=adele.key)
    # A page counts what it was told by the call; what begins anew it would take for known.
    assert [(line.seq, line.type) for line in world.told(call, adele)] == [
        (before[-1] + 1, "call.ring"),
        (before[-1] + 2, "call.state"),
    ]


def test_who_wears_the_headset_hands_the_call_to_another_expert(world: World) -> None:
    headset, megan, adele = world.headset("100"), world.expert(MEGAN), world.expert(ADELE)
    call = world.connected(headset, megan)
    answer = world.ask(headset, messages.CallHandOver, call=call, to=adele.key)
    me, old = (world.rooms.store.seats(call)[party.who][0] for party in (headset, megan))
    (new,) = [one for one in answer["call"]["parties"] if one.get("replaces")]
    assert (new["name"], new["replaces"], new["asked_by"]) == ("Adele Vance", old, me)
    (ring,) = [line.body for line in world.told(call, adele) if line.type == "call.ring"]
    assert (ring["hand_over"], ring["from"]["kind"]) == (True, "headset")
    # Until the other is connected nobody goes; after that the first one does, and the record says through whom.
    world.ask(adele, messages.CallAccept, call=call)
    assert [one["state"] for one in answer["call"]["parties"]] == ["joined", "joined", "ringing"]
    world.ask(adele, messages.CallConnected, call=call)
    (record,), _ = world.rooms.records.listed(READER)
    assert [(party.name, party.why) for party in record.parties] == [
        ("hl-100", ""),
        ("Megan Bowen", "handed-over"),
        ("Adele Vance", ""),
    ]
    assert (record.parties[2].replaces, record.parties[2].asked_by) == (old, me)
    assert not world.rooms.presence.store.busy([megan.who])


def test_who_goes_is_said_where_there_are_two_and_is_theirs_or_the_wearers_to_say(world: World) -> None:
    headset, megan, adele = world.headset("100"), world.expert(MEGAN), world.expert(ADELE)
    lee = world.expert(LEE)
    call = world.connected(headset, megan)
    me = world.rooms.store.seats(call)[headset.who][0]
    for goes in (me, "nobody"):
        answer = world.ask(headset, messages.CallHandOver, call=call, to=adele.key, goes=goes)
        assert refused(answer) == "not-now"
    assert refused(world.ask(headset, messages.CallHandOver, call=call, to=lee.key)) == "EXT-57"
    world.ask(headset, messages.CallAdd, call=call, to=adele.key)
    world.ask(adele, messages.CallAccept, call=call)
    world.publish(
        text=fleet().replace(
            "members: [megan@contoso.com, adele@", "members: [lee@contoso.com, megan@contoso.com, adele@"
        )
    )
    first = world.rooms.store.seats(call)[megan.who][0]
    assert refused(world.ask(headset, messages.CallHandOver, call=call, to=lee.key)) == "not-now"
    assert refused(world.ask(adele, messages.CallHandOver, call=call, to=lee.key, goes=first)) == "not-now"
    answer = world.ask(headset, messages.CallHandOver, call=call, to=lee.key, goes=first)
    assert [one["replaces"] for one in answer["call"]["parties"] if "replaces" in one] == [first]


def marked(world: World) -> str:
    """Make a call in which somebody drew a line in two parts, and end it."""
    headset, megan = world.headset("100"), world.expert(MEGAN)
    call = world.connected(headset, megan)
    me = world.rooms.store.seats(call)[megan.who][0]
    head = {"call": call, "author": me, "t": 1.0, "base": "p1"}
    events = [
        {**head, "id": "A1", "seq": 1, "op": "mark.add", "mark": {"kind": "ink"}},
        {**head, "id": "A2", "seq": 2, "op": "mark.append", "target": "A1"},
    ]
    world.ask(megan, messages.MarksCopy, call=call, events=events)
    assert not world.rooms.records.detail(READER, call).replayable, "not while it goes on"
    world.ask(megan, messages.CallEnd, call=call)
    return call


def test_marks_of_a_call_that_is_over_are_read_by_who_may_and_that_is_audited(world: World) -> None:
    call = marked(world)
    found = world.rooms.records.detail(READER, call)
    assert (found.replayable, found.record.marks) == (True, 1)
    assert [event["id"] for event in world.rooms.records.marks(READER, call).events] == ["A1", "A2"]
    assert world.audited("marks-read") == [(READER.actor, f"headset:{found.record.serial}", call)]
    stranger = replace(READER, scope=Scope.of("elsewhere"))
    with pytest.raises(NotFoundError):
        world.rooms.records.marks(stranger, call)
    with pytest.raises(RefusedError):
        world.rooms.records.marks(replace(READER, roles=frozenset()), call)
    assert len(world.audited("marks-read")) == 1


def test_marks_of_somebody_else_are_not_taken_from_a_headset(world: World) -> None:
    headset, megan = world.headset("100"), world.expert(MEGAN)
    call = world.connected(headset, megan)
    hers = world.rooms.store.seats(call)[megan.who][0]
    event = {"id": "A1", "author": hers, "op": "mark.add"}
    assert refused(world.ask(headset, messages.MarksCopy, call=call, events=[event])) == "malformed"


def test_relays_are_given_to_parties_of_answered_calls_only_and_not_without_end(world: World) -> None:
    headset, megan = world.headset("100"), world.expert(MEGAN)
    call = world.invite(headset)
    assert refused(world.ask(headset, messages.TurnGet, call=call)) == "not-now"
    assert refused(world.ask(megan, messages.TurnGet, call=call)) == "not-now"
    world.ask(megan, messages.CallAccept, call=call)
    given = world.ask(headset, messages.TurnGet, call=call)
    expires, named, seat = given["servers"][0]["username"].split(":")
    assert int(expires) == int(world.clock.now().timestamp()) + 600
    assert (named, seat) == (call, world.rooms.store.seats(call)[headset.who][0])
    # A headset that is lent to a client: neither side learns the other's addresses.
    assert given["policy"] == "relay"
    answers = [world.ask(headset, messages.TurnGet, call=call)["type"] for _ in range(25)]
    assert answers.count("refused") == 6


def test_a_headset_gets_relays_for_the_check_before_a_call_and_an_expert_does_not(world: World) -> None:
    headset, megan = world.headset("100"), world.expert(MEGAN)
    given = world.ask(headset, messages.TurnGet)
    assert given["servers"][0]["username"].endswith(":check:100")
    assert given["policy"] == "all"
    assert refused(world.ask(megan, messages.TurnGet)) == "not-now"
    answers = [world.ask(headset, messages.TurnGet)["type"] for _ in range(25)]
    assert answers.count("refused") == 6


def test_a_party_without_a_socket_reconnects_or_is_lost(world: World) -> None:
    headset, megan = world.headset("100"), world.expert(MEGAN)
    call = world.connected(headset, megan)
    world.rooms.presence.store.clear()
    world.there(headset)
    world.rooms.watch.run(judge=False)
    found = world.rooms.store.call(call)
    assert found is not None
    assert str(found.state) == "reconnecting"
    world.there(megan)
    world.ask(megan, messages.Hello, page="expert")
    found = world.rooms.store.call(call)
    assert found is not None
    assert str(found.state) == "connected"


def test_the_record_tells_who_when_and_how_and_outlives_what_was_said(world: World) -> None:
    world.custody.desk.check_out(LOCAL_ADMIN, headset="100", person=world.key("isaiah@contoso.com"))
    headset, megan = world.headset("100"), world.expert(MEGAN)
    assert headset.label.startswith("hl-100")
    assert headset.label.endswith("held by Isaiah Langer")
    call = world.connected(headset, megan)
    file = {"id": "f1", "name": "plan.pdf", "type": "application/pdf", "size": 3, "sha256": "0" * 64}
    assert world.ask(megan, messages.FileOffer, call=call, file=file)["type"] == "file.allowed"
    sample = {"t": 1, "grade": "optimal", "s": 5.0, "freezes": 2, "path": "direct"}
    world.ask(headset, messages.Quality, call=call, samples=[sample, {**sample, "grade": "reduced"}])
    world.ask(megan, messages.ChatSend, call=call, text="Turn the valve.")
    world.clock.advance(timedelta(minutes=3))
    world.ask(headset, messages.CallEnd, call=call)
    record = world.rooms.records.detail(READER, call).record
    assert (record.serial, record.client, record.reason, record.seconds, record.files) == (
        "100",
        "fabrikam",
        "hung-up",
        180,
        1,
    )
    wearer, expert = record.parties
    assert (wearer.holder, wearer.holder_method, wearer.assurance, wearer.path) == (
        "Isaiah Langer",
        "desk",
        1,
        "direct",
    )
    assert (dict(wearer.grades), wearer.freezes) == ({"optimal": 5.0, "reduced": 5.0}, 4)
    assert expert.account == MEGAN
    assert not [line for line in world.told(call, headset) if line.type.startswith(("signal", "chat"))]
    # 30 days, as the fleet file says for this deployment.
    world.clock.advance(timedelta(days=31))
    assert world.rooms.watch.forget() == 1
    assert world.rooms.store.call(call) is None


def test_records_are_of_the_clients_that_one_sees(world: World) -> None:
    call = world.connected(world.headset("100"), world.expert(MEGAN))
    own = Principal(PrincipalKind.PERSON, "a@contoso.com", frozenset({Role.HELPDESK}), Scope.of("own"))
    assert world.rooms.records.listed(READER)[0][0].id == call
    assert world.rooms.records.listed(own)[0] == ()


def test_the_one_search_tells_calls_with_who_held_the_headset(world: World) -> None:
    world.custody.desk.check_out(LOCAL_ADMIN, headset="100", person=world.key("isaiah@contoso.com"))
    world.clock.advance(timedelta(minutes=1))
    call = world.connected(world.headset("100"), world.expert(MEGAN))
    since = world.clock.now() - timedelta(hours=1)
    story = world.custody.story.what_happened(LOCAL_ADMIN, "100", since, since + timedelta(hours=2))
    told = next(one for one in story.happenings if one.source is Source.CALL)
    assert (told.reference, told.actor, told.data["with"]) == (call, "kiosk:100", ["Megan Bowen"])
    assert told.holder is not None
    assert told.holder.name == "Isaiah Langer"


def test_a_call_is_in_the_audit_log_without_what_was_said(world: World) -> None:
    headset, megan = world.headset("100"), world.expert(MEGAN)
    call = world.connected(headset, megan)
    world.ask(megan, messages.ChatSend, call=call, text="canary-4711")
    world.ask(megan, messages.CallEnd, call=call)
    audit = StoredAudit(world.database, epoch=1)
    links = [link for link in audit.after(0, 100) if link.data.get("call") == call]
    assert [(link.actor, link.subject, link.data["act"]) for link in links] == [
        ("kiosk:100", "headset:100", "call"),
        ("server", "headset:100", "call-ended"),
    ]
    assert "canary" not in repr(links)
    # People stand there by ids: the chain cannot be changed when somebody is erased.
    assert "megan" not in repr(links).lower()
    assert links[0].data["experts"] == [megan.key]


def test_an_erased_expert_is_named_in_no_call_and_the_record_stays(world: World) -> None:
    world.custody.desk.check_out(LOCAL_ADMIN, headset="100", person=world.key("isaiah@contoso.com"))
    headset, megan = world.headset("100"), world.expert(MEGAN)
    call = world.connected(headset, megan)
    world.ask(megan, messages.ChatSend, call=call, text="Turn the valve.")
    world.ask(megan, messages.CallEnd, call=call)
    privacy = PrivacyService(StoredPrivacy(world.database, epoch=1), world.clock)
    given = privacy.export(LOCAL_ADMIN, megan.key)
    assert [row["id"] for row in given.rooms["call"]] == [call]
    assert [row["text"] for row in given.rooms["call_chat"]] == ["Turn the valve."]
    world.publish(
        text=fleet().replace("{upn: megan@contoso.com", "{upn: alex@contoso.com").replace("[megan@", "[alex@")
    )
    world.custody.directory.leave(LOCAL_ADMIN, megan.key)
    privacy.erase(LOCAL_ADMIN, megan.key)
    wearer, expert = world.rooms.records.detail(READER, call).record.parties
    assert (expert.name, expert.account, wearer.holder) == ("", "", "Isaiah Langer")
    with world.database.read() as connection:
        for table in all_tables():
            if table.name.startswith("call"):
                rows = repr(connection.execute(select(table)).all()).lower()
                assert "megan" not in rows, table.name
                assert "valve" not in rows, table.name


def test_a_headset_learns_what_its_last_check_found_while_that_says_something(world: World) -> None:
    headset = world.headset("100")
    assert "check" not in world.ask(headset, messages.ExpertsList)
    world.ask(headset, messages.CheckReport, up_kbps=900.0, grade="reduced")
    world.clock.advance(timedelta(minutes=10))
    world.ask(headset, messages.CheckReport, up_kbps=2_400.0, grade="minimum")
    found = world.ask(headset, messages.ExpertsList)
    assert (found["check"]["up_kbps"], found["check"]["grade"]) == (2_400.0, "minimum")
    assert found["low_bandwidth"] == "low-resolution"
    assert found["leave"] is True
    world.clock.advance(timedelta(minutes=31))
    assert "check" not in world.ask(headset, messages.ExpertsList)
