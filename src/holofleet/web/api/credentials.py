"""Enrollment credentials, API tokens and sessions. Secrets are in the answer that makes them and in no other."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from holofleet.errors import InputError
from holofleet.server.access import Grant
from holofleet.server.authorization import Action, Role
from holofleet.web.api.call import PREFIX, Body, Caller, lasting, route
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)
_DAY_S = 86_400


class CredentialWish(Body):
    deployment: Annotated[str, Field(min_length=1, max_length=100)]
    uses: int = 1
    expires_s: int = _DAY_S


class TokenWish(Body):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    roles: list[str]
    clients: list[str] | None = None
    sites: list[str] | None = None
    deployments: list[str] | None = None
    expires_s: int = 90 * _DAY_S


@route(router, "POST", "/credentials", Action.ISSUE_CREDENTIAL, status=201)
def issue_credential(wish: CredentialWish, call: Caller) -> dict[str, Any]:
    issued = call.services.credentials.issue(
        call.principal, wish.deployment, uses=wish.uses, expires=lasting(wish.expires_s)
    )
    found: dict[str, Any] = render(issued)
    return found


@route(router, "GET", "/credentials", Action.READ_CREDENTIALS)
def list_credentials(call: Caller) -> dict[str, Any]:
    listed = [render(item) for item in call.services.credentials.listed(call.principal)]
    for item in listed:
        del item["digest"]
    return {"credentials": listed}


@route(router, "DELETE", "/credentials/{credential_id}", Action.REVOKE_CREDENTIAL, status=204)
def revoke_credential(credential_id: str, call: Caller) -> None:
    call.services.credentials.revoke(call.principal, credential_id)


@route(router, "POST", "/tokens", Action.ISSUE_TOKEN, status=201)
def issue_token(wish: TokenWish, call: Caller) -> dict[str, Any]:
    issued = call.services.access.issue_token(
        call.principal,
        wish.name,
        _roles(wish.roles),
        clients=wish.clients,
        sites=wish.sites,
        deployments=wish.deployments,
        expires=lasting(wish.expires_s),
    )
    return {
        "id": issued.id,
        "token": issued.token,
        **_grant(issued.grant),
        "expires_at": render(issued.expires_at),
    }


@route(router, "GET", "/tokens", Action.READ_TOKENS)
def list_tokens(call: Caller) -> dict[str, Any]:
    return {
        "tokens": [
            {
                "id": token.id,
                **_grant(token.grant),
                "maker": token.maker,
                "created_at": render(token.created_at),
                "expires_at": render(token.expires_at),
                "revoked_at": render(token.revoked_at),
            }
            for token in call.services.access.tokens(call.principal)
        ]
    }


@route(router, "DELETE", "/tokens/{token_id}", Action.REVOKE_TOKEN, status=204)
def revoke_token(token_id: str, call: Caller) -> None:
    call.services.access.revoke_token(call.principal, token_id)


@route(router, "GET", "/sessions", Action.READ_SESSIONS)
def list_sessions(call: Caller) -> dict[str, Any]:
    return {
        "sessions": [
            {
                "id": session.id,
                **_grant(session.grant),
                "opened_at": render(session.opened_at),
                "used_at": render(session.used_at),
                "ends_at": render(session.ends_at),
                "browser": session.person.browser if session.person is not None else "",
            }
            for session in call.services.access.sessions(call.principal)
        ]
    }


@route(router, "DELETE", "/sessions/{session_id}", Action.REVOKE_SESSION, status=204)
def end_session(session_id: str, call: Caller) -> None:
    call.services.access.revoke_session(call.principal, session_id)


def _grant(grant: Grant) -> dict[str, Any]:
    return {"name": grant.name, "roles": render(grant.roles), **grant.scope.names()}


def _roles(words: list[str]) -> list[Role]:
    try:
        return [Role(word) for word in words]
    except ValueError as error:
        raise InputError(f"roles: {error}", mend=f"The roles are {', '.join(Role)}.") from error
