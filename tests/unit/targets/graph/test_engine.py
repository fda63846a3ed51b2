"""The engine: few round trips, patience, and no second creation."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from tests.unit.targets.graph.wire import Answer, Asked, Wire, error

from holofleet.errors import HolofleetError, PeerError
from holofleet.targets.graph.errors import GraphError, Trouble
from holofleet.targets.graph.journal import MemoryJournal
from holofleet.targets.graph.operations import Lookup, Request, Response, directory, intune, reports, tenant
from holofleet.targets.graph.tokens import Token
from holofleet.targets.graph.verdict import TRIES
from holofleet.targets.graph.work import NeverError, Work, ask, together, until

OK: Answer = (200, {}, {"value": []})
NEW = "11111111-1111-4111-8111-111111111111"
OLD = "22222222-2222-4222-8222-222222222222"


def always(answer: Answer) -> Callable[[Asked], Answer]:
    return lambda _: answer


def in_turn(*answers: Answer) -> Callable[[Asked], Answer]:
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def group(name: str, *, lookup: bool = True) -> Request:
    def match(response: Response) -> Any:
        return next((found for found in response.value if found["description"] == name), None)

    found = Lookup(directory.LIST_GROUPS.request(), match, key=f"group {name}")
    return directory.CREATE_GROUP.request(body={"description": name}, lookup=found if lookup else None)


class Groups:
    """A directory of groups that shows new ones late."""

    def __init__(self, wire_clock: Callable[[], float], *, late_s: float = 0.0) -> None:
        self.made: list[tuple[float, dict[str, Any]]] = []
        self.late_s = late_s
        self.now = wire_clock
        self.fail: Iterator[Answer | None] = iter(())

    def __call__(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            seen = [g for at, g in self.made if at + self.late_s <= self.now()]
            return 200, {}, {"value": seen}
        fault = next(self.fail, None)
        if fault is not None and fault[0] != 504:
            return fault
        made = {"id": str(uuid.uuid4()), **asked.body}
        self.made.append((self.now(), made))
        return fault or (201, {}, made)


def groups_on(late_s: float = 0.0) -> tuple[Wire, Groups]:
    wire = Wire(always(OK))
    groups = Groups(lambda: wire.seconds, late_s=late_s)
    wire.answer = groups
    return wire, groups


async def failed(wire: Wire, request: Request) -> GraphError:
    result = (await wire.engine().run({"w": ask(request)}))["w"]
    assert isinstance(result, GraphError)
    return result


async def test_what_many_works_want_leaves_in_batches_of_twenty_per_version() -> None:
    wire = Wire(always(OK))
    works = {str(n): ask(directory.GET_USER.request(id=str(n))) for n in range(45)}
    works |= {f"p{n}": ask(intune.GET_PROFILE.request(id=str(n))) for n in range(2)}
    await wire.engine().run(works)
    assert len(wire.trips) == 4
    assert {asked.url for asked in wire.asked if asked.version == "v1.0"} == {f"/users/{n}" for n in range(45)}


async def test_answers_of_a_batch_are_matched_by_id_not_by_order() -> None:
    wire = Wire(lambda asked: (200, {}, {"id": asked.path}))
    works = {str(n): ask(directory.GET_USER.request(id=str(n))) for n in range(20)}
    results = await wire.engine().run(works)
    assert {key: r.id for key, r in results.items() if isinstance(r, Response)} == {
        str(n): f"/users/{n}" for n in range(20)
    }


async def test_a_single_request_goes_without_a_batch() -> None:
    wire = Wire(always(OK))
    await wire.engine().one(ask(directory.LIST_SKUS.request()))
    assert [asked.batched for asked in wire.asked] == [False]


async def test_steps_of_works_that_run_together_leave_together() -> None:
    wire = Wire(always(OK))

    def two_steps(name: str) -> Work[int]:
        yield from ask(directory.GET_USER.request(id=name))
        yield from ask(directory.GET_GROUP.request(id=name))
        return 2

    assert await wire.engine().one(together([two_steps("a"), two_steps("b"), two_steps("c")])) == [2, 2, 2]
    assert len(wire.trips) == 2


async def test_all_pages_of_a_list_arrive_as_one_answer() -> None:
    def answer(asked: Asked) -> Answer:
        page = int(asked.url.rpartition("=")[2]) if "skip" in asked.url else 0
        body: dict[str, Any] = {"value": [{"n": page}]}
        if page < 3:
            body["@odata.nextLink"] = f"http://127.0.0.1:8765/v1.0/users?$skiptoken={page + 1}"
        return 200, {}, body

    wire = Wire(answer)
    response = await wire.engine().one(ask(directory.LIST_USERS.request()))
    assert [element["n"] for element in response.value] == [0, 1, 2, 3]
    assert "@odata.nextLink" not in response.body


async def test_pages_of_several_lists_are_fetched_in_common_round_trips() -> None:
    def answer(asked: Asked) -> Answer:
        last = "skip" in asked.url
        link = {} if last else {"@odata.nextLink": f"http://127.0.0.1:8765/v1.0{asked.path}?$skiptoken=x"}
        return 200, {}, {"value": [1], **link}

    wire = Wire(answer)
    await wire.engine().run({"u": ask(directory.LIST_USERS.request()), "g": ask(directory.LIST_GROUPS.request())})
    assert len(wire.trips) == 2


async def test_a_list_that_leads_in_a_circle_ends() -> None:
    link = "http://127.0.0.1:8765/v1.0/users?$skiptoken=x"
    wire = Wire(always((200, {}, {"value": [1], "@odata.nextLink": link})))
    with pytest.raises(PeerError, match="never ends"):
        await wire.engine().one(ask(directory.LIST_USERS.request()))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.25", 0.25), (format_datetime(Wire(always(OK)).clock.now() + timedelta(seconds=9)), 9.0)],
)
async def test_retry_after_is_kept_in_each_of_its_forms(header: str, seconds: float) -> None:
    wire = Wire(in_turn(error(429, retry_after=header), OK))
    await wire.engine().one(ask(directory.LIST_SKUS.request()))
    assert seconds <= wire.seconds < seconds + 0.1


async def test_throttling_without_retry_after_backs_off_with_jitter_and_ends_after_many_tries() -> None:
    wire = Wire(always(error(429, "TooManyRequests")))
    result = await failed(wire, intune.LIST_PROFILES.request())
    assert result.trouble is Trouble.THROTTLED
    assert len(wire.asked) == TRIES >= 10
    assert wire.seconds < 60 * TRIES


async def test_only_the_throttled_item_of_a_batch_is_sent_again() -> None:
    first = [True]

    def answer(asked: Asked) -> Answer:
        if asked.path == "/users/7" and first.pop() if first else False:
            return error(429, retry_after="3")
        return OK

    wire = Wire(answer)
    await wire.engine().run({str(n): ask(directory.GET_USER.request(id=str(n))) for n in range(20)})
    assert [asked.path for asked in wire.asked].count("/users/7") == 2
    assert len(wire.asked) == 21


async def test_throttling_of_one_service_does_not_stop_another() -> None:
    times: dict[str, float] = {}

    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/deviceManagement") and wire.seconds < 30:
            return error(429, retry_after="30")
        times[asked.path] = wire.seconds
        return OK

    wire = Wire(answer)
    await wire.engine().run({"u": ask(directory.LIST_USERS.request()), "p": ask(intune.LIST_PROFILES.request())})
    assert times["/users"] == 0
    assert times["/deviceManagement/deviceConfigurations"] >= 30


async def test_writes_to_intune_never_exceed_the_limit_of_any_twenty_seconds() -> None:
    times: list[float] = []

    def answer(_: Asked) -> Answer:
        times.append(wire.seconds)
        return 200, {}, {"id": "x"}

    wire = Wire(answer)
    works = {str(n): ask(intune.UPDATE_PROFILE.request(id=str(n), body={})) for n in range(200)}
    await wire.engine().run(works)
    assert max(sum(start <= t < start + 20 for t in times) for start in times) <= 100
    assert wire.seconds < 45
    assert len(wire.trips) == 10


async def test_a_warning_before_the_limit_slows_down() -> None:
    wire = Wire(always((200, {"x-ms-throttle-limit-percentage": "1.0"}, {})))
    engine = wire.engine()
    await engine.one(ask(intune.UPDATE_PROFILE.request(id="a", body={})))
    assert wire.seconds == 0
    await engine.one(ask(intune.UPDATE_PROFILE.request(id="a", body={})))
    assert wire.seconds == pytest.approx(20, abs=0.1)


async def test_conditional_access_goes_one_by_one_outside_batches() -> None:
    times: list[float] = []

    def answer(_: Asked) -> Answer:
        times.append(wire.seconds)
        return OK

    wire = Wire(answer)
    works = {str(n): ask(tenant.UPDATE_ACCESS_POLICY.request(id=str(n), body={})) for n in range(4)}
    await wire.engine().run(works | {"l": ask(tenant.LIST_ACCESS_POLICIES.request())})
    assert not any(asked.batched for asked in wire.asked)
    assert all(later - earlier >= 1.1 - 1e-6 for earlier, later in pairwise(times))


async def test_404_of_something_made_in_this_run_is_waited_out() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.method == "POST" and asked.path == "/groups":
            return 201, {}, {"id": NEW}
        return error(404, "Request_ResourceNotFound") if wire.seconds < 20 else (204, {}, None)

    def work() -> Work[int]:
        made = yield from ask(group("g"))
        return (yield from ask(directory.UPDATE_GROUP.request(id=made.id, body={"description": "x"}))).status

    wire = Wire(answer)
    assert await wire.engine().one(work()) == 204
    assert 20 <= wire.seconds < 40


async def test_404_of_something_old_is_an_error_at_once() -> None:
    wire = Wire(always(error(404, "Request_ResourceNotFound")))
    assert (await failed(wire, directory.GET_GROUP.request(id=NEW))).trouble is Trouble.ABSENT
    assert wire.seconds == 0


async def test_404_of_something_new_is_an_error_after_two_minutes() -> None:
    def answer(asked: Asked) -> Answer:
        return (201, {}, {"id": NEW}) if asked.method == "POST" else error(404)

    def work() -> Work[Response]:
        yield from ask(group("g"))
        return (yield from ask(directory.GET_GROUP.request(id=NEW)))

    wire = Wire(answer)
    result = (await wire.engine().run({"w": work()}))["w"]
    assert isinstance(result, GraphError)
    assert 120 <= wire.seconds <= 130


async def test_intune_that_does_not_know_a_new_group_yet_is_given_a_minute() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/groups":
            return 201, {}, {"id": NEW}
        return error(400, "BadRequest", "group not found") if wire.seconds < 30 else (200, {}, {})

    def work() -> Work[int]:
        made = yield from ask(group("g"))
        body = {"assignments": [{"target": {"groupId": made.id}}]}
        return (yield from ask(intune.ASSIGN_PROFILE.request(id="p", body=body))).status

    wire = Wire(answer)
    assert await wire.engine().one(work()) == 200


async def test_absent_can_be_an_answer() -> None:
    wire = Wire(always(error(404)))
    response = await wire.engine().one(ask(directory.GET_GROUP.request(id=NEW, accept={404})))
    assert response.status == 404


async def test_a_creation_whose_answer_was_lost_is_looked_up_and_not_repeated() -> None:
    wire, groups = groups_on(late_s=10)
    groups.fail = iter([error(504)])  # made, and then the gateway gave up
    response = await wire.engine().one(ask(group("g")))
    assert [g["id"] for _, g in groups.made] == [response.id]


async def test_a_creation_that_never_happened_is_sent_again_after_looking_long_enough() -> None:
    wire, groups = groups_on(late_s=10)
    groups.fail = iter([error(503), error(500)])
    await wire.engine().one(ask(group("g")))
    assert len(groups.made) == 1
    assert wire.seconds >= 240


async def test_a_creation_that_timed_out_is_looked_up_too() -> None:
    wire, groups = groups_on()
    handled = wire._handle

    def drop_first_answer(request: httpx2.Request) -> httpx2.Response:
        answer = handled(request)
        if request.method == "POST" and len(wire.trips) == 1:
            raise httpx2.ReadTimeout("lost", request=request)
        return answer

    wire._handle = drop_first_answer  # type: ignore[method-assign]
    await wire.engine().one(ask(group("g")))
    assert len(groups.made) == 1


async def test_a_creation_that_nothing_can_find_again_is_reported_as_unknown() -> None:
    wire, groups = groups_on()
    groups.fail = iter([error(504)])
    result = await failed(wire, group("g", lookup=False))
    assert result.trouble is Trouble.UNKNOWN_OUTCOME
    assert len(groups.made) == 1


async def test_a_wipe_of_unknown_outcome_is_never_sent_again() -> None:
    wire = Wire(always(error(503)))
    result = await failed(wire, reports.WIPE_DEVICE.request(id="d", body={}))
    assert result.trouble is Trouble.UNKNOWN_OUTCOME
    assert len(wire.asked) == 1


async def test_a_throttled_wipe_is_sent_again_because_it_was_not_carried_out() -> None:
    wire = Wire(in_turn(error(429), (204, {}, None)))
    await wire.engine().one(ask(reports.WIPE_DEVICE.request(id="d", body={})))
    assert len(wire.asked) == 2


async def test_a_run_that_was_killed_while_creating_looks_first_the_next_time() -> None:
    wire, groups = groups_on(late_s=30)
    journal = MemoryJournal()

    class Killed(BaseException):
        pass

    def made_then_killed(asked: Asked) -> Answer:
        groups(asked)
        raise Killed

    wire.answer = made_then_killed
    with pytest.raises(Killed):
        await wire.engine(journal=journal).one(ask(group("g")))
    wire.answer = groups
    response = await wire.engine(journal=journal).one(ask(group("g")))
    assert [g["id"] for _, g in groups.made] == [response.id]


async def test_what_was_made_a_moment_ago_and_is_not_seen_yet_is_not_made_again() -> None:
    wire, groups = groups_on(late_s=30)
    journal = MemoryJournal()
    first = await wire.engine(journal=journal).one(ask(group("g")))
    second = await wire.engine(journal=journal).one(ask(group("g")))
    assert second.id == first.id
    assert len(groups.made) == 1


@pytest.mark.parametrize(("passed_s", "waits"), [(1.0, True), (600.0, False)])
async def test_what_an_earlier_run_made_a_moment_ago_may_still_be_unknown_to_other_services(
    passed_s: float, waits: bool
) -> None:
    wire, _ = groups_on()
    journal = MemoryJournal()
    journal.begin("group g", wire.clock.now().timestamp() - passed_s)
    wire.answer = in_turn(error(400), (200, {}, {}))
    engine = wire.engine(journal=journal)
    engine.recognize({"group g": NEW, "group of old": OLD})
    target = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": NEW}
    body = {"assignments": [{"target": target}]}
    outcome = (await engine.run({"w": ask(intune.ASSIGN_PROFILE.request(id="p", body=body))}))["w"]
    assert isinstance(outcome, Response) == waits


async def test_a_creation_that_was_refused_is_tried_again_at_once() -> None:
    wire, groups = groups_on()
    journal = MemoryJournal()
    groups.fail = iter([error(400)])
    await wire.engine(journal=journal).run({"w": ask(group("g"))})
    await wire.engine(journal=journal).one(ask(group("g")))
    assert wire.seconds == 0


async def test_a_taken_name_that_is_our_own_creation_is_adopted_when_it_shows() -> None:
    ours = {"id": NEW, "userPrincipalName": "hl-1@contoso.com", "employeeType": "ours"}

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return error(400, "Request_MultipleObjectsWithSameKeyValue", "userPrincipalName already exists")
        return 200, {}, {"value": [ours] if wire.seconds > 5 else []}

    def match(response: Response) -> Any:
        return next(iter(response.value), None)

    lookup = Lookup(directory.LIST_USERS.request(), match, key="user hl-1", unique=True)
    wire = Wire(answer)
    response = await wire.engine().one(ask(directory.CREATE_USER.request(body={}, lookup=lookup)))
    assert response.id == NEW


async def test_a_name_that_a_stranger_holds_is_a_conflict() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return error(400, "Request_MultipleObjectsWithSameKeyValue", "userPrincipalName already exists")
        return OK

    lookup = Lookup(directory.LIST_USERS.request(), lambda _: None, key="user hl-1", unique=True)
    result = await failed(Wire(answer), directory.CREATE_USER.request(body={}, lookup=lookup))
    assert result.trouble is Trouble.CONFLICT


async def test_a_member_that_is_one_already_is_a_success() -> None:
    message = "One or more added object references already exist for the following modified properties: 'members'."
    wire = Wire(always(error(400, "Request_BadRequest", message)))
    response = await wire.engine().one(ask(directory.ADD_MEMBER.request(id=NEW, body={"@odata.id": "x"})))
    assert response.status == 204


async def test_a_deletion_whose_answer_was_lost_is_done_when_the_thing_is_gone() -> None:
    wire = Wire(in_turn(error(504), error(404)))
    assert (await wire.engine().one(ask(directory.DELETE_GROUP.request(id=NEW)))).status == 204


async def test_what_fails_does_not_stop_other_works() -> None:
    wire = Wire(lambda asked: error(403, "Forbidden") if asked.path.endswith("/3") else (200, {}, {"id": "x"}))
    results = await wire.engine().run({str(n): ask(directory.GET_USER.request(id=str(n))) for n in range(5)})
    assert [key for key, result in results.items() if isinstance(result, HolofleetError)] == ["3"]


async def test_a_work_may_go_on_after_a_failure_with_what_succeeded() -> None:
    wire = Wire(lambda asked: error(404) if asked.path.endswith("/1") else (200, {}, {"id": asked.path[-1]}))

    def work() -> Work[list[str]]:
        requests = [directory.GET_USER.request(id=str(n)) for n in range(3)]
        try:
            yield requests
        except GraphError as failure:
            return [o.id if isinstance(o, Response) else str(o.status) for o in failure.outcomes]
        return []

    assert await wire.engine().one(together([work()])) == [["0", "404", "2"]]


async def test_a_missing_permission_names_the_operation_and_the_permission() -> None:
    result = await failed(Wire(always(error(403, "Authorization_RequestDenied"))), directory.LIST_USERS.request())
    assert result.trouble is Trouble.PERMISSION
    assert "users.list" in result.summary
    assert "User.Read.All" in result.mend


async def test_polling_waits_between_questions_and_gives_up_in_time() -> None:
    wire = Wire(lambda _: (200, {}, {"state": "done" if wire.seconds >= 60 else "busy"}))
    request = reports.GET_EXPORT.request(id="e")
    work = until(request, lambda r: r.body["state"] == "done", every_s=15, within_s=600, what="the report")
    assert (await wire.engine().one(work)).body == {"state": "done"}
    assert len(wire.asked) == 5
    never = until(request, lambda r: False, every_s=15, within_s=60, what="the report")
    with pytest.raises(NeverError):
        await wire.engine().one(never)


class Tokens:
    """Gives numbered tokens."""

    def __init__(self) -> None:
        self.given = 0

    async def token(self, *, fresh: bool = False) -> Token:
        if fresh or not self.given:
            self.given += 1
        return Token(f"token-{self.given}", 4e9)


async def test_a_refused_token_is_renewed_once() -> None:
    def answer(asked: Asked) -> Answer:
        return OK if asked.headers["authorization"] == "Bearer token-2" else error(401)

    wire = Wire(answer, root="https://graph.example.com")
    tokens = Tokens()
    await wire.engine(tokens=tokens).one(ask(directory.LIST_USERS.request()))
    assert tokens.given == 2
    wire.answer = always(error(401))
    result = (await wire.engine(tokens=tokens).run({"w": ask(directory.LIST_USERS.request())}))["w"]
    assert isinstance(result, GraphError)
    assert result.trouble is Trouble.SIGN_IN
    assert tokens.given == 3


async def test_what_only_a_person_may_do_is_not_sent_with_an_application_token() -> None:
    wire = Wire(always(OK), root="https://graph.example.com")
    result = (await wire.engine(tokens=Tokens()).run({"w": ask(tenant.LIST_MDM_SCOPE.request())}))["w"]
    assert isinstance(result, GraphError)
    assert result.trouble is Trouble.PERMISSION
    assert not wire.trips


async def test_a_batch_that_is_too_large_for_the_service_is_halved() -> None:
    wire = Wire(always((200, {}, {"id": "x"})))
    wire.before = lambda request: httpx2.Response(413) if len(request.content) > 1200 else None
    works = {str(n): ask(intune.UPDATE_PROFILE.request(id=str(n), body={"d": "x" * 100})) for n in range(16)}
    results = await wire.engine().run(works)
    assert all(isinstance(result, Response) for result in results.values())


async def test_a_batch_that_fails_as_a_whole_is_sent_again() -> None:
    wire = Wire(always(OK))
    answers = [httpx2.Response(503, headers={"Retry-After": "2"})]
    wire.before = lambda _: answers.pop() if answers else None
    await wire.engine().run({str(n): ask(directory.GET_USER.request(id=str(n))) for n in range(3)})
    assert len(wire.trips) == 2


async def test_an_item_that_a_batch_does_not_mention_is_not_taken_as_done() -> None:
    wire = Wire(always(OK))
    answers = [httpx2.Response(200, json={"responses": []})]
    wire.before = lambda _: answers.pop() if answers else None
    results = await wire.engine().run({str(n): ask(directory.GET_USER.request(id=str(n))) for n in range(3)})
    assert len(wire.asked) == 3
    assert all(isinstance(result, Response) for result in results.values())


async def test_an_item_that_failed_with_another_one_is_sent_again_by_itself() -> None:
    answers = {"/users/1": [error(424, "FailedDependency")]}

    def answer(asked: Asked) -> Answer:
        return answers[asked.path].pop() if answers.get(asked.path) else (200, {}, {"id": "x"})

    wire = Wire(answer)
    results = await wire.engine().run({str(n): ask(directory.GET_USER.request(id=str(n))) for n in range(3)})
    assert all(isinstance(result, Response) for result in results.values())
    assert len(wire.asked) == 4
