"""Provisioning packages among the rendered files."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.unit.desired.fleets import fleet, line_of

from holofleet import desired, spec
from holofleet.desired.errors import CompileError
from holofleet.formats import provisioning_package

SITE = """\
sites:
  - name: plant
    network:
      uplink_mbps: 20
      downlink_mbps: 40
      wifi:
        - {ssid: Line & 1, security: wpa2-psk, psk: env:HOLOFLEET_SECRET_WIFI}
        - {ssid: New, security: wpa3-sae, psk: env:HOLOFLEET_SECRET_WIFI}
"""
ALONE = """\
site: plant
enrollment:
  join: package
  automatic: false
  package: {skip_wifi: true, local_account: {name: worker, password: env:HOLOFLEET_SECRET_WORKER}}
first_start: {skip_training: true}
restrictions: {storage_card: false, provisioning_packages: {add: false}}
kiosk: {for: everyone, apps: [settings, camera]}
"""
ENROLLED = """\
site: plant
enrollment:
  join: package
  package: {upn: e7k2@fleet.contoso.com, password: env:HOLOFLEET_SECRET_PACKAGE, server_url: https://fleet.contoso.com/D}
restrictions: {storage_card: false}
kiosk: {for: everyone, apps: [settings, camera]}
certificates: [{name: root, file: root.cer}]
"""
FOLDER = "packages/field-service/"


def _certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso Root")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    made = made.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
    made = made.add_extension(x509.BasicConstraints(True, None), critical=True)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _files(loaded: spec.Spec) -> dict[str, bytes]:
    state = desired.compile(loaded, target="files")
    return {
        path.removeprefix(FOLDER): state.contents[file.sha256]
        for path, file in state.files.items()
        if path.startswith("packages/")
    }


def _entries(files: dict[str, bytes]) -> dict[str, str]:
    return {entry.path: entry.value for entry in provisioning_package.read(files["customizations.xml"]).entries}


def test_a_headset_that_nothing_enrolls_gets_policies_kiosk_network_and_account_from_its_package() -> None:
    files = _files(fleet(ALONE, more=SITE))
    said = _entries(files)
    assert said["Policies/System/AllowStorageCard"] == "0"
    assert said["AssignedAccess/MultiAppAssignedAccessSettings"] == "kiosk.xml"
    assert said["Accounts/Users/User[worker]/Password"] == "{{secret:env:HOLOFLEET_SECRET_WORKER}}"
    network = "ConnectivityProfiles/WLAN/WLANSetting/WLANConfig[Line & 1]/WLANXmlSettings/"
    assert said[network + "SecurityKey"] == "{{secret:env:HOLOFLEET_SECRET_WIFI}}"
    assert said["FirstExperience/SkipWifi"] == said["FirstExperience/SkipTraining"] == "True"
    assert b"AssignedAccessConfiguration" in files["kiosk.xml"]
    text = files["build.txt"].decode()
    assert "A package carries open and WPA2-Personal networks only: WiFi/Profile/New/WlanXml." in text
    assert "AllowStorageCard is 0" in text


def test_a_package_that_enrolls_leaves_policies_and_kiosk_to_the_service() -> None:
    der = _certificate()
    thumbprint = hashlib.sha1(der).hexdigest().upper()
    files = _files(fleet(ENROLLED, more=SITE, enclosures={"root.cer": der}))
    said = _entries(files)
    assert (
        said["Workplace/Enrollments/UPN[e7k2@fleet.contoso.com]/Secret"]
        == "{{secret:env:HOLOFLEET_SECRET_PACKAGE}}"
    )
    assert not [path for path in said if path.startswith(("Policies", "AssignedAccess"))]
    assert files[f"certificates/{thumbprint}.cer"] == der
    assert said[f"Certificates/RootCertificates/RootCertificate[{thumbprint}]/CertificatePath"] in files


def test_a_file_that_holds_a_secret_names_it() -> None:
    state = desired.compile(fleet(ALONE, more=SITE), target="files")
    assert state.files[FOLDER + "customizations.xml"].secrets == (
        "env:HOLOFLEET_SECRET_WIFI",
        "env:HOLOFLEET_SECRET_WORKER",
    )


def test_what_differs_between_headsets_is_left_out_and_said() -> None:
    account = "\naccounts: {users: per-headset}\nsign_in: {auto_logon: true}\n"
    text = _files(fleet(ALONE + account, more=SITE))["build.txt"].decode()
    assert (
        "Not the same for every headset of the deployment: Policy/Config/MixedReality/AutoLogonUser"
        in " ".join(text.split())
    )


def test_no_package_without_a_word_of_it_and_an_empty_one_is_explained() -> None:
    assert not _files(fleet("enrollment: {join: entra}"))
    files = _files(fleet("enrollment: {join: package}"))
    assert list(files) == ["build.txt"]
    assert b"nothing to put into a package" in files["build.txt"]


def test_a_package_that_does_not_enroll_says_so() -> None:
    text = _files(fleet("site: plant\nenrollment: {join: package}", more=SITE))["build.txt"].decode()
    assert "This package does not enroll the headset" in text


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("{upn: a@contoso.com}", "it needs password and server_url as well"),
        ("{skip_wifi: true}", "may only skip the network"),
        ("{local_account: {name: guest, password: env:HOLOFLEET_SECRET_X}}", "for itself"),
    ],
)
def test_a_package_that_cannot_do_what_it_says_is_refused_with_its_line(package: str, words: str) -> None:
    loaded = fleet(f"enrollment: {{join: package, package: {package}}}")
    with pytest.raises(CompileError) as caught:
        desired.compile(loaded, target="files")
    (finding,) = caught.value.findings
    assert words in finding.summary
    assert finding.position is not None
    assert finding.position.line == line_of(loaded, "join: package")
    desired.compile(loaded, target="server")


def test_a_locked_headset_gets_no_local_account() -> None:
    account = "{local_account: {name: w, password: env:HOLOFLEET_SECRET_X}}"
    text = f"tenant_lock: true\nenrollment: {{join: package, package: {account}}}"
    with pytest.raises(CompileError, match="locked to its tenant"):
        desired.compile(fleet(text), target="files")
