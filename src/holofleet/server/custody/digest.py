"""What is kept in place of a badge, a code or a number: nothing that could be read back without the key."""

from __future__ import annotations

import hashlib
import hmac


def digest(key: bytes, purpose: str, text: str) -> str:
    """Return what is kept in place of a badge's or a headset's code."""
    return hmac.new(key, f"{purpose}\x00{text}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
