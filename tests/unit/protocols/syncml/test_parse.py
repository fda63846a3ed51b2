"""What a SyncML message must have, what it may lack, and where it ends."""

from __future__ import annotations

import pytest

from holofleet.protocols import syncml
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.syncml import Item, SyncMLLimits, Unknown

HEADER = (
    "<SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>"
    "<Target><LocURI>https://mdm.contoso.com/m</LocURI></Target><Source><LocURI>A1</LocURI></Source></SyncHdr>"
)


def message(body: str, header: str = HEADER, namespace: str = "SYNCML:SYNCML1.2") -> bytes:
    return f'<SyncML xmlns="{namespace}">{header}<SyncBody>{body}</SyncBody></SyncML>'.encode()


def status(msg_ref: int, code: str) -> str:
    refs = f"<MsgRef>{msg_ref}</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
    return f"<Status><CmdID>1</CmdID>{refs}<Data>{code}</Data></Status>"


def refused(body: bytes, limits: SyncMLLimits = syncml.LIMITS) -> int:
    with pytest.raises(MalformedMessageError) as caught:
        syncml.parse(body, limits)
    return caught.value.http_status


def first_item(item: str) -> Item:
    command = syncml.parse(message(f"<Replace><CmdID>1</CmdID><Item>{item}</Item></Replace>")).commands[0]
    assert isinstance(command, syncml.Replace)
    return command.items[0]


@pytest.mark.parametrize("namespace", ["SYNCML:SYNCML1.0", "syncml:syncml1.2", "", "urn:x"])
def test_another_namespace_is_refused(namespace: str) -> None:
    assert refused(message("", namespace=namespace)) == 400


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<MsgID>1</MsgID>", ""),
        ("<MsgID>1</MsgID>", "<MsgID>0</MsgID>"),
        ("<MsgID>1</MsgID>", "<MsgID>one</MsgID>"),
        ("<MsgID>1</MsgID>", "<MsgID>-1</MsgID>"),
        ("<MsgID>1</MsgID>", "<MsgID>\u0661</MsgID>"),
        ("<MsgID>1</MsgID>", "<MsgID>99999999999</MsgID>"),
        ("<SessionID>1</SessionID>", ""),
        ("<SessionID>1</SessionID>", f"<SessionID>{'9' * 65}</SessionID>"),
        ("<LocURI>A1</LocURI>", ""),
        ("<LocURI>A1</LocURI>", f"<LocURI>{'A' * 2_049}</LocURI>"),
        ("</SyncHdr>", "</SyncHdr>" + HEADER),
    ],
)
def test_a_header_without_what_it_needs_is_refused(old: str, new: str) -> None:
    assert refused(message("", HEADER.replace(old, new))) == 400


def test_a_message_without_header_or_body_is_refused() -> None:
    assert refused(message("", "")) == 400
    assert refused(f'<SyncML xmlns="SYNCML:SYNCML1.2">{HEADER}</SyncML>'.encode()) == 400


@pytest.mark.parametrize("namespace", ["syncml:metinf", "SYNCML:METINF", "SYNCML:SYNCML1.2"])
def test_meta_is_read_in_each_spelling_of_its_namespace(namespace: str) -> None:
    item = first_item(f'<Meta><Format xmlns="{namespace}">int</Format></Meta><Data>1</Data>')
    assert (item.format, item.data) == ("int", "1")


def test_meta_of_another_namespace_says_nothing() -> None:
    assert first_item('<Meta><Format xmlns="urn:x">int</Format></Meta>').format == ""


def test_missing_and_empty_data_are_told_apart() -> None:
    assert first_item("").data is None
    assert first_item("<Data/>").data == ""


def test_white_space_of_data_is_kept_and_around_a_loc_uri_it_is_not() -> None:
    item = first_item("<Target><LocURI>\n ./DevInfo/Lang \n</LocURI></Target><Data> a\nb </Data>")
    assert item == Item("./DevInfo/Lang", data=" a\nb ")


def test_xml_that_was_put_into_data_unescaped_is_given_back_as_text() -> None:
    assert first_item('<Data><enabled/><data id="a&quot;" value="1 &lt; 2"/>x</Data>').data == (
        '<enabled/><data id="a&quot;" value="1 &lt; 2"/>x'
    )
    assert first_item('<Data><r xmlns="urn:r"><c/></r></Data>').data == '<r xmlns="urn:r"><c/></r>'


def test_an_unknown_command_is_kept_so_that_it_can_be_answered() -> None:
    body = message('<Put><CmdID>7</CmdID></Put><x:Blob xmlns:x="urn:x"/>')
    assert syncml.parse(body).commands == (Unknown("7", "Put"), Unknown("", "Blob"))


def test_an_unknown_element_inside_a_group_is_kept_as_well() -> None:
    body = message("<Atomic><CmdID>1</CmdID><Meta/><Copy><CmdID>2</CmdID></Copy></Atomic>")
    assert syncml.parse(body).commands == (syncml.Atomic("1", (Unknown("2", "Copy"),)),)


def test_a_command_without_id_is_kept_and_an_id_of_zero_is_not() -> None:
    assert syncml.parse(message("<Alert><Data>1201</Data></Alert>")).commands == (syncml.Alert("", 1201),)
    assert refused(message("<Alert><CmdID>0</CmdID><Data>1201</Data></Alert>")) == 400
    assert refused(message(f"<Alert><CmdID>{'1' * 65}</CmdID><Data>1201</Data></Alert>")) == 400


@pytest.mark.parametrize("code", ["", "ok", "2e2", "-200", "20000000000"])
def test_a_status_without_a_number_is_refused(code: str) -> None:
    assert refused(message(status(1, code))) == 400


def test_a_status_of_message_zero_is_read() -> None:
    # Recorded: after an unusable reply a client refers to message 0 with code 500.
    assert syncml.parse(message(status(0, "500"))).statuses[0].code == 500


def test_command_ids_may_be_any_text() -> None:
    cmd_id = "5d6e7f80-1a2b-4c3d-8e9f-0a1b2c3d4e5f"
    assert syncml.parse(message(f"<Get><CmdID>{cmd_id}</CmdID></Get>")).commands == (syncml.Get(cmd_id, ()),)


def test_commands_are_counted_inside_groups_too() -> None:
    limits = SyncMLLimits(max_commands=10)
    alert = "<Alert><CmdID>1</CmdID><Data>1201</Data></Alert>"
    assert len(syncml.parse(message(alert * 10), limits).commands) == 10
    assert refused(message(alert * 11), limits) == 413
    assert refused(message(f"<Sequence><CmdID>1</CmdID>{alert * 10}</Sequence>"), limits) == 413


def test_a_thousand_commands_are_the_default_limit() -> None:
    alert = "<Alert><CmdID>1</CmdID><Data>1201</Data></Alert>"
    assert refused(message(alert * 1_001)) == 413


def test_items_are_counted_over_the_whole_message() -> None:
    limits = SyncMLLimits(max_items=10)
    get = "<Get><CmdID>1</CmdID>" + "<Item/>" * 5 + "</Get>"
    assert len(syncml.parse(message(get * 2), limits).commands) == 2
    assert refused(message(get * 3), limits) == 413


def test_groups_nest_a_few_levels_and_no_more() -> None:
    def nested(depth: int) -> bytes:
        return message("<Atomic><CmdID>1</CmdID>" * depth + "</Atomic>" * depth)

    assert syncml.parse(nested(4)).commands
    assert refused(nested(5)) == 400


def test_a_loc_uri_has_2_kib_at_most() -> None:
    def with_target(length: int) -> str:
        return f"<Target><LocURI>{'a' * length}</LocURI></Target>"

    assert len(first_item(with_target(2_048)).target) == 2_048
    assert refused(message(f"<Get><CmdID>1</CmdID><Item>{with_target(2_049)}</Item></Get>")) == 400


def test_more_than_a_mebibyte_is_413() -> None:
    assert refused(b" " * (1024 * 1024 + 1)) == 413
