"""The network of a headset: framing, repeats after lost replies, loss of power, sleep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.unit.simulator.scripted_server import Request, ScriptedServer, command, http, message, syncml

from holofleet.clock import SetClock
from holofleet.simulator import End, Headset, Rule
from holofleet.simulator.faults import FaultKind, NetworkFault, RandomWeather, ScriptedWeather
from holofleet.simulator.network import ConnectionLostError, Endpoint, UnreadableReplyError

USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
NEXT = 5
"""The first exchange after an enrollment of four."""


def weather(exchange: int, kind: FaultKind) -> ScriptedWeather:
    return ScriptedWeather(by_exchange={exchange: NetworkFault(kind)})


def one_setting(request: Request, number: int) -> bytes:
    first = "<MsgID>1<" in request.body.decode()
    return syncml(message(request, command("Replace", "r", USB, data="0", form="int") if first else ""))


@pytest.mark.parametrize("kind", [FaultKind.DROP_REPLY, FaultKind.CUT_REPLY])
@pytest.mark.parametrize("exchange", [NEXT, NEXT + 1])
async def test_a_lost_reply_makes_the_headset_send_the_same_bytes_again(
    server: ScriptedServer, enrolled: Headset, pauses: list[float], kind: FaultKind, exchange: int
) -> None:
    server.manage = one_setting
    enrolled.network.weather = weather(exchange, kind)
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.COMPLETED
    bodies = [request.body for request in server.requests[4:]]
    assert len(bodies) == 3
    assert bodies[exchange - NEXT] == bodies[exchange - NEXT + 1]
    assert pauses == [1.0]
    assert enrolled.tree.value(USB) == "0"
    assert enrolled.violations == []


async def test_another_answer_to_a_repeated_message_is_noticed(server: ScriptedServer, enrolled: Headset) -> None:
    server.manage = lambda request, number: syncml(
        message(request, command("Get", f"g{number}", "./DevInfo/Man") if number < 3 else "")
    )
    enrolled.network.weather = weather(NEXT, FaultKind.DROP_REPLY)
    await enrolled.check_in()
    assert [violation.rule for violation in enrolled.violations] == [Rule.REPEAT]


@pytest.mark.parametrize("kind", [FaultKind.DROP_REQUEST, FaultKind.CUT_REQUEST])
async def test_a_request_that_does_not_arrive_is_sent_again(
    server: ScriptedServer, enrolled: Headset, kind: FaultKind
) -> None:
    enrolled.network.weather = weather(NEXT, kind)
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.COMPLETED
    assert server.managed == 1


@pytest.mark.parametrize(
    ("kind", "managed", "value"),
    [(FaultKind.POWER_LOST_BEFORE, 1, "0"), (FaultKind.POWER_LOST_AFTER, 2, "0")],
)
async def test_power_lost_in_the_middle_ends_the_session_and_keeps_what_was_set(
    server: ScriptedServer, enrolled: Headset, kind: FaultKind, managed: int, value: str
) -> None:
    server.manage = one_setting
    enrolled.network.weather = weather(NEXT + 1, kind)
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.POWER_LOST
    assert server.managed == managed
    assert enrolled.tree.value(USB) == value
    assert enrolled.snapshot().restarts == 1
    after = await enrolled.check_in()
    assert after is not None
    assert after.end is End.COMPLETED
    assert server.requests[-1].text("<SessionID>([^<]+)") == "2"


async def test_server_errors_are_tried_again_with_growing_pauses_and_then_given_up(
    server: ScriptedServer, enrolled: Headset, pauses: list[float]
) -> None:
    server.manage = lambda request, number: http(b"", content_type="text/plain", status=503)
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.INTERRUPTED
    assert pauses == [1.0, 2.0, 4.0, 8.0]


async def test_a_sleeping_headset_answers_nobody(
    server: ScriptedServer, enrolled: Headset, clock: SetClock
) -> None:
    enrolled.sleep_until(clock.now() + timedelta(hours=1))
    assert await enrolled.check_in() is None
    assert server.managed == 0
    clock.advance(timedelta(hours=1))
    assert await enrolled.check_in() is not None


async def test_a_connection_is_used_again(server: ScriptedServer, enrolled: Headset) -> None:
    server.manage = one_setting
    await enrolled.check_in()
    await enrolled.check_in()
    assert enrolled.network.connections == 1


async def test_an_enrollment_whose_answer_is_lost_can_be_tried_again(
    server: ScriptedServer, headset: Headset
) -> None:
    headset.network.weather = weather(4, FaultKind.DROP_REPLY)
    with pytest.raises(ConnectionLostError):
        await headset.enroll()
    await headset.enroll()
    first, second = (
        request.body.decode() for request in server.requests if request.path.endswith("Enrollment.svc")
    )
    hardware = headset.hardware.hardware_id
    assert hardware in first
    assert hardware in second
    assert headset.device_id not in first


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"SMTP ready\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
async def test_a_reply_that_breaks_the_framing_is_refused(
    server: ScriptedServer, headset: Headset, reply: bytes
) -> None:
    server.overrides["/EnrollmentServer/Policy.svc"] = lambda request: reply
    with pytest.raises(UnreadableReplyError):
        await headset.enroll()
    assert [violation.rule for violation in headset.violations] == [Rule.LENGTH]


def test_only_absolute_https_addresses_are_used() -> None:
    assert Endpoint.parse("https://[::1]:8443/a?b=c") == Endpoint("::1", 8443, "/a?b=c")
    assert Endpoint.parse("https://contoso.com").authority == "contoso.com"
    for url in ("http://contoso.com/", "contoso.com", "https:///x", "https://h:99999999/"):
        with pytest.raises(UnreadableReplyError):
            Endpoint.parse(url)


def test_the_same_seed_gives_the_same_weather() -> None:
    def forecast(seed: int) -> list[NetworkFault | None]:
        return [RandomWeather(seed, 0.3).fault("0034", n) for n in range(200)]

    assert forecast(1) == forecast(1)
    assert forecast(1) != forecast(2)
    assert 30 < sum(fault is not None for fault in forecast(1)) < 90
