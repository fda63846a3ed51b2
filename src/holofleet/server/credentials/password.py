"""Passwords that we make, and the digest under which they are kept.

A password has 24 letters of a 32-letter alphabet: 120 random bits, written in groups so that a person can type
it into a headset. It is far beyond guessing, so a keyed digest is enough and no slow hash is needed; the key
lies outside the database.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

ALPHABET = "abcdefghjkmnpqrstuvwxyz123456789"
"""No letter that looks like another: neither i, l and o, nor zero."""
LETTERS = 24
GROUP = 6
HANDLE_LETTERS = 10
DOMAIN = "holofleet.internal"
"""Top of the user names; a name that public DNS will never have (ICANN reserved ``internal`` in 2024)."""

_USERNAME = re.compile(rf"enroll-[{ALPHABET}]{{{HANDLE_LETTERS}}}@[!-?A-~]{{1,120}}\.{re.escape(DOMAIN)}\Z")


def make_password() -> str:
    """Return a new password, such as ``abcdef-ghjkmn-pqrstu-vwxyz1``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    return "-".join(letters[start : start + GROUP] for start in range(0, LETTERS, GROUP))


def make_username(deployment: str) -> str:
    """Return a new user name in the form of a UPN, which is also what the headset's discovery carries."""
    handle = "".join(secrets.choice(ALPHABET) for _ in range(HANDLE_LETTERS))
    return f"enroll-{handle}@{deployment}.{DOMAIN}"


def normal_username(text: str) -> str:
    """Return the one spelling of a user name: blanks around it and letter case do not count."""
    return text.strip().casefold()


def is_username(text: str) -> bool:
    """Whether a normal user name has the form of one that was made here: others need not be looked up."""
    return _USERNAME.match(text) is not None


def digest(key: bytes, username: str, password: str) -> str:
    """Return what is stored: HMAC-SHA-256 over user name and password, hyphens and letter case aside."""
    bare = password.strip().replace("-", "").casefold()
    message = f"{normal_username(username)}\x00{bare}"
    return hmac.new(key, message.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
