"""A headset reads certificates and VPN profiles itself, and refuses those that it could not use."""

from __future__ import annotations

import base64

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from holofleet.simulator.headset.knowledge import find
from holofleet.simulator.headset.values import judge

VPN = "./Device/Vendor/MSFT/VPNv2/contoso-vpn/ProfileXML"
SERVERS = "<Servers>vpn.contoso.com</Servers>"
IKE = "<NativeProtocolType>IKEv2</NativeProtocolType>"


def code(uri: str, data: str, form: str) -> int:
    facts = find(uri)
    assert facts is not None
    return judge(uri, facts.value, form=form, data=data)[0]


def native(inner: str) -> str:
    return f"<VPNProfile><NativeProfile>{inner}</NativeProfile></VPNProfile>"


@pytest.fixture(scope="module")
def authority() -> tuple[str, str]:
    made = x509.load_pem_x509_certificate(trustme.CA().cert_pem.bytes())
    name = made.fingerprint(hashes.SHA1()).hex().upper()
    return name, base64.b64encode(made.public_bytes(Encoding.DER)).decode()


@pytest.mark.parametrize("store", ["Root", "CA", "TrustedPublisher", "TrustedPeople"])
def test_a_certificate_below_its_own_thumbprint_is_taken(authority: tuple[str, str], store: str) -> None:
    name, data = authority
    uri = f"./Device/Vendor/MSFT/RootCATrustedCertificates/{store}/{name}/EncodedCertificate"
    assert code(uri, data, "b64") == 200


def test_a_certificate_below_another_name_is_refused(authority: tuple[str, str]) -> None:
    uri = f"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/{'0' * 40}/EncodedCertificate"
    assert code(uri, authority[1], "b64") == 500


def test_base64_that_is_no_certificate_is_refused(authority: tuple[str, str]) -> None:
    uri = f"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/{authority[0]}/EncodedCertificate"
    assert code(uri, base64.b64encode(b"no certificate").decode(), "b64") == 500


@pytest.mark.parametrize(
    "data",
    [
        native(f"{SERVERS}{IKE}<Authentication><MachineMethod>Certificate</MachineMethod></Authentication>"),
        "<VPNProfile><PluginProfile><ServerUrlList>vpn.contoso.com</ServerUrlList></PluginProfile></VPNProfile>",
    ],
)
def test_a_vpn_profile_with_one_way_to_connect_is_taken(data: str) -> None:
    assert code(VPN, data, "chr") == 200


@pytest.mark.parametrize(
    "data",
    [
        "<VPNProfile/>",
        native(IKE),
        native(IKE + SERVERS),
        native(f"{SERVERS}{IKE}<Authentication><MachineMethod>Password</MachineMethod></Authentication>"),
        native(f"{SERVERS}{IKE}<Authentication><UserMethod>MSChapv2</UserMethod></Authentication>"),
    ],
)
def test_a_vpn_profile_that_could_not_connect_is_refused(data: str) -> None:
    assert code(VPN, data, "chr") == 500
