"""Rules of dynamic membership: read once, then held against users or devices.

The form is that of Entra: ``(device.devicePhysicalIds -any _ -eq "[OrderID]:site")``, ``(user.userPrincipalName
-startsWith "HL-")``, joined by ``-and``, ``-or`` and ``-not``. Names and values compare without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from holofleet.emulator.message import bad

Test = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(r'\s*(?:(?P<string>"(?:[^"`]|`.)*")|(?P<word>-?[\w.]+)|(?P<sign>[()\[\],]))')
_DEVICE = {
    "devicephysicalids": "physicalIds",
    "devicemodel": "model",
    "devicemanufacturer": "manufacturer",
    "deviceostype": "operatingSystem",
    "deviceosversion": "operatingSystemVersion",
    "deviceownership": "deviceOwnership",
    "displayname": "displayName",
    "enrollmentprofilename": "enrollmentProfileName",
    "managementtype": "managementType",
    "accountenabled": "accountEnabled",
    "deviceid": "deviceId",
    "objectid": "id",
    "systemlabels": "systemLabels",
    "devicetrusttype": "trustType",
}
_USER = {
    name.casefold(): name
    for name in [
        "accountEnabled",
        "city",
        "companyName",
        "country",
        "department",
        "displayName",
        "employeeId",
        "employeeType",
        "jobTitle",
        "mail",
        "mailNickname",
        "state",
        "surname",
        "usageLocation",
        "userPrincipalName",
        "userType",
    ]
} | {"objectid": "id"}
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "-eq": lambda value, wanted: value == wanted,
    "-ne": lambda value, wanted: value != wanted,
    "-startswith": lambda value, wanted: value.startswith(wanted),
    "-notstartswith": lambda value, wanted: not value.startswith(wanted),
    "-endswith": lambda value, wanted: value.endswith(wanted),
    "-notendswith": lambda value, wanted: not value.endswith(wanted),
    "-contains": lambda value, wanted: wanted in value,
    "-notcontains": lambda value, wanted: wanted not in value,
    "-match": lambda value, wanted: re.search(wanted, value) is not None,
    "-notmatch": lambda value, wanted: re.search(wanted, value) is None,
}
MAX_LENGTH = 3072
"""Characters of a rule (vendor documentation)."""


@dataclass(frozen=True)
class Rule:
    """A rule that was read.

    Args:
        collection: ``users`` or ``devices``.
        matches: Says of an object's properties whether it is a member.
    """

    collection: str
    matches: Test


def parse_rule(text: str) -> Rule:
    """Read a rule.

    Raises:
        GraphError: 400: no rule, or one about users and devices at once.
    """
    if len(text) > MAX_LENGTH:
        raise bad(f"The membership rule is longer than {MAX_LENGTH} characters.", code="InvalidMembershipRule")
    parser = _Parser(text)
    test = parser.disjunction()
    parser.end()
    if len(parser.about) != 1:
        raise parser.wrong("it has to be about users or about devices")
    return Rule(f"{parser.about.pop()}s", test)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        self.about: set[str] = set()
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise self.wrong(f"syntax at position {position}")
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()

    def wrong(self, why: str) -> Exception:
        return bad(f"Invalid membership rule '{self._text}': {why}.", code="InvalidMembershipRule")

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise self.wrong(f"nothing was expected at '{self._peek()}'")

    def disjunction(self) -> Test:
        tests = [self._conjunction()]
        while self._take("-or") or self._take("or"):
            tests.append(self._conjunction())
        return lambda item: any(test(item) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._term()]
        while self._take("-and") or self._take("and"):
            tests.append(self._term())
        return lambda item: all(test(item) for test in tests)

    def _term(self) -> Test:
        if self._take("-not") or self._take("not"):
            negated = self._term()
            return lambda item: not negated(item)
        if self._take("("):
            inner = self.disjunction()
            self._expect(")")
            return inner
        name = self._property()
        if self._take("-any"):
            return self._any(name)
        operator = self._next()[1].casefold()
        if operator in ("-in", "-notin"):
            return self._in(name, negated=operator == "-notin")
        test = self._operator(operator)
        wanted = self._value()
        if wanted is None:
            return lambda item: (item.get(name) is None) is (operator == "-eq")
        return lambda item: test(_text(item.get(name)), wanted)

    def _any(self, name: str) -> Test:
        bracketed = self._take("(")
        if self._next()[1] != "_":
            raise self.wrong("'_' was expected behind -any")
        test = self._operator(self._next()[1].casefold())
        wanted = self._value() or ""
        if bracketed:
            self._expect(")")
        return lambda item: any(test(_text(member), wanted) for member in item.get(name) or ())

    def _in(self, name: str, *, negated: bool) -> Test:
        self._expect("[")
        wanted = {self._value()}
        while self._take(","):
            wanted.add(self._value())
        self._expect("]")
        return lambda item: (_text(item.get(name)) in wanted) is not negated

    def _property(self) -> str:
        kind, word = self._next()
        about, _, name = word.partition(".")
        known = {"user": _USER, "device": _DEVICE}.get(about.casefold(), {})
        if kind != "word" or name.casefold() not in known:
            raise self.wrong(f"'{word}' is no property of a user or device")
        self.about.add(about.casefold())
        return known[name.casefold()]

    def _operator(self, word: str) -> Callable[[str, str], bool]:
        if word not in _TESTS:
            raise self.wrong(f"'{word}' is no operator")
        return _TESTS[word]

    def _value(self) -> str | None:
        kind, text = self._next()
        if kind == "string":
            return re.sub(r"`(.)", r"\1", text[1:-1]).casefold()
        if text.casefold() in ("true", "false"):
            return text.casefold()
        if text.casefold() == "null":
            return None
        raise self.wrong(f"a value in quotation marks was expected at '{text}'")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self.wrong("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, word: str) -> bool:
        if self._peek().casefold() == word:
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self.wrong(f"'{sign}' was expected at '{self._peek()}'")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).casefold()
    return "" if value is None else str(value).casefold()
