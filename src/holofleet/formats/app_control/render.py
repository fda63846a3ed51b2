"""Values to policy XML, always in the form for several policies (``PolicyID`` and ``BasePolicyID``)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from holofleet.formats.app_control import options
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
)
from holofleet.formats.app_control.names import GROUPS, KINDS, NAMESPACE, TEXTS
from holofleet.formats.markup import element, escape

_KIND_NAMES = {kind: name for name, kind in KINDS.items()}
_PREFIXES = {RuleKind.DENY: "ID_DENY_D", RuleKind.ALLOW: "ID_ALLOW_A", RuleKind.ATTRIBUTES: "ID_FILEATTRIB_F"}


def render(policy: Policy) -> str:
    """Return the XML of a policy, one line per part; the same policy always gives the same text.

    Ids that are missing or there twice are made from the place.

    Raises:
        ValueError: a text that XML cannot hold.
    """
    writer = _Writer(policy)
    attributes = {
        "xmlns": NAMESPACE,
        "PolicyType": "Supplemental Policy" if policy.supplemental else "Base Policy",
    }
    body = "".join(f"\n  {part}" for part in writer.parts())
    return f'<?xml version="1.0" encoding="utf-8"?>\n{element("SiPolicy", attributes, body + chr(10))}\n'


def _names(given: list[str], made: list[str]) -> list[str]:
    """Return names that differ all: the given ones where they do, else the made ones."""
    usable = all(given) and len(set(given)) == len(given)
    return given if usable else made


class _Writer:
    """Knows the names by which the parts of one policy refer to each other."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        rules, signers, scenarios = policy.file_rules, policy.signers, policy.scenarios
        made = [f"{_PREFIXES[rule.kind]}_{place + 1}" for place, rule in enumerate(rules)]
        self._rules = _names([rule.id for rule in rules], made)
        made = [f"ID_SIGNER_S_{place + 1}" for place in range(len(signers))]
        self._signers = _names([signer.id for signer in signers], made)
        made = [f"ID_SIGNINGSCENARIO_{scenario.value}_{place + 1}" for place, scenario in enumerate(scenarios)]
        self._scenarios = _names([scenario.id for scenario in scenarios], made)

        several = (text for rule in rules if _needs_macros(rule) for text in rule.app_ids)
        self._macros = {text: f"app.m{place + 1}" for place, text in enumerate(dict.fromkeys(several))}

    def parts(self) -> Iterator[str]:
        policy = self._policy
        yield element("VersionEx", content=str(policy.version))
        yield element("PolicyID", content=_braced(policy.policy_id))
        yield element("BasePolicyID", content=_braced(policy.base_id))
        yield element("PlatformID", content=_braced(policy.platform_id))
        chosen = sorted(policy.options, key=lambda text: options.BITS[text])
        yield _list("Rules", (element("Rule", content=element("Option", content=escape(o))) for o in chosen))
        if self._macros:
            macros = (element("Macro", {"Id": name, "Value": text}) for text, name in self._macros.items())
            yield _list("Macros", macros)
        yield _list("EKUs", (self._eku(place, value) for place, value in enumerate(policy.ekus)))
        yield _list("FileRules", map(self._rule, self._rules, policy.file_rules))
        yield _list("Signers", map(self._signer, self._signers, policy.signers))
        yield _list("SigningScenarios", map(self._scenario, self._scenarios, policy.scenarios))
        yield self._signer_list("UpdatePolicySigner", policy.update_signers)
        yield self._signer_list("CiSigner", policy.ci_signers)
        if policy.supplemental_signers:
            yield self._signer_list("SupplementalPolicySigner", policy.supplemental_signers)
        yield element("HvciOptions", content=str(policy.hvci))
        yield _list("Settings", map(_setting, policy.settings))

    def _eku(self, place: int, value: bytes) -> str:
        return element("EKU", {"ID": _eku_name(place), "Value": value.hex().upper()})

    def _rule(self, name: str, rule: FileRule) -> str:
        attributes = {"ID": name}
        if rule.friendly_name:
            attributes["FriendlyName"] = rule.friendly_name
        attributes |= {key: text for key, field in TEXTS.items() if (text := getattr(rule, field))}
        if rule.package_family or rule.package_version != NONE:
            attributes["PackageVersion"] = str(rule.package_version)
        if rule.minimum != _silent_minimum(rule):
            attributes["MinimumFileVersion"] = str(rule.minimum)
        if rule.maximum != NONE:
            attributes["MaximumFileVersion"] = str(rule.maximum)
        if rule.hash:
            attributes["Hash"] = rule.hash.hex().upper()
        if _needs_macros(rule):
            attributes["AppIDs"] = "".join(f"$({self._macros[text]})" for text in rule.app_ids)
        elif rule.app_ids:
            attributes["AppIDs"] = rule.app_ids[0]
        return element(_KIND_NAMES[rule.kind], attributes)

    def _signer(self, name: str, signer: Signer) -> str:
        attributes = {"ID": name, "Name": signer.name or name}
        if signer.sign_time_after:
            attributes["SignTimeAfter"] = _time(signer.sign_time_after)
        if signer.root is RootKind.TBS:
            root = {"Type": "TBS", "Value": signer.tbs.hex().upper()}
        else:
            root = {"Type": "Wellknown", "Value": f"{signer.well_known:02X}"}
        parts = [element("CertRoot", root), *(element("CertEKU", {"ID": _eku_name(e)}) for e in signer.ekus)]
        texts = {"CertIssuer": signer.issuer, "CertPublisher": signer.publisher, "CertOemID": signer.oem_id}
        parts += [element(key, {"Value": text}) for key, text in texts.items() if text]
        parts += [element("FileAttribRef", {"RuleID": self._rules[place]}) for place in signer.attributes]
        return element("Signer", attributes, parts)

    def _scenario(self, name: str, scenario: Scenario) -> str:
        attributes = {"Value": str(scenario.value), "ID": name}
        attributes["FriendlyName"] = scenario.friendly_name
        if scenario.inherited:
            attributes["InheritedScenarios"] = ",".join(self._scenarios[place] for place in scenario.inherited)
        if scenario.minimum_hash != NO_MINIMUM_HASH:
            attributes["MinimumHashAlgorithm"] = str(scenario.minimum_hash)
        groups = zip(GROUPS, scenario.groups, strict=True)
        filled = (self._group(local, group) for local, group in groups if local == GROUPS[0] or group != Signers())
        return element("SigningScenario", attributes, filled)

    def _group(self, local: str, group: Signers) -> str:
        parts: list[str] = []
        if group.allowed:
            refs = (self._ref("AllowedSigner", "ExceptDenyRule", "DenyRuleID", ref) for ref in group.allowed)
            parts.append(element("AllowedSigners", content=refs))
        if group.denied:
            refs = (self._ref("DeniedSigner", "ExceptAllowRule", "AllowRuleID", ref) for ref in group.denied)
            parts.append(element("DeniedSigners", content=refs))
        if group.file_rules:
            rules = (element("FileRuleRef", {"RuleID": self._rules[place]}) for place in group.file_rules)
            parts.append(element("FileRulesRef", content=rules))
        return element(local, content=parts)

    def _ref(self, local: str, exception: str, attribute: str, ref: SignerRef) -> str:
        excepted = (element(exception, {attribute: self._rules[place]}) for place in ref.exceptions)
        return element(local, {"SignerId": self._signers[ref.signer]}, excepted)

    def _signer_list(self, item: str, places: tuple[int, ...]) -> str:
        return _list(f"{item}s", (element(item, {"SignerId": self._signers[place]}) for place in places))


def _list(local: str, items: Iterator[str] | map[str]) -> str:
    body = "".join(f"\n    {item}" for item in items)
    return element(local, content=f"{body}\n  " if body else "")


def _needs_macros(rule: FileRule) -> bool:
    return len(rule.app_ids) > 1 or any(text.startswith("$") or not text for text in rule.app_ids)


def _braced(value: object) -> str:
    return "{" + str(value).upper() + "}"


def _eku_name(place: int) -> str:
    return f"ID_EKU_E_{place + 1}"


def _silent_minimum(rule: FileRule) -> object:
    """Return the minimum that the compiler takes where none is written."""
    return EVERY if rule.kind is RuleKind.DENY and rule.maximum == NONE else NONE


def _time(filetime: int) -> str:
    seconds, ticks = divmod(filetime, 10_000_000)
    whole = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ticks:07}Z"


def _setting(setting: Setting) -> str:
    match setting.value:
        case bool(flag):
            value = element("Boolean", content="true" if flag else "false")
        case int(number):
            value = element("DWord", content=str(number))
        case bytes(data):
            value = element("Binary", content=data.hex().upper())
        case str(text):
            value = element("String", content=escape(text))
    attributes = {"Provider": setting.provider, "Key": setting.key, "ValueName": setting.name}
    return element("Setting", attributes, element("Value", content=value))
