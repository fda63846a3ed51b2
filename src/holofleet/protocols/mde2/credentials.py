"""Credentials in the security header of policy and enrollment requests.

Every value that is secret hides itself from ``repr``, so that it cannot end in a log by accident.

Source: WS-Security 1.0 username token and X.509 token profiles (OASIS); [MS-MDE2] section 2.2. Prefixed
attributes (``wsse:Type``): recorded clients.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import TypeAlias

from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.soap import WSSE, U
from holofleet.protocols.xml import Element, attribute, decode_base64, escape, text_of

PASSWORD_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"  # noqa: S105
FEDERATED = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/DeviceEnrollmentUserToken"
JWT = "urn:ietf:params:oauth:token-type:jwt"
BASE64 = f"{WSSE}#base64binary"
USERNAME_TOKEN_ID = "uuid-cc1ccc1f-2fba-4bcf-b063-ffc0cac77917-4"  # noqa: S105 - an id, not a secret
"""The id that every Windows client writes."""

_DS = "http://www.w3.org/2000/09/xmldsig#"
_MAX_NAME = 1_024
_MAX_TOKEN_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """A user name, as typed, and a password (OnPremise). The password is empty in some renewals."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FederatedToken:
    """The token that our own web login handed out (Federated), decoded."""

    token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EntraToken:
    """A JSON web token of Entra, not yet verified."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnsupportedCredentials:
    """Credentials of another kind; ``what`` names it in our words."""

    what: str


Credentials: TypeAlias = UsernameToken | FederatedToken | EntraToken | UnsupportedCredentials


def parse_security(security: Element | None) -> Credentials | None:
    """Read the security header; None when there are no credentials in it.

    Raises:
        MalformedMessageError: Broken base64, or a name, password or token past its limit.
    """
    if security is None:
        return None
    if security.find(f"{{{_DS}}}Signature") is not None:
        return UnsupportedCredentials("a signature with a certificate")
    username = security.find(f"{{{WSSE}}}UsernameToken")
    if username is not None:
        return _username_token(username)
    binary = security.find(f"{{{WSSE}}}BinarySecurityToken")
    if binary is None:
        return None
    value_type = attribute(binary, "ValueType").strip()
    if value_type not in (FEDERATED, JWT):
        return UnsupportedCredentials("a security token of an unknown type")
    token = decode_base64(text_of(binary), max_bytes=_MAX_TOKEN_BYTES, what="the security token")
    if value_type == FEDERATED:
        return FederatedToken(token)
    try:
        return EntraToken(token.decode("ascii"))
    except UnicodeDecodeError:
        raise MalformedMessageError("the JSON web token is not ASCII") from None


def _username_token(element: Element) -> Credentials:
    password = element.find(f"{{{WSSE}}}Password")
    kind = "" if password is None else attribute(password, "Type").strip()
    if kind not in ("", PASSWORD_TEXT):
        return UnsupportedCredentials("a password that is not sent as text")
    name = text_of(element.find(f"{{{WSSE}}}Username"))
    # A password is taken as it is: white space may be part of it.
    secret = "" if password is None else (password.text or "")
    if len(name) > _MAX_NAME or len(secret) > _MAX_NAME:
        raise MalformedMessageError(f"user name or password is longer than {_MAX_NAME} characters")
    return UsernameToken(name, secret)


def render_security(credentials: Credentials | None) -> str:
    """Render a security header as a client writes it; "" for none.

    Raises:
        ValueError: Credentials of an unsupported kind.
    """
    if credentials is None:
        return ""
    if isinstance(credentials, UsernameToken):
        token = (
            f'<wsse:UsernameToken u:Id="{USERNAME_TOKEN_ID}"><wsse:Username>{escape(credentials.username)}'
            f'</wsse:Username><wsse:Password wsse:Type="{PASSWORD_TEXT}">{escape(credentials.password)}'
            "</wsse:Password></wsse:UsernameToken>"
        )
    elif isinstance(credentials, FederatedToken):
        token = _binary_token(FEDERATED, credentials.token)
    elif isinstance(credentials, EntraToken):
        token = _binary_token(JWT, credentials.token.encode("ascii"))
    else:
        raise ValueError("credentials of this kind cannot be written")
    return f'<wsse:Security s:mustUnderstand="1">{token}</wsse:Security>'


def _binary_token(value_type: str, token: bytes) -> str:
    return (
        f'<wsse:BinarySecurityToken ValueType="{value_type}" EncodingType="{BASE64}">'
        f"{b64encode(token).decode()}</wsse:BinarySecurityToken>"
    )


def render_timestamp(created: str, expires: str) -> str:
    """Render the security header of a reply: when it was made and until when it counts."""
    return (
        f'<o:Security s:mustUnderstand="1" xmlns:o="{WSSE}"><u:Timestamp xmlns:u="{U}" u:Id="_0">'
        f"<u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></u:Timestamp></o:Security>"
    )
