"""Messages left for experts, on both databases: whom they reach, who finds them, and what is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from tests.contract.test_calls import ADELE, LEE, MEGAN, READER, World
from tests.served_assist import fleet

from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.assist.left import PICTURE_BYTES, Draft, Part, PartKind
from holofleet.server.assist.left.values import WAITING
from holofleet.server.audit import PrivacyService
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.sealing import DamagedError
from holofleet.storage.database import Database
from holofleet.storage.identity import StoredAudit, StoredPrivacy
from holofleet.storage.tables.identity import AUDIT
from holofleet.storage.tables.left import CALL_LEFT, CALL_LEFT_FOR, CALL_LEFT_PART

PICTURE = Part(PartKind.PICTURE, "image/jpeg", b"\xff\xd8\xff" + b"p" * 200)
VOICE = Part(PartKind.VOICE, "audio/webm", b"\x1a\x45\xdf\xa3" + b"v" * 100)
SHUT = fleet().replace("recording: allowed,", "recording: allowed, hours: mon-fri 06:00-06:01,")


def draft(number: int = 1, **said: Any) -> Draft:
    return Draft(f"0000000000000000-{number}", **{"phrases": ("call-back",), "parts": (PICTURE, VOICE), **said})


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_a_message_is_found_by_whom_it_is_for_and_by_nobody_else(world: World) -> None:
    left, megan = world.rooms.left, world.expert(MEGAN, there=False)
    made = left.leave("100", draft(to=megan.key, voice_s=7))
    (found,) = left.mine(megan)
    assert (found.id, found.words, found.to, found.voice_s) == (
        made.id,
        ("Please call me back",),
        "Megan Bowen",
        7,
    )
    assert left.part(megan, made.id, PartKind.PICTURE) == PICTURE
    assert left.part(megan, made.id, PartKind.VOICE) == VOICE
    for upn in (ADELE, LEE):
        other = world.expert(upn, there=False)
        assert left.mine(other) == ()
        with pytest.raises(NotFoundError):
            left.part(other, made.id, PartKind.PICTURE)


def test_a_message_for_a_rota_is_seen_to_by_one_of_them(world: World) -> None:
    left, megan, adele = world.rooms.left, world.expert(MEGAN), world.expert(ADELE)
    made = left.leave("100", draft(rota="pumps"))
    assert [one.to for one in left.mine(adele)] == ["pumps"]
    left.take(megan, made.id)
    assert [(one.taken_by, one.taken_name) for one in left.mine(adele)] == [(megan.key, "Megan Bowen")]
    with pytest.raises(RefusedError, match="Megan Bowen sees to this"):
        left.take(adele, made.id)
    left.take(megan, made.id)  # again changes nothing
    left.drop(megan, made.id)
    assert left.mine(adele) == ()


def test_the_same_message_sent_again_is_left_once(world: World) -> None:
    left, megan = world.rooms.left, world.expert(MEGAN)
    assert left.leave("100", draft(to=megan.key)).id == left.leave("100", draft(to=megan.key)).id
    assert len(left.mine(megan)) == 1


def test_a_message_can_be_left_at_any_hour(world: World) -> None:
    world.publish(text=SHUT)
    headset, megan = world.headset("100"), world.expert(MEGAN)
    side = world.rooms.policy.headset(headset.key)
    assert side is not None
    assert world.rooms.policy.find(side).entries == ()  # nobody may be called now
    world.rooms.left.leave("100", draft(to=megan.key))
    world.rooms.left.leave("100", draft(2))
    assert sorted(one.to for one in world.rooms.left.mine(megan)) == ["Any expert", "Megan Bowen"]


def test_AST_1_a_message_reaches_only_whom_the_headset_may_call(world: World) -> None:
    left = world.rooms.left
    with pytest.raises(RefusedError) as foreign:
        left.leave("100", draft(to=world.key(LEE)))
    with pytest.raises(RefusedError) as missing:
        left.leave("100", draft(to="nobody"))
    assert str(foreign.value) == str(missing.value)
    # A barrier that comes later shuts what was left before, its parts too.
    megan = world.expert(MEGAN)
    made = left.leave("100", draft(to=megan.key))
    world.publish(barriers="[{between: [fabrikam, pump-experts]}]")
    assert left.mine(megan) == ()
    with pytest.raises(NotFoundError):
        left.part(megan, made.id, PartKind.VOICE)


BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"phrases": (), "parts": ()}, "empty"),
    ({"phrases": ("<b>",)}, "not on the list"),
    ({"parts": (Part(PartKind.PICTURE, "image/jpeg", b"<svg onload=1>"),)}, "not what it says"),
    ({"parts": (Part(PartKind.PICTURE, "image/svg+xml", b"<svg/>"),)}, "not what it says"),
    ({"parts": (Part(PartKind.VOICE, "text/html", b"\x1a\x45\xdf\xa3"),)}, "not what it says"),
    ({"parts": (PICTURE, PICTURE)}, "one picture"),
    ({"parts": (Part(PartKind.PICTURE, "image/jpeg", b"\xff\xd8\xff" * PICTURE_BYTES),)}, "larger"),
    ({"voice_s": 61}, "60 seconds"),
)


def test_AST_3_what_the_page_would_never_send_is_refused(world: World) -> None:
    for said, why in BAD:
        with pytest.raises(InputError, match=why):
            world.rooms.left.leave("100", draft(to=world.key(MEGAN), **said))


def test_so_many_messages_wait_and_no_more(world: World) -> None:
    left, megan = world.rooms.left, world.expert(MEGAN)
    for number in range(WAITING):
        made = left.leave("100", draft(number, to=megan.key, parts=()))
    with pytest.raises(RefusedError, match="wait already"):
        left.leave("100", draft(99, to=megan.key, parts=()))
    left.take(megan, made.id)
    left.leave("100", draft(99, to=megan.key, parts=()))


def test_parts_lie_sealed_are_not_changed_unnoticed_and_go_when_their_time_is_over(world: World) -> None:
    left, megan = world.rooms.left, world.expert(MEGAN)
    made = left.leave("100", draft(to=megan.key))
    with world.database.read() as connection:
        kept = connection.execute(select(CALL_LEFT_PART.c.sealed)).scalars().all()
    assert all(b"pppp" not in one and b"vvvv" not in one for one in kept)
    with world.database.transaction() as connection:
        of = CALL_LEFT_PART.c.kind
        picture, voice = (
            connection.execute(select(CALL_LEFT_PART.c.sealed).where(of == kind)).scalar_one()
            for kind in ("picture", "voice")
        )
        connection.execute(update(CALL_LEFT_PART).where(of == "picture").values(sealed=voice))
        connection.execute(update(CALL_LEFT_PART).where(of == "voice").values(sealed=picture[:20]))
    for kind in PartKind:
        with pytest.raises(DamagedError, match=f"the {kind} of this message is damaged"):
            left.part(megan, made.id, kind)
    links = StoredAudit(world.database, epoch=1).after(0, 1_000)
    found = [one.data["part"] for one in links if one.data.get("act") == "message-damaged"]
    assert found == [str(kind) for kind in PartKind]
    world.clock.advance(made.kept_until - world.clock.now() + timedelta(seconds=1))
    assert left.mine(megan) == ()
    world.rooms.watch.forget()
    with world.database.read() as connection:
        for table in (CALL_LEFT, CALL_LEFT_FOR, CALL_LEFT_PART):
            assert connection.execute(select(table)).all() == []


def test_ISO_2_records_name_a_message_only_inside_the_scope(world: World) -> None:
    world.rooms.left.leave("100", draft(to=world.key(MEGAN)))
    (one,), more = world.rooms.left.listed(READER)
    assert (one.serial, one.client, more) == ("100", "fabrikam", "")
    elsewhere = Principal(PrincipalKind.PERSON, "x@contoso.com", frozenset({Role.HELPDESK}), Scope.of("northwind"))
    assert world.rooms.left.listed(elsewhere) == ((), "")
    with pytest.raises(RefusedError):
        world.rooms.left.listed(Principal(PrincipalKind.PERSON, "x@contoso.com", frozenset(), Scope.every()))


def test_leaving_taking_and_deleting_stand_in_the_audit_log(world: World) -> None:
    left, megan = world.rooms.left, world.expert(MEGAN)
    made = left.leave("100", draft(to=megan.key))
    left.take(megan, made.id)
    left.drop(megan, made.id)
    with world.database.read() as connection:
        rows = connection.execute(select(AUDIT.c.actor, AUDIT.c.data).order_by(AUDIT.c.sequence)).all()
    told = [(row.actor.partition(":")[0], act) for row in rows for act in (_act(row.data),) if act]
    assert told == [("kiosk", "message-left"), ("person", "message-taken"), ("person", "message-deleted")]


def _act(data: Any) -> str:
    text = str(data)
    return next((act for act in ("message-left", "message-taken", "message-deleted") if act in text), "")


def test_a_person_is_given_what_was_left_for_them_and_it_goes_with_them(world: World) -> None:
    megan = world.expert(MEGAN)
    world.rooms.left.leave("100", draft(to=megan.key))
    privacy = PrivacyService(StoredPrivacy(world.database, epoch=1), world.clock)
    found = privacy.export(LOCAL_ADMIN, megan.key)
    assert len(found.rooms["call_left"]) == 1
    assert len(found.rooms["call_left_for"]) == 1
