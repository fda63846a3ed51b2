"""What a handler is given of its call: who calls, the services, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Self, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from holofleet.errors import InputError
from holofleet.server.authorization import Action, Principal, Scope, Target, permit
from holofleet.web.api.body import holds_odd_text
from holofleet.web.declaration import declares
from holofleet.web.services import Services

PREFIX = "/api/v1"
Handler = TypeVar("Handler", bound=Callable[..., Any])

Reason = Annotated[str, Field(max_length=500)]
Serial = Annotated[str, Field(min_length=1, max_length=64)]
Limit = Annotated[int, Query(ge=1, le=500)]


class Body(BaseModel):
    """A request body: what is not known is refused, and nothing is converted into something else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="after")
    def _of_plain_text(self) -> Self:
        if holds_odd_text(self.model_dump()):
            raise ValueError("it holds a control character or half of a surrogate pair")
        return self


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call."""

    principal: Principal
    services: Services

    @property
    def scope(self) -> Scope:
        """The clients that the caller may see."""
        return self.principal.scope

    def require(self, action: Action, *, client: str | None = None) -> None:
        """Go on if the caller may do this to a thing of ``client``, or to the installation.

        Raises:
            RefusedError: not allowed.
            NotFoundError: the client is outside the caller's scope.
        """
        permit(self.principal, action, Target(client=client)).require()


def _call(request: Request) -> Call:
    return Call(request.state.principal, request.app.state.services)


Caller = Annotated[Call, Depends(_call)]


def route(
    router: APIRouter, method: str, path: str, *actions: Action, status: int = 200
) -> Callable[[Handler], Handler]:
    """Register a handler with what it does; handlers run in a thread and may wait for the database."""

    def register(handler: Handler) -> Handler:
        marked = declares(*actions)(handler)
        router.add_api_route(path, marked, methods=[method], status_code=status, response_model=None)
        return marked

    return register


def lasting(seconds: int) -> timedelta:
    """Return a duration given in seconds.

    Raises:
        InputError: longer than any life of anything.
    """
    try:
        return timedelta(seconds=seconds)
    except OverflowError as error:
        raise InputError("expires_s: too long") from error
