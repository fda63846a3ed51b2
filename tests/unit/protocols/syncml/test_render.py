"""A message on its way out: escaped, in the published order, and cheap when it was rendered before."""

from __future__ import annotations

import pytest

from holofleet.protocols import syncml
from holofleet.protocols.errors import MisuseError
from holofleet.protocols.syncml import Header, Item, Message, Rendered, Replace

HEADER = Header("48", 1, "A1", "https://mdm.contoso.com/m?a=1&b=2")
CAMERA = Replace("7", (Item("./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera", format="int", data="0"),))


def test_a_replace_is_written_as_windows_wants_it() -> None:
    text = syncml.render(Message(HEADER, (CAMERA,))).decode()
    assert (
        "<Replace><CmdID>7</CmdID><Item><Target><LocURI>./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera"
        '</LocURI></Target><Meta><Format xmlns="syncml:metinf">int</Format></Meta><Data>0</Data></Item></Replace>'
    ) in text
    assert text.endswith("<Final/></SyncBody></SyncML>")
    assert "<LocURI>https://mdm.contoso.com/m?a=1&amp;b=2</LocURI>" in text


def test_a_fragment_gives_the_same_bytes_as_the_command() -> None:
    direct = syncml.render(Message(HEADER, (CAMERA,)))
    once = syncml.fragment(CAMERA)
    assert syncml.render(Message(HEADER), (Rendered("7", once),)) == direct
    assert once.size == len(once.with_id("").encode())
    assert once.targets == (CAMERA.items[0].target,)


def test_a_fragment_does_not_depend_on_the_id_of_its_command() -> None:
    assert syncml.fragment(CAMERA) == syncml.fragment(Replace("", CAMERA.items))


def test_payloads_that_are_xml_arrive_as_they_were() -> None:
    data = '<?xml version="1.0"?>\r\n<a b="&quot;">\t]]></a>'
    sent = Message(HEADER, (Replace("1", (Item("./X", format="chr", data=data),)),))
    assert syncml.parse(syncml.render(sent)) == sent


def test_a_message_that_is_not_final_has_no_final() -> None:
    assert b"<Final/>" not in syncml.render(Message(HEADER, (CAMERA,), final=False))


@pytest.mark.parametrize(
    "command",
    [
        Replace("", CAMERA.items),
        syncml.Status("", 1, "0", "SyncHdr", 200),
        syncml.Unknown("1", "Put"),
        Replace("1", (Item("./X", data="a\x00b"),)),
    ],
)
def test_what_may_not_be_sent_is_our_mistake(command: syncml.AnyCommand) -> None:
    with pytest.raises(MisuseError):
        syncml.render(Message(HEADER, (command,)))


@pytest.mark.parametrize("cmd_id", ["", "<x>", "a b", "ä"])
def test_a_rendered_command_takes_plain_ids_only(cmd_id: str) -> None:
    with pytest.raises(MisuseError):
        Rendered(cmd_id, syncml.fragment(CAMERA))


def test_groups_and_statuses_are_never_shared() -> None:
    for command in (syncml.Atomic("1", ()), syncml.Status("1", 1, "0", "SyncHdr", 200)):
        with pytest.raises(MisuseError):
            syncml.fragment(command)
