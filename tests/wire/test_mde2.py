"""Enrollment messages written by hand from the published protocol and from what recorded clients send.

The two certificate requests inside were made for these files, with a key that was thrown away.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.mde2 import credentials, csr, discovery, enrollment, faults, policy, provisioning
from holofleet.protocols.soap import RefusableMessageError

FOLDER = Path(__file__).parent / "mde2"
DEVICE_ID = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"


def read(name: str) -> bytes:
    return (FOLDER / f"{name}.xml").read_bytes()


def test_discover_of_windows_10_is_read_with_the_slash_in_its_namespace() -> None:
    request = discovery.parse_request(read("discover_windows10"))
    assert request.message_id == "urn:uuid:748132ec-a575-4329-b01b-6171a9cf8478"
    assert request.to == "https://EnterpriseEnrollment.contoso.com:443/EnrollmentServer/Discovery.svc"
    assert request.email_address == "enroll-7f3a@warehouse.holofleet.internal"
    assert (request.os_edition, request.request_version) == (136, "4.0")
    assert request.auth_policies == (discovery.AuthPolicy.ON_PREMISE, discovery.AuthPolicy.FEDERATED)


def test_discover_may_be_sparse_prefixed_and_from_the_future() -> None:
    request = discovery.parse_request(read("discover_prefixed_sparse"))
    assert request == discovery.DiscoverRequest("", auth_policies=(discovery.AuthPolicy.FEDERATED,))


def test_an_empty_soap_body_can_be_answered_with_a_fault() -> None:
    with pytest.raises(RefusableMessageError) as caught:
        discovery.parse_request(read("discover_empty_body"))
    assert caught.value.message_id == "urn:uuid:748132ec-a575-4329-b01b-6171a9cf8478"


def test_a_message_of_another_service_can_be_answered_with_a_fault() -> None:
    with pytest.raises(RefusableMessageError):
        discovery.parse_request(read("get_policies_username"))


def test_the_answer_of_a_discovery_service_is_read() -> None:
    response, relates_to = discovery.parse_response(read("discover_response"))
    assert relates_to == "urn:uuid:748132ec-a575-4329-b01b-6171a9cf8478"
    assert response == discovery.DiscoverResponse(
        discovery.AuthPolicy.FEDERATED,
        "5.0",
        "https://mdm.contoso.com/EnrollmentServer/Policy.svc",
        "https://mdm.contoso.com/EnrollmentServer/Enrollment.svc?v=1&p=w",
        "https://mdm.contoso.com/EnrollmentServer/Auth",
    )


def test_a_user_name_token_with_a_prefixed_type_is_read() -> None:
    request = policy.parse_request(read("get_policies_username"))
    assert request.credentials == credentials.UsernameToken(
        "enroll-7f3a@warehouse.holofleet.internal", "K7pX&q2 9m"
    )
    assert (request.tpm_manufacturer, request.tpm_firmware_version) == ("INTC", "600.7.0.0")
    assert "K7pX" not in repr(request)


def test_a_federated_token_with_prefixed_attributes_is_read() -> None:
    request = policy.parse_request(read("get_policies_federated_prefixed"))
    assert request.credentials == credentials.FederatedToken(b"opaque-token-of-ours")
    assert "opaque" not in repr(request)


def test_a_signed_request_is_recognized_as_a_kind_that_is_not_supported() -> None:
    request = policy.parse_request(read("get_policies_signed"))
    assert request.credentials == credentials.UnsupportedCredentials("a signature with a certificate")


def test_a_policy_names_its_hash_by_reference() -> None:
    answer, _ = policy.parse_response(read("get_policies_response_sha1"))
    assert answer.hash_oid == "1.3.14.3.2.29"
    assert (answer.minimal_key_length, answer.validity_s, answer.renewal_s) == (2_048, 1_209_600, 172_800)
    assert answer.crypto_providers == ()


def test_a_request_of_windows_10_is_read_with_its_wrapped_base64_and_repeated_items() -> None:
    request = enrollment.parse_request(read("issue_windows10_username"))
    assert request.kind is enrollment.RequestKind.ISSUE
    assert request.device_id == DEVICE_ID
    assert request.context.all("MAC") == ("00-15-5D-01-02-03", "00-15-5D-01-02-04")
    assert request.context.flag("UXInitiated")
    assert request.context.flag("TargetedUserLoggedIn")
    assert not request.context.flag("NotInOobe")
    assert isinstance(request.credentials, credentials.UsernameToken)
    inner = csr.parse(request.request)
    assert (inner.key, inner.hash_name) == ("RSA 2048", "SHA-1")
    with pytest.raises(csr.CSRRefusedError):
        inner.verify()
    inner.verify(allow_sha1=True)


def test_a_request_of_windows_11_with_an_entra_token_is_read() -> None:
    request = enrollment.parse_request(read("issue_windows11_entra"))
    assert request.credentials == credentials.EntraToken("eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl")
    assert request.context.get("SerialNumber") == "012345678901"
    assert request.context.get("ZeroTouchProvisioning") == ""
    assert not request.context.flag("BootstrapDomainJoin")
    assert request.context.get("EnrollmentType") == "Device"
    csr.parse(request.request).verify()


@pytest.mark.parametrize("name", ["renew_automatic", "renew_by_hand_wrapped_twice"])
def test_a_renewal_is_read_in_both_spellings_and_wrappings(name: str) -> None:
    request = enrollment.parse_request(read(name))
    assert (request.kind, request.is_cms) == (enrollment.RequestKind.RENEW, True)
    assert request.request[:2] == b"\x30\x0b"


def test_the_answer_of_an_enrollment_service_is_read_down_to_the_document() -> None:
    response, relates_to = enrollment.parse_response(read("issue_response"))
    assert relates_to == "urn:uuid:0d5a1441-5891-453b-becf-a2e5f6ea3749"
    assert (response.created, response.request_id) == ("2024-06-27T12:00:00.000Z", 0)
    assert response.provisioning == read("provisioning")


def test_a_provisioning_document_is_read() -> None:
    document = provisioning.parse(read("provisioning"))
    assert document.store is provisioning.Store.USER
    assert document.renewal == provisioning.Renewal(60, 4)
    assert document.intermediates == ()
    assert document.application.certificate_subject == "CN=0f3a,O=holofleet"
    assert document.application.to_client.nonce == b"0123456789abcdef"
    assert document.application.to_server.name == "0f3a"
    assert document.dm_client.poll.remaining_interval_min == 1_560
    assert "of-two" not in repr(document)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<characteristic type="PrivateKeyContainer"/>', b""),
        (b'type="APPLICATION"', b'type="OTHER"'),
        (b'value="MAMCAQI="', b'value="MAMCAQM="'),
        (b'value="APPSRV"', b'value="CLIENT"'),
        (b'value="MDEyMzQ1Njc4OWFiY2RlZg=="', b'value="not base64"'),
        (b'value="1560"', b'value="often"'),
    ],
)
def test_a_provisioning_document_without_what_a_headset_needs_is_refused(old: bytes, new: bytes) -> None:
    text = read("provisioning")
    assert old in text
    with pytest.raises(MalformedMessageError):
        provisioning.parse(text.replace(old, new))


def test_a_fault_in_lower_case_is_understood() -> None:
    fault, relates_to = faults.parse_fault(read("fault_lower_case"))
    assert relates_to == "urn:uuid:0d5a1441-5891-453b-becf-a2e5f6ea3749"
    assert fault.kind is faults.FaultKind.DEVICE_CAP_REACHED
    assert fault.kind.hresult == 0x80180013
    assert fault.trace_id == "2493ee37-beeb-4cb9-833c-cadde9067645"


def test_a_client_learns_of_a_fault_in_place_of_an_answer() -> None:
    body = read("fault_lower_case")
    for parse in (discovery.parse_response, policy.parse_response, enrollment.parse_response):
        with pytest.raises(faults.FaultReceivedError):
            parse(body)
