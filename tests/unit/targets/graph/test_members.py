"""Members of groups in few requests, and nobody is deleted by mistake."""

from __future__ import annotations

import pytest
from tests.unit.targets.graph.wire import Answer, Asked, Wire, error

from holofleet.targets.graph import members
from holofleet.targets.graph.errors import GraphError

ROOT = "http://127.0.0.1:8765"


class Group:
    """One group; ``unknown`` are ids that the directory does not have."""

    def __init__(self, *present: str, unknown: frozenset[str] = frozenset()) -> None:
        self.members = list(present)
        self.unknown = unknown

    def __call__(self, asked: Asked) -> Answer:
        if asked.method == "DELETE":
            assert asked.path.endswith("/$ref")
            member = asked.path.split("/")[-2]
            if member not in self.members:
                return error(404, "Request_ResourceNotFound")
            self.members.remove(member)
            return 204, {}, None
        references = asked.body.get("members@odata.bind") or [asked.body["@odata.id"]]
        wanted = [reference.rpartition("/")[2] for reference in references]
        assert len(wanted) <= 20
        if self.unknown & set(wanted):
            return error(400, "Request_BadRequest", "Invalid object identifier")
        if set(self.members) & set(wanted):
            return error(
                400, "Request_BadRequest", "One or more added object references already exist for 'members'."
            )
        self.members += wanted
        return 204, {}, None


async def test_400_members_are_added_in_one_round_trip() -> None:
    group = Group()
    wire = Wire(group)
    await wire.engine().one(members.add("g", [str(n) for n in range(400)], root=ROOT))
    assert len(group.members) == 400
    assert len(wire.trips) == 1


async def test_one_who_is_a_member_already_keeps_nobody_out() -> None:
    group = Group("3")
    wire = Wire(group)
    await wire.engine().one(members.add("g", [str(n) for n in range(20)], root=ROOT))
    assert sorted(group.members) == sorted(str(n) for n in range(20))
    assert len(wire.trips) == 2


async def test_one_who_does_not_exist_keeps_nobody_else_out_and_is_named() -> None:
    group = Group(unknown=frozenset({"7"}))
    wire = Wire(group)
    with pytest.raises(GraphError, match="Invalid object"):
        await wire.engine().one(members.add("g", [str(n) for n in range(20)], root=ROOT))
    assert len(group.members) == 19


async def test_GRA_2_memberships_end_by_reference_and_who_is_gone_is_gone() -> None:
    group = Group("1", "2", "3")
    await Wire(group).engine().one(members.remove("g", ["1", "9", "3"]))
    assert group.members == ["2"]


async def test_nothing_to_do_asks_for_nothing() -> None:
    wire = Wire(Group())
    await wire.engine().one(members.add("g", [], root=ROOT))
    await wire.engine().one(members.remove("g", []))
    assert not wire.trips
