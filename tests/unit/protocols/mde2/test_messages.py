"""The answers of the enrollment services have the parts and the order that Windows needs."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pytest

from holofleet.protocols import xml
from holofleet.protocols.errors import MisuseError
from holofleet.protocols.mde2 import credentials, discovery, enrollment, faults, policy, provisioning
from holofleet.protocols.soap import RefusableMessageError

ROOT, INTERMEDIATE, OWN = b"\x30\x01\x01", b"\x30\x01\x02", b"\x30\x01\x03"
DOCUMENT = provisioning.ProvisioningDocument(
    root=ROOT,
    certificate=OWN,
    application=provisioning.Application(
        provider_id="holofleet",
        name="Contoso headsets",
        address="https://mdm.contoso.com/ManagementServer/Manage.svc?a=1&b=2",
        to_client=provisioning.Account("secret-1", b"0" * 16),
        to_server=provisioning.Account("secret-2", b"1" * 16, name="0f3a"),
        certificate_subject="CN=0f3a,O=holofleet",
    ),
    dm_client=provisioning.DMClient("0f3a"),
    intermediates=(INTERMEDIATE,),
)


def types(text: bytes) -> list[str]:
    return re.findall(r'characteristic type="([^"]+)"', text.decode())


def test_discovery_answers_in_the_order_of_the_specification() -> None:
    response = discovery.DiscoverResponse(discovery.AuthPolicy.ON_PREMISE, "5.0", "https://p", "https://e")
    names = re.findall(r"<(\w+)>", discovery.render_response(response, relates_to="m").decode())
    assert names[-5:] == [
        "DiscoverResult",
        "AuthPolicy",
        "EnrollmentVersion",
        "EnrollmentPolicyServiceUrl",
        "EnrollmentServiceUrl",
    ]


def test_the_policy_names_a_hash_so_that_no_client_falls_back_to_sha1() -> None:
    answer = policy.CertificatePolicy("p", validity_s=63_072_000, renewal_s=3_628_800)
    text = policy.render_response(answer, relates_to="m").decode()
    assert "<policySchema>3</policySchema>" in text
    assert "<hashAlgorithmOIDReference>0</hashAlgorithmOIDReference>" in text
    assert "<value>2.16.840.1.101.3.4.2.1</value><group>1</group><oIDReferenceID>0</oIDReferenceID>" in text
    assert '<keySpec xsi:nil="true"/>' in text


def test_the_provisioning_document_has_three_blocks_in_the_order_that_clients_need() -> None:
    text = provisioning.render(DOCUMENT)
    root = xml.parse(text, provisioning.LIMITS)
    assert [child.get("type") for child in root] == ["CertificateStore", "APPLICATION", "DMClient"]
    prints = [hashlib.sha1(der).hexdigest().upper() for der in (ROOT, INTERMEDIATE, OWN)]
    assert types(text)[1:10] == [
        *("Root", "System", prints[0], "CA", "System", prints[1], "My", "User", prints[2]),
    ]
    assert types(text)[10] == "PrivateKeyContainer"


def test_renewal_is_announced_after_the_certificate_and_only_when_it_is_served() -> None:
    assert "WSTEP" not in types(provisioning.render(DOCUMENT))
    text = provisioning.render(replace(DOCUMENT, renewal=provisioning.Renewal()))
    assert types(text).index("WSTEP") > types(text).index("PrivateKeyContainer")


def test_both_accounts_carry_a_nonce() -> None:
    # Windows 11 gave up after the certificate was issued when they did not.
    assert provisioning.render(DOCUMENT).count(b'name="AAUTHDATA"') == 2


def test_the_search_criteria_name_subject_and_store_escaped_twice() -> None:
    text = provisioning.render(replace(DOCUMENT, store=provisioning.Store.SYSTEM)).decode()
    assert 'value="Subject=CN%3D0f3a%2CO%3Dholofleet&amp;Stores=My%5CSystem"' in text


def test_secrets_of_the_document_do_not_show_in_its_repr() -> None:
    assert "secret-" not in repr(DOCUMENT)


def test_a_poll_that_would_never_stop_and_a_provider_id_with_blanks_are_our_mistake() -> None:
    endless = replace(DOCUMENT.dm_client, poll=provisioning.Poll(first_count=0))
    named = replace(DOCUMENT.application, provider_id="Holo Fleet")
    for document in (replace(DOCUMENT, dm_client=endless), replace(DOCUMENT, application=named)):
        with pytest.raises(MisuseError):
            provisioning.render(document)


@pytest.mark.parametrize("kind", list(faults.FaultKind))
def test_every_fault_is_understood_by_the_other_end(kind: faults.FaultKind) -> None:
    fault = faults.Fault(kind, "The reason, for <people> & headsets.", "trace-1")
    text = faults.render_fault(fault, relates_to="urn:uuid:1")
    assert faults.parse_fault(text) == (fault, "urn:uuid:1")
    assert b"<s:Value>s:Receiver</s:Value>" in text


REQUEST = enrollment.SecurityTokenRequest(
    "urn:uuid:1",
    enrollment.RequestKind.ISSUE,
    b"\x30" * 200,
    enrollment.Context((("DeviceID", "A1"),)),
    credentials.UsernameToken("adele", "pass word "),
)


def test_a_password_keeps_its_blanks() -> None:
    assert enrollment.parse_request(enrollment.render_request(REQUEST)).credentials == REQUEST.credentials


def test_a_client_wraps_its_base64_into_lines() -> None:
    assert b"&#13;\n" in enrollment.render_request(REQUEST)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"200512/Issue<", b"200512/Validate<"),
        (b"DeviceEnrollmentToken<", b"OtherToken<"),
        (b"enrollment#PKCS10", b"enrollment#PKCS12"),
        (b"MDAwMDAw", b"MDAw!DAw"),
        (b"RST/wstep<", b"RST/other<"),
    ],
)
def test_a_request_that_cannot_be_used_can_be_answered_with_a_fault(old: bytes, new: bytes) -> None:
    body = enrollment.render_request(REQUEST)
    assert old in body
    with pytest.raises(RefusableMessageError) as caught:
        enrollment.parse_request(body.replace(old, new))
    assert caught.value.message_id == "urn:uuid:1"


def test_a_password_digest_is_a_kind_that_is_not_supported() -> None:
    body = enrollment.render_request(REQUEST).replace(b"#PasswordText", b"#PasswordDigest")
    assert isinstance(enrollment.parse_request(body).credentials, credentials.UnsupportedCredentials)


def test_context_items_are_bounded() -> None:
    for items in ((("MAC", "1"),) * 201, (("DeviceName", "x" * 16_385),)):
        body = enrollment.render_request(replace(REQUEST, context=enrollment.Context(items)))
        with pytest.raises(RefusableMessageError):
            enrollment.parse_request(body)
