"""Why somebody was not signed in. People see one sentence for all of it; the word is for log and tests."""

from __future__ import annotations

from enum import StrEnum

from holofleet.errors import RefusedError


class Why(StrEnum):
    """The reason, as it stands in the server's log."""

    ATTEMPT = "attempt"
    """Unknown, used, too old, or begun in another browser."""
    STATE = "state"
    ISSUER = "issuer"
    DENIED = "denied"
    """The provider said no, or the person did."""
    EXCHANGE = "exchange"
    """The provider did not give a token for the code, or could not be asked."""
    TOKEN = "token"  # noqa: S105 - a reason, not a secret
    NONCE = "nonce"
    NOT_FRESH = "not-fresh"
    SOMEBODY_ELSE = "somebody-else"
    LEFT = "left"
    TAKEN = "taken"
    """That sign-in or passkey belongs to somebody already."""
    PASSKEY = "passkey"
    CODE = "code"
    INVITATION = "invitation"


class SignInFailedError(RefusedError):
    """Nobody was signed in and nothing was changed."""

    def __init__(self, why: Why, note: str = "") -> None:
        super().__init__(
            "this sign-in did not succeed",
            detail="Nobody was signed in, and nothing was changed.",
            mend="Go back to the sign-in page and start again.",
        )
        self.why = why
        self.note = note
