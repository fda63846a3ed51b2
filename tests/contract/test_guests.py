"""Guests of calls on both databases: who makes a link, what it is good for, and when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.contract.test_calls import ADELE, LEE, MEGAN, World, refused

from holofleet.cli.rooms import assist_rooms
from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.protocols.signaling import messages
from holofleet.server.access.secret import digest_of
from holofleet.server.assist import Party
from holofleet.server.assist.guests import LinkState
from holofleet.server.authorization import Principal, PrincipalKind, Role, Scope
from holofleet.storage.database import Database
from holofleet.storage.tables.assist import GUEST_LINK
from holofleet.storage.tables.identity import AUDIT

HELP = Principal(PrincipalKind.PERSON, "alex@contoso.com", frozenset({Role.HELPDESK}), Scope.every())
ELSEWHERE = Principal(PrincipalKind.PERSON, "alex@contoso.com", frozenset({Role.HELPDESK}), Scope.of("northwind"))


def who(upn: str) -> Principal:
    return Principal(PrincipalKind.PERSON, upn, frozenset(), Scope.every())


class Invited(World):
    """A call with an expert, to which guests are invited."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.wearer, self.megan = self.headset("100"), self.expert(MEGAN)
        self.call = self.connected(self.wearer, self.megan)

    def link(self, **more: Any) -> str:
        asked = {"call": self.call, **more}
        return self.rooms.links.make(who(MEGAN), "Service of Fabrikam", **asked).token

    def opened(self, token: str) -> tuple[str, Party]:
        session = self.rooms.door.open(token).session
        party = self.rooms.door.party(session)
        assert party is not None
        return session, self.there(party)

    def waiting(self) -> tuple[str, Party]:
        session, guest = self.opened(self.link())
        assert self.knock(guest)["state"] == "waiting"
        return session, guest

    def inside(self) -> tuple[str, Party]:
        session, guest = self.waiting()
        self.let_in(guest)
        self.ask(guest, messages.CallConnected, call=self.call, path="relay-udp")
        return session, guest

    def knock(self, guest: Party, name: str = "Lynne Robbins") -> dict[str, Any]:
        return self.ask(guest, messages.GuestKnock, name=name)

    def let_in(self, guest: Party, by: Party | None = None) -> dict[str, Any]:
        return self.ask(by or self.megan, messages.GuestAdmit, call=self.call, link=guest.key)

    def counts(self, token: str) -> bool:
        try:
            self.rooms.door.open(token)
        except RefusedError:
            return False
        return True

    def seats(self) -> dict[str, str]:
        call = self.rooms.store.call(self.call)
        assert call is not None
        return {seat.name: str(seat.state) for seat in call.seats}


@pytest.fixture
def world(database: Database) -> Invited:
    return Invited(database)


of_the_rules = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database decides: one of them is enough."""


def test_a_guest_waits_is_let_in_and_everybody_sees_who_it_is(world: Invited) -> None:
    session, guest = world.waiting()
    told = [line.body for line in world.told(world.call, world.megan) if line.type == "guests"]
    assert [one["name"] for one in told[-1]["waiting"]] == ["Guest: Lynne Robbins"]
    assert told[-1]["waiting"][0]["by"] == "Megan Bowen"
    view = world.let_in(guest)["call"]
    (seat,) = [party for party in view["parties"] if party["kind"] == "guest"]
    assert (seat["name"], seat["label"]) == ("Guest: Lynne Robbins", "link of Megan Bowen")
    assert world.told(world.call, world.wearer)[-1].body["call"]["parties"][-1]["name"] == "Guest: Lynne Robbins"
    mine = world.told(world.call, guest)[-1].body["call"]
    assert "note" not in mine
    assert all("holder" not in party and "serial" not in party for party in mine["parties"])
    assert world.rooms.door.party(session) is not None
    record = world.rooms.records.detail(HELP, world.call).record
    assert record.parties[-1].name == "Guest: Lynne Robbins"


def test_AST_1_a_link_opens_one_browser_once(world: Invited) -> None:
    token = world.link()
    assert world.counts(token)
    assert not world.counts(token)


def test_AST_1_LEAK_1_neither_link_nor_browser_can_be_read_from_the_database(world: Invited) -> None:
    token = world.link()
    session, _ = world.opened(token)
    with world.database.read() as connection:
        row = repr(connection.execute(select(GUEST_LINK)).one())
    assert token not in row
    assert session not in row
    assert digest_of(token) in row


def test_AST_1_whoever_left_does_not_come_back(world: Invited) -> None:
    session, guest = world.inside()
    world.ask(guest, messages.CallLeave, call=world.call)
    assert world.rooms.door.party(session) is None
    assert refused(world.ask(guest, messages.CallConnected, call=world.call))
    assert refused(world.ask(guest, messages.CallAccept, call=world.call))
    world.knock(guest)
    assert refused(world.let_in(guest)) == "guest"
    assert world.seats()["Guest: Lynne Robbins"] == "left"


@of_the_rules
def test_AST_1_nobody_stays_longer_than_an_hour(world: Invited) -> None:
    session, _ = world.inside()
    for _ in range(6):
        world.clock.advance(timedelta(minutes=10) - timedelta(seconds=1))
        for party in (world.wearer, world.megan):
            world.there(party)
        world.rooms.presence.store.renew("p1", at=world.clock.now())
        world.rooms.watch.run(judge=True)
        assert world.seats()["Guest: Lynne Robbins"] == "joined"
    world.clock.advance(timedelta(seconds=7))
    world.rooms.watch.run(judge=False)
    assert world.seats()["Guest: Lynne Robbins"] == "left"
    assert world.seats()["Megan Bowen"] == "joined"
    assert world.rooms.door.party(session) is None


def test_AST_1_a_link_ends_with_its_time_its_call_its_maker_and_a_restore(world: Invited) -> None:
    late = world.link(life=timedelta(hours=1))
    world.clock.advance(timedelta(hours=1))
    assert not world.counts(late)
    token = world.link()
    after_restore = assist_rooms(world.database, world.clock, epoch=2)
    with pytest.raises(RefusedError):
        after_restore.door.open(token)
    session, _ = world.opened(token)
    assert after_restore.door.party(session) is None
    assert world.rooms.door.party(session) is not None
    world.ask(world.megan, messages.CallEnd, call=world.call)
    assert world.rooms.door.party(session) is None


@of_the_rules
def test_AST_1_a_link_dies_with_the_role_of_its_maker(world: Invited) -> None:
    from tests.served_assist import fleet

    token = world.rooms.links.make(who(MEGAN), "Service", headset="100").token
    session, guest = world.waiting()
    world.publish(text=fleet().replace("display_name: Megan Bowen, roles: [expert]", "display_name: Megan Bowen"))
    assert not world.counts(token)
    assert world.rooms.door.party(session) is None
    assert refused(world.let_in(guest))


def test_AST_1_what_is_withdrawn_or_refused_is_over(world: Invited) -> None:
    token = world.link()
    (link,) = world.rooms.links.own(who(MEGAN))
    world.rooms.links.withdraw(who(MEGAN), link.id)
    assert not world.counts(token)
    session, guest = world.waiting()
    assert world.ask(world.megan, messages.GuestRefuse, call=world.call, link=guest.key)["type"] == "done"
    assert world.rooms.door.party(session) is None
    assert refused(world.knock(guest)) == "guest"
    assert refused(world.let_in(guest)) == "guest"


def test_AST_1_withdrawing_puts_a_guest_out_and_leaves_the_others(world: Invited) -> None:
    _, guest = world.inside()
    world.rooms.links.withdraw(HELP, guest.key)
    assert world.seats() | {"hl-100": "joined"} == {
        "hl-100": "joined",
        "Megan Bowen": "joined",
        "Guest: Lynne Robbins": "left",
    }


@of_the_rules
def test_AST_1_a_fleet_file_that_forbids_guests_puts_them_out_and_lets_nobody_in(world: Invited) -> None:
    from tests.served_assist import fleet

    _, _guest = world.inside()
    token = world.link()
    _, waiting = world.opened(token)
    world.knock(waiting, "Joni Sherman")
    world.publish(text=fleet().replace("assist: {recording", "assist: {forbid: [guests], recording"))
    assert refused(world.let_in(waiting)) == "assist.forbid"
    world.rooms.watch.run(judge=True)
    assert world.seats()["Guest: Lynne Robbins"] == "left"
    assert world.seats()["Megan Bowen"] == "joined"
    for asked in ({"call": world.call}, {"headset": "100"}):
        with pytest.raises(RefusedError, match="guests"):
            world.rooms.links.make(who(MEGAN), "Service", **asked)  # type: ignore[arg-type]  # names of arguments


@of_the_rules
def test_AST_1_nobody_gets_past_the_lobby_by_messages(world: Invited) -> None:
    _, guest = world.waiting()
    call = world.call
    for kind, fields in (
        (messages.CallAccept, {"call": call}),
        (messages.CallConnected, {"call": call}),
        (messages.ChatSend, {"call": call, "text": "hello"}),
        (messages.TurnGet, {"call": call}),
        (messages.SignalRestart, {"call": call, "to": "headset"}),
        (messages.GuestAdmit, {"call": call, "link": guest.key}),
        (messages.GuestsList, {"call": call}),
        (messages.CallInvite, {"to": world.key(MEGAN)}),
        (messages.ExpertsList, {}),
    ):
        assert refused(world.ask(guest, kind, **fields))
    assert "Guest: Lynne Robbins" not in world.seats()
    # Nor does the wearer, nor an expert who is not in this call, open the door.
    assert refused(world.let_in(guest, world.wearer)) == "not-now"
    assert refused(world.let_in(guest, world.expert(ADELE))) == "no-such-call"


@of_the_rules
def test_AST_1_a_guest_in_a_call_does_what_guests_may_and_no_more(world: Invited) -> None:
    _, guest = world.inside()
    call = world.call
    assert world.ask(guest, messages.ChatSend, call=call, text="Turn it left.")["type"] == "done"
    for kind, fields in (
        (messages.CallAdd, {"call": call, "to": world.key(ADELE)}),
        (messages.CallHandOver, {"call": call, "to": world.key(ADELE)}),
        (messages.RecordAsk, {"call": call}),
        (messages.CallAbout, {"call": call, "note": "mine"}),
        (messages.GuestWithdraw, {"call": call, "link": guest.key}),
        (messages.ExpertsList, {"call": call}),
    ):
        assert refused(world.ask(guest, kind, **fields))
    file = {"id": "f1", "name": "a.pdf", "type": "application/pdf", "size": 9, "sha256": "0" * 64}
    assert refused(world.ask(guest, messages.FileOffer, call=call, file=file)) == "assist.forbid"
    world.ask(guest, messages.CallEnd, call=call)
    assert world.seats()["Megan Bowen"] == "joined"


@of_the_rules
def test_AST_1_a_guest_of_one_call_is_nobody_in_another(world: Invited) -> None:
    _, guest = world.waiting()
    adele = world.expert(ADELE)
    other = world.connected(world.headset("101"), adele)
    assert refused(world.ask(adele, messages.GuestAdmit, call=other, link=guest.key)) == "guest"
    assert world.ask(adele, messages.GuestsList, call=other)["waiting"] == []
    _, inside = world.inside()
    assert refused(world.ask(inside, messages.ChatSend, call=other, text="x")) == "no-such-call"


@of_the_rules
def test_a_link_for_an_appointment_waits_for_the_call_of_its_maker_with_that_headset(world: Invited) -> None:
    token = world.rooms.links.make(who(MEGAN), "Service of Fabrikam", headset="101").token
    _, guest = world.opened(token)
    # Megan talks to another headset, and another expert talks to this one: neither call hears of the guest.
    assert world.knock(guest)["state"] == "early"
    wearer, adele = world.headset("101"), world.expert(ADELE)
    theirs = world.connected(wearer, adele)
    assert world.knock(guest)["state"] == "early"
    world.ask(adele, messages.CallEnd, call=theirs)
    world.ask(world.megan, messages.CallEnd, call=world.call)
    call = world.connected(wearer, world.megan)
    assert world.knock(guest)["state"] == "waiting"
    assert [line.type for line in world.told(call, world.megan)].count("guests") == 1
    assert world.ask(world.megan, messages.GuestAdmit, call=call, link=guest.key)["type"] == "call.state"


def test_a_guest_of_one_process_is_let_in_by_an_expert_of_another(world: Invited) -> None:
    token = world.link()
    other = assist_rooms(world.database, world.clock, epoch=1)
    guest = other.door.party(other.door.open(token).session)
    assert guest is not None
    world.there(guest)
    knocks = messages.GuestKnock(v=1, id="k1", type="guest.knock", name="Lynne Robbins")
    assert other.desk.take(guest, knocks).woken == (world.call,)
    assert world.let_in(guest)["type"] == "call.state"
    mine = other.store.seats(world.call)[guest.who][0]
    told = other.store.lines(world.call, {mine: 0})
    assert told[-1].body["call"]["parties"][-1]["state"] == "joining"
    other.links.withdraw(HELP, guest.key)
    assert world.seats()["Guest: Lynne Robbins"] == "left"


@of_the_rules
def test_only_experts_make_links_and_only_for_what_is_theirs(world: Invited) -> None:
    with pytest.raises(RefusedError):
        world.rooms.links.make(who("isaiah@contoso.com"), "Service", headset="100")
    with pytest.raises(RefusedError):
        world.rooms.links.make(HELP, "Service", headset="100")
    for asked in ({"call": world.call}, {"headset": "100"}, {"headset": "nothing"}, {"call": "0" * 32}):
        with pytest.raises(NotFoundError):
            world.rooms.links.make(who(LEE), "Service", **asked)  # type: ignore[arg-type]  # names of arguments
    for words, life in (("", 60), ("Service", 2), ("Service", 25 * 60), ("x" * 61, 60)):
        with pytest.raises(InputError):
            world.rooms.links.make(who(MEGAN), words, headset="100", life=timedelta(minutes=life))


def test_links_are_listed_and_withdrawn_by_whom_they_concern(world: Invited) -> None:
    world.link()
    (link,) = world.rooms.links.listed(HELP)
    assert (link.words, link.by, link.state(world.clock.now())) == (
        "Service of Fabrikam",
        "Megan Bowen",
        LinkState.OPEN,
    )
    assert world.rooms.links.listed(ELSEWHERE) == ()
    with pytest.raises(NotFoundError):
        world.rooms.links.withdraw(ELSEWHERE, link.id)
    with pytest.raises((RefusedError, NotFoundError)):
        world.rooms.links.withdraw(who(ADELE), link.id)
    with pytest.raises(RefusedError):
        world.rooms.links.listed(who(ADELE))
    world.rooms.links.withdraw(HELP, link.id)
    assert world.rooms.links.listed(HELP) == ()


def test_what_happens_with_links_stands_in_the_audit_log_without_names(world: Invited) -> None:
    _, guest = world.inside()
    world.rooms.links.withdraw(HELP, guest.key)
    with world.database.read() as connection:
        rows = [(row.actor, row.data) for row in connection.execute(select(AUDIT).order_by(AUDIT.c.sequence))]
    acts = ["guest-link", "guest-opened", "guest-admitted", "guest-withdrawn"]
    found = [act for _, data in rows for act in acts if f'"{act}"' in data]
    assert found == acts
    assert not any("Lynne" in data or "Fabrikam" in data for _, data in rows if "guest" in data)
    assert any(actor == f"guest:{guest.key}" for actor, _ in rows)


@of_the_rules
def test_a_name_is_one_line_of_what_can_be_seen(world: Invited) -> None:
    _, guest = world.opened(world.link())
    world.knock(guest, "\u202eMegan\u200b  Bowen ")
    world.let_in(guest)
    assert "Guest: Megan Bowen" in world.seats()
    assert refused(world.knock(guest, "\u200b\u202e")) == "malformed"


def test_old_links_are_forgotten(world: Invited) -> None:
    world.link()
    world.clock.advance(timedelta(days=32))
    world.rooms.watch.forget()
    with world.database.read() as connection:
        assert connection.execute(select(GUEST_LINK)).all() == []
