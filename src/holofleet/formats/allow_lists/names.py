"""Names as firewalls take them: exact, or everything below a name; and texts that may stand in a comment."""

from __future__ import annotations

import re

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*(?=[^.]*[a-z]){_LABEL}\Z")
_PORT = re.compile(r"(?:tcp|udp)/(?:[1-9][0-9]{0,4})\Z")
_LAST_PORT = 65535
_COMMENT = 400


def is_name(text: str) -> bool:
    """Tell whether a text is a host name; an address in numbers is none.

    >>> is_name("login.live.com"), is_name("10.0.0.1"), is_name("*.live.com"), is_name("a..b")
    (True, False, False, False)
    """
    return _NAME.match(text) is not None


def is_wildcard(text: str) -> bool:
    """Tell whether a text is ``*.`` and a host name of at least two labels: what most filters understand."""
    return text.startswith("*.") and is_name(text[2:]) and "." in text[2:]


def is_port(text: str) -> bool:
    """Tell whether a text is a port as lists write it: ``tcp/443``."""
    return _PORT.match(text) is not None and int(text[4:]) <= _LAST_PORT


def covers(wide: str, narrow: str) -> bool:
    """Tell whether a pattern lets everything through that another one does; equal ones cover each other.

    >>> covers("*.live.com", "login.live.com"), covers("*.live.com", "live.com"), covers("*.a.b", "*.c.a.b")
    (True, False, True)
    """
    if wide == narrow:
        return True
    return wide.startswith("*.") and narrow.removeprefix("*.").endswith(wide[1:])


def order(pattern: str) -> tuple[str, ...]:
    """Return the key that sorts names by what they belong to: ``a.live.com`` beside ``b.live.com``."""
    return tuple(reversed(pattern.split(".")))


def port_order(port: str) -> tuple[str, int]:
    """Return the key that sorts ports by protocol, then by number."""
    protocol, _, number = port.partition("/")
    return protocol, int(number)


def one_line(text: str, limit: int = _COMMENT) -> str:
    """Return a text for a comment of one line: what is no printable character is a space, a long text is cut.

    Foreign texts come here: line ends of every kind, controls and marks that turn the reading direction would
    otherwise end the comment, or show something else than what stands there. Two braces are taken apart: what
    follows them would be read as the reference of a secret.
    """
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    plain = plain.replace("{{", "{ {").replace("{{", "{ {")
    return plain if len(plain) <= limit else plain[: limit - 3].rstrip() + "..."
