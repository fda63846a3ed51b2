"""The package file itself: made by wimlib, and looked into without trusting it."""

from __future__ import annotations

import os
import struct
import subprocess
import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from holofleet.errors import InputError
from holofleet.formats import provisioning_package as packages
from holofleet.formats import wlan_profile
from holofleet.formats.provisioning_package import Package, PackageError, wim, wimlib
from holofleet.formats.wlan_profile import Security, WlanProfile

NETWORK = WlanProfile("Line <1>", Security.WPA2_PERSONAL, "a&b<c>d 'e\"")
PACKAGE = Package(
    "line-1",
    packages.package_id("Contoso", "line-1"),
    local_user=packages.LocalUser("worker", "Sunny-Day-42"),
    networks=(NETWORK,),
    policies=(packages.Policy("WiFi", "AllowWiFi", "1", integer=True), packages.Policy("A", "B", "x<y")),
)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "line-1.ppkg"
    path.write_bytes(packages.build(PACKAGE))
    return path


def test_what_goes_in_is_what_a_package_would_do(made: Path) -> None:
    opened = packages.look(made)
    said = {entry.path: entry.value for entries in opened.compiled.values() for entry in entries}
    assert said == {
        "Accounts/Users/worker/Password": "Sunny-Day-42",
        "Accounts/Users/worker/LocalUserGroup": "1",
        "WiFi/Profile/Line%20%3C1%3E/WlanXml": wlan_profile.render(NETWORK),
        "Policy/Config/WiFi/AllowWiFi": "1",
        "Policy/Config/A/B": "x<y",
    }
    assert opened.contents == packages.read(packages.render(PACKAGE))
    assert "DataAsset" not in {held.path.partition("/")[0] for held in opened.files}


def test_the_tree_is_the_one_that_real_packages_have() -> None:
    files = packages.tree.tree(PACKAGE)
    assert set(files) >= {
        "CommonSettings/CommonSettings.xml",
        "CommonSettings/1/AnswerFile.xml",
        "Multivariant/Multivariant.xml",
        "Multivariant/0/customizations.xml",
        "Multivariant/0/MasterDatastore.xml",
        "Multivariant/0/Prov/RunTime.xml",
    }
    assert b" Name=" not in files["CommonSettings/1/AnswerFile.xml"]
    for one in ET.fromstring(files["Multivariant/0/Prov/RunTime.xml"]):
        data = one.attrib["Data"].replace("$(_prov)", "Multivariant/0/Prov").replace("\\", "/")
        assert ET.fromstring(files[data]).tag == "wap-provisioningdoc"
    assert (
        'SettingsGroup="316e2a31-250a-5f09-a0e1-d2e5c6b03559_0"'
        in files["Multivariant/0/Prov/RunTime.xml"].decode()
    )


def test_the_image_is_of_the_kind_that_the_vendors_tool_writes(made: Path) -> None:
    data = made.read_bytes()
    assert data[:8] == b"MSWIM\0\0\0"
    assert struct.unpack_from("<IIII", data, 8) == (208, 0x10D00, 0x20082, 32768)
    text = subprocess.run(["wimlib-imagex", "info", "--xml", made], capture_output=True, check=True).stdout
    image = ET.fromstring(text.decode("utf-16")).find("IMAGE")
    assert image is not None
    assert image.findtext("ALTITUDE") == "5000"
    assert image.findtext("PACKAGEID") == f"{{{PACKAGE.id}}}"
    assert "EncryptPackage=False" in (image.findtext("NOTES") or "")


def test_the_same_package_is_the_same_file(made: Path) -> None:
    assert packages.build(PACKAGE) == made.read_bytes()
    assert packages.build(replace(PACKAGE, version="1.1")) != made.read_bytes()
    subprocess.run(["wimlib-imagex", "verify", made], capture_output=True, check=True)


def test_secrets_are_covered(made: Path) -> None:
    opened = packages.look(made)
    shown = "".join(entry.masked for entries in opened.compiled.values() for entry in entries)
    assert "<keyMaterial>********</keyMaterial>" in shown
    assert "Sunny" not in shown
    assert "Sunny" not in repr(opened)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kiosk": "kiosk.xml"}, "the kiosk"),
        ({"roots": (packages.RootCertificate("a", "a.cer"),)}, "a root certificate"),
        ({"enrollment": packages.Enrollment("a@b", "p", "https://c")}, "user name and password"),
        ({"first_experience": packages.FirstExperience(skip_training=True)}, "first set-up"),
    ],
)
def test_what_the_container_cannot_hold_is_refused_by_name(change: dict[str, object], words: str) -> None:
    package = replace(PACKAGE, **change)  # type: ignore[arg-type]  # the table is typed by hand
    assert words in "".join(packages.uncarried(package))
    with pytest.raises(ValueError, match=words):
        packages.build(package)


def test_IMP_1_every_truncation_is_refused(made: Path, tmp_path: Path) -> None:
    data = made.read_bytes()
    cut = tmp_path / "cut.ppkg"
    for end in range(len(data)):
        cut.write_bytes(data[:end])
        with pytest.raises(PackageError):
            wim.judge(cut)


def test_IMP_1_a_mutated_package_is_read_or_refused(made: Path, tmp_path: Path) -> None:
    data = made.read_bytes()
    hurt = tmp_path / "hurt.ppkg"
    for place in range(0, len(data), max(1, len(data) // 25)):
        hurt.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        with suppress(PackageError):
            packages.look(hurt)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"MSWIM\0\0\0", b"MSWIM\0\0\0" + bytes(400)])
def test_what_is_no_package_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.ppkg"
    path.write_bytes(content)
    with pytest.raises(PackageError):
        packages.look(path)


def _captured(tmp_path: Path, *words: str) -> Path:
    made = tmp_path / "other.ppkg"
    subprocess.run(
        ["wimlib-imagex", "capture", tmp_path / "source", made, "--compress=fast", *words],
        capture_output=True,
        check=True,
    )
    return made


def test_PAR_4_a_link_in_a_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "source/Multivariant/0").mkdir(parents=True)
    os.symlink("/etc/passwd", tmp_path / "source/Multivariant/0/customizations.xml")
    with pytest.raises(PackageError, match="a link"):
        packages.look(_captured(tmp_path))


def test_PAR_4_a_package_that_grows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/zeros").write_bytes(bytes(8 << 20))
    small = _captured(tmp_path, "--compress=lzx", "--chunk-size=2M")
    with pytest.raises(PackageError, match="grows too much"):
        packages.look(small)


def test_PAR_4_one_stream_that_stands_there_a_thousand_times_is_refused(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    for number in range(1000):
        (tmp_path / f"source/{number}").write_bytes(bytes(range(256)) * 300)
    with pytest.raises(PackageError, match="grows too much"):
        packages.look(_captured(tmp_path))


def test_PAR_4_a_listing_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/one").write_bytes(b"1")
    made = _captured(tmp_path)
    monkeypatch.setattr(wimlib, "_LISTING_BYTES", 100)
    with pytest.raises(PackageError, match="cannot read"):
        packages.look(made)


def test_PAR_4_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "source").mkdir()
    for number in range(30):
        (tmp_path / f"source/{number}").write_bytes(bytes([number]))
    made = _captured(tmp_path)
    assert len(packages.look(made).files) == 30
    monkeypatch.setattr(wimlib, "MAX_ENTRIES", 20)
    with pytest.raises(PackageError, match="more than"):
        packages.look(made)


@pytest.mark.parametrize("name", ['a"\nb', "a*", "a\\b", 'a"b', "..."])
def test_PAR_4_names_that_no_file_has_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / name).write_bytes(b"x")
    with pytest.raises(PackageError):
        packages.look(_captured(tmp_path))


def test_without_wimlib_it_says_what_to_install(
    made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError) as caught:
        packages.look(made)
    assert "wimtools" in caught.value.mend
