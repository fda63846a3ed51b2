"""A tiny server for the simulator's own tests: hand-written bytes, TLS, and a knob for each way to be wrong.

It knows nothing of the product's server or codecs. What it says by default is right; a test changes one thing.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from asn1crypto import csr as pkcs10
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
MDE = "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
XCEP = "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"
WSTEP = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"
CM = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment"
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    certificate: bytes | None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def text(self, pattern: str) -> str:
        found = re.search(pattern, self.body.decode())
        assert found, f"{pattern} is not in {self.body.decode()}"
        return found.group(1)


def http(body: bytes, *, content_type: str, status: int = 200, extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


def soap(body: str, *, status: int = 200) -> bytes:
    return http(body.encode(), content_type="application/soap+xml; charset=utf-8", status=status)


def syncml(body: str, *, status: int = 200) -> bytes:
    return http(body.encode(), content_type="application/vnd.syncml.dm+xml", status=status)


def envelope(action: str, relates_to: str, body: str) -> str:
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{A}"><s:Header><a:Action s:mustUnderstand="1">{action}</a:Action>'
        f"<a:RelatesTo>{relates_to}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )


class DeviceAuthority:
    """Signs what it is asked to, without reading subjects."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso devices")])
        self._name = name
        self.root = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
            .public_bytes(serialization.Encoding.DER)
        )

    def sign(
        self, request: bytes, *, common_name: str = "1234", usage: x509.ObjectIdentifier | None = None
    ) -> bytes:
        info = pkcs10.CertificationRequest.load(request)["certification_request_info"]
        key = serialization.load_der_public_key(info["subject_pk_info"].dump())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "1234")])
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(minutes=10))
            .not_valid_after(NOW + timedelta(days=730))
            .add_extension(x509.ExtendedKeyUsage([usage or ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
            .public_bytes(serialization.Encoding.DER)
        )


def thumbprint(der: bytes) -> str:
    return hashlib.sha1(der).hexdigest().upper()


def provisioning_document(root: bytes, own: bytes, address: str) -> str:
    nonce = base64.b64encode(b"0123456789abcdef").decode()
    return f"""<wap-provisioningdoc version="1.1">
<characteristic type="CertificateStore">
 <characteristic type="Root"><characteristic type="System"><characteristic type="{thumbprint(root)}">
  <parm name="EncodedCertificate" value="{base64.b64encode(root).decode()}"/>
 </characteristic></characteristic></characteristic>
 <characteristic type="My"><characteristic type="User"><characteristic type="{thumbprint(own)}">
  <parm name="EncodedCertificate" value="{base64.b64encode(own).decode()}"/>
 </characteristic><characteristic type="PrivateKeyContainer"/></characteristic></characteristic>
</characteristic>
<characteristic type="APPLICATION">
 <parm name="APPID" value="w7"/><parm name="PROVIDER-ID" value="contoso"/><parm name="NAME" value="Contoso"/>
 <parm name="ADDR" value="{address}"/>
 <parm name="SSLCLIENTCERTSEARCHCRITERIA" value="Subject=CN%3D1234&amp;Stores=My%5CUser"/>
 <characteristic type="APPAUTH"><parm name="AAUTHLEVEL" value="CLIENT"/><parm name="AAUTHTYPE" value="DIGEST"/>
  <parm name="AAUTHSECRET" value="one"/><parm name="AAUTHDATA" value="{nonce}"/></characteristic>
 <characteristic type="APPAUTH"><parm name="AAUTHLEVEL" value="APPSRV"/><parm name="AAUTHTYPE" value="DIGEST"/>
  <parm name="AAUTHNAME" value="device"/><parm name="AAUTHSECRET" value="two"/>
  <parm name="AAUTHDATA" value="{nonce}"/></characteristic>
</characteristic>
<characteristic type="DMClient"><characteristic type="Provider"><characteristic type="contoso">
 <parm name="EntDMID" value="1234" datatype="string"/>
 <characteristic type="Poll">
  <parm name="NumberOfFirstRetries" value="2" datatype="integer"/>
  <parm name="IntervalForFirstSetOfRetries" value="5" datatype="integer"/>
  <parm name="NumberOfSecondRetries" value="1" datatype="integer"/>
  <parm name="IntervalForSecondSetOfRetries" value="15" datatype="integer"/>
  <parm name="NumberOfRemainingScheduledRetries" value="0" datatype="integer"/>
  <parm name="IntervalForRemainingScheduledRetries" value="480" datatype="integer"/>
 </characteristic>
</characteristic></characteristic></characteristic>
</wap-provisioningdoc>"""


def policies(hash_oid: str = "2.16.840.1.101.3.4.2.1") -> str:
    return f"""<GetPoliciesResponse xmlns="{XCEP}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<response><policyID>p</policyID><policies><policy><policyOIDReference>0</policyOIDReference><cAs xsi:nil="true"/>
<attributes><policySchema>3</policySchema>
<privateKeyAttributes><minimalKeyLength>2048</minimalKeyLength></privateKeyAttributes>
<hashAlgorithmOIDReference>0</hashAlgorithmOIDReference></attributes></policy></policies></response>
<oIDs><oID><value>{hash_oid}</value><group>1</group><oIDReferenceID>0</oIDReferenceID></oID></oIDs>
</GetPoliciesResponse>"""


def statuses(request: Request) -> str:
    """A Status for SyncHdr and for every command of a client message, in order; none for Status and Results."""
    body = request.body.decode()
    msg = request.text(r"<MsgID>(\d+)")
    found = re.findall(r"<(Alert|Replace)><CmdID>(\d+)", body)
    parts = [
        f"<Status><CmdID>{number}</CmdID><MsgRef>{msg}</MsgRef><CmdRef>{ref}</CmdRef><Cmd>{verb}</Cmd>"
        "<Data>200</Data></Status>"
        for number, (verb, ref) in enumerate([("SyncHdr", "0"), *found], start=1)
    ]
    return "".join(parts)


def message(
    request: Request, commands: str = "", *, status_part: str | None = None, final: str = "<Final/>"
) -> str:
    return (
        '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
        f"<SessionID>{request.text('<SessionID>([^<]+)')}</SessionID>"
        f"<MsgID>{request.text('<MsgID>([0-9]+)')}</MsgID>"
        f"<Target><LocURI>{request.text('<Source><LocURI>([^<]+)')}</LocURI></Target>"
        "<Source><LocURI>https://localhost/manage</LocURI></Source></SyncHdr><SyncBody>"
        f"{statuses(request) if status_part is None else status_part}{commands}{final}</SyncBody></SyncML>"
    )


def command(verb: str, cmd_id: object, uri: str, *, data: str | None = None, form: str = "") -> str:
    meta = f'<Meta><Format xmlns="syncml:metinf">{form}</Format></Meta>' if form else ""
    body = "" if data is None else f"<Data>{data}</Data>"
    return (
        f"<{verb}><CmdID>{cmd_id}</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>{meta}{body}</Item></{verb}>"
    )


Manage = Callable[[Request, int], bytes]


def silent(request: Request, number: int) -> bytes:
    """Answer and want nothing."""
    return syncml(message(request))


@dataclass
class ScriptedServer:
    """A server on a loopback port. Knobs: replace what it says, wholly or in part."""

    folder: Path
    manage: Manage = silent
    edit_document: Callable[[str], str] = lambda text: text
    edit_discovery: Callable[[str], str] = lambda text: text
    overrides: dict[str, Callable[[Request], bytes]] = field(default_factory=dict)
    usage: x509.ObjectIdentifier | None = None
    hash_oid: str = "2.16.840.1.101.3.4.2.1"
    requests: list[Request] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self.tls = trustme.CA()
        self.devices = DeviceAuthority()
        self.ca_file = str(self.folder / "ca.pem")
        self.tls.cert_pem.write_to_path(self.ca_file)
        self.managed = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    async def __aenter__(self) -> ScriptedServer:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.issue_cert("localhost").configure_cert(context)
        context.verify_mode = ssl.CERT_OPTIONAL
        root = ssl.DER_cert_to_PEM_cert(self.devices.root)
        context.load_verify_locations(cadata=root)
        self._server = await asyncio.start_server(self._serve, "localhost", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while True:
                request = await self._read(reader, writer)
                self.requests.append(request)
                writer.write(self._reply(request))
                await writer.drain()
        except (EOFError, OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *lines = head.strip().split("\r\n")
        method, target, _ = line.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (entry.partition(":") for entry in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return Request(method, target, headers, body, certificate)

    def _reply(self, request: Request) -> bytes:
        if request.path in self.overrides:
            return self.overrides[request.path](request)
        handler = {
            "/EnrollmentServer/Discovery.svc": self.discovery,
            "/EnrollmentServer/Policy.svc": self.policy,
            "/EnrollmentServer/Enrollment.svc": self.enrollment,
        }.get(request.path)
        if handler is not None:
            return handler(request)
        self.managed += 1
        return self.manage(request, self.managed)

    def discovery(self, request: Request) -> bytes:
        if request.method == "GET":
            return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        body = (
            f'<DiscoverResponse xmlns="{MDE}"><DiscoverResult><AuthPolicy>OnPremise</AuthPolicy>'
            "<EnrollmentVersion>5.0</EnrollmentVersion>"
            f"<EnrollmentPolicyServiceUrl>{self.url}/EnrollmentServer/Policy.svc</EnrollmentPolicyServiceUrl>"
            f"<EnrollmentServiceUrl>{self.url}/EnrollmentServer/Enrollment.svc</EnrollmentServiceUrl>"
            "</DiscoverResult></DiscoverResponse>"
        )
        text = envelope(f"{MDE}/IDiscoveryService/DiscoverResponse", self.message_id(request), body)
        return soap(self.edit_discovery(text))

    def policy(self, request: Request) -> bytes:
        action = f"{XCEP}/IPolicy/GetPoliciesResponse"
        return soap(envelope(action, self.message_id(request), policies(self.hash_oid)))

    def enrollment(self, request: Request) -> bytes:
        encoded = request.text(r"#base64binary\">([^<]+)</wsse:BinarySecurityToken>")
        own = self.devices.sign(base64.b64decode(encoded), usage=self.usage)
        document = self.edit_document(provisioning_document(self.devices.root, own, f"{self.url}/manage"))
        token = base64.b64encode(document.encode()).decode()
        w = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
        body = (
            f'<RequestSecurityTokenResponseCollection xmlns="{w}"><RequestSecurityTokenResponse>'
            f"<TokenType>{CM}/DeviceEnrollmentToken</TokenType><RequestedSecurityToken>"
            f'<BinarySecurityToken xmlns="{WSSE}" ValueType="{CM}/DeviceEnrollmentProvisionDoc" '
            f'EncodingType="{WSSE}#base64binary">{token}</BinarySecurityToken></RequestedSecurityToken>'
            f'<RequestID xmlns="{WSTEP}">0</RequestID></RequestSecurityTokenResponse>'
            "</RequestSecurityTokenResponseCollection>"
        )
        return soap(envelope(f"{WSTEP}/RSTRC/wstep", self.message_id(request), body))

    def message_id(self, request: Request) -> str:
        return request.text("<a:MessageID>([^<]+)")


def fault(subcode: str, *, error_type: str = "") -> str:
    detail = (
        f'<s:Detail><DeviceEnrollmentServiceError xmlns="{WSTEP}"><ErrorType>{error_type}</ErrorType>'
        "</DeviceEnrollmentServiceError></s:Detail>"
        if error_type
        else ""
    )
    return (
        f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-us">no</s:Text></s:Reason>{detail}</s:Fault>'
    )
