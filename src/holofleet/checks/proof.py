"""What headsets' documents and reports say about the nodes of a rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from holofleet import catalog
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced
from holofleet.checks.standing import Word
from holofleet.resources import Document, Headset, Setting, State, Undelivered

_VARIABLE = re.compile(r"\{\{\s*(serial|account)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What documents and reports prove about a deployment. ``against``: serials that report another value."""

    word: Word
    why: str = ""
    evidence: str = ""
    against: tuple[str, ...] = ()


class Proof:
    """Looks nodes up in what headsets shall have (``desired``) and what they said (``reported``).

    Where many headsets want and say the same, one may stand for all: ``alike`` says how many it stands for, itself
    included; a headset that is not in it stands for itself.
    """

    def __init__(
        self, desired: State | None, reported: State | None, alike: Mapping[str, int] | None = None
    ) -> None:
        if reported is not None and desired is None:
            raise ValueError("reports prove nothing without the desired state that they are compared with")
        self._desired = desired
        self._alike = alike or {}
        self._reported = reported
        self._reports = reported.headsets if reported is not None else {}
        self._headsets: dict[str, list[Headset]] = {}
        self._undelivered: dict[str, list[Undelivered]] = {}
        for headset in desired.headsets.values() if desired is not None else ():
            self._headsets.setdefault(headset.deployment, []).append(headset)
        for item in desired.undelivered if desired is not None else ():
            self._undelivered.setdefault(item.deployment, []).append(item)

    def of(self, case: Case, nodes: tuple[Enforced, ...]) -> Verdict:
        """Judge the nodes that the file asks for in a deployment."""
        asked = tuple(node for node in nodes if any(case.value(key) is not None for key in node.keys))
        if not asked:
            return Verdict(Word.MET)  # the file is in order without any of them, so nothing is to be reported
        if self._desired is None:
            return Verdict(Word.WAITING, "waits for reports of the headsets")
        for node in asked:
            held_back = self._held_back(case, node)
            if held_back:
                return Verdict(Word.NOT_MET, f"not delivered: {held_back}")
        headsets = self._headsets.get(case.name, [])
        if not headsets:
            return Verdict(Word.WAITING, "waits for headsets: the deployment has none")
        return self._count(case, asked, headsets)

    def _held_back(self, case: Case, node: Enforced) -> str:
        for item in self._undelivered.get(case.name, ()):
            if item.target in ("all", case.target) and any(
                key == item.key or key.startswith(item.key + ".") for key in node.keys
            ):
                return item.reason
        return ""

    def _count(self, case: Case, asked: tuple[Enforced, ...], headsets: list[Headset]) -> Verdict:
        told: dict[tuple[str, Enforced], Setting | None] = {}
        silent = differing = total = 0
        against = []
        for headset in headsets:
            wanted = []
            for node in asked:
                key = (headset.document, node)
                if key not in told:
                    told[key] = _setting(self._document(headset.document), case.spec.model.tenant.id, node)
                setting = told[key]
                if setting is None:
                    return Verdict(Word.NOT_MET, f"no document of headset {headset.serial} holds {node.oma_uri}")
                wanted.append(setting)
            answers = [self._answer(headset, setting) for setting in wanted]
            number = self._alike.get(headset.serial, 1)
            total += number
            if False in answers:
                differing += number
                against.append(headset.serial)
            elif None in answers:
                silent += number
        agreeing = total - silent - differing
        evidence = f"{agreeing} of {total} headsets reported it" if self._reported is not None else ""
        if differing:
            why = f"{differing} of {total} headsets report another value"
            return Verdict(Word.NOT_MET, why, evidence, tuple(against))
        if silent:
            return Verdict(Word.WAITING, f"waits for reports of {silent} of {total} headsets", evidence)
        return Verdict(Word.MET, "", evidence)

    def _document(self, key: str) -> Document:
        assert self._desired is not None
        return self._desired.documents[key]

    def _answer(self, headset: Headset, wanted: Setting) -> bool | None:
        """Tell whether the headset reported the value; ``None`` when it said nothing that can be compared."""
        report = self._reports.get(headset.serial)
        if self._reported is None or report is None or wanted.secrets:
            return None
        said = self._reported.documents[report.document].by_uri.get(wanted.oma_uri)
        if said is None:
            return None
        data = _VARIABLE.sub(lambda match: headset.variables.get(match[1], match[0]), wanted.data)
        if data == said.data:
            return True
        node = catalog.nodes().find(wanted.oma_uri)
        return node is not None and node.equal(data, said.data)


def _setting(document: Document, tenant: str, node: Enforced) -> Setting | None:
    uri = node.oma_uri.replace("{TenantId}", tenant)
    if "{" not in uri:
        return document.by_uri.get(uri)
    pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(uri)) + r"\Z")
    return next((setting for key, setting in document.by_uri.items() if pattern.match(key)), None)
