"""Policy XML to values: what the compiler knows is read, everything else is refused by name and line."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import TypeVar

from holofleet.formats.app_control import options, texts
from holofleet.formats.app_control.error import AppControlError
from holofleet.formats.app_control.model import (
    EVERY,
    NO_MINIMUM_HASH,
    NONE,
    FileRule,
    Policy,
    RootKind,
    RuleKind,
    Scenario,
    Setting,
    Signer,
    SignerRef,
    Signers,
    Version,
)
from holofleet.formats.app_control.names import GENERIC_KINDS, GROUPS, KINDS, TEXTS, full
from holofleet.formats.app_control.rules import faults
from holofleet.formats.markup import Element, MarkupError
from holofleet.formats.markup import parse as parse_markup

MAX_BYTES = 4 << 20
"""The vendor's list of vulnerable drivers is XML of about a megabyte."""

_MACRO = re.compile(r"\$\(([A-Za-z_][A-Za-z_0-9.]*)\)")
_MACROS = re.compile(r"(?:\$\([A-Za-z_][A-Za-z_0-9.]*\))+\Z")
_ROOT_PARTS = (
    "VersionEx",
    "PolicyTypeID",
    "PolicyID",
    "BasePolicyID",
    "PlatformID",
    "Rules",
    "EKUs",
    "FileRules",
    "Signers",
    "SigningScenarios",
    "UpdatePolicySigners",
    "CiSigners",
    "SupplementalPolicySigners",
    "HvciOptions",
    "Settings",
    "Macros",
)
_TYPES = {"": False, "Base Policy": False, "Supplemental Policy": True}
_RULE_ATTRIBUTES = (
    {"ID", "FriendlyName", "PackageVersion", "MinimumFileVersion", "MaximumFileVersion"}
    | {"Hash", "AppIDs", "Type"}
    | TEXTS.keys()
)
_T = TypeVar("_T")


def parse(text: str | bytes) -> Policy:
    """Read a policy.

    Raises:
        AppControlError: not XML, not this schema, an id that is missing or there twice, content that is not
            compiled here (app settings, tagging), or a value that
            :func:`~holofleet.formats.app_control.faults` refuses.
    """
    try:
        root = parse_markup(text, limit=MAX_BYTES)
    except MarkupError as error:
        raise AppControlError((f"{error.summary}.",)) from error
    reader = _Reader()
    policy = reader.read(root)
    found = tuple(reader.faults) or faults(policy)
    if found:
        raise AppControlError(found)
    return policy


class _Reader:
    """Collects faults while it reads; its values mean something only when there are none."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._macros: dict[str, str] = {}
        self._places: dict[str, dict[str, int]] = {"EKU": {}, "rule": {}, "signer": {}, "scenario": {}}

    def _fault(self, element: Element, text: str) -> None:
        self.faults.append(f"Line {element.line}: {text}")

    def _attributes(self, element: Element, *allowed: str) -> None:
        # Attributes with a namespace, such as a schema's location, are not the policy's.
        unknown = sorted(key for key in element.attributes if not key.startswith("{") and key not in allowed)
        if unknown:
            self._fault(element, f"{element.local} has attributes that are not read here: {', '.join(unknown)}.")

    def _only(self, parent: Element, *allowed: str) -> None:
        if parent.text.strip():
            self._fault(parent, f"{parent.local} holds text, which means nothing there.")
        names = [full(local) for local in allowed]
        for child in parent.children:
            if child.name not in names:
                self._fault(child, f"{child.local} in {parent.local} is not read here.")

    def _part(self, parent: Element, local: str) -> Element | None:
        found = parent.all(full(local))
        if len(found) > 1:
            self._fault(found[1], f"{local} is there twice.")
        return found[0] if found else None

    def _list(self, parent: Element, local: str, *items: str) -> list[Element]:
        part = self._part(parent, local)
        if part is None:
            return []
        self._only(part, *items)
        return [child for child in part.children if child.local in items]

    def _value(self, element: Element, read: Callable[[str], _T], text: str, default: _T) -> _T:
        try:
            return read(text.strip())
        except ValueError as error:
            self._fault(element, f"{element.local}: {error}.")
            return default

    def _attribute(self, element: Element, name: str, read: Callable[[str], _T], default: _T) -> _T:
        text = element.attributes.get(name)
        return default if text is None else self._value(element, read, text, default)

    def _needed(self, element: Element, name: str, read: Callable[[str], _T], default: _T) -> _T:
        if name not in element.attributes:
            self._fault(element, f"{element.local} has no {name}.")
        return self._attribute(element, name, read, default)

    def _name(self, element: Element, kind: str) -> str:
        """Take up the id of an element that others refer to."""
        name, places = element.attributes.get("ID", ""), self._places[kind]
        if not name or name in places:
            self._fault(element, f"{element.local} has no ID." if not name else f"the ID {name} is there twice.")
        places[name] = len(places)
        return name

    def _place(self, element: Element, attribute: str, kind: str) -> int:
        self._attributes(element, attribute)
        name = element.attributes.get(attribute, "")
        if name not in self._places[kind]:
            self._fault(element, f"{element.local} refers to {name or 'nothing'}, which is no {kind} here.")
        return self._places[kind].get(name, 0)

    def read(self, root: Element) -> Policy:
        nobody = uuid.UUID(int=0)
        if root.name != full("SiPolicy"):
            self._fault(root, f"the root is {root.local}, not SiPolicy of {full('')[1:-1]}.")
            return Policy(nobody, nobody)
        self._only(root, *_ROOT_PARTS)
        kind = root.attributes.get("PolicyType", "")
        if kind not in _TYPES:
            self._fault(root, f"PolicyType {kind} is not compiled here.")
        self._attributes(root, "PolicyType", "FriendlyName")
        self._read_macros(root)
        policy_id, base_id = self._ids(root)
        chosen, more = self._options(root)
        ekus = tuple(self._eku(e) for e in self._list(root, "EKUs", "EKU"))
        rules = tuple(self._rule(e) for e in self._list(root, "FileRules", *KINDS, "FileRule"))
        signers = tuple(self._signer(e) for e in self._list(root, "Signers", "Signer"))
        return Policy(
            policy_id=policy_id,
            base_id=base_id,
            version=self._text_of(root, "VersionEx", Version.parse, NONE),
            platform_id=self._text_of(root, "PlatformID", texts.guid, nobody),
            supplemental=_TYPES.get(kind, False),
            options=chosen,
            ekus=ekus,
            file_rules=rules,
            signers=signers,
            update_signers=self._signer_list(root, "UpdatePolicySigner"),
            ci_signers=self._signer_list(root, "CiSigner"),
            supplemental_signers=self._signer_list(root, "SupplementalPolicySigner"),
            scenarios=self._scenarios(root),
            hvci=self._text_of(root, "HvciOptions", texts.u32, 0) if root.all(full("HvciOptions")) else 0,
            settings=(*(self._setting(e) for e in self._list(root, "Settings", "Setting")), *more),
        )

    def _text_of(self, root: Element, local: str, read: Callable[[str], _T], default: _T) -> _T:
        part = self._part(root, local)
        if part is None:
            self._fault(root, f"there is no {local}.")
            return default
        return self._value(part, read, part.text, default)

    def _ids(self, root: Element) -> tuple[uuid.UUID, uuid.UUID]:
        nobody = uuid.UUID(int=0)
        if root.all(full("PolicyTypeID")) and not root.all(full("PolicyID")):
            own = self._text_of(root, "PolicyTypeID", texts.guid, nobody)
            return own, own
        own = self._text_of(root, "PolicyID", texts.guid, nobody)
        return own, self._text_of(root, "BasePolicyID", texts.guid, own)

    def _options(self, root: Element) -> tuple[frozenset[str], tuple[Setting, ...]]:
        chosen: set[str] = set()
        for rule in self._list(root, "Rules", "Rule"):
            self._attributes(rule)
            self._only(rule, "Option")
            option = self._part(rule, "Option")
            text = option.text.strip() if option is not None else ""
            if text not in options.BITS and text != options.CERTIFICATE_REMAPPING:
                self._fault(rule, f"the option {text!r} is not known (its spelling counts).")
            chosen.add(text)
        if options.CERTIFICATE_REMAPPING not in chosen:
            return frozenset(chosen), ()
        name = "DisabledDefaultWindowsCertificateRemappingValueName"
        remapping = Setting("Microsoft", "PolicySettings", name, True)
        return frozenset(chosen - {options.CERTIFICATE_REMAPPING}), (remapping,)

    def _eku(self, element: Element) -> bytes:
        self._attributes(element, "ID", "Value", "FriendlyName", "OID")
        self._name(element, "EKU")
        return self._needed(element, "Value", texts.binary, b"")

    def _rule(self, element: Element) -> FileRule:
        self._attributes(element, *_RULE_ATTRIBUTES)
        self._only(element)
        name, given = self._name(element, "rule"), element.attributes
        if element.local == "FileRule":
            kind = GENERIC_KINDS.get(given.get("Type", ""))
            if kind is None:
                self._fault(element, f"{given.get('Type')!r} is no type of a FileRule.")
        else:
            kind = KINDS[element.local]
        unversioned = not {"MinimumFileVersion", "MaximumFileVersion"} & given.keys()
        return FileRule(
            kind=RuleKind.DENY if kind is None else kind,
            **{field: given.get(attribute, "") for attribute, field in TEXTS.items()},
            hash=self._attribute(element, "Hash", texts.binary, b""),
            minimum=EVERY
            if kind is RuleKind.DENY and unversioned
            else self._attribute(element, "MinimumFileVersion", Version.parse, NONE),
            maximum=self._attribute(element, "MaximumFileVersion", Version.parse, NONE),
            package_version=self._attribute(element, "PackageVersion", Version.parse, NONE),
            app_ids=self._app_ids(element),
            id=name,
            friendly_name=given.get("FriendlyName", ""),
        )

    def _app_ids(self, element: Element) -> tuple[str, ...]:
        """One literal, or the values of macros: ``$(one)$(two)``."""
        text = element.attributes.get("AppIDs", "")
        if not text.startswith("$"):
            return (text,) if text else ()
        if not _MACROS.match(text):
            self._fault(element, f"AppIDs is {text!r}: macros and text cannot be mixed.")
        names = _MACRO.findall(text)
        missing = [name for name in names if name not in self._macros]
        if missing:
            self._fault(element, f"there is no macro {missing[0]}.")
        return tuple(self._macros.get(name, "") for name in names)

    def _read_macros(self, root: Element) -> None:
        for element in self._list(root, "Macros", "Macro"):
            self._attributes(element, "Id", "Value")
            name = element.attributes.get("Id", "")
            if name in self._macros or not _MACRO.fullmatch(f"$({name})"):
                self._fault(element, f"the macro {name!r} is there twice, or has no name that can be used.")
            self._macros[name] = element.attributes.get("Value", "")

    def _signer(self, element: Element) -> Signer:
        self._attributes(element, "ID", "Name", "SignTimeAfter")
        self._only(element, "CertRoot", "CertEKU", "CertIssuer", "CertPublisher", "CertOemID", "FileAttribRef")
        name = self._name(element, "signer")
        cert = self._part(element, "CertRoot")
        if cert is not None:
            self._attributes(cert, "Type", "Value")
        kind = cert.attributes.get("Type", "") if cert is not None else ""
        if cert is None or kind not in ("TBS", "Wellknown"):
            self._fault(element, "a Signer needs a CertRoot of Type TBS or Wellknown.")
        value = self._needed(cert, "Value", texts.binary, b"") if cert is not None else b""
        if kind == "Wellknown" and len(value) != 1:
            self._fault(element, f"a well-known root is one byte, not {len(value)}.")
        known = kind == "Wellknown"
        return Signer(
            RootKind.WELL_KNOWN if known else RootKind.TBS,
            tbs=b"" if known else value,
            well_known=int.from_bytes(value[:1], "little") if known else 0,
            ekus=tuple(self._place(e, "ID", "EKU") for e in element.all(full("CertEKU"))),
            issuer=self._text_in(element, "CertIssuer"),
            publisher=self._text_in(element, "CertPublisher"),
            oem_id=self._text_in(element, "CertOemID"),
            attributes=tuple(self._place(e, "RuleID", "rule") for e in element.all(full("FileAttribRef"))),
            sign_time_after=self._attribute(element, "SignTimeAfter", texts.filetime, 0),
            id=name,
            name=element.attributes.get("Name", ""),
        )

    def _text_in(self, element: Element, local: str) -> str:
        part = self._part(element, local)
        if part is None:
            return ""
        self._attributes(part, "Value")
        return part.attributes.get("Value", "")

    def _signer_list(self, root: Element, item: str) -> tuple[int, ...]:
        return tuple(self._place(e, "SignerId", "signer") for e in self._list(root, f"{item}s", item))

    def _scenarios(self, root: Element) -> tuple[Scenario, ...]:
        elements = self._list(root, "SigningScenarios", "SigningScenario")
        for element in elements:
            self._name(element, "scenario")
        return tuple(self._scenario(element) for element in elements)

    def _scenario(self, element: Element) -> Scenario:
        self._attributes(element, "ID", "FriendlyName", "Value", "InheritedScenarios", "MinimumHashAlgorithm")
        self._only(element, *GROUPS)
        groups = [self._part(element, local) for local in GROUPS]
        if groups[0] is None:
            self._fault(element, "a SigningScenario needs ProductSigners.")
        product, test, test_signing = (self._group(e) if e is not None else Signers() for e in groups)
        return Scenario(
            value=self._needed(element, "Value", texts.u8, 0),
            product=product,
            test=test,
            test_signing=test_signing,
            inherited=tuple(self._inherited(element)),
            minimum_hash=self._attribute(element, "MinimumHashAlgorithm", texts.u16, 0) or NO_MINIMUM_HASH,
            id=element.attributes.get("ID", ""),
            friendly_name=element.attributes.get("FriendlyName", ""),
        )

    def _inherited(self, element: Element) -> Iterator[int]:
        for name in filter(None, map(str.strip, element.attributes.get("InheritedScenarios", "").split(","))):
            if name not in self._places["scenario"]:
                self._fault(element, f"the inherited scenario {name} is not here.")
            yield self._places["scenario"].get(name, 0)

    def _group(self, element: Element) -> Signers:
        self._only(element, "AllowedSigners", "DeniedSigners", "FileRulesRef")
        allowed = self._list(element, "AllowedSigners", "AllowedSigner")
        denied = self._list(element, "DeniedSigners", "DeniedSigner")
        rules = self._list(element, "FileRulesRef", "FileRuleRef")
        return Signers(
            tuple(self._ref(e, "ExceptDenyRule", "DenyRuleID") for e in allowed),
            tuple(self._ref(e, "ExceptAllowRule", "AllowRuleID") for e in denied),
            tuple(self._place(e, "RuleID", "rule") for e in rules),
        )

    def _ref(self, element: Element, exception: str, attribute: str) -> SignerRef:
        self._only(element, exception)
        excepted = tuple(self._place(e, attribute, "rule") for e in element.all(full(exception)))
        return SignerRef(self._place(element, "SignerId", "signer"), excepted)

    def _setting(self, element: Element) -> Setting:
        self._attributes(element, "Provider", "Key", "ValueName")
        provider, key, name = (element.attributes.get(key, "") for key in ("Provider", "Key", "ValueName"))
        if not (provider and key and name):
            self._fault(element, "a Setting needs Provider, Key and ValueName.")
        part = self._part(element, "Value")
        value: bool | int | bytes | str = ""
        if part is None or len(part.children) != 1 or part.children[0].local not in _VALUES:
            self._fault(element, "a Setting needs one Value: a Boolean, DWord, Binary or String.")
        elif part.children[0].local == "String":
            value = part.children[0].text
        else:
            value = self._value(part, _VALUES[part.children[0].local], part.children[0].text, value)
        return Setting(provider, key, name, value)


_VALUES: dict[str, Callable[[str], bool | int | bytes | str]] = {
    "Boolean": texts.boolean,
    "DWord": texts.u32,
    "Binary": texts.binary,
    "String": str,
}
