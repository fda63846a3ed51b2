"""The decision: :func:`permit`, and what it decides about.

permit(principal, Action.ORDER_WIPE, Target.of_client("fabrikam")).require()
"""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.errors import NotFoundError, RefusedError
from holofleet.server.authorization.action import Action, Reach
from holofleet.server.authorization.principal import Principal, PrincipalKind
from holofleet.server.authorization.table import FRESH, OF_KIND, OF_ROLE, WITH_ROLES


class FreshSignInError(RefusedError):
    """The person may do this, but has to prove first that they are there."""

    def __init__(self) -> None:
        super().__init__("this needs a fresh sign-in", mend="Prove again that it is you, then go on.")


@dataclass(frozen=True, slots=True)
class Target:
    """What an act is about.

    Args:
        client: The client whose thing it is; ``None`` where no single client is meant.
        enrollment: The enrollment, for what a headset does itself.
    """

    client: str | None = None
    enrollment: str | None = None

    @classmethod
    def of_client(cls, client: str) -> Target:
        """Return the target for a thing of one client."""
        return cls(client=client)

    @classmethod
    def installation(cls) -> Target:
        """Return the target for the installation itself, and for lists that the store filters."""
        return cls()


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed or not, and why not, in a sentence for a person.

    ``foreign`` marks a refusal that must look like "there is no such thing" (SECURITY ISO-2). ``stale`` marks what
    is allowed once the person has proved again that they are there (WIPE-2): pages offer it, services do not do
    it.
    """

    allowed: bool
    reason: str = ""
    foreign: bool = False
    stale: bool = False

    def require(self) -> None:
        """Return if allowed now.

        Raises:
            FreshSignInError: Allowed, once the person has proved again that they are there.
            NotFoundError: The target belongs to a client outside the principal's scope.
            RefusedError: The principal may not do this.
        """
        if self.stale:
            raise FreshSignInError
        self.require_role()

    def require_role(self) -> None:
        """Return if allowed, now or after a fresh sign-in: for whoever only shows what could be done.

        Raises:
            NotFoundError, RefusedError: As :meth:`require`.
        """
        if self.allowed:
            return
        if self.foreign:
            raise nothing_here()
        raise RefusedError("this is not allowed", detail=self.reason)


def nothing_here() -> NotFoundError:
    """Return the one answer for what does not exist, is of a foreign client, or has not enrolled yet (ISO-2)."""
    return NotFoundError(
        "there is no such thing here",
        detail="It is unknown, not yours to see, or a headset that has not enrolled yet.",
    )


_ALLOWED = Decision(allowed=True)
_STALE = Decision(allowed=True, stale=True)
_FOREIGN = Decision(allowed=False, reason="the client is outside the scope", foreign=True)


def permit(principal: Principal, action: Action, target: Target) -> Decision:
    """Decide whether a principal may do an act on a target; what no table row allows is refused.

    Decide at the time of use, on each request: a role or a session that was withdrawn counts at once.
    """
    decision = _by_role(principal, action, target)
    return _STALE if decision.allowed and principal.stale and action in FRESH else decision


def _by_role(principal: Principal, action: Action, target: Target) -> Decision:
    if not _has(principal, action):
        return Decision(allowed=False, reason=f"{principal.actor} may not {action}")
    reach = action.reach
    if reach is Reach.SELF:
        return _decide_self(principal, action, target)
    if reach is Reach.INSTALLATION and not principal.scope.is_every:
        return Decision(
            allowed=False, reason=f"{action} concerns the whole fleet; {principal.actor} is limited to a part"
        )
    if reach is Reach.CLIENT and principal.scope.is_narrowed:
        return Decision(
            allowed=False, reason=f"{action} concerns a whole client; {principal.actor} is limited to a part"
        )
    if target.client is not None:
        return _ALLOWED if principal.scope.includes(target.client) else _FOREIGN
    if reach in (Reach.CLIENT, Reach.PLACED):
        return Decision(allowed=False, reason=f"{action} was asked without naming whose thing it is")
    return _ALLOWED


def _has(principal: Principal, action: Action) -> bool:
    if action in OF_KIND.get(principal.kind, frozenset()):
        return True
    if principal.kind not in WITH_ROLES:
        return False
    return any(action in OF_ROLE.get(role, frozenset()) for role in principal.roles)


def _decide_self(principal: Principal, action: Action, target: Target) -> Decision:
    if action is Action.CHECK_IN:
        own = principal.kind is PrincipalKind.HEADSET and target.enrollment == principal.name != ""
        return _ALLOWED if own else Decision(allowed=False, reason="a headset checks in for itself only")
    return _ALLOWED
