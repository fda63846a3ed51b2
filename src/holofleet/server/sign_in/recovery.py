"""Recovery codes: ten, each opens one session once.

120 random bits each, so that a keyed digest is enough (the pepper lies outside the database), a code alone says
whose it is, and guessing is hopeless: no name is asked, so none can be tried out (SECURITY DIR-2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

COUNT = 10
_BYTES = 15
_GROUP = 4
_TEXT = re.compile(r"[A-Z2-7]{24}\Z")
_MISREAD = str.maketrans("018", "OIB")


def make_code() -> str:
    """Return a new code: 24 letters and digits in groups of four."""
    text = base64.b32encode(secrets.token_bytes(_BYTES)).decode("ascii")
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def code_digest(typed: str, pepper: bytes) -> str | None:
    """Return what is stored of a code as somebody typed it; ``None`` for what can be no code."""
    text = re.sub(r"[\s-]", "", typed[:200]).upper().translate(_MISREAD)
    if not _TEXT.match(text):
        return None
    return hmac.new(pepper, b"recovery code\x00" + text.encode("ascii"), hashlib.sha256).hexdigest()
