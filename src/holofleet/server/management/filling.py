"""What fills the variables of settings on one headset, and how a secret gets from its source into a message.

A secret's value exists in two places only: its source, and the bytes of the message that carries it. While a
message is composed a mark stands in its place; the answer that is stored for a repetition keeps the marks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from holofleet.protocols.xml import escape
from holofleet.server.management.prepared import SECRET, PreparedSetting, for_xml
from holofleet.server.ports import SecretResolver

_SEPARATOR = b"\x1f"
"""Parts the list of marks from the body of a stored answer; it cannot occur in XML."""


@dataclass
class Filling:
    """Values of variables for one headset and one message.

    Args:
        variables: Values by name, from the published fleet.
        resolver: Where secrets come from.
        seed: A text that no other message shares; marks are made from it.
    """

    variables: Mapping[str, str]
    resolver: SecretResolver
    seed: str
    marks: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def fingerprint(self, need: str) -> str | None:
        """Return what tells one value from another, or ``None`` if there is no value now."""
        if need.startswith(SECRET):
            return self.resolver.fingerprint(need.removeprefix(SECRET))
        value = self.variables.get(need)
        return None if value is None else hashlib.sha256(value.encode()).hexdigest()[:16]

    def complete(self, setting: PreparedSetting) -> bool:
        """Tell whether everything that the setting needs has a value now."""
        return all(self.fingerprint(need) is not None for need in setting.needs)

    def expected(self, setting: PreparedSetting) -> str | None:
        """Return the value that the setting shall have, or ``None`` if a secret is in it or a value is missing."""
        if any(need.startswith(SECRET) for need in setting.needs):
            return None
        return setting.fill(self.variables)

    def marked(self, setting: PreparedSetting) -> str | None:
        """Return the data to send, with marks where secrets go, or ``None`` if a value is missing."""
        values = dict(self.variables)
        for need in setting.needs:
            if need.startswith(SECRET):
                values[need] = self._mark(need, setting.in_xml)
        return setting.fill(values)

    def seal(self, body: bytes) -> bytes:
        """Return the body with its list of marks in front, as it is stored."""
        listed = {mark: [need, in_xml] for mark, (need, in_xml) in self.marks.items()}
        return json.dumps(listed, sort_keys=True).encode() + _SEPARATOR + body

    def _mark(self, need: str, in_xml: bool) -> str:
        digest = hashlib.sha256(f"{self.seed}\x1f{need}\x1f{in_xml}".encode()).hexdigest()[:32]
        mark = f"hf{digest}fh"
        self.marks[mark] = (need, in_xml)
        return mark


def unseal(stored: bytes, resolver: SecretResolver) -> bytes | None:
    """Return the bytes that leave for a stored body, or ``None`` if a secret in it has no value any more."""
    listed, _, body = stored.partition(_SEPARATOR)
    if listed == b"{}":
        return body
    for mark, (need, in_xml) in json.loads(listed).items():
        value = resolver.value(need.removeprefix(SECRET))
        if value is None:
            return None
        body = body.replace(mark.encode(), escape(for_xml(value) if in_xml else value).encode())
    return body
