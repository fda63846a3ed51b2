"""Policies of one's own: files that the fleet file names, and raw settings of the node.

All of them pass the same guards: they can be read, their id is the one of their node, no two have one id, and none
could leave a headset unusable.
"""

from __future__ import annotations

import base64
import re
import uuid

from holofleet.desired.sheet import Sheet
from holofleet.diagnostics import Position
from holofleet.formats import app_control as wdac
from holofleet.resources import normal_uri

_NODE = "./Device/Vendor/MSFT/ApplicationControl/Policies/{}/Policy"
_RAW = re.compile(re.escape(_NODE).replace(r"\{\}", "([^/]+)") + r"\Z", re.IGNORECASE)
_FILE, _FILES, _SETTINGS = "app_control.policy_file", "app_control.policies", "settings"
_RULE = "compile/app-control"
_SIGNED = "A signed policy cannot simply be taken away. Deliver it unsigned, with the option for that."


class Policies:
    """The policies of one variant; knows which ids are taken, and by which key."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._taken: dict[str, str] = {}

    def state(self, policy_id: uuid.UUID, binary: bytes, key: str, *, at: Position | None = None) -> None:
        """State a compiled policy that has passed the guards."""
        if len(binary) > wdac.MAX_BYTES:
            limit = f"{len(binary):,} bytes; {wdac.MAX_BYTES:,} are possible"
            self._fault(f"{key}: the policy {policy_id} is too large", limit, "Part it into several.", at)
        elif not self._second(str(policy_id), key, at):
            self._sheet.node(_NODE.format(policy_id), base64.b64encode(binary).decode(), key=key)

    def files(self) -> None:
        """State the policies of files."""
        wanted = self._sheet.wanted
        one = wanted.value(_FILE)
        if one is not None:
            self._file(one, _FILE, wanted.origin(_FILE).position)
        for place, name in enumerate(wanted.value(_FILES) or ()):
            self._file(name, _FILES, wanted.entry(_FILES, place))

    def raw_settings(self) -> None:
        """Check the raw settings that are policies; they are stated elsewhere."""
        for place, entry in enumerate(self._sheet.wanted.value(_SETTINGS) or ()):
            match = _RAW.match(normal_uri(entry.oma_uri))
            value = str(entry.value)
            if match is None or "{{" in value:
                continue
            at = self._sheet.wanted.entry(_SETTINGS, place)
            read = self._read(value.encode(), f"the raw setting for {entry.oma_uri}", at)
            if read is None:
                continue
            if str(read[0]) != match[1].lower():
                self._fault(
                    f"the raw setting for {entry.oma_uri} holds the policy {read[0]}",
                    "",
                    "Write the id of the policy into the URI; headsets refuse another.",
                    at,
                )
            self._second(match[1].lower(), _SETTINGS, at)

    def _file(self, name: str, key: str, at: Position | None) -> None:
        data = self._sheet.wanted.spec.attachment(name)
        if data is None:
            self._sheet.undelivered(key, f"the policy `{name}` is not beside the fleet file")
            return
        read = self._read(data, f"{key}: `{name}`", at)
        if read is not None:
            self.state(*read, key, at=at)

    def _read(self, data: bytes, what: str, at: Position | None) -> tuple[uuid.UUID, bytes] | None:
        """Return the id and the binary of a policy; nothing where a guard stops it."""
        try:
            policy, binary = wdac.read_any(data)
        except wdac.AppControlError as error:
            self._fault(f"{what}: the app control policy cannot be used", error.detail, error.mend, at)
            return None
        found = [(danger.summary, danger.mend) for danger in wdac.dangers(policy)]
        if binary is not None and binary.signed:
            found.append(("it is signed", _SIGNED))
        for summary, mend in found:
            self._fault(f"{what}: {summary}", "", mend, at)
        if found:
            return None
        compiled = wdac.compile_policy(policy, ties=wdac.Ties.POWERSHELL) if binary is None else binary.data
        return policy.policy_id, compiled

    def _second(self, policy_id: str, key: str, at: Position | None) -> bool:
        """Refuse a second policy of an id: only one of the two could be on a headset."""
        other = self._taken.get(policy_id)
        if other is None:
            self._taken[policy_id] = key
            return False
        self._sheet.fault(
            "compile/owned-node",
            f"{key}: the policy {policy_id} is there already, from the key {other}",
            mend="Give one of them an id of its own, in PolicyID and BasePolicyID, or take it out.",
            at=at,
        )
        return True

    def _fault(self, summary: str, detail: str, mend: str, at: Position | None) -> None:
        self._sheet.fault(_RULE, summary, detail, mend, at=at)
