"""Provisioning packages: the vendor's form, what it does not express, and reading anybody's."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holofleet.formats import provisioning_package as packages
from holofleet.formats.provisioning_package import Package, PackageError
from holofleet.formats.wlan_profile import Security, WlanProfile

SECRET = "{{secret:env:HOLOFLEET_SECRET_X}}"
NETWORK = WlanProfile('Line <1> & "2"', Security.WPA2_PERSONAL, "a&b<c>d 'e\"", hidden=True)
BARE = Package("line-1", packages.package_id("Contoso", "line-1"))
FULL = replace(
    BARE,
    first_experience=packages.FirstExperience(skip_wifi=True, skip_training=True),
    enrollment=packages.Enrollment(
        "hl@contoso.com", "p&<w>", "https://mdm.contoso.com/EnrollmentServer/Discovery.svc"
    ),
    local_user=packages.LocalUser("worker", SECRET),
    networks=(NETWORK, WlanProfile("Open")),
    roots=(packages.RootCertificate("root", "certificates/root.cer"),),
    policies=(
        packages.Policy("WiFi", "AllowWiFi", "1", integer=True),
        packages.Policy("Camera", "AllowCamera", "0"),
    ),
    kiosk="kiosk.xml",
)
CONFIG = "{urn:schemas-Microsoft-com:Windows-ICD-Package-Config.v1.0}"
SETTINGS = "{urn:schemas-microsoft-com:windows-provisioning}"


def _entries(package: Package) -> dict[str, str]:
    return {entry.path: entry.value for entry in packages.read(packages.render(package)).entries}


def test_a_package_stands_in_the_vendors_two_namespaces() -> None:
    root = ET.fromstring(packages.render(FULL))
    assert [child.tag for child in root] == [f"{CONFIG}PackageConfig", f"{SETTINGS}Settings"]
    assert root.findtext(f"{CONFIG}PackageConfig/{CONFIG}ID") == f"{{{BARE.id}}}"
    assert root.findtext(f"{CONFIG}PackageConfig/{CONFIG}OwnerType") == "ITAdmin"
    upn = root.find(f".//{SETTINGS}Workplace/{SETTINGS}Enrollments/{SETTINGS}UPN")
    assert upn is not None
    assert upn.attrib == {"UPN": "hl@contoso.com", "Name": "hl@contoso.com"}
    assert [child.tag.removeprefix(SETTINGS) for child in upn] == [
        "AuthPolicy",
        "DiscoveryServiceFullUrl",
        "Secret",
    ]


def test_everything_that_is_said_is_read_back() -> None:
    ssid = NETWORK.ssid
    wlan = "ConnectivityProfiles/WLAN/WLANSetting/WLANConfig"
    assert _entries(FULL) == {
        "Accounts/Users/User[worker]/Password": SECRET,
        "Accounts/Users/User[worker]/UserGroup": "Standard Users",
        "AssignedAccess/MultiAppAssignedAccessSettings": "kiosk.xml",
        "Certificates/RootCertificates/RootCertificate[root]/CertificatePath": "certificates/root.cer",
        f"{wlan}[{ssid}]/WLANXmlSettings/AutoConnect": "True",
        f"{wlan}[{ssid}]/WLANXmlSettings/HiddenNetwork": "True",
        f"{wlan}[{ssid}]/WLANXmlSettings/SecurityKey": NETWORK.passphrase,
        f"{wlan}[{ssid}]/WLANXmlSettings/SecurityType": "WPA2-Personal",
        f"{wlan}[Open]/WLANXmlSettings/AutoConnect": "True",
        f"{wlan}[Open]/WLANXmlSettings/HiddenNetwork": "False",
        f"{wlan}[Open]/WLANXmlSettings/SecurityType": "Open",
        "FirstExperience/SkipTraining": "True",
        "FirstExperience/SkipWifi": "True",
        "Policies/Camera/AllowCamera": "0",
        "Policies/WiFi/AllowWiFi": "1",
        "Workplace/Enrollments/UPN[hl@contoso.com]/AuthPolicy": "OnPremise",
        "Workplace/Enrollments/UPN[hl@contoso.com]/DiscoveryServiceFullUrl": FULL.enrollment.server_url,  # type: ignore[union-attr]  # it is there
        "Workplace/Enrollments/UPN[hl@contoso.com]/Secret": "p&<w>",
    }


def test_a_token_joins_without_a_person() -> None:
    package = replace(BARE, bulk_token=packages.BulkToken("0.token"))
    assert _entries(package) == {
        "Accounts/Azure/Authority": "https://login.microsoftonline.com/common",
        "Accounts/Azure/BPRT": "0.token",
    }


def test_the_same_package_gives_the_same_bytes_and_its_id_lasts_over_versions() -> None:
    assert packages.render(FULL) == packages.render(replace(FULL, policies=FULL.policies[::-1]))
    assert packages.package_id("Contoso", "line-1") == BARE.id != packages.package_id("Fabrikam", "line-1")


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="￾￿"), min_size=1, max_size=20)


@given(_TEXT, _TEXT)
def test_FIL_1_hostile_names_stay_values(name: str, password: str) -> None:
    package = replace(BARE, local_user=packages.LocalUser(name, password))
    user = ET.fromstring(packages.render(package)).find(f".//{SETTINGS}User")
    assert user is not None
    assert (user.get("UserName"), user.findtext(f"{SETTINGS}Password")) == (name, password)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "would change nothing"),
        ({"version": "1"}, "is no version"),
        ({"first_experience": packages.FirstExperience(skip_wifi=True)}, "may only skip the network"),
        ({"local_user": packages.LocalUser("x" * 21, SECRET)}, "1 to 20 characters"),
        ({"local_user": packages.LocalUser("a/b", SECRET)}, "is no name"),
        ({"local_user": packages.LocalUser("Guest", SECRET)}, "for itself"),
        ({"local_user": packages.LocalUser("worker", "password")}, "three of"),
        ({"local_user": packages.LocalUser("worker", "Ab1!")}, "8 characters"),
        ({"local_user": packages.LocalUser("worker", "Worker-2026")}, "holds its name"),
        ({"local_user": packages.LocalUser("worker", SECRET), "tenant_locked": True}, "refuses a local account"),
        ({"bulk_token": packages.BulkToken("t"), "tenant_locked": True}, "refuses to join"),
        ({"bulk_token": packages.BulkToken("t"), "local_user": packages.LocalUser("w", SECRET)}, "not both"),
        ({"bulk_token": packages.BulkToken("t"), "enrollment": FULL.enrollment}, "enrolls by itself"),
        ({"enrollment": packages.Enrollment("nobody", "p", "https://a")}, "no user name with a domain"),
        ({"enrollment": packages.Enrollment("a@b", "p", "http://a")}, "https://"),
        ({"networks": (WlanProfile("é" * 17),)}, "1 to 32 bytes"),
        ({"networks": (WlanProfile("A", Security.WPA3_PERSONAL, "12345678"),)}, "WPA2-Personal networks only"),
        ({"networks": (WlanProfile("A", Security.WPA2_PERSONAL, "1234567"),)}, "8 to 63"),
        ({"networks": (WlanProfile("A"), WlanProfile("A"))}, "stands there twice"),
        ({"policies": (packages.Policy("A b", "C", "1"),)}, "cannot stand in a package"),
        ({"policies": (packages.Policy("A", "C", "\x01"),)}, "XML cannot carry"),
        ({"kiosk": "../kiosk.xml"}, "no file beside"),
    ],
)
def test_what_the_form_does_not_express_is_refused(change: dict[str, object], words: str) -> None:
    found = list(packages.faults(replace(BARE, **change)))  # type: ignore[arg-type]  # the table is typed by hand
    assert [fault for fault in found if words in fault], found


def test_a_package_that_is_in_order_has_no_fault_and_no_fault_repeats_a_secret() -> None:
    assert not list(packages.faults(FULL))
    weak = replace(BARE, local_user=packages.LocalUser("worker", "hunter2"))
    assert "hunter2" not in "".join(packages.faults(weak)) + repr(weak)


def test_secrets_are_covered_and_what_policies_say_of_passwords_is_not() -> None:
    policies = (packages.Policy("DeviceLock", "DevicePasswordEnabled", "0"),)
    contents = packages.read(packages.render(replace(FULL, policies=policies)))
    shown = {entry.path.rpartition("/")[2]: entry.masked for entry in contents.entries}
    assert shown["Secret"] == shown["SecurityKey"] == "********"
    assert shown["DevicePasswordEnabled"] == "0"
    assert shown["Password"] == SECRET


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<a/>",
        "<WindowsCustomizations/>",
        packages.render(FULL).replace("schemas-microsoft-com", "schemas-Microsoft-com"),
        packages.render(FULL).replace("<WindowsCustomizations>", "<!DOCTYPE a><WindowsCustomizations>"),
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><WindowsCustomizations>&e;</WindowsCustomizations>',
    ],
)
def test_IMP_1_what_is_no_package_is_refused(text: str) -> None:
    with pytest.raises(PackageError):
        packages.read(text)


def test_IMP_1_every_truncation_is_refused() -> None:
    data = packages.render(FULL).rstrip().encode()
    for end in range(len(data)):
        with pytest.raises(PackageError):
            packages.read(data[:end])


def test_the_instructions_name_the_command_what_to_know_and_what_is_left_out() -> None:
    policies = (packages.Policy("System", "AllowStorageCard", "0"),)
    text = packages.instructions(replace(FULL, policies=policies), left_out=["A: not carried."], notes=["Note."])
    assert (
        "ICD.exe /Build-ProvisioningPackage /CustomizationXML:customizations.xml /PackagePath:line-1.ppkg" in text
    )
    assert "AllowStorageCard is 0" in text
    assert "- Note." in text
    assert text.endswith("does not carry:\n- A: not carried.\n")
