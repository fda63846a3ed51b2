"""The headset and the product's codecs, formats and documents were written apart; here they meet.

Where both ends agree about a message or a document, two independent readings of the same specifications agree.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.unit.simulator.scripted_server import DeviceAuthority

from holofleet import catalog, desired, samples, spec
from holofleet.protocols import syncml
from holofleet.protocols.mde2 import csr, discovery, enrollment, faults, policy, provisioning
from holofleet.protocols.mde2.credentials import UsernameToken
from holofleet.simulator.headset import soap
from holofleet.simulator.headset.csr import render_request
from holofleet.simulator.headset.identity import DeviceName, Dialect
from holofleet.simulator.headset.inventory import device_facts
from holofleet.simulator.headset.keys import KeyPool
from holofleet.simulator.headset.knowledge import comparable, find, is_interior
from holofleet.simulator.headset.provisioning import ProvisioningRefusedError, read_provisioning
from holofleet.simulator.headset.session import End, ManagementSession, Opening
from holofleet.simulator.headset.syncml import Item
from holofleet.simulator.headset.tree import Tree

NAME = DeviceName.of_enrollment("003421800101", seed=1, number=1)
KEY = KeyPool().take()
USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
SECURITY = soap.security_header("enroll@contoso.com", "p<&>d")


def envelope(action: str, body: str, security: str = "") -> bytes:
    return soap.envelope(
        action=action, to="https://X.contoso.com:443/", message_id="urn:m", security=security, body=body
    )


def new_tree(build: str = "10.0.22621.1244") -> Tree:
    tree = Tree(find, is_interior, build=comparable(build), inventory={})
    tree.adopt("holofleet", {})
    return tree


def test_the_discovery_request_and_reply_are_read_alike() -> None:
    body = soap.discover_body(
        email="enroll@contoso.com", request_version="4.0", application_version="10.0.22621.1244", os_edition=136
    )
    request = discovery.parse_request(envelope(soap.DISCOVER, body))
    assert request.message_id == "urn:m"
    assert request.email_address == "enroll@contoso.com"
    assert request.os_edition == 136
    assert request.auth_policies == (discovery.AuthPolicy.ON_PREMISE,)
    response = discovery.DiscoverResponse(discovery.AuthPolicy.ON_PREMISE, "4.0", "https://x/p", "https://x/e")
    reply = soap.read_envelope(discovery.render_response(response, relates_to="urn:m"))
    assert reply.payload is not None
    result = soap.read_discovery(reply.payload)
    assert (reply.relates_to, reply.action) == ("urn:m", soap.REPLY_ACTION[soap.DISCOVER])
    assert (result.auth_policy, result.policy_url, result.enrollment_url) == (
        "OnPremise",
        "https://x/p",
        "https://x/e",
    )


def test_the_policy_request_and_reply_are_read_alike() -> None:
    request = policy.parse_request(envelope(soap.GET_POLICIES, soap.policies_body(), SECURITY))
    assert request.credentials == UsernameToken("enroll@contoso.com", "p<&>d")
    asked = policy.CertificatePolicy("p", validity_s=1, renewal_s=1)
    reply = soap.read_envelope(policy.render_response(asked, relates_to="urn:m"))
    assert reply.payload is not None
    result = soap.read_policies(reply.payload)
    assert (result.schema, result.minimal_key_length, result.hash_oid) == ("3", "2048", soap.SHA256)
    assert result.providers == asked.crypto_providers
    assert reply.action == soap.REPLY_ACTION[soap.GET_POLICIES]


@pytest.mark.parametrize("dialect", Dialect)
def test_the_token_request_is_read_with_its_certificate_request(dialect: Dialect) -> None:
    der = render_request(NAME, KEY, dialect=dialect, sha256=True)
    items = [("DeviceID", NAME.device_id), ("HWDevID", "AB"), ("MAC", "1"), ("MAC", "2"), ("MAC", "1")]
    body = envelope(soap.REQUEST_TOKEN, soap.token_body(der, items), SECURITY)
    request = enrollment.parse_request(body)
    assert (request.device_id, request.hardware_id) == (NAME.device_id, "AB")
    assert request.context.all("MAC") == ("1", "2")
    csr.parse(der).verify()


def test_a_certificate_request_signed_with_sha1_is_refused_by_policy_and_not_by_crash() -> None:
    request = csr.parse(render_request(NAME, KEY, dialect=Dialect.WINDOWS_10, sha256=False))
    with pytest.raises(csr.CSRRefusedError):
        request.verify()
    request.verify(allow_sha1=True)


def test_a_fault_is_read_with_its_subcode_and_type() -> None:
    fault = faults.Fault(faults.FaultKind.DEVICE_CAP_REACHED, "no uses left")
    reply = soap.read_envelope(faults.render_fault(fault, relates_to="urn:m"))
    assert reply.fault is not None
    assert (reply.fault.subcode, reply.fault.error_type) == ("s:Authorization", "DeviceCapReached")


def provisioning_document() -> provisioning.ProvisioningDocument:
    authority = DeviceAuthority()
    account = provisioning.Account(secret="s", nonce=b"0" * 16, name="n")
    return provisioning.ProvisioningDocument(
        root=authority.root,
        certificate=authority.sign(render_request(NAME, KEY, dialect=Dialect.WINDOWS_11, sha256=True)),
        application=provisioning.Application(
            provider_id="holofleet",
            name="Contoso & sons",
            address="https://contoso.com:8444/ManagementServer/Manage.svc",
            to_client=account,
            to_server=account,
            certificate_subject="CN=1234",
        ),
        dm_client=provisioning.DMClient("enrollment-1", provisioning.Poll(first_count=4)),
    )


def test_a_provisioning_document_is_usable_as_it_is_rendered() -> None:
    document = provisioning_document()
    result = read_provisioning(provisioning.render(document), key=KEY.public_key(), now=datetime.now(UTC))
    assert (result.certificate, result.root, result.store) == (document.certificate, document.root, "User")
    assert (result.address, result.provider_id) == (document.application.address, "holofleet")
    assert result.dmclient["EntDMID"] == "enrollment-1"
    assert result.dmclient["Poll/NumberOfFirstRetries"] == "4"
    assert not result.renewal
    response = enrollment.SecurityTokenResponse(
        provisioning.render(document), "2026-01-01T00:00:00.000Z", "2026-01-01T00:05:00.000Z"
    )
    reply = soap.read_envelope(enrollment.render_response(response, relates_to="urn:m"))
    assert reply.payload is not None
    assert soap.read_token(reply.payload) == provisioning.render(document)
    assert reply.action == soap.REPLY_ACTION[soap.REQUEST_TOKEN]


def test_a_provisioning_document_without_the_certificate_subject_is_refused() -> None:
    document = provisioning_document()
    document = replace(document, application=replace(document.application, certificate_subject=""))
    with pytest.raises(ProvisioningRefusedError, match="SSLCLIENTCERTSEARCHCRITERIA"):
        read_provisioning(provisioning.render(document), key=KEY.public_key(), now=datetime.now(UTC))


@pytest.mark.parametrize("statuses_first", [False, True])
@pytest.mark.parametrize("bare_results", [False, True])
def test_a_whole_session_is_without_fault_for_both_ends(bare_results: bool, statuses_first: bool) -> None:
    opening = Opening("A", "https://contoso.com/manage", NAME.device_id, device_facts(NAME.device_id))
    session = ManagementSession(new_tree(), opening, bare_results=bare_results, statuses_first=statuses_first)
    first = syncml.parse(session.open())
    assert (first.header.session_id, first.header.source) == ("A", NAME.device_id)
    reply = syncml.Reply(first, msg_id=1)
    reply.accept_all()
    reply.add(syncml.Replace("r", (syncml.Item(USB, format="int", data="0"),)))
    reply.add(syncml.Get("g", (syncml.Item(USB), syncml.Item(USB + "x"))))
    atomic = syncml.Atomic("a", (syncml.Replace("b", (syncml.Item(USB, format="int", data="9"),)),))
    reply.add(atomic)
    body = session.receive(reply.render())
    assert body is not None
    second = syncml.parse(body)
    codes = {(s.cmd_ref, s.target_refs): s.code for s in second.statuses}
    assert codes == {
        ("0", ()): 200,
        ("r", ()): 200,
        ("g", (USB,)): 200,
        ("g", (USB + "x",)): 404,
        ("a", ()): 507,
        ("b", ()): 500,
    }
    assert [(item.source.removeprefix("./"), item.data) for r in second.results for item in r.items] == [
        (USB[2:], "0")
    ]
    closing = syncml.Reply(second, msg_id=2)
    closing.accept_all()
    assert session.receive(closing.render()) is None
    assert session.record.end is End.COMPLETED
    assert session.violations == []


SCENARIOS = ("cloud-connected", "external-clients", "shared-identity", "near-offline")
PLACEHOLDERS = {"serial": "003421800101", "account": "headset01@contoso.com", "secret": "correct horse battery"}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_setting_of_a_sample_fleet_is_taken_and_read_back(scenario: str) -> None:
    texts = samples.text(scenario)
    files = {name: text for name, text in texts.items() if name.endswith(".yaml")}
    attachments = {name: text.encode() for name, text in texts.items() if name not in files}
    state = desired.compile(spec.parse(files, attachments))
    assert state.documents
    for document in state.documents.values():
        tree = new_tree()
        for setting in document.settings:
            node = catalog.nodes().require(setting.oma_uri)
            data = re.sub(r"\{\{\s*(\w+)[^{}]*\}\}", lambda m: PLACEHOLDERS[m.group(1)], setting.data)
            item = Item(target=setting.oma_uri, format=str(setting.format), data=data)
            answers = [tree.run(verb, item) for verb in node.verbs]
            assert any(answer.code == 200 for answer in answers), (setting.oma_uri, answers)
            read = tree.run("Get", Item(target=setting.oma_uri))
            if node.readable:
                assert read.item is not None, setting.oma_uri
                assert node.equal(read.item.data or "", data)


def test_wrapped_base64_of_the_request_survives_the_way() -> None:
    der = render_request(NAME, KEY, dialect=Dialect.WINDOWS_10, sha256=True)
    text = soap.token_body(der, [])
    found = re.search('#base64binary">([^<]+)', text)
    assert found
    assert "\r\n" in found.group(1)
    assert base64.b64decode("".join(found.group(1).split())) == der
