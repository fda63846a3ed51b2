"""Records of calls across an information barrier: for sessions and tokens of whom it keeps apart there is no such
call, in no list, no sum and no story (SECURITY AST-1). ``test_calls_across_barriers`` draws who reads.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select
from tests.contract.test_calls import ADELE, LEE, MEGAN, World, marked
from tests.served_assist import fleet

from holofleet.errors import NotFoundError
from holofleet.protocols.signaling import messages
from holofleet.server.access import Grant, NewSession, NewToken
from holofleet.server.assist.left import Draft
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.custody import Source
from holofleet.storage.assist import StoredRecordings
from holofleet.storage.database import Database
from holofleet.storage.identity.access import StoredAccess, insert_session
from holofleet.storage.tables.assist import CALL_SIDE
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON_ROLE
from holofleet.storage.tables.sign_in import SESSION_PERSON

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what both databases cannot do differently."""
BARRIER = "[{between: [fabrikam, others]}]"
ISAIAH = "isaiah@contoso.com"


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def signed_in(world: World, upn: str) -> Principal:
    """Return an auditor as a session of theirs makes them, read from the database as at each request."""
    person, at = world.key(upn), world.clock.now()
    session = NewSession(uuid.uuid4().hex, uuid.uuid4().hex, Grant(upn, frozenset(), Scope.every()), at, at, 1)
    whose = {"session_id": session.id, "person_id": person, "client_id": "own"}
    role = {"person_id": person, "role": "auditor", "source": "console", "client_id": "own", "actor": "x", "at": 0}
    with world.database.transaction() as connection:
        insert_session(connection, session)
        connection.execute(insert(SESSION_PERSON).values(**whose, method="passkey", proved_at=0, browser="x"))
        connection.execute(delete(PERSON_ROLE).where(PERSON_ROLE.c.person_id == person))
        connection.execute(insert(PERSON_ROLE).values(role))
    found = StoredAccess(world.database, epoch=1).session_by_digest(session.digest)
    assert found is not None
    return Principal(PrincipalKind.PERSON, upn, found.grant.roles, found.grant.scope, session.id)


def by_token(world: World, upn: str) -> Principal:
    """Return a token that somebody made."""
    at, name = world.clock.now(), f"t{uuid.uuid4().hex[:8]}"
    grant = Grant(name, frozenset({Role.AUDITOR}), Scope.every())
    token = NewToken(uuid.uuid4().hex, uuid.uuid4().hex, grant, f"person:{upn}", at, at + timedelta(days=1))
    access = StoredAccess(world.database, epoch=1)
    access.add_token(token, AuditRecord(f"person:{upn}", "issue-token", f"token:{token.id}"))
    found = access.token_by_digest(token.digest)
    assert found is not None
    return Principal(PrincipalKind.TOKEN, name, found.grant.roles, found.grant.scope, found.id)


def everything(world: World, who: Principal) -> dict[str, int]:
    """Count all that somebody is told of calls with headset 100."""
    rooms, day = world.rooms, timedelta(days=1)
    story = world.custody.story.what_happened(who, "100", world.clock.now() - day, world.clock.now() + day)
    return {
        "records": len(rooms.records.listed(who)[0]),
        "recordings": len(rooms.recordings.listed(who)[0]),
        "messages": len(rooms.left.listed(who)[0]),
        "links": len(rooms.links.listed(who)),
        "sums": sum(site.calls for site in rooms.quality.by_site(who)),
        "story": len(
            [one for one in story.happenings if one.source is Source.CALL or {"call", "message"} & set(one.data)]
        ),
    }


def test_AST_1_nothing_of_a_call_is_told_across_a_barrier(world: World) -> None:
    call = marked(world)
    world.rooms.left.leave("100", Draft(uuid.uuid4().hex, to=world.key(MEGAN), phrases=("call-back",)))
    expert = Principal(PrincipalKind.PERSON, MEGAN, frozenset(), Scope.every())
    world.rooms.links.make(expert, "Service", headset="100")
    before = everything(world, signed_in(world, LEE))
    assert all(before[what] for what in ("records", "messages", "links", "sums", "story")), before
    world.publish(barriers=BARRIER)
    for who in (signed_in(world, LEE), by_token(world, LEE)):
        assert who.scope.apart == {"fabrikam"}
        assert who.scope.covers(Scope.every()), "a barrier is no limit of a role"
        assert set(everything(world, who).values()) == {0}
        with pytest.raises(NotFoundError):
            world.rooms.records.detail(who, call)
        with pytest.raises(NotFoundError):
            world.rooms.records.marks(who, call)
        assert StoredRecordings(world.database, epoch=1).consents(who.scope, call) == ()
    for who in (signed_in(world, ISAIAH), by_token(world, ISAIAH), LOCAL_ADMIN):
        assert everything(world, who) == before, "on no side of it"


@ON_SQLITE
def test_AST_1_a_barrier_counts_between_reader_and_expert_as_well(world: World) -> None:
    call = marked(world)
    world.publish(barriers="[{between: [pump-experts, others]}]")
    with pytest.raises(NotFoundError):
        world.rooms.records.detail(signed_in(world, LEE), call)
    assert world.rooms.records.detail(signed_in(world, ADELE), call).replayable, "of that side herself"


@ON_SQLITE
def test_AST_1_nobodys_calls_come_into_the_open_because_they_left_their_group(world: World) -> None:
    call = marked(world)
    megan = world.key(MEGAN)
    with world.database.transaction() as connection:
        connection.execute(delete(MEMBERSHIP).where(MEMBERSHIP.c.person_id == megan))
    world.publish(
        text=world_without(MEGAN).replace("calls:\n", "calls:\n  barriers: [{between: [pump-experts, others]}]\n")
    )
    with pytest.raises(NotFoundError):
        world.rooms.records.detail(signed_in(world, LEE), call)


def world_without(upn: str) -> str:
    """Return the fleet file in which somebody is in no group any more."""
    return fleet().replace(f"members: [{upn}, ", "members: [")


@ON_SQLITE
def test_AST_1_whoever_comes_into_a_call_brings_their_sides(world: World) -> None:
    headset, megan, adele = world.headset("100"), world.expert(MEGAN), world.expert(ADELE)
    call = world.connected(headset, megan)
    with world.database.transaction() as connection:
        connection.execute(delete(CALL_SIDE).where(CALL_SIDE.c.name != "fabrikam"))
    world.ask(megan, messages.CallAdd, call=call, to=adele.key)
    with world.database.read() as connection:
        names = set(connection.execute(select(CALL_SIDE.c.name).where(CALL_SIDE.c.call_id == call)).scalars())
    assert names >= {"fabrikam", "own", "pump-experts"}


@ON_SQLITE
def test_a_barrier_that_is_gone_hides_nothing(world: World) -> None:
    call = marked(world)
    world.publish(barriers=BARRIER)
    world.publish()
    who = signed_in(world, LEE)
    assert who.scope == replace(who.scope, apart=frozenset())
    assert world.rooms.records.detail(who, call)
