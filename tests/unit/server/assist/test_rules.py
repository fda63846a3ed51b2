"""Who may call whom (SECURITY AST-1): the rules, one sentence each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from holofleet.clock import SetClock
from holofleet.resources import CallRules, Rota, WeekHours
from holofleet.server.assist.policy import CallPolicy, PublishedCalls, Side, SideKind, judge_pair
from holofleet.server.assist.policy.store import PolicyStore
from holofleet.spec.model.calls import week_minutes

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # a Wednesday


def headset(serial: str = "100", **said: Any) -> Side:
    return Side(SideKind.HEADSET, serial, **({"client": "fabrikam", "deployment": "line"} | said))


def expert(key: str = "megan", **said: Any) -> Side:
    given = {"client": "own", "upn": f"{key}@contoso.com", "name": key.title(), "expert": True}
    return Side(SideKind.EXPERT, key, **(given | said))


class Directory:
    """People and rules in memory, found as the port says."""

    def __init__(self, calls: PublishedCalls, *people: Side) -> None:
        self.calls, self.people = calls, people
        self.version = 1

    def number(self) -> int:
        return self.version

    def published(self) -> PublishedCalls:
        return self.calls

    def headset(self, serial: str) -> Side | None:
        return headset(serial)

    def person(self, key: str) -> Side | None:
        return next((side for side in self.people if side.key == key), None)

    def experts(self, names: Any) -> list[Side]:
        wanted = set(names)
        return [
            side
            for side in self.people
            if side.expert
            and side.here
            and (side.upn in wanted or side.groups & wanted if wanted else side.client == "own")
        ]


def rules(**said: Any) -> PublishedCalls:
    shared = {"name": "line", "client": "fabrikam"}
    return PublishedCalls({"line": CallRules.model_validate(shared | said)})


def policy(calls: PublishedCalls, *people: Side) -> CallPolicy:
    store: PolicyStore = Directory(calls, *people)
    return CallPolicy(store, SetClock(NOW))


def names(found: Any) -> list[str]:
    return [entry.name for entry in found.entries]


def test_a_headset_calls_an_expert_of_the_organization():
    assert judge_pair(rules(), headset(), expert()).allowed


def test_a_headset_never_calls_a_headset():
    verdict = judge_pair(rules(), headset("1"), headset("2"))
    assert (verdict.allowed, verdict.rule) == (False, "EXT-35")


def test_where_experts_are_listed_nobody_else_is_called():
    calls = rules(experts=["pump-experts", "adele@contoso.com"])
    assert judge_pair(calls, headset(), expert("adele")).allowed
    assert judge_pair(calls, headset(), expert(groups=frozenset({"pump-experts"}))).allowed
    assert not judge_pair(calls, headset(), expert()).allowed


def test_an_expert_of_another_client_is_behind_the_barrier_also_where_they_are_listed():
    calls = rules(experts=["alex@northwind.com"])
    theirs = expert("alex", client="northwind", upn="alex@northwind.com")
    assert not judge_pair(calls, headset(), theirs).allowed
    open_ = rules(experts=["alex@northwind.com"], barrier="none")
    assert judge_pair(open_, headset(), theirs).allowed


@pytest.mark.parametrize(
    "far",
    [
        expert(expert=False),
        expert(here=False),
        expert(client="northwind"),
        expert(groups=frozenset({"night-shift"})),
    ],
)
def test_whoever_may_not_be_found_is_refused_in_the_words_for_nobody(far):
    calls = replace(rules(), barriers=(("fabrikam", "night-shift"),))
    nobody = policy(calls).judge(headset(), replace(far, here=False))
    assert policy(calls).judge(headset(), far) == nobody


def test_a_barrier_keeps_two_experts_of_one_call_apart_in_both_directions():
    calls = replace(rules(), barriers=(("day-shift", "night-shift"),))
    day, night = expert("a", groups=frozenset({"day-shift"})), expert("b", groups=frozenset({"night-shift"}))
    assert policy(calls).judge(headset(), day).allowed
    for first, second in ((day, night), (night, day)):
        assert not policy(calls).judge(first, second, [headset()]).allowed
        assert names(policy(calls, day, night).find(headset(), others=[first])) == []


def test_a_lost_headset_takes_part_in_nothing():
    verdict = policy(rules()).judge(headset(here=False), expert())
    assert not verdict.allowed
    assert "lost" in verdict.words


def test_a_headset_whose_client_changed_under_its_rules_calls_nobody():
    assert not policy(rules()).judge(headset(client="northwind"), expert()).allowed


@pytest.mark.parametrize(
    ("said", "side", "rule"),
    [
        ({"product": "remote-assist"}, headset(), "assist.product"),
        ({"license": "EMS"}, headset(), "assist.license"),
        ({"holder": "required"}, headset(), "SHR-37"),
        ({"hours": WeekHours(spans=week_minutes("sat 08:00-12:00"))}, headset(), "assist.hours"),
    ],
)
def test_a_headset_that_may_not_call_now_is_told_which_rule_says_so_and_finds_nobody(said, side, rule):
    asked = policy(rules(**said), expert())
    assert asked.judge(side, expert()).rule == rule
    found = asked.find(side)
    assert (found.entries, found.verdict.rule) == ((), rule)
    assert asked.anyone(side) == ()


def test_closed_hours_say_when_calls_are_possible_again():
    closed = rules(hours=WeekHours(spans=week_minutes("thu 08:00-12:00"), timezone="UTC"))
    assert policy(closed, expert()).find(headset()).closed_until == datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_hours_and_holders_end_no_call_that_has_begun():
    closed = rules(hours=WeekHours(spans=week_minutes("sat 08:00-12:00")), holder="required")
    assert policy(closed).stands([headset(), expert()]).allowed
    assert policy(closed).judge(expert("b"), expert("c"), [headset()]).allowed


def test_experts_alone_have_no_call():
    assert not policy(rules()).judge(expert("a"), expert("b")).allowed


def test_a_guest_comes_only_where_guests_are_not_forbidden():
    guest = Side(SideKind.GUEST, "g1", "")
    assert judge_pair(rules(), headset(), guest).allowed
    assert not judge_pair(rules(forbid=["guests"]), headset(), guest).allowed


def test_search_matches_beginnings_of_words_and_turns_pages():
    people = [expert(f"p{n}", name=f"Pat Person{n}") for n in range(5)]
    asked = policy(rules(), *people, expert("lee", name="Lee Gu"))
    assert names(asked.find(headset(), query="person")) == [f"Pat Person{n}" for n in range(5)]
    assert names(asked.find(headset(), query="erson")) == []
    first = asked.find(headset(), limit=4)
    second = asked.find(headset(), limit=4, after=first.after)
    assert names(first) + names(second) == ["Lee Gu", *(f"Pat Person{n}" for n in range(5))]
    assert second.after == ""


class TestRotas:
    pumps = Rota(
        name="pumps", display_name="Pumps", experts=("pump-experts", "lee@contoso.com"), assets=("PUMP-*",)
    )
    night = Rota(
        name="night", experts=("lee@contoso.com",), hours=WeekHours(spans=week_minutes("sat 00:00-24:00"))
    )
    desk = Rota(name="desk", experts=("adele@contoso.com", "lee@contoso.com"))
    people = (
        expert("adele"),
        expert("lee"),
        expert("megan", groups=frozenset({"pump-experts"})),
    )

    def asked(self) -> CallPolicy:
        return policy(replace(rules(), rotas=(self.pumps, self.night, self.desk)), *self.people)

    def test_an_asset_goes_to_the_rota_that_names_it_in_the_order_of_the_file(self):
        assert self.asked().anyone(headset(), asset="pump-204") == ("megan", "lee")

    def test_an_asset_that_no_rota_names_goes_to_those_that_name_none(self):
        assert self.asked().anyone(headset(), asset="VALVE-1") == ("adele", "lee")

    def test_a_rota_outside_its_hours_does_not_answer(self):
        assert self.asked().anyone(headset(), rota="night") == ()
        assert [one.name for one in self.asked().find(headset()).rotas] == ["pumps", "desk"]

    def test_without_rotas_everybody_who_may_be_called_is_asked(self):
        assert policy(rules(), *self.people).anyone(headset()) == ("adele", "lee", "megan")

    def test_a_rota_reaches_nobody_who_may_not_be_called(self):
        calls = replace(rules(experts=["pump-experts"]), rotas=(self.desk,))
        assert policy(calls, *self.people).anyone(headset()) == ()


def test_what_one_headset_forbids_is_off_for_everybody_in_its_call():
    free = policy(rules(recording="allowed")).switches([headset(), expert()])
    assert (free.recording, free.chat, free.files) == (True, True, True)
    strict = policy(rules(forbid=["files"], low_bandwidth="refuse")).switches([headset(), expert()])
    assert (strict.recording, strict.chat, strict.files, strict.low_bandwidth) == (False, True, False, "refuse")


def test_a_call_whose_headset_no_rule_knows_may_do_nothing():
    nothing = policy(PublishedCalls()).switches([headset(), expert()])
    assert not any((nothing.recording, nothing.chat, nothing.files, nothing.snapshots, nothing.guests))


def test_rules_are_read_again_when_their_number_changes():
    store = Directory(rules(), expert())
    asked = CallPolicy(store, SetClock(NOW))
    assert asked.stands([headset(), expert()]).allowed
    store.calls = replace(rules(), barriers=(("fabrikam", "own"),))
    assert asked.stands([headset(), expert()]).allowed
    store.version = 2
    assert not asked.stands([headset(), expert()]).allowed
