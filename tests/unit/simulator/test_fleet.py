"""Many headsets in one process."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.simulator.scripted_server import Request, ScriptedServer, command, http, message, syncml

from holofleet.clock import SetClock
from holofleet.errors import InputError, NotFoundError
from holofleet.simulator import Act, Credential, End, Fleet, HeadsetPlan, Phase, Progress
from holofleet.simulator.faults import FaultKind as Kind
from holofleet.simulator.faults import RandomWeather

USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"


def plans(count: int) -> list[HeadsetPlan]:
    return [HeadsetPlan(f"0034218001{n:02}", Credential("enroll@contoso.com", "secret")) for n in range(count)]


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0)


def fleet_of(server: ScriptedServer, count: int, **options: object) -> Fleet:
    arguments: dict[str, object] = {"concurrency": 8, "pause": no_pause, "timeout_s": 5.0, **options}
    return Fleet(server_url=server.url, ca_file=server.ca_file, headsets=plans(count), **arguments)  # type: ignore[arg-type]


def converge(request: Request, number: int) -> bytes:
    first = "<MsgID>1<" in request.body.decode()
    return syncml(message(request, command("Replace", "r", USB, data="0", form="int") if first else ""))


async def test_a_fleet_enrolls_and_converges_with_progress(server: ScriptedServer) -> None:
    server.manage = converge
    seen: list[Progress] = []
    fleet = fleet_of(server, 12, progress=seen.append)
    assert (await fleet.enroll()).outcomes == {"ok": 12}
    assert (await fleet.check_in()).outcomes == {"ok": 12}
    fleet.close()
    assert not fleet.violations
    assert {s.phase for s in fleet.snapshot()} == {Phase.ENROLLED}
    assert {h.tree.value(USB) for h in fleet.headsets.values()} == {"0"}
    assert len({s.device_id for s in fleet.snapshot()}) == 12
    assert [(p.act, p.done) for p in seen] == [
        *((Act.ENROLL, n) for n in range(1, 13)),
        *((Act.CHECK_IN, n) for n in range(1, 13)),
    ]


async def test_drift_is_what_the_next_check_in_finds(server: ScriptedServer) -> None:
    fleet = fleet_of(server, 2)
    await fleet.enroll()
    serial = plans(2)[1].serial
    fleet.headset(serial).drift(USB, "1")
    server.manage = lambda request, number: syncml(
        message(request, command("Get", "g", USB) if "<MsgID>1<" in request.body.decode() else "")
    )
    await fleet.check_in([serial])
    fleet.close()
    assert "<Data>1</Data></Item></Results>" in server.requests[-1].body.decode()


async def test_the_same_seed_gives_the_same_headsets(server: ScriptedServer) -> None:
    ids = []
    for seed in (1, 1, 2):
        fleet = fleet_of(server, 3, seed=seed)
        await fleet.enroll()
        fleet.close()
        ids.append([s.device_id for s in fleet.snapshot()])
    assert ids[0] == ids[1] != ids[2]


async def test_bad_weather_stops_no_fleet(server: ScriptedServer) -> None:
    server.manage = converge
    fleet = fleet_of(server, 10, weather=RandomWeather(3, 0.25))
    for _ in range(20):
        await fleet.enroll()
    assert {s.phase for s in fleet.snapshot()} == {Phase.ENROLLED}
    for _ in range(20):
        await fleet.check_in()
    fleet.close()
    assert not fleet.violations
    assert {h.tree.value(USB) for h in fleet.headsets.values()} == {"0"}
    ends = {record.end for h in fleet.headsets.values() for record in h.records}
    assert {End.COMPLETED, End.POWER_LOST} <= ends


async def test_sessions_of_one_headset_run_one_after_the_other(server: ScriptedServer) -> None:
    fleet = fleet_of(server, 1, keep_connections=True)
    await fleet.enroll()
    headset = next(iter(fleet.headsets.values()))
    await asyncio.gather(*(headset.check_in() for _ in range(5)))
    fleet.close()
    ids = [request.text("<SessionID>([^<]+)") for request in server.requests[4:]]
    assert ids == ["1", "2", "3", "4", "5"]


async def test_a_busy_server_is_asked_again_when_it_said_and_that_is_no_violation(server: ScriptedServer) -> None:
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    def busy_twice(request: Request) -> bytes:
        if len(waits) < 2:
            return http(b"", content_type="text/plain", status=429, extra="Retry-After: 7\r\n")
        return server.policy(request)

    server.overrides["/EnrollmentServer/Policy.svc"] = busy_twice
    server.manage = lambda request, number: (
        http(b"", content_type="text/plain", status=503, extra="Retry-After: 9\r\n")
        if number == 1
        else syncml(message(request))
    )
    fleet = fleet_of(server, 1, pause=pause)
    assert (await fleet.enroll()).outcomes == {"ok": 1}
    assert (await fleet.check_in()).outcomes == {"ok": 1}
    fleet.close()
    assert waits == [7.0, 7.0, 9.0]
    assert not fleet.violations


async def test_a_saved_fleet_goes_on_as_the_same_headsets(server: ScriptedServer, tmp_path: Path) -> None:
    server.manage = converge
    first = fleet_of(server, 3)
    await first.enroll([plan.serial for plan in plans(3)[:2]])
    await first.check_in()
    first.close()
    path = tmp_path / "headsets.json"
    first.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    second = fleet_of(server, 3)
    assert second.restore(path) == 3
    assert [(s.phase, s.device_id) for s in second.snapshot()] == [
        (s.phase, s.device_id) for s in first.snapshot()
    ]
    assert second.headset(plans(1)[0].serial).tree.value(USB) == "0"
    assert (await second.check_in()).outcomes == {"ok": 2}
    request = server.requests[-1]
    assert request.certificate is not None
    assert request.text("<SessionID>([^<]+)") == "2"
    assert (await second.enroll()).outcomes == {"ok": 1}
    second.close()
    assert not second.violations
    assert len({s.device_id for s in second.snapshot()}) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2}',
        '{"format": 1, "server_url": "https://elsewhere", "headsets": {}}',
        '{"format": 1}',
    ],
)
def test_a_file_that_holds_no_fleet_of_this_server_is_refused(
    server: ScriptedServer, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "headsets.json"
    path.write_text(text)
    with pytest.raises(InputError, match="holds no simulated headsets"):
        fleet_of(server, 1).restore(path)


async def test_failures_are_counted_by_kind_and_named_by_serial(server: ScriptedServer) -> None:
    fleet = fleet_of(server, 2, weather=RandomWeather(1, 1.0, kinds=(Kind.DROP_REQUEST,)))
    tally = await fleet.enroll()
    assert tally.outcomes == {"connection lost": 2}
    assert sorted(tally.problems) == [plan.serial for plan in plans(2)]


async def test_headsets_follow_their_poll_schedule_on_a_given_clock(
    server: ScriptedServer, clock: SetClock
) -> None:
    fleet = fleet_of(server, 3, clock=clock)
    await fleet.enroll()
    start = clock.now()
    polled = []
    for _ in range(10):  # two polls after 5 minutes each, one after 15, then every 480
        clock.advance(timedelta(minutes=5))
        if (await fleet.check_in_due(start)).total:
            polled.append(int((clock.now() - start).total_seconds() // 60))
    fleet.close()
    assert polled == [5, 10, 25]


async def test_a_schedule_can_run_faster_than_life_and_be_stopped(server: ScriptedServer) -> None:
    stop = asyncio.Event()
    polls: list[str] = []

    def note(progress: Progress) -> None:
        if progress.act is Act.CHECK_IN:
            polls.append(progress.serial)
        if len(polls) >= 9:
            stop.set()

    fleet = fleet_of(server, 3, progress=note)
    await fleet.enroll()
    async with asyncio.timeout(5):
        await fleet.follow_schedule(stop, speed=60_000)
    fleet.close()
    assert set(polls) == {plan.serial for plan in plans(3)}
    assert not fleet.violations


def test_a_fleet_needs_distinct_serials_and_a_ca_file(server: ScriptedServer) -> None:
    with pytest.raises(InputError, match="twice"):
        Fleet(server_url=server.url, ca_file=server.ca_file, headsets=[*plans(1), *plans(1)])
    with pytest.raises(InputError, match="CA file"):
        Fleet(server_url=server.url, ca_file="/does/not/exist", headsets=[])
    with pytest.raises(NotFoundError):
        Fleet(server_url=server.url, ca_file=server.ca_file, headsets=[]).headset("1")
