"""A management client that shares nothing with this project: sockets, TLS, lxml, and messages written by hand.

It is modelled on what recorded Windows clients send, quirks included: the port in ``To``, base64 in lines that
end with ``&#xD;``, ``Type`` outside ``Meta``, LocURIs of Results without ``./``, a MaxMsgSize, an Add that is
refused with 418 when the node is there. It knows an address, a CA file and a credential, and nothing else.
"""

from __future__ import annotations

import base64
import secrets
import socket
import ssl
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

SYNC = "{SYNCML:SYNCML1.2}"
META = "{syncml:metinf}"
SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
_DISCOVER = "http://schemas.microsoft.com/windows/management/2012/01/enrollment/IDiscoveryService/Discover"
_POLICIES = "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy/IPolicy/GetPolicies"
_WSTEP = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RST/wstep"


class RefusedByServerError(Exception):
    """A SOAP fault, or an HTTP status that ends what was begun."""


def _parse(body: bytes) -> Any:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


@dataclass
class HTTP:
    """One connection at a time, kept open as long as the server keeps it."""

    ca: Path
    identity: Path | None = None
    _sockets: dict[tuple[str, int], ssl.SSLSocket] = field(default_factory=dict)

    def call(self, method: str, url: str, *, kind: str = "", body: bytes = b"") -> tuple[int, bytes]:
        parts = urlsplit(url)
        place = (parts.hostname or "", parts.port or 443)
        connection = self._sockets.get(place) or self._open(place)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        head = f"{method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: MSFT OMA DM Client/1.2.0.1\r\n"
        head += f"Content-Type: {kind}\r\n" if kind else ""
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        with connection.makefile("rb") as stream:
            status = int(stream.readline().split()[1])
            headers = {}
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                headers[name.strip().lower()] = value.strip()
            assert b"transfer-encoding" not in headers, "a chunked answer cannot be read"
            content = stream.read(int(headers[b"content-length"]))
        if headers.get(b"connection", b"").lower() == b"close":
            self._sockets.pop(place).close()
        return status, content

    def _open(self, place: tuple[str, int]) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.ca))
        if self.identity is not None:
            context.load_cert_chain(self.identity)
        plain = socket.create_connection(place, timeout=60)
        self._sockets[place] = context.wrap_socket(plain, server_hostname=place[0])
        return self._sockets[place]

    def close(self) -> None:
        for connection in self._sockets.values():
            connection.close()
        self._sockets.clear()


@dataclass
class WindowsClient:
    """Args: ``address`` as typed, ``username`` and ``password`` as printed; the rest is what the machine is."""

    address: str
    ca: Path
    username: str
    password: str
    serial: str
    folder: Path
    nodes: dict[str, tuple[str, str]] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    sessions: int = 0
    sent: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.device_id = secrets.token_hex(16).upper()
        self.hardware_id = secrets.token_hex(32)
        self.http = HTTP(self.ca)
        self.managed_at = ""
        self.nodes["./DevDetail/Ext/Microsoft/SMBIOSSerialNumber"] = ("chr", self.serial)
        self.nodes["./DevDetail/SwV"] = ("chr", "10.0.22621.1250")
        self.nodes["./DevInfo/DevId"] = ("chr", self.device_id)

    def __enter__(self) -> WindowsClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    # Enrollment

    def enroll(self) -> None:
        status, body = self.http.call("GET", f"{self.address}/EnrollmentServer/Discovery.svc")
        assert (status, body) == (200, b"")
        request = (
            '<Discover xmlns="http://schemas.microsoft.com/windows/management/2012/01/enrollment">'
            f'<request xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><EmailAddress>{escape(self.username)}'
            "</EmailAddress><RequestVersion>4.0</RequestVersion><DeviceType>CIMClient_Windows</DeviceType>"
            "<ApplicationVersion>10.0.22621.1250</ApplicationVersion><OSEdition>136</OSEdition><AuthPolicies>"
            "<AuthPolicy>OnPremise</AuthPolicy><AuthPolicy>Federated</AuthPolicy></AuthPolicies></request></Discover>"
        )
        found = self._soap(f"{self.address}/EnrollmentServer/Discovery.svc", _DISCOVER, request, secured=False)
        by_name = {etree.QName(part).localname: (part.text or "").strip() for part in found.iter()}
        assert by_name["AuthPolicy"] == "OnPremise"
        policy = self._soap(
            by_name["EnrollmentPolicyServiceUrl"],
            _POLICIES,
            '<GetPolicies xmlns="http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"><client>'
            '<lastUpdate xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/></client>'
            '<requestFilter xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/></GetPolicies>',
        )
        lengths = [part.text for part in policy.iter() if etree.QName(part).localname == "minimalKeyLength"]
        assert lengths == ["2048"]
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        document = self._ask_for_certificate(by_name["EnrollmentServiceUrl"], key)
        self._adopt(document, key)

    def _ask_for_certificate(self, url: str, key: rsa.RSAPrivateKey) -> Any:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{str(uuid.uuid4())[:30]}!{self.device_id}")])
        request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
        lines = base64.encodebytes(request.public_bytes(serialization.Encoding.DER)).decode().splitlines()
        wrapped = "&#xD;\n".join(lines)
        wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
        items = {
            "UXInitiated": "True",
            "HWDevID": self.hardware_id,
            "Locale": "en-US",
            "TargetedUserLoggedIn": "True",
            "OSEdition": "136",
            "DeviceName": "HL-OTHER",
            "DeviceID": self.device_id,
            "EnrollmentType": "Full",
            "DeviceType": "CIMClient_Windows",
            "OSVersion": "10.0.22621.1250",
            "ApplicationVersion": "10.0.22621.1250",
            "NotInOobe": "false",
            "RequestVersion": "4.0",
        }
        context = "".join(
            f'<ac:ContextItem Name="{name}"><ac:Value>{value}</ac:Value></ac:ContextItem>'
            for name, value in items.items()
        )
        found = self._soap(
            url,
            _WSTEP,
            '<wst:RequestSecurityToken xmlns:wst="http://docs.oasis-open.org/ws-sx/ws-trust/200512">'
            "<wst:TokenType>http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"
            "DeviceEnrollmentToken</wst:TokenType>"
            "<wst:RequestType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue</wst:RequestType>"
            '<wsse:BinarySecurityToken ValueType="http://schemas.microsoft.com/windows/pki/2009/01/enrollment'
            '#PKCS10" '
            f'EncodingType="{wsse}#base64binary">{wrapped}'
            "</wsse:BinarySecurityToken>"
            '<ac:AdditionalContext xmlns:ac="http://schemas.xmlsoap.org/ws/2006/12/authorization">'
            f"{context}</ac:AdditionalContext></wst:RequestSecurityToken>",
        )
        token = next(part for part in found.iter() if etree.QName(part).localname == "BinarySecurityToken")
        return _parse(base64.b64decode("".join(token.text.split())))

    def _adopt(self, document: Any, key: rsa.RSAPrivateKey) -> None:
        """Install what the provisioning document says: certificate, account, addresses."""
        assert document.tag == "wap-provisioningdoc"
        mine = document.find(".//characteristic[@type='My']//parm[@name='EncodedCertificate']").get("value")
        roots = document.findall(".//characteristic[@type='Root']//parm[@name='EncodedCertificate']")
        assert roots, "a client certificate without its root is not installed"
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(mine.split())))
        assert certificate.public_key().public_numbers() == key.public_key().public_numbers()
        application = document.find(".//characteristic[@type='APPLICATION']")
        parameters = {parm.get("name"): parm.get("value") for parm in application.findall("parm")}
        assert parameters["APPID"] == "w7"
        assert parameters["ADDR"].startswith("https://")
        self.managed_at = parameters["ADDR"]
        self.provider = parameters["PROVIDER-ID"]
        for node in document.findall(".//characteristic[@type='DMClient']//parm"):
            parents = [part.get("type") for part in node.iterancestors("characteristic")][::-1]
            uri = "/".join(["./Device/Vendor/MSFT", *parents, node.get("name")])
            self.nodes[uri] = ("int" if node.get("datatype") == "integer" else "chr", node.get("value"))
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".pem", delete=False) as file:
            file.write(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
                + certificate.public_bytes(serialization.Encoding.PEM)
            )
        self.http.close()
        self.http = HTTP(self.ca, Path(file.name))

    def _soap(self, url: str, action: str, body: str, *, secured: bool = True) -> Any:
        parts = urlsplit(url)
        wss = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
        security = (
            f'<wsse:Security s:mustUnderstand="1" xmlns:wsse="{wss}-wssecurity-secext-1.0.xsd">'
            f'<wsse:UsernameToken u:Id="uuid-1" xmlns:u="{wss}-wssecurity-utility-1.0.xsd"><wsse:Username>'
            f"{escape(self.username)}</wsse:Username><wsse:Password "
            f'wsse:Type="{wss}-username-token-profile-1.0#PasswordText">{escape(self.password)}</wsse:Password>'
            "</wsse:UsernameToken></wsse:Security>"
        )
        message = f"urn:uuid:{uuid.uuid4()}"
        envelope = (
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            'xmlns:a="http://www.w3.org/2005/08/addressing" '
            f'xmlns:wsse="{wss}-wssecurity-secext-1.0.xsd">'
            f'<s:Header><a:Action s:mustUnderstand="1">{action}</a:Action><a:MessageID>{message}</a:MessageID>'
            "<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>"
            f'<a:To s:mustUnderstand="1">https://{parts.netloc}{parts.path}</a:To>'
            f"{security if secured else ''}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
        status, reply = self.http.call(
            "POST", url, kind="application/soap+xml; charset=utf-8", body=envelope.encode()
        )
        if status not in (200, 500):
            raise RefusedByServerError(f"HTTP {status}")
        root = _parse(reply)
        fault = root.find(f".//{SOAP}Fault")
        if fault is not None:
            raise RefusedByServerError("".join(fault.itertext()))
        related = [part.text for part in root.iter() if etree.QName(part).localname == "RelatesTo"]
        assert related == [message]
        return root.find(f"{SOAP}Body")

    # Management

    def check_in(self) -> int:
        """Run one session; return how many messages the server sent."""
        self.sessions += 1
        number = 1
        body = (
            "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Alert><CmdID>3</CmdID><Data>1224</Data><Item>"
            '<Type xmlns="syncml:metinf">com.microsoft/MDM/LoginStatus</Type><Data>user</Data></Item></Alert>'
            "<Replace><CmdID>4</CmdID>"
            f"<Item><Source><LocURI>./DevInfo/DevId</LocURI></Source><Data>{self.device_id}</Data></Item>"
            "<Item><Source><LocURI>./DevInfo/Man</LocURI></Source><Data>Microsoft Corporation</Data></Item>"
            "<Item><Source><LocURI>./DevInfo/Mod</LocURI></Source><Data>HoloLens 2</Data></Item>"
            "<Item><Source><LocURI>./DevInfo/DmV</LocURI></Source><Data>1.3</Data></Item>"
            "<Item><Source><LocURI>./DevInfo/Lang</LocURI></Source><Data>en-US</Data></Item></Replace>"
        )
        while True:
            reply = self._post(self._message(number, body))
            answers = self._obey(reply)
            if answers is None:
                return number
            number += 1
            assert number < 20, "the session does not end"
            body = answers

    def _message(self, number: int, body: str) -> bytes:
        return (
            '<?xml version="1.0" encoding="UTF-8"?><SyncML xmlns=\'SYNCML:SYNCML1.2\'><SyncHdr>'
            "<VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
            f"<SessionID>{self.sessions:X}</SessionID><MsgID>{number}</MsgID>"
            f"<Target><LocURI>{escape(self.managed_at)}</LocURI></Target>"
            f"<Source><LocURI>{self.device_id}</LocURI></Source>"
            '<Meta><MaxMsgSize xmlns="syncml:metinf">524288</MaxMsgSize></Meta></SyncHdr>'
            f"<SyncBody>{body}<Final/></SyncBody></SyncML>"
        ).encode()

    def _post(self, message: bytes) -> Any:
        self.sent.append(message)
        status, reply = self.send(message)
        if status != 200:
            raise RefusedByServerError(f"HTTP {status}")
        return _parse(reply)

    def send(self, message: bytes) -> tuple[int, bytes]:
        """Send any bytes as a management message; return the HTTP status and the answer."""
        url = f"{self.managed_at}{'&' if '?' in self.managed_at else '?'}mode=Maintenance&Platform=WoA"
        return self.http.call("POST", url, kind="application/vnd.syncml.dm+xml", body=message)

    @staticmethod
    def asked(reply: bytes) -> list[str]:
        """Return the names of the commands in an answer that are no Status."""
        names = [etree.QName(part).localname for part in _parse(reply).find(f"{SYNC}SyncBody")]
        return [name for name in names if name not in ("Status", "Final")]

    def _obey(self, reply: Any) -> str | None:
        """Carry out what a reply asks; return the body of the next message, or None when nothing was asked."""
        header = reply.find(f"{SYNC}SyncHdr")
        assert header.findtext(f"{SYNC}SessionID") == f"{self.sessions:X}"
        assert header.findtext(f"{SYNC}Target/{SYNC}LocURI") == self.device_id
        message = header.findtext(f"{SYNC}MsgID")
        commands = list(reply.find(f"{SYNC}SyncBody"))
        assert commands[0].tag == f"{SYNC}Status"
        assert commands[0].findtext(f"{SYNC}Data") == "200"
        parts: list[tuple[str, str]] = [("Status", self._status(message, "0", "SyncHdr", 200))]
        asked = [part for part in commands if part.tag not in (f"{SYNC}Status", f"{SYNC}Final")]
        if not asked:
            return None
        for command in asked:
            verb = etree.QName(command).localname
            reference = command.findtext(f"{SYNC}CmdID")
            items = command.findall(f"{SYNC}Item")
            found = []
            for item in items:
                uri = self._normal(item.findtext(f"{SYNC}Target/{SYNC}LocURI"))
                code = self._do(verb, uri, item)
                target = f"<TargetRef>{escape(uri)}</TargetRef>" if len(items) > 1 else ""
                parts.append(("Status", self._status(message, reference, verb, code, target)))
                if verb == "Get" and code == 200:
                    form, data = self.nodes[uri]
                    found.append(
                        f"<Item><Source><LocURI>{escape(uri[2:])}</LocURI></Source>"
                        f'<Meta><Format xmlns="syncml:metinf">{form}</Format></Meta>'
                        f"<Data>{escape(data)}</Data></Item>"
                    )
            if found:
                refs = f"<MsgRef>{message}</MsgRef><CmdRef>{reference}</CmdRef>"
                parts.append(("Results", f"{refs}{''.join(found)}"))
        return "".join(
            f"<{name}><CmdID>{number}</CmdID>{content}</{name}>" for number, (name, content) in enumerate(parts, 1)
        )

    @staticmethod
    def _status(message: str, reference: str, verb: str, code: int, target: str = "") -> str:
        refs = f"<MsgRef>{message}</MsgRef><CmdRef>{reference}</CmdRef><Cmd>{verb}</Cmd>{target}"
        return f"{refs}<Data>{code}</Data>"

    def _do(self, verb: str, uri: str, item: Any) -> int:
        data = item.findtext(f"{SYNC}Data") or ""
        form = item.findtext(f"{SYNC}Meta/{META}Format") or "chr"
        match verb:
            case "Get":
                return 200 if uri in self.nodes else 404
            case "Add" if uri in self.nodes:
                return 418
            case "Add" | "Replace":
                self.nodes[uri] = (form, data)
                return 200
            case "Delete":
                return 200 if self.nodes.pop(uri, None) else 404
            case "Exec":
                self.executed.append(uri)
                return 200
        return 406

    @staticmethod
    def _normal(uri: str) -> str:
        for short in ("./Vendor/", "Vendor/"):
            if uri.startswith(short):
                return f"./Device/Vendor/{uri.removeprefix(short)}"
        return uri if uri.startswith("./") else f"./{uri}"
