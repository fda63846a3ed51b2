"""The provisioning document: certificates, management account and poll schedule (``wap-provisioningdoc`` 1.1).

Order matters to clients: CertificateStore, APPLICATION, DMClient and nothing else at the top (a fourth block was
refused); in the store Root, CA, My; in My the client's store before WSTEP. Both APPAUTH blocks carry a nonce:
without, Windows 11 gave up after the certificate was issued.

Source: [MS-MDE2] section 2.2.9; CertificateStore, w7 APPLICATION and DMClient CSP (Microsoft); recorded clients.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, unquote

from holofleet.protocols.errors import MalformedMessageError, MisuseError
from holofleet.protocols.xml import Element, XMLLimits, decode_base64, escape_attribute
from holofleet.protocols.xml import parse as parse_xml

LIMITS = XMLLimits(max_body_bytes=64 * 1024, max_tags=2_000)

_ROOT = "wap-provisioningdoc"
_KEY_CONTAINER = "PrivateKeyContainer"


class Store(StrEnum):
    """Which store of ``My`` holds the client certificate: System for a device enrollment, else User."""

    USER = "User"
    SYSTEM = "System"


@dataclass(frozen=True, slots=True)
class Renewal:
    """Automatic renewal: days before expiry at which it starts, and days between tries."""

    period_days: int = 42
    retry_days: int = 4


@dataclass(frozen=True, slots=True)
class Account:
    """One APPAUTH block; ``nonce`` are 16 random bytes. Random for each headset, never a constant."""

    secret: str = field(repr=False)
    nonce: bytes = field(repr=False)
    kind: str = "DIGEST"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """The management account (w7 APPLICATION).

    Args:
        provider_id: Plain ASCII, the same as in DMClient, and never changed.
        name: What people see.
        address: The management URL.
        to_client: How the server proves itself (APPAUTH level CLIENT).
        to_server: How the headset proves itself below TLS (APPAUTH level APPSRV).
        certificate_subject: Subject of the issued certificate, such as ``CN=0f3a``; a client that is not told it
            may present no certificate at all. "" leaves the search criteria out.
        retries: Tries to connect; ``backoff_ms`` and ``max_backoff_ms`` in milliseconds.
    """

    provider_id: str
    name: str
    address: str
    to_client: Account
    to_server: Account
    certificate_subject: str = ""
    retries: int = 6
    backoff_ms: int = 30_000
    max_backoff_ms: int = 120_000


@dataclass(frozen=True, slots=True)
class Poll:
    """When the headset asks by itself: two ramps (count, minutes), then every ``remaining_interval_min`` for ever.

    A first count of 0 would make the first interval go on for ever, every minute in one observed case.
    """

    first_count: int = 3
    first_interval_min: int = 5
    second_count: int = 8
    second_interval_min: int = 15
    remaining_interval_min: int = 480
    on_login: bool = True
    all_users_first_login: bool = True


@dataclass(frozen=True, slots=True)
class DMClient:
    """The DMClient provider. ``device_id`` is our id of the headset (EntDMID)."""

    device_id: str
    poll: Poll = Poll()
    device_name: str = ""
    upn: str = ""
    require_message_signing: bool = False


@dataclass(frozen=True, slots=True)
class ProvisioningDocument:
    """What a headset gets with its certificate. Certificates are DER.

    Args:
        root: Root of the client certificate (the device CA).
        certificate: The client certificate.
        application: The management account.
        dm_client: Identity and poll schedule.
        intermediates: Between root and client certificate; at most one belongs here.
        store: Where the client certificate goes.
        renewal: Announced only when renewal is served; None leaves the node out.
    """

    root: bytes
    certificate: bytes
    application: Application
    dm_client: DMClient
    intermediates: tuple[bytes, ...] = ()
    store: Store = Store.USER
    renewal: Renewal | None = None


def thumbprint(der: bytes) -> str:
    """Return the name of a certificate in a Windows store: SHA-1 of the DER in upper-case hex."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


def render(document: ProvisioningDocument) -> bytes:
    """Render the document as UTF-8.

    Raises:
        MisuseError: A provider id that is not plain ASCII letters and digits, or a first poll count of 0.
    """
    provider = document.application.provider_id
    if not (provider.isascii() and provider.replace("-", "").replace("_", "").isalnum()):
        raise MisuseError("the provider id has ASCII letters, digits, - and _ only")
    if document.dm_client.poll.first_count < 1:
        raise MisuseError("a first poll count of 0 means polling every minute for ever")
    blocks = (_store(document), _application(document), _dm_client(document.dm_client, provider))
    return f'<{_ROOT} version="1.1">{"".join(blocks)}</{_ROOT}>'.encode()


def _store(document: ProvisioningDocument) -> str:
    chain = "".join(map(_certificate, document.intermediates))
    own = _certificate(document.certificate) + _characteristic(_KEY_CONTAINER)
    renew = ""
    if document.renewal is not None:
        parms = (
            _parm("ROBOSupport", True)
            + _parm("RenewPeriod", document.renewal.period_days)
            + _parm("RetryInterval", document.renewal.retry_days)
        )
        renew = _characteristic("WSTEP", _characteristic("Renew", parms))
    return _characteristic(
        "CertificateStore",
        _characteristic("Root", _characteristic("System", _certificate(document.root))),
        _characteristic("CA", _characteristic("System", chain)) if chain else "",
        _characteristic("My", _characteristic(document.store, own), renew),
    )


def _application(document: ProvisioningDocument) -> str:
    application = document.application
    criteria = ""
    if application.certificate_subject:
        subject = quote(application.certificate_subject, safe="")
        criteria = _parm("SSLCLIENTCERTSEARCHCRITERIA", f"Subject={subject}&Stores=My%5C{document.store}")
    return _characteristic(
        "APPLICATION",
        _parm("APPID", "w7"),
        _parm("PROVIDER-ID", application.provider_id),
        _parm("NAME", application.name),
        _parm("ADDR", application.address),
        _parm("CONNRETRYFREQ", str(application.retries)),
        _parm("INITIALBACKOFFTIME", str(application.backoff_ms)),
        _parm("MAXBACKOFFTIME", str(application.max_backoff_ms)),
        '<parm name="BACKCOMPATRETRYDISABLED"/>',
        _parm("DEFAULTENCODING", "application/vnd.syncml.dm+xml"),
        criteria,
        _account("CLIENT", application.to_client),
        _account("APPSRV", application.to_server),
    )


def _account(level: str, account: Account) -> str:
    return _characteristic(
        "APPAUTH",
        _parm("AAUTHLEVEL", level),
        _parm("AAUTHTYPE", account.kind),
        _parm("AAUTHNAME", account.name) if account.name else "",
        _parm("AAUTHSECRET", account.secret),
        _parm("AAUTHDATA", b64encode(account.nonce).decode()),
    )


def _dm_client(client: DMClient, provider: str) -> str:
    poll = client.poll
    schedule = _characteristic(
        "Poll",
        _parm("NumberOfFirstRetries", poll.first_count),
        _parm("IntervalForFirstSetOfRetries", poll.first_interval_min),
        _parm("NumberOfSecondRetries", poll.second_count),
        _parm("IntervalForSecondSetOfRetries", poll.second_interval_min),
        _parm("NumberOfRemainingScheduledRetries", 0),
        _parm("IntervalForRemainingScheduledRetries", poll.remaining_interval_min),
        _parm("PollOnLogin", poll.on_login),
        _parm("AllUsersPollOnFirstLogin", poll.all_users_first_login),
    )
    parms = (
        _parm("EntDMID", client.device_id, "string")
        + (_parm("EntDeviceName", client.device_name, "string") if client.device_name else "")
        + (_parm("UPN", client.upn, "string") if client.upn else "")
        + (_parm("RequireMessageSigning", True) if client.require_message_signing else "")
    )
    return _characteristic("DMClient", _characteristic("Provider", _characteristic(provider, parms, schedule)))


def _certificate(der: bytes) -> str:
    return _characteristic(thumbprint(der), _parm("EncodedCertificate", b64encode(der).decode()))


def _characteristic(type_: str, *content: str) -> str:
    inside = "".join(content)
    start = f'<characteristic type="{escape_attribute(type_)}"'
    return f"{start}>{inside}</characteristic>" if inside else f"{start}/>"


def _parm(name: str, value: str | int, datatype: str = "") -> str:
    if isinstance(value, bool):
        value, datatype = str(value).lower(), "boolean"
    elif isinstance(value, int):
        value, datatype = str(value), "integer"
    kind = f' datatype="{datatype}"' if datatype else ""
    return f'<parm name="{name}" value="{escape_attribute(value)}"{kind}/>'


def parse(body: bytes) -> ProvisioningDocument:
    """Parse a provisioning document; blocks and parameters that are not known here are ignored.

    Raises:
        MalformedMessageError: Not a provisioning document, or one that lacks what every enrollment needs.
    """
    root = parse_xml(body, LIMITS)
    if root.tag != _ROOT:
        raise MalformedMessageError("the document is not a provisioning document")
    store = _need(root, "CertificateStore")
    where, own = _own_store(_need(store, "My"))
    if _child(own, _KEY_CONTAINER) is None:
        raise MalformedMessageError("the provisioning document lacks the PrivateKeyContainer")
    return ProvisioningDocument(
        root=_only(_certificates(_path(store, "Root", "System")), "root certificate"),
        certificate=_only(_certificates(own), "client certificate"),
        application=_read_application(_need(root, "APPLICATION")),
        dm_client=_read_dm_client(_need(root, "DMClient")),
        intermediates=_certificates(_path(store, "CA", "System")),
        store=where,
        renewal=_read_renewal(_path(store, "My", "WSTEP", "Renew")),
    )


def _own_store(my: Element) -> tuple[Store, Element]:
    for store in Store:
        element = _child(my, store)
        if element is not None:
            return store, element
    raise MalformedMessageError("the provisioning document has no client certificate")


def _read_application(element: Element) -> Application:
    accounts = {_text(child, "AAUTHLEVEL"): child for child in _children(element, "APPAUTH")}
    if set(accounts) != {"CLIENT", "APPSRV"}:
        raise MalformedMessageError("APPLICATION needs the APPAUTH blocks CLIENT and APPSRV")
    criteria = dict(part.partition("=")[::2] for part in _text(element, "SSLCLIENTCERTSEARCHCRITERIA").split("&"))
    return Application(
        provider_id=_text(element, "PROVIDER-ID"),
        name=_text(element, "NAME"),
        address=_text(element, "ADDR"),
        to_client=_read_account(accounts["CLIENT"]),
        to_server=_read_account(accounts["APPSRV"]),
        certificate_subject=unquote(criteria.get("Subject", "")),
        retries=_number(element, "CONNRETRYFREQ", 6),
        backoff_ms=_number(element, "INITIALBACKOFFTIME", 30_000),
        max_backoff_ms=_number(element, "MAXBACKOFFTIME", 120_000),
    )


def _read_account(element: Element) -> Account:
    return Account(
        secret=_text(element, "AAUTHSECRET"),
        nonce=decode_base64(_text(element, "AAUTHDATA"), max_bytes=256, what="AAUTHDATA"),
        kind=_text(element, "AAUTHTYPE"),
        name=_text(element, "AAUTHNAME"),
    )


def _read_dm_client(element: Element) -> DMClient:
    provider = next(iter(_children(_need(element, "Provider"))), None)
    if provider is None:
        raise MalformedMessageError("DMClient has no provider")
    poll = _child(provider, "Poll")
    return DMClient(
        device_id=_text(provider, "EntDMID"),
        poll=Poll() if poll is None else _read_poll(poll),
        device_name=_text(provider, "EntDeviceName"),
        upn=_text(provider, "UPN"),
        require_message_signing=_text(provider, "RequireMessageSigning").lower() == "true",
    )


def _read_poll(element: Element) -> Poll:
    return Poll(
        first_count=_number(element, "NumberOfFirstRetries", 10),
        first_interval_min=_number(element, "IntervalForFirstSetOfRetries", 15),
        second_count=_number(element, "NumberOfSecondRetries", 0),
        second_interval_min=_number(element, "IntervalForSecondSetOfRetries", 0),
        remaining_interval_min=_number(element, "IntervalForRemainingScheduledRetries", 0),
        on_login=_text(element, "PollOnLogin").lower() == "true",
        all_users_first_login=_text(element, "AllUsersPollOnFirstLogin").lower() == "true",
    )


def _read_renewal(element: Element | None) -> Renewal | None:
    if element is None or _text(element, "ROBOSupport").lower() != "true":
        return None
    return Renewal(_number(element, "RenewPeriod", 42), _number(element, "RetryInterval", 7))


def _children(parent: Element, type_: str = "") -> list[Element]:
    return [c for c in parent if c.tag == "characteristic" and (not type_ or c.get("type") == type_)]


def _child(parent: Element, type_: str) -> Element | None:
    return next(iter(_children(parent, type_)), None)


def _path(parent: Element, *types: str) -> Element | None:
    element: Element | None = parent
    for type_ in types:
        element = None if element is None else _child(element, type_)
    return element


def _need(parent: Element, type_: str) -> Element:
    element = _child(parent, type_)
    if element is None:
        raise MalformedMessageError(f"the provisioning document lacks {type_}")
    return element


def _certificates(store: Element | None) -> tuple[bytes, ...]:
    """Return the certificates of a store; each must stand under its own thumbprint."""
    found = []
    for child in () if store is None else _children(store):
        text = _text(child, "EncodedCertificate")
        if not text:
            continue
        der = decode_base64(text, max_bytes=16 * 1024, what="a certificate")
        if (child.get("type") or "").upper() != thumbprint(der):
            raise MalformedMessageError("a certificate stands under another thumbprint than its own")
        found.append(der)
    return tuple(found)


def _only(found: Iterable[bytes], what: str) -> bytes:
    certificates = tuple(found)
    if len(certificates) != 1:
        raise MalformedMessageError(f"the provisioning document needs exactly one {what}")
    return certificates[0]


def _text(parent: Element, name: str) -> str:
    parm = next((c for c in parent if c.tag == "parm" and c.get("name") == name), None)
    return "" if parm is None else (parm.get("value") or "")


def _number(parent: Element, name: str, default: int) -> int:
    text = _text(parent, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise MalformedMessageError(f"{name} is not a number")
    return int(text)
