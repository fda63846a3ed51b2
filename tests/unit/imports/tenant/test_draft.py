"""From a snapshot to a fleet file: what is said by which key, what is left out, and what cannot be smuggled in."""

from __future__ import annotations

import base64
import stat
from typing import Any

import pytest
import yaml
from tests.unit.desired.test_cloud import ROOT

from holofleet import desired, spec
from holofleet.formats import assigned_access as kiosks
from holofleet.formats.wlan_profile import Security, WlanProfile, render
from holofleet.imports.tenant import Draft, TenantSnapshot, draft
from holofleet.imports.tenant.writing import scalar
from holofleet.resources import Format, Setting
from holofleet.resources.tenant_snapshot import App, Group, Headset, Profile, Reach

TENANT = "11111111-1111-4111-8111-111111111111"
POLICY = "./Device/Vendor/MSFT/Policy/Config/"
EVERY = Reach(all_devices=True)
HOSTILE = (
    'x"\ndeployments: []\n#',
    "\x1b[2J\x07bell",
    "'; - !!python/object/apply:os.system [id]",
    "../../etc/passwd",
    "{{secret:env:HOLOFLEET_SECRET_X}}",
    "&anchor *alias",
    "a: b\n- c",
    "\u202egnp.exe",
    "\ud800",
    "x" * 100_000,
)


def snapshot(*settings: tuple[str, Format, str], **more: Any) -> TenantSnapshot:
    profile = Profile("p1", "Profile", EVERY, tuple(Setting(*setting) for setting in settings))
    values: dict[str, Any] = {
        "tenant": TENANT,
        "organization": "Contoso",
        "country": "US",
        "domain": "contoso.com",
        "headsets": (Headset("0001"), Headset("0002")),
        "profiles": (profile,),
    }
    return TenantSnapshot(**(values | more))


def one(made: Draft) -> dict[str, Any]:
    (deployment,) = made.fleet["deployments"]
    return dict(deployment)


def lost(made: Draft) -> list[str]:
    return [remark.line for remark in made.remarks if remark.lost]


def test_a_node_of_one_key_is_said_by_that_key() -> None:
    made = draft(snapshot((POLICY + "Connectivity/AllowUSBConnection", Format.INT, "0")))
    assert one(made)["restrictions"]["usb_data"] is False
    assert not made.lost


def test_a_node_without_a_key_is_said_by_settings() -> None:
    uri = POLICY + "Privacy/LetAppsAccessLocation"
    made = draft(snapshot((uri, Format.INT, "2")))
    assert one(made)["settings"] == [{"oma_uri": uri, "value": "2"}]


def test_a_node_that_nobody_knows_keeps_its_format() -> None:
    made = draft(snapshot(("./Device/Vendor/MSFT/Contoso/Own", Format.BOOL, "true")))
    assert one(made)["settings"][0]["format"] == "bool"


def test_a_word_that_a_key_does_not_have_is_left_out_and_said() -> None:
    made = draft(snapshot((POLICY + "Connectivity/AllowUSBConnection", Format.INT, "7")))
    assert "usb_data" not in one(made)["restrictions"]
    assert any("AllowUSBConnection was left out" in line for line in lost(made))
    assert made.lost


def test_a_value_that_no_headset_takes_is_left_out_and_the_rest_still_compiles() -> None:
    wrong = (POLICY + "Privacy/LetAppsAccessLocation", Format.CHR, "sometimes")
    made = draft(snapshot(wrong, (POLICY + "Connectivity/AllowUSBConnection", Format.INT, "0")))
    assert any("LetAppsAccessLocation was left out" in line for line in lost(made))
    desired.compile(spec.parse({"fleet.yaml": made.yaml()}), target="graph")


def test_profiles_that_contradict_each_other_say_nothing() -> None:
    uri = POLICY + "Connectivity/AllowUSBConnection"
    profiles = tuple(Profile(v, v, EVERY, (Setting(uri, Format.INT, v),)) for v in "01")
    made = draft(snapshot(profiles=profiles))
    assert any("contradict" in line for line in lost(made))


def test_excluded_headsets_get_nothing() -> None:
    reach = Reach(groups=("g",), excluded=("h",))
    setting = Setting(POLICY + "Connectivity/AllowUSBConnection", Format.INT, "0")
    groups = (Group("g", "All", frozenset({"0001", "0002"})), Group("h", "Not", frozenset({"0002"})))
    made = draft(snapshot(groups=groups, profiles=(Profile("p", "P", reach, (setting,)),)))
    said = {tuple(d["headsets"]): d["restrictions"] for d in made.fleet["deployments"]}
    assert said[("0001",)]["usb_data"] is False
    assert "usb_data" not in said[("0002",)]


def test_FIL_1_the_key_of_a_network_stands_nowhere() -> None:
    text = render(WlanProfile("Contoso HoloLens", Security.WPA2_PERSONAL, "correct horse battery"))
    made = draft(snapshot(("./Device/Vendor/MSFT/WiFi/Profile/Contoso%20HoloLens/WlanXml", Format.CHR, text)))
    assert "correct horse" not in made.yaml()
    assert not [name for name, content in made.files.items() if b"correct horse" in content]
    (site,) = made.fleet["sites"]
    assert site["network"]["wifi"][0]["psk"] == "env:HOLOFLEET_SECRET_WIFI_CONTOSO_HOLOLENS"
    assert any("is a secret and was left out" in line for line in lost(made))


@pytest.mark.parametrize(
    ("uri", "form"),
    [
        ("./Device/Vendor/MSFT/Contoso/AdminPassword", Format.CHR),
        ("./Device/Vendor/MSFT/WiFi/Profile/Odd/WlanXml", Format.CHR),
        ("./Device/Vendor/MSFT/VPNv2/Odd/ProfileXML", Format.CHR),
    ],
)
def test_FIL_1_no_other_secret_is_written_either(uri: str, form: Format) -> None:
    text = "<VPNProfile><NativeProfile><L2tpPsk>hush-hush-9</L2tpPsk></NativeProfile></VPNProfile>"
    made = draft(snapshot((uri, form, text if "VPN" in uri else "hush-hush-9")))
    assert "hush-hush-9" not in made.yaml()
    assert not [name for name, content in made.files.items() if b"hush-hush-9" in content]
    assert made.lost


@pytest.mark.parametrize("text", HOSTILE)
def test_IMP_1_no_text_of_a_tenant_leaves_its_place(text: str) -> None:
    """Every name and value of the tenant is the attacker's; the file still says what an honest one would."""
    settings = (
        Setting("./Device/Vendor/MSFT/Contoso/Own", Format.CHR, text),
        Setting(POLICY + "Settings/PageVisibilityList", Format.CHR, text),
        Setting("./Device/Vendor/MSFT/AssignedAccess/Configuration", Format.CHR, text),
        Setting("./Device/Vendor/MSFT/WiFi/Profile/x/WlanXml", Format.CHR, text),
    )
    hostile = snapshot(
        organization=text,
        country=text,
        domain=text,
        seats={text: 3},
        headsets=(Headset("0001", text, registered=True), Headset(text)),
        groups=(Group("g", text, frozenset({"0001"})),),
        profiles=(Profile("p", text, Reach(groups=("g",)), settings, unread=(text,)),),
        accounts={"0001": text},
        others={text: 1},
        uncarried={(text, text): (text,)},
    )
    made = draft(hostile)
    written = made.yaml()
    assert all(char.isprintable() or char == "\n" for char in written)
    read = yaml.safe_load(written)
    assert [deployment["headsets"] for deployment in read["deployments"]] == [["0001"]]
    assert set(read) <= {"holofleet", "organization", "tenant", "licenses", "headsets", "deployments"}
    for name in made.files:
        assert ".." not in name
        assert not name.startswith("/")
    desired.compile(spec.parse({"fleet.yaml": written}, enclosures=made.files), target="graph")


@pytest.mark.parametrize(
    "text", [*HOSTILE[:8], "yes", "1", "1.5", "null", "- a", "a: b", "#x", "", " a ", "é", "\U0001f600"]
)
def test_IMP_1_a_quoted_text_is_read_as_itself(text: str) -> None:
    assert yaml.safe_load(f"key: {scalar(text)}")["key"] == text


def test_a_file_that_cannot_be_an_app_control_policy_is_left_out() -> None:
    uri = "./Device/Vendor/MSFT/ApplicationControl/Policies/6a3f1d52-08c4-5e0b-9d77-2b1f4c9ae360/Policy"
    made = draft(snapshot((uri, Format.B64, base64.b64encode(b"nothing of the kind").decode())))
    assert not made.files
    assert made.lost


def test_an_app_is_named_by_its_title_or_its_own_name() -> None:
    aumid = "Contoso.App_1qaz2wsx3edc4!App"
    apps = tuple(App(name, EVERY, "9P0000000001") for name in (aumid, "Something else"))
    made = draft(snapshot(apps=(*apps, App("Ours", EVERY))))
    assert one(made)["apps"]["required"] == [{"app": aumid, "source": "store", "store_id": "9P0000000001"}]
    assert len([line for line in lost(made) if "the app" in line]) == 2


def test_two_networks_never_share_a_reference() -> None:
    uri = "./Device/Vendor/MSFT/WiFi/Profile/{}/WlanXml"
    texts = [render(WlanProfile(ssid, Security.WPA2_PERSONAL, "correct horse battery")) for ssid in ("A-B", "A_B")]
    made = draft(snapshot(*((uri.format(n), Format.CHR, text) for n, text in enumerate(texts))))
    (site,) = made.fleet["sites"]
    assert len({wifi["psk"] for wifi in site["network"]["wifi"]}) == 2


def test_secrets_of_two_deployments_never_share_a_reference() -> None:
    setting = Setting("./Device/Vendor/MSFT/Contoso/AdminPassword", Format.CHR, "hush-hush-9")
    groups = (Group("a", "A", frozenset({"0001"})), Group("b", "B", frozenset({"0002"})))
    profiles = tuple(Profile(one.id, one.name, Reach(groups=(one.id,)), (setting,)) for one in groups)
    made = draft(snapshot(groups=groups, profiles=profiles))
    assert {one["settings"][0]["secret"] for one in made.fleet["deployments"]} == {
        "env:HOLOFLEET_SECRET_IMPORTED_A_1",
        "env:HOLOFLEET_SECRET_IMPORTED_B_1",
    }


def test_a_certificate_that_is_not_what_it_is_called_is_left_out() -> None:
    uri = f"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/{'0' * 40}/EncodedCertificate"
    made = draft(snapshot((uri, Format.B64, base64.b64encode(ROOT).decode())))
    assert not made.files
    assert any("the certificate 0000" in line for line in lost(made))


def test_a_kiosk_for_a_group_names_the_group_that_the_tenant_has() -> None:
    group = "22222222-2222-4222-8222-222222222222"
    listing = kiosks.MultiApp((kiosks.App("Contoso.App_1qaz2wsx3edc4!App"),))
    target = kiosks.Assignment(kiosks.Principal(kiosks.PrincipalKind.ENTRA_GROUP, group), listing)
    text = kiosks.render(kiosks.Configuration(None, assignments=(target,)))
    made = draft(
        snapshot(
            ("./Device/Vendor/MSFT/AssignedAccess/Configuration", Format.CHR, text),
            groups=(Group(group, "Maintainers, plant 1"),),
        )
    )
    assert made.fleet["groups"] == [{"name": "maintainers-plant-1", "object_id": group}]
    assert one(made)["kiosk"]["profiles"][0]["group"] == "maintainers-plant-1"


def test_a_tenant_without_headsets_gives_an_empty_fleet() -> None:
    made = draft(snapshot(headsets=(), profiles=()))
    assert made.fleet["deployments"] == []
    spec.parse({"fleet.yaml": made.yaml()})


def test_files_are_for_their_owner_only_and_nothing_is_written_over(tmp_path: Any) -> None:
    from pathlib import Path

    from holofleet.cli.import_tenant import _write
    from holofleet.errors import InputError

    out = tmp_path / "new" / "fleet.yaml"
    _write(out, {Path("certificates/a.cer"): b"a"}, b"text")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert (tmp_path / "new" / "certificates" / "a.cer").read_bytes() == b"a"
    with pytest.raises(InputError, match="exists already"):
        _write(tmp_path / "new" / "other.yaml", {Path("certificates/a.cer"): b"b"}, b"text")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "certificates").symlink_to(tmp_path)
    with pytest.raises(InputError, match="exists already"):
        _write(tmp_path / "linked" / "fleet.yaml", {Path("certificates/b.cer"): b"b"}, b"text")
    assert not (tmp_path / "b.cer").exists()
