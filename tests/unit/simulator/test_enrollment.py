"""The enrollment of a simulated headset against hand-written replies, right and wrong."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from asn1crypto import csr as pkcs10
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.unit.simulator.scripted_server import ScriptedServer, envelope, fault, soap

from holofleet.errors import RefusedError
from holofleet.simulator import Credential, Headset, HeadsetPlan, Phase, Rule
from holofleet.simulator.headset.csr import DEVICE_ID_EXTENSION, OLD_SHA1_RSA, SHA256_RSA
from holofleet.simulator.headset.enrollment import EnrollmentRefusedError, UnusableReplyError
from holofleet.simulator.network import Network, UnreadableReplyError, UntrustedServerError

ENROLLMENT = "/EnrollmentServer/Enrollment.svc"
DISCOVERY = "/EnrollmentServer/Discovery.svc"


async def test_a_headset_enrolls_and_notices_nothing_wrong(server: ScriptedServer, headset: Headset) -> None:
    await headset.enroll()
    assert headset.phase is Phase.ENROLLED
    assert headset.violations == []
    assert [(r.method, r.path) for r in server.requests] == [
        ("GET", DISCOVERY),
        ("POST", DISCOVERY),
        ("POST", "/EnrollmentServer/Policy.svc"),
        ("POST", ENROLLMENT),
    ]


async def test_the_certificate_request_is_wrapped_base64_with_the_device_id_as_raw_extension(
    server: ScriptedServer, enrolled: Headset
) -> None:
    encoded = server.requests[-1].text(r"#base64binary\">([^<]+)</wsse:BinarySecurityToken>")
    assert max(map(len, encoded.split())) == 76
    request = pkcs10.CertificationRequest.load(base64.b64decode(encoded))
    assert request["signature_algorithm"]["algorithm"].dotted == SHA256_RSA
    extensions = request["certification_request_info"]["attributes"][0]["values"][0]
    values = {e["extn_id"].dotted: e["extn_value"].contents for e in extensions}
    assert values[DEVICE_ID_EXTENSION] == enrolled.device_id.encode() + b"\0"


async def test_credentials_are_escaped_and_repeated_values_are_sent(
    server: ScriptedServer, enrolled: Headset
) -> None:
    body = server.requests[-1].body.decode()
    assert ">secret &amp; more</wsse:Password>" in body
    assert body.count('Name="MAC"') == 6
    assert 'wsse:Type="' in body


async def test_without_sha256_in_the_policy_the_old_oid_signs_and_that_is_noted(
    server: ScriptedServer, headset: Headset
) -> None:
    server.hash_oid = "1.3.14.3.2.29"
    await headset.enroll()
    encoded = server.requests[-1].text(r"#base64binary\">([^<]+)</wsse:BinarySecurityToken>")
    request = pkcs10.CertificationRequest.load(base64.b64decode(encoded))
    assert request["signature_algorithm"]["algorithm"].dotted == OLD_SHA1_RSA
    assert [v.rule for v in headset.violations] == [Rule.POLICY]


def _without(pattern: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        changed = re.sub(pattern, "", text, count=1, flags=re.DOTALL)
        assert changed != text, f"{pattern} matches nothing"
        return changed

    return edit


def _instead(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text, f"{old} is not there"
        return text.replace(old, new, 1)

    return edit


def _other_thumbprint(text: str) -> str:
    prints = re.findall(r'type="([0-9A-F]{40})"', text)
    return text.replace(f'type="{prints[1]}"', f'type="{"0" * 40}"')


def _lower_thumbprint(text: str) -> str:
    prints = re.findall(r'type="([0-9A-F]{40})"', text)
    return text.replace(prints[1], prints[1].lower())


UNUSABLE: dict[str, tuple[Callable[[str], str], str]] = {
    "wrong thumbprint": (_other_thumbprint, "holds the certificate with thumbprint"),
    "lower-case thumbprint": (_lower_thumbprint, "holds the certificate with thumbprint"),
    "no private key container": (_without(r'<characteristic type="PrivateKeyContainer"/>'), "PrivateKeyContainer"),
    "no root": (
        _without(r'<characteristic type="Root">.*?</characteristic></characteristic></characteristic>'),
        "root",
    ),
    "no AAUTHDATA": (_without(r'<parm name="AAUTHDATA" value="[^"]+"/>'), "initial nonce"),
    "one APPAUTH": (_without(r'<characteristic type="APPAUTH">.*?</characteristic>'), "both blocks"),
    "unknown top level": (
        _instead("</wap-provisioningdoc>", '<characteristic type="Registry"/></wap-provisioningdoc>'),
        "0x83750005",
    ),
    "foreign subject": (_instead("CN%3D1234", "CN%3D9999"), "SSLCLIENTCERTSEARCHCRITERIA"),
    "no search criteria": (_without(r'<parm name="SSLCLIENTCERTSEARCHCRITERIA"[^>]*/>'), "SSLCLIENTCERT"),
    "plain http": (_instead('value="https://', 'value="http://'), "https"),
    "INIT": (_instead('<parm name="APPID"', '<parm name="INIT"/><parm name="APPID"'), "INIT"),
    "other provider": (
        _instead('name="PROVIDER-ID" value="contoso"', 'name="PROVIDER-ID" value="other"'),
        "Provider",
    ),
    "no EntDMID": (_without(r'<parm name="EntDMID"[^>]*/>'), "EntDMID"),
    "poll is no number": (
        _instead('"IntervalForFirstSetOfRetries" value="5"', '"IntervalForFirstSetOfRetries" value="x"'),
        "Poll",
    ),
    "push in the document": (
        _instead(
            '<characteristic type="Poll">',
            '<characteristic type="Push"><parm name="PFN" value="x"/></characteristic>'
            '<characteristic type="Poll">',
        ),
        "Push",
    ),
    "not well-formed": (_instead("</wap-provisioningdoc>", ""), "well-formed"),
    "document type": (lambda text: f"<!DOCTYPE x [<!ENTITY y 'z'>]>{text}", "document type"),
}


@pytest.mark.parametrize("case", UNUSABLE)
async def test_a_provisioning_document_that_a_headset_cannot_use_ends_the_enrollment(
    server: ScriptedServer, headset: Headset, case: str
) -> None:
    server.edit_document, reason = UNUSABLE[case]
    with pytest.raises(UnusableReplyError, match=reason):
        await headset.enroll()
    assert headset.phase is Phase.NEW
    assert [v.rule for v in headset.violations] == [Rule.PROVISIONING]


async def test_a_certificate_that_is_not_for_clients_is_refused(server: ScriptedServer, headset: Headset) -> None:
    server.usage = ExtendedKeyUsageOID.SERVER_AUTH
    with pytest.raises(UnusableReplyError, match="client authentication"):
        await headset.enroll()


async def test_a_headset_whose_clock_is_years_slow_refuses_its_certificate(headset: Headset) -> None:
    headset.skew = timedelta(days=-900)
    with pytest.raises(UnusableReplyError, match="by the headset's clock"):
        await headset.enroll()


async def test_a_chunked_reply_is_refused_and_noted(server: ScriptedServer, headset: Headset) -> None:
    server.overrides[ENROLLMENT] = lambda request: (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    with pytest.raises(UnreadableReplyError, match="chunked"):
        await headset.enroll()
    assert [v.rule for v in headset.violations] == [Rule.LENGTH]


async def test_a_fault_is_reported_with_its_subcode_and_type(server: ScriptedServer, headset: Headset) -> None:
    body = fault("s:Authorization", error_type="DeviceCapReached")
    server.overrides[ENROLLMENT] = lambda r: soap(envelope("x", server.message_id(r), body), status=500)
    with pytest.raises(EnrollmentRefusedError) as caught:
        await headset.enroll()
    assert (caught.value.fault.subcode, caught.value.fault.error_type) == ("s:Authorization", "DeviceCapReached")
    assert headset.violations == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<AuthPolicy>OnPremise", "<AuthPolicy>Federated", "not offered"),
        ("<EnrollmentVersion>5.0</EnrollmentVersion>", "", "missing"),
        ("Url>https://localhost", "Url>https://elsewhere.example", "different hosts"),
        ("Url>https://", "Url>http://", "https addresses only"),
        ("DiscoverResult", "Result", "not a DiscoverResponse"),
    ],
)
async def test_an_unusable_discovery_reply_ends_the_enrollment(
    server: ScriptedServer, headset: Headset, old: str, new: str, reason: str
) -> None:
    server.edit_discovery = lambda text: text.replace(old, new, 2 if "Result" in old else 1)
    with pytest.raises(UnusableReplyError, match=reason):
        await headset.enroll()


async def test_a_reply_to_another_message_is_noted(server: ScriptedServer, headset: Headset) -> None:
    server.edit_discovery = lambda text: re.sub("<a:RelatesTo>[^<]+", "<a:RelatesTo>urn:uuid:other", text)
    await headset.enroll()
    assert [v.rule for v in headset.violations] == [Rule.ADDRESSING]


async def test_a_server_with_a_foreign_root_is_not_trusted(
    server: ScriptedServer, headset: Headset, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    headset.network = Network(str(other), serial="1", timeout_s=5)
    with pytest.raises(UntrustedServerError):
        await headset.enroll()
    assert server.requests == []


async def test_an_enrolled_headset_does_not_enroll_again(enrolled: Headset) -> None:
    with pytest.raises(RefusedError):
        await enrolled.enroll()


def test_a_credential_never_shows_its_password() -> None:
    assert "secret" not in repr(HeadsetPlan("1", Credential("enroll@contoso.com", "secret")))
