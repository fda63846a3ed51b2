"""A node of a configuration service provider (CSP): its address, what it takes, and who says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote

from holofleet.catalog.build import Build
from holofleet.catalog.evidence import Evidence
from holofleet.catalog.refusal import ValueRefusedError
from holofleet.catalog.values import Allowed, Unsuited, Value
from holofleet.catalog.values.markup import ADMXAllowed, render_admx
from holofleet.resources.document import Format

_VARIABLE_SEGMENT = re.compile(r"\{([A-Za-z]+)\}")
_ADDED_FIRST = frozenset({"CertificateStore", "RootCATrustedCertificates"})


class Verb(StrEnum):
    """What a management server may do with a node; the names are SyncML's."""

    ADD = "Add"
    DELETE = "Delete"
    EXEC = "Exec"
    GET = "Get"
    REPLACE = "Replace"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the vendor's security baselines set; ``None`` where a baseline says nothing.

    ``site_choice`` names the baselines that ask for a value and leave it to the site.

    Source: 'HoloLens 2 security baselines' (Microsoft).
    """

    standard: str | int | bool | None = None
    advanced: str | int | bool | None = None
    site_choice: frozenset[str] = frozenset()

    def value(self, level: str) -> str | int | bool | None:
        """The value of a baseline, ``standard`` or ``advanced``.

        Raises:
            KeyError: another level.
        """
        return {"standard": self.standard, "advanced": self.advanced}[level]


@dataclass(frozen=True, slots=True)
class Node:
    """One node that a HoloLens 2 may have.

    Args:
        oma_uri: Normal form; segments in braces stand for exactly one segment (``{ProviderID}``).
        area: Area of a policy, else the name of the CSP.
        default: What the DDF gives; ``None`` where it gives nothing. One outside the allowed values means
            that the platform decides.
        scopes: ``device``, or ``device`` and ``user``.
        min_build: ``None`` where no page names one: the first build of the headset is assumed.
        ddf_edition: The DDF's edition list includes Holographic; ``None``: the list is empty, or there is no DDF.
        merge: How the headset merges the values of several authorities (DDF).
        depends_on: Nodes, in normal form, that must be set before this one.
        reboot: The value takes effect after a restart.
        atomic: Must be set in one Atomic with what it depends on.
        secret: Values may hold a secret: never show them.
        disagreement: Where the sources contradict one another.
        sources: Ids for :func:`holofleet.catalog.sources`.
        effective: A read-only view of a policy's merged value (``Policy/Result``).
    """

    oma_uri: str
    csp: str
    area: str
    name: str
    format: Format
    allowed: Allowed
    default: str | int | bool | None
    access: frozenset[Verb]
    scopes: tuple[str, ...]
    min_build: Build | None
    min_release: str
    evidence: Evidence
    ddf_edition: bool | None
    ddf_build: str
    merge: str
    depends_on: tuple[str, ...]
    reboot: bool
    atomic: bool
    secret: bool
    baseline: Baseline | None
    note: str
    disagreement: str
    sources: tuple[str, ...]
    user_access: frozenset[Verb] | None = None
    effective: bool = False

    @property
    def settable_over_mdm(self) -> bool:
        """False for what only a provisioning package may set."""
        return self.evidence is not Evidence.PPKG_ONLY

    @property
    def readable(self) -> bool:
        """Whether a server may read it back."""
        return Verb.GET in self.access and self.settable_over_mdm

    @property
    def writable(self) -> bool:
        """Whether a server may set it."""
        return bool(self.access & {Verb.ADD, Verb.REPLACE}) and self.settable_over_mdm

    @property
    def deletable(self) -> bool:
        """Whether a server may take the value away, which brings the default back."""
        return Verb.DELETE in self.access and self.settable_over_mdm

    @property
    def executable(self) -> bool:
        """Whether it is a command."""
        return Verb.EXEC in self.access

    @property
    def verb(self) -> str:
        """The command that sets it, the first of :attr:`verbs`.

        Raises:
            ValueError: nothing may set it.
        """
        if not self.verbs:
            raise ValueError(f"{self.oma_uri} cannot be set")
        return self.verbs[0]

    @property
    def verbs(self) -> tuple[str, ...]:
        """The commands that set it, in the order to try.

        Empty where nothing may set it. Policies take Replace alone, which adds too. Certificates, and nodes below
        an instance that the server names (a Wi-Fi profile), are added first and replaced when the headset answers
        418, already there.
        """
        can_add, can_replace = Verb.ADD in self.access, Verb.REPLACE in self.access
        if not can_replace:
            return ("Add",) if can_add else ()
        if can_add and self.csp != "Policy" and (self.variables or self.csp in _ADDED_FIRST):
            return ("Add", "Replace")
        return ("Replace",)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the segments in braces, in order."""
        return tuple(_VARIABLE_SEGMENT.findall(self.oma_uri))

    def uri(self, **names: str) -> str:
        """Return the LocURI with its segments in braces filled in, percent-encoded where needed.

        Raises:
            ValueError: a name is missing, empty or unknown.
        """
        if set(names) != set(self.variables) or not all(names.values()):
            wanted = ", ".join(self.variables) or "none"
            raise ValueError(f"{self.oma_uri} needs these names, and no others: {wanted}")
        return _VARIABLE_SEGMENT.sub(lambda match: quote(names[match.group(1)], safe="-._~!"), self.oma_uri)

    def data(self, value: Value) -> str:
        """Turn a typed value into its text on the wire.

        Raises:
            ValueRefusedError: the node does not take it; the error says what it takes.
        """
        try:
            text = self.allowed.data(value)
        except Unsuited as error:
            raise self._refused(value, str(error)) from None
        self.check(text)
        return text

    def admx(self, values: Mapping[str, str] | None) -> str:
        """Return the text of an ADMX-backed policy: ``None`` disables it, a mapping enables it with data by id.

        Raises:
            ValueRefusedError: not such a policy, or an id or value that it does not take.
        """
        text = render_admx(values)
        if not isinstance(self.allowed, ADMXAllowed):
            raise self._refused(text, "it is no ADMX-backed policy")
        self.check(text)
        return text

    def check(self, data: str) -> None:
        """Accept a text for the wire, variables not yet filled in.

        Raises:
            ValueRefusedError: the node does not take it; the error says what it takes.
        """
        reason = self.allowed.fault(data)
        if reason is not None:
            raise self._refused(data, reason)

    def equal(self, a: str, b: str) -> bool:
        """Tell whether two texts say the same to the headset: ``1`` and ``01``, ``true`` and ``True``, XML with
        other blanks or prefixes, base64 with line breaks. Texts that say nothing valid compare by letter."""
        return self.allowed.equal(a, b)

    def meaning(self, data: str) -> str:
        """The documented meaning of a value for people (``not allowed``), or empty."""
        return self.allowed.meaning(data)

    def available_on(self, build: Build) -> bool:
        """Tell whether a build has the node, as far as the sources say."""
        return self.min_build is None or build >= self.min_build

    def in_user_scope(self) -> Node | None:
        """The same node below ``./User``, or ``None`` where there is none."""
        if self.user_access is None:
            return None
        uri = self.oma_uri.replace("./Device/", "./User/", 1)
        return replace(self, oma_uri=uri, access=self.user_access, scopes=("user",), user_access=None)

    def as_effective(self) -> Node:
        """The read-only view of a policy's merged value, below ``Policy/Result``."""
        uri = self.oma_uri.replace("/Policy/Config/", "/Policy/Result/", 1)
        return replace(self, oma_uri=uri, access=frozenset({Verb.GET}), user_access=None, effective=True)

    def _refused(self, value: object, reason: str) -> ValueRefusedError:
        allowed = self.allowed.describe()
        return ValueRefusedError(self.oma_uri, value, allowed=allowed, reason=reason, secret=self.secret)
