"""SyncML messages written by hand from the published protocol and from what recorded clients send."""

from __future__ import annotations

from pathlib import Path

import pytest

from holofleet.protocols import syncml
from holofleet.protocols.syncml import Alerts, Item, violations

FOLDER = Path(__file__).parent / "syncml"
FILES = sorted(FOLDER.glob("*.xml"))
DEVICE_ID = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"


def read(name: str) -> syncml.Message:
    return syncml.parse((FOLDER / f"{name}.xml").read_bytes())


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_message_says_the_same_after_it_was_written_again(path: Path) -> None:
    message = syncml.parse(path.read_bytes())
    assert syncml.parse(syncml.render(message)) == message


def test_the_first_package_of_windows_11_opens_a_session_and_introduces_the_headset() -> None:
    message = read("windows11_package1")
    assert message.header == syncml.Header(
        "48", 1, "https://mdm.contoso.com/ManagementServer/Manage.svc", DEVICE_ID
    )
    assert [alert.code for alert in message.alerts] == [Alerts.CLIENT_INITIATED, Alerts.CLIENT_EVENT]
    assert message.alerts[1].items == (Item(type="com.microsoft/MDM/LoginStatus", data="user"),)
    replace = message.commands[2]
    assert isinstance(replace, syncml.Replace)
    assert replace.cmd_id == "4"
    assert [item.source for item in replace.items][-1] == "./Vendor/MSFT/DMClient/HWDevID"
    assert {item.format for item in replace.items} == {""}
    assert message.final


def test_a_type_outside_meta_is_read_and_a_session_id_is_text() -> None:
    message = read("windows10_type_outside_meta")
    assert message.header.session_id == "D"
    assert message.header.max_msg_size == 524_288
    assert message.alerts[0].code == Alerts.SERVER_INITIATED
    assert message.alerts[1].items == (Item(type="com.microsoft.mdm.synctype", data="device"),)


def test_a_get_of_many_items_has_a_status_for_each_and_one_results() -> None:
    message = read("windows11_package3")
    of_many = [status for status in message.statuses if status.cmd_ref == "6"]
    assert [status.code for status in of_many] == [200, 404, 200]
    assert of_many[1].target_refs[0].endswith("AADGroupMembershipCacheValidityInDays")
    one, many = message.results
    assert one.items == (Item(source="./DevDetail/SwV", data="10.0.22621.1250"),)
    assert many.cmd_ref == "6"
    assert [item.format for item in many.items] == ["int", "xml"]
    assert many.items[1].data == '<?xml version="1.0"?><AssignedAccessConfiguration></AssignedAccessConfiguration>'


def test_another_client_may_use_prefixes_cdata_meta_outside_and_no_final() -> None:
    message = read("other_client_prefixes_cdata_results_last")
    assert [status.code for status in message.statuses] == [200, 200]
    (results,) = message.results
    xml, name = results.items
    assert (xml.source, xml.format, xml.type) == ("Vendor/MSFT/AssignedAccess/Configuration", "xml", "text/plain")
    assert xml.data == '<?xml version="1.0"?><AssignedAccessConfiguration/>'
    assert (name.format, name.type, name.data) == ("chr", "text/plain", "HL-0001")
    assert not message.final


def test_the_unenrollment_alert_is_read_although_it_repeats_a_command_id() -> None:
    message = read("unenrollment_1226")
    alert = message.alerts[1]
    assert (alert.cmd_id, alert.code) == ("2", Alerts.GENERIC)
    assert alert.items == (
        Item(type="com.microsoft:mdm.unenrollment.userrequest", format="int", mark="critical", data="1"),
    )


def test_credentials_after_a_challenge_are_read_and_hide_themselves() -> None:
    header = read("after_challenge_with_cred").header
    assert header.source_name == "0F1E2D3C"
    assert header.cred == syncml.Cred("b64", "syncml:auth-md5", "Zz6EivR3yeaaENcRN6lpAQ==")
    assert "Zz6E" not in repr(header)


def test_the_status_of_a_failed_group_stands_apart_from_those_of_its_children() -> None:
    message = read("atomic_failed")
    assert [(status.cmd, syncml.outcome(status.code)) for status in message.statuses[1:]] == [
        ("Atomic", syncml.Outcome.GROUP),
        ("Replace", syncml.Outcome.GROUP),
        ("Replace", syncml.Outcome.NOT_APPLICABLE),
        ("Add", syncml.Outcome.GROUP),
    ]


def test_the_first_part_of_a_large_object_says_its_size_and_that_more_comes() -> None:
    message = read("large_object_first_chunk")
    item = message.results[0].items[0]
    assert (item.size, item.more_data, message.final) == (3_000, True, False)


def test_a_headset_reads_the_commands_of_a_server() -> None:
    message = read("server_package2")
    get, atomic, delete, execute = message.commands[4:]
    assert isinstance(get, syncml.Get)
    assert [item.target for item in get.items] == [
        "./DevDetail/SwV",
        "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber",
    ]
    assert isinstance(atomic, syncml.Atomic)
    assert [command.name for command in atomic.commands] == ["Add", "Replace"]
    assert isinstance(delete, syncml.Delete)
    assert isinstance(execute, syncml.Exec)
    assert execute.items == (Item("./Device/Vendor/MSFT/Reboot/RebootNow", format="null", data=""),)


def test_a_reply_of_a_server_keeps_the_rules_towards_the_first_package() -> None:
    assert violations(read("server_package2"), read("windows11_package1")) == ()


def test_a_challenge_names_its_kind_and_the_next_nonce() -> None:
    status = read("server_challenge_407").statuses[0]
    assert status.code == syncml.StatusCode.CREDENTIALS_REQUIRED
    assert status.chal == syncml.Chal("b64", "syncml:auth-md5", "bm9uY2Utbm9uY2Utbm9uYw==")


def test_a_reply_in_the_older_namespace_is_read() -> None:
    message = read("server_reply_namespace_11")
    assert message.statuses[0].code == syncml.StatusCode.AUTHENTICATED
