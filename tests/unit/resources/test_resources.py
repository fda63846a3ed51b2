"""The waist: addresses, LocURIs, documents and States."""

from __future__ import annotations

import pytest

from holofleet.errors import InputError
from holofleet.resources import Address, Deployment, Document, Format, Headset, Origin, Setting, State, normal_uri

USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"


@pytest.mark.parametrize(
    "spelling",
    [USB, USB[2:], USB.replace("./Device/Vendor", "./Vendor"), USB.replace("./Device/Vendor", "Vendor")],
)
def test_the_spellings_of_the_device_tree_are_one_node(spelling: str) -> None:
    assert normal_uri(spelling) == USB


def test_the_user_tree_and_the_older_trees_stay_apart() -> None:
    assert normal_uri("./User/Vendor/MSFT/WiFi") == "./User/Vendor/MSFT/WiFi"
    assert normal_uri("DevDetail/SwV") == normal_uri("./Device/DevDetail/SwV") == "./DevDetail/SwV"


@pytest.mark.parametrize(
    "broken", ["", "/x", "./a//b", "./a/../b", "./a/./b", "a b", "a\tb", "a\x7fb", "a/\x00", "x" * 2049, "./a/"]
)
def test_a_broken_locuri_is_refused(broken: str) -> None:
    with pytest.raises(ValueError):
        normal_uri(broken)


def test_an_address_reads_back_and_a_blank_in_it_is_refused() -> None:
    assert Address.parse("headset:003421800101") == Address("headset", "003421800101")
    for text in ("headset", "Headset:1", "headset:", "headset:a b", "headset:a\nb", "headset:" + "x" * 513):
        with pytest.raises(ValueError):
            Address.parse(text)


def test_a_document_is_addressed_by_settings_and_their_order() -> None:
    one = Setting(USB, Format.INT, "0")
    two = Setting("./Device/Vendor/MSFT/Reboot/Schedule/Single", Format.CHR, "")
    assert Document((one, two)).hash != Document((two, one)).hash
    assert Document((one,)).hash == Document.from_json(Document((one,)).to_json()).hash
    with pytest.raises(ValueError, match="two settings for one node"):
        Document((one, one))


def test_variables_and_secrets_of_a_setting_are_named() -> None:
    setting = Setting(USB, Format.CHR, "{{serial}} {{secret:env:HOLOFLEET_SECRET_WIFI}} {{ account }}")
    assert setting.variables == {"serial", "secret", "account"}
    assert setting.secrets == ("env:HOLOFLEET_SECRET_WIFI",)


def state() -> State:
    document = Document((Setting(USB, Format.INT, "0"),))
    return State(
        [
            Headset(serial="2", deployment="line", document=document.hash),
            Deployment(name="line", scenarios=("cloud-connected",)),
            Headset(serial="1", deployment="line", document=document.hash),
        ],
        [document],
        origins=[Origin(deployment="line", oma_uri=USB, layer="deployment", key="restrictions.usb_data", line=3)],
    )


def test_a_state_reads_back_as_the_same_bytes() -> None:
    assert State.from_json(state().to_json()).render() == state().render()


def test_origins_do_not_change_the_hash_of_a_state() -> None:
    value = state().to_json()
    value["origins"] = []
    assert State.from_json(value).hash == state().hash


@pytest.mark.parametrize(
    "damage",
    [
        lambda v: v.update(format=2),
        lambda v: v.update(more=1),
        lambda v: v["resources"].update(unknown=[]) or v["resources"]["unknown"].append({}),
        lambda v: v["resources"]["headset"][0].update(colour="red"),
        lambda v: v["resources"]["headset"][0].update(document="0" * 64),
        lambda v: v["resources"]["headset"].append(v["resources"]["headset"][0]),
        lambda v: next(iter(v["documents"].values()))[0].__setitem__(2, "1"),
        lambda v: v.pop("documents"),
        lambda v: v.update(resources=[]),
    ],
)
def test_a_damaged_state_is_refused_with_one_error(damage: object) -> None:
    value = state().to_json()
    damage(value)  # type: ignore[operator]
    with pytest.raises(InputError, match="not a State"):
        State.from_json(value)


@pytest.mark.parametrize("char", ["\x00", "\x07", "\ufffe"])
def test_a_character_that_no_message_can_carry_is_refused(char: str) -> None:
    with pytest.raises(ValueError, match="no message can carry"):
        Document.from_json([[USB, "chr", f"a{char}"]])
    with pytest.raises(ValueError, match="no message can carry"):
        Headset(serial="1", deployment="field", document="x", variables={"account": f"a{char}"})
    with pytest.raises(ValueError, match="no message can carry"):
        Headset(serial=f"1{char}", deployment="field", document="x")
