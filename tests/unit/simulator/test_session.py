"""A management session against hand-written messages: what is sent, in which order, and what is noticed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.unit.simulator.scripted_server import (
    Request,
    ScriptedServer,
    command,
    http,
    message,
    statuses,
    syncml,
)

from holofleet.simulator import End, Headset, Phase, Rule

USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
BLUETOOTH = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowBluetooth"
LOCK = "./Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"
SERIAL_NODE = "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber"


def first_then_silence(commands: str) -> Callable[[Request, int], bytes]:
    """Answer the first message of each session with commands, later ones with nothing more."""

    def manage(request: Request, number: int) -> bytes:
        return syncml(message(request, commands if "<MsgID>1<" in request.body.decode() else ""))

    return manage


def answers(request: Request) -> list[tuple[str, str, str]]:
    """The Statuses of a headset's message: command, verb, code."""
    return re.findall(r"<CmdRef>([^<]*)</CmdRef><Cmd>(\w+)</Cmd>.*?<Data>(\d+)</Data>", request.body.decode())


async def test_package_1_looks_like_that_of_a_real_client(server: ScriptedServer, enrolled: Headset) -> None:
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.COMPLETED
    request = server.requests[-1]
    body = request.body.decode()
    assert request.target == "/manage?mode=Maintenance&Platform=WoA"
    assert request.headers["user-agent"] == "MSFT OMA DM Client/1.2.0.1"
    assert request.certificate is not None
    assert re.findall(r"<CmdID>(\d+)", body) == ["2", "3", "4"]
    assert re.findall(r"<LocURI>(\./DevInfo/\w+)", body) == [
        f"./DevInfo/{n}" for n in ("DevId", "Man", "Mod", "DmV", "Lang")
    ]
    assert "<Data>1201</Data>" in body
    assert "com.microsoft/MDM/LoginStatus</Type></Meta><Data>user</Data>" in body
    assert body.index("<Data>1201<") < body.index("<Data>1224<") < body.index("<Replace>")
    assert f"<Source><LocURI>{enrolled.device_id}</LocURI>" in body
    assert "Meta/MaxMsgSize" not in body
    assert enrolled.violations == []


async def test_session_ids_are_hexadecimal_and_start_again_after_re_enrollment(
    server: ScriptedServer, enrolled: Headset
) -> None:
    ids = []
    for _ in range(11):
        await enrolled.check_in()
        ids.append(server.requests[-1].text("<SessionID>([^<]+)"))
    assert ids == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B"]
    first = enrolled.device_id
    await enrolled.leave()
    await enrolled.enroll()
    await enrolled.check_in()
    assert server.requests[-1].text("<SessionID>([^<]+)") == "1"
    assert enrolled.device_id != first


async def test_every_command_gets_a_status_and_the_tree_changes(server: ScriptedServer, enrolled: Headset) -> None:
    server.manage = first_then_silence(
        command("Replace", "r1", USB, data="0", form="int")
        + command("Replace", "r2", USB + "x", data="0", form="int")
        + command("Replace", "r3", BLUETOOTH, data="0", form="chr")
        + command("Replace", "r4", BLUETOOTH, data="7", form="int")
        + command("Delete", "d1", BLUETOOTH)
    )
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.COMPLETED
    assert answers(server.requests[-1]) == [
        ("0", "SyncHdr", "200"),
        ("r1", "Replace", "200"),
        ("r2", "Replace", "404"),
        ("r3", "Replace", "415"),
        ("r4", "Replace", "500"),
        ("d1", "Delete", "404"),
    ]
    assert enrolled.tree.value(USB) == "0"
    assert enrolled.violations == []


async def test_a_get_of_several_items_has_a_status_each_and_one_results(
    server: ScriptedServer, enrolled: Headset
) -> None:
    enrolled._bare_results = enrolled._statuses_first = False
    enrolled.drift(USB, "1")
    items = "".join(
        f"<Item><Target><LocURI>{uri}</LocURI></Target></Item>" for uri in (SERIAL_NODE, USB, BLUETOOTH)
    )
    server.manage = first_then_silence(
        f"<Get><CmdID>g1</CmdID>{items}</Get>" + command("Get", "g2", "./DevDetail/SwV")
    )
    await enrolled.check_in()
    body = server.requests[-1].body.decode()
    assert re.findall(r"<(Status|Results)>", body) == ["Status"] * 4 + ["Results", "Status", "Results"]
    assert re.findall(r"<CmdRef>g1</CmdRef><Cmd>Get</Cmd><TargetRef>([^<]+)</TargetRef><Data>(\d+)", body) == [
        (SERIAL_NODE, "200"),
        (USB, "200"),
        (BLUETOOTH, "404"),
    ]
    assert f"<Item><Source><LocURI>{SERIAL_NODE}</LocURI></Source><Data>003421800101</Data></Item>" in body
    assert (
        f'<LocURI>{USB}</LocURI></Source><Meta><Format xmlns="syncml:metinf">int</Format></Meta><Data>1<' in body
    )
    assert "<CmdRef>g2</CmdRef><Cmd>Get</Cmd><Data>200</Data>" in body


async def test_habits_of_other_clients_put_statuses_first_and_leave_the_dot_away(
    server: ScriptedServer, enrolled: Headset
) -> None:
    enrolled._bare_results = enrolled._statuses_first = True
    server.manage = first_then_silence(command("Get", "g1", SERIAL_NODE) + command("Get", "g2", "./DevDetail/SwV"))
    await enrolled.check_in()
    body = server.requests[-1].body.decode()
    assert re.findall(r"<(Status|Results)>", body) == ["Status"] * 3 + ["Results"] * 2
    assert "<LocURI>DevDetail/Ext/Microsoft/SMBIOSSerialNumber</LocURI>" in body


async def test_an_atomic_is_all_or_nothing(server: ScriptedServer, enrolled: Headset) -> None:
    inner = command("Replace", "a", USB, data="0", form="int") + command(
        "Replace", "b", BLUETOOTH, data="9", form="int"
    )
    inner += command("Replace", "c", BLUETOOTH, data="0", form="int")
    server.manage = first_then_silence(f"<Atomic><CmdID>at</CmdID>{inner}</Atomic>")
    await enrolled.check_in()
    assert [(ref, code) for ref, _, code in answers(server.requests[-1])] == [
        ("0", "200"),
        ("at", "507"),
        ("a", "216"),
        ("b", "500"),
        ("c", "215"),
    ]
    assert enrolled.tree.value(USB) is None


async def test_an_atomic_that_succeeds_is_applied(server: ScriptedServer, enrolled: Headset) -> None:
    server.manage = first_then_silence(
        f"<Atomic><CmdID>at</CmdID>{command('Replace', 'a', USB, data='0', form='int')}</Atomic>"
    )
    await enrolled.check_in()
    assert enrolled.tree.value(USB) == "0"


def _spoil(pattern: str, new: str) -> Callable[[Request], str]:
    def make(request: Request) -> str:
        text = message(request)
        changed = re.sub(pattern, new, text, count=1)
        assert changed != text
        return changed

    return make


def _extra(text: str) -> Callable[[Request], str]:
    return lambda request: message(request, text)


def _swapped(request: Request) -> str:
    header, *others = re.findall(r"<Status>.*?</Status>", statuses(request))
    return message(request, status_part="".join([header, *reversed(others)]))


WRONG: dict[str, tuple[Callable[[Request], str], set[Rule]]] = {
    "no Status for a command": (_spoil(r"<Status><CmdID>3.*?</Status>", ""), {Rule.STATUS_MISSING}),
    "no Status at all": (lambda r: message(r, status_part=""), {Rule.STATUS_FIRST, Rule.STATUS_MISSING}),
    "no Status for SyncHdr": (_spoil(r"<Status><CmdID>1<.*?</Status>", ""), {Rule.STATUS_FIRST}),
    "SyncHdr not first": (
        lambda r: message(r, status_part=command("Get", "g", "./DevInfo/Man") + statuses(r)),
        {Rule.STATUS_FIRST},
    ),
    "wrong CmdRef": (_spoil("<CmdRef>3<", "<CmdRef>9<"), {Rule.STATUS_UNASKED, Rule.STATUS_MISSING}),
    "wrong MsgRef": (
        _spoil("<MsgRef>1</MsgRef><CmdRef>3<", "<MsgRef>7</MsgRef><CmdRef>3<"),
        {Rule.STATUS_UNASKED, Rule.STATUS_MISSING},
    ),
    "wrong Cmd": (
        _spoil("<CmdRef>3</CmdRef><Cmd>Alert", "<CmdRef>3</CmdRef><Cmd>Get"),
        {Rule.STATUS_UNASKED, Rule.STATUS_MISSING},
    ),
    "a second Status": (
        _spoil(
            r"(<Status><CmdID>3.*?</Status>)",
            r"\1<Status><CmdID>8</CmdID><MsgRef>1</MsgRef><CmdRef>3</CmdRef><Cmd>Alert</Cmd><Data>200</Data></Status>",
        ),
        {Rule.STATUS_UNASKED},
    ),
    "Statuses out of order": (_swapped, {Rule.STATUS_ORDER}),
    "no Final": (lambda r: message(r, final=""), {Rule.FINAL}),
    "CmdID 0": (_extra(command("Get", "0", "./DevInfo/Man")), {Rule.COMMAND_ID}),
    "no CmdID": (_extra(command("Get", "", "./DevInfo/Man")), {Rule.COMMAND_ID}),
    "a CmdID twice": (
        _extra(command("Get", "5", "./DevInfo/Man") + command("Get", "5", "./DevInfo/Mod")),
        {Rule.COMMAND_ID},
    ),
    "a CmdID of a Status again": (_extra(command("Get", "1", "./DevInfo/Man")), {Rule.COMMAND_ID}),
    "an unknown element": (_extra("<Put><CmdID>7</CmdID></Put>"), {Rule.UNKNOWN_ELEMENT}),
    "MaxMsgSize": (
        _spoil(
            "</Source></SyncHdr>",
            '</Source><Meta><MaxMsgSize xmlns="syncml:metinf">2048</MaxMsgSize></Meta></SyncHdr>',
        ),
        {Rule.MAX_MSG_SIZE},
    ),
    "another session": (_spoil("<SessionID>1<", "<SessionID>2<"), {Rule.HEADER}),
    "another headset": (_spoil("<Target><LocURI>[^<]+", "<Target><LocURI>other"), {Rule.HEADER}),
    "another version": (_spoil("<VerDTD>1.2", "<VerDTD>1.1"), {Rule.HEADER}),
    "an absolute LocURI": (_extra(command("Get", "5", "/DevInfo/Man")), {Rule.LOC_URI}),
    "a challenge": (
        _spoil("<Cmd>SyncHdr</Cmd><Data>200</Data>", "<Cmd>SyncHdr</Cmd><Chal/><Data>407</Data>"),
        {Rule.CHALLENGE},
    ),
    "Get in an Atomic": (
        _extra(f"<Atomic><CmdID>7</CmdID>{command('Get', '8', './DevInfo/Man')}</Atomic>"),
        {Rule.ATOMIC},
    ),
    "a variable": (
        _extra(
            command("Replace", "7", "./DevDetail/Ext/Microsoft/DNSComputerName", data="{{serial}}", form="chr")
        ),
        {Rule.VARIABLE},
    ),
    "not well-formed": (lambda r: message(r) + "<", {Rule.WELL_FORMED}),
    "markup in Data": (_extra(command("Replace", "7", USB, data="<enabled/>", form="chr")), {Rule.WELL_FORMED}),
    "a document type": (lambda r: "<!DOCTYPE SyncML []>" + message(r), {Rule.WELL_FORMED}),
}


@pytest.mark.parametrize("case", WRONG)
async def test_a_server_that_breaks_a_rule_is_noticed(
    server: ScriptedServer, enrolled: Headset, case: str
) -> None:
    make, rules = WRONG[case]
    server.manage = lambda request, number: syncml(make(request) if number == 1 else message(request))
    await enrolled.check_in()
    assert {violation.rule for violation in enrolled.violations} == rules


async def test_a_challenged_headset_does_not_go_on(server: ScriptedServer, enrolled: Headset) -> None:
    server.manage = lambda request, number: syncml(WRONG["a challenge"][0](request))
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.REFUSED


async def test_a_chunked_management_reply_is_noticed(server: ScriptedServer, enrolled: Headset) -> None:
    server.manage = lambda request, number: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.BROKEN
    assert [violation.rule for violation in enrolled.violations] == [Rule.LENGTH]


async def test_a_reply_of_another_type_is_noticed(server: ScriptedServer, enrolled: Headset) -> None:
    server.manage = lambda request, number: http(message(request).encode(), content_type="text/html")
    await enrolled.check_in()
    assert [violation.rule for violation in enrolled.violations] == [Rule.CONTENT_TYPE]


async def test_a_forbidden_headset_stops_without_a_complaint(server: ScriptedServer, enrolled: Headset) -> None:
    server.manage = lambda request, number: http(b"", content_type="text/plain", status=403)
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.REFUSED
    assert enrolled.violations == []


async def test_a_server_that_never_ends_a_session_is_noticed(server: ScriptedServer, enrolled: Headset) -> None:
    server.manage = lambda request, number: syncml(message(request, command("Get", "g", "./DevInfo/Man")))
    record = await enrolled.check_in()
    assert record is not None
    assert record.messages == 50
    assert [violation.rule for violation in enrolled.violations] == [Rule.ENDLESS]


async def test_an_order_to_restart_is_carried_out_after_the_session(
    server: ScriptedServer, enrolled: Headset
) -> None:
    server.manage = first_then_silence(command("Exec", "x", "./Device/Vendor/MSFT/Reboot/RebootNow", form="null"))
    await enrolled.check_in()
    assert answers(server.requests[-1])[1] == ("x", "Exec", "200")
    assert enrolled.snapshot().restarts == 1
    assert [uri for uri, _ in enrolled.executed] == ["./Device/Vendor/MSFT/Reboot/RebootNow"]


async def test_a_wipe_is_accepted_and_then_everything_is_gone(server: ScriptedServer, enrolled: Headset) -> None:
    enrolled.drift(USB, "0")
    server.manage = first_then_silence(command("Exec", "x", "./Device/Vendor/MSFT/RemoteWipe/doWipe", form="chr"))
    await enrolled.check_in()
    assert answers(server.requests[-1])[1] == ("x", "Exec", "202")
    assert enrolled.phase is Phase.WIPED
    assert enrolled.tree.settings() == {}
    assert not enrolled.stranded
    await enrolled.enroll()
    assert enrolled.phase is Phase.ENROLLED


@pytest.mark.parametrize("autopilot", [False, True])
async def test_a_tenant_lock_outlives_a_wipe_and_strands_a_headset_without_a_profile(
    server: ScriptedServer, enrolled: Headset, autopilot: bool
) -> None:
    object.__setattr__(enrolled.plan, "autopilot", autopilot)
    server.manage = first_then_silence(
        command("Replace", "l", LOCK, data="true", form="bool")
        + command("Exec", "x", "./Device/Vendor/MSFT/RemoteWipe/doWipe", form="chr")
    )
    await enrolled.check_in()
    assert enrolled.stranded is not autopilot


async def test_an_order_to_unenroll_ends_the_session_and_a_new_one_tells_about_it(
    server: ScriptedServer, enrolled: Headset
) -> None:
    server.manage = lambda request, number: syncml(
        message(
            request,
            command("Exec", "x", "./Device/Vendor/MSFT/DMClient/Provider/contoso/Unenroll", form="null")
            if number == 1
            else "",
        )
    )
    record = await enrolled.check_in()
    assert record is not None
    assert record.end is End.UNENROLLED
    last = server.requests[-1].body.decode()
    assert "<SessionID>2<" in last
    assert "<MsgID>1<" in last
    assert "<Data>1226</Data>" in last
    assert "com.microsoft:mdm.unenrollment.userrequest" in last
    assert enrolled.phase is Phase.LEFT
    assert enrolled.violations == []
