"""What a rule is: the logic behind one statement of a guide.

A rule takes one of five forms, or several. A *file check* finds faults in the file. A *setting* names the nodes
that carry the statement to headsets, so that it is met only when they report the values. A *verification* is what
only calls, sign-ins or the directory can confirm. An *attestation* is what a person must have looked at, because
no interface tells. *Other statements* are those that a statement repeats: it stands where the worst of them
stands, and has no finding of its own for theirs. The statement's own words, weight, guide and lines are data of
the catalog, by id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from holofleet.checks.case import Case
from holofleet.diagnostics import Position


class Form(StrEnum):
    """The ways in which a rule can know."""

    FILE = "file check"
    SETTING = "setting"
    VERIFICATION = "verification"
    ATTESTATION = "attestation"
    OTHERS = "other statements"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where, and how to mend it; the engine makes a finding of it.

    Args:
        summary: One line that names the thing at fault.
        position: Where it stands.
        mend: What to write instead, naming the key.
        detail: Why it matters, in full sentences.
        subject: Address of what it is about; empty for the deployment itself.
        headset: Serial of the one headset that it is about, so that it can be waived alone.
    """

    summary: str
    position: Position
    mend: str
    detail: str = ""
    subject: str = ""
    headset: str = ""


@dataclass(frozen=True, slots=True)
class Enforced:
    """A node that carries the statement to headsets, once the file says one of the keys.

    Args:
        oma_uri: As the catalog spells it; ``{TenantId}`` is the file's tenant, another template any one segment.
        keys: The node is expected in a headset's document when one of these holds a value.
    """

    oma_uri: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Why a rule does not bind a deployment; ``lost`` when only the target is in the way."""

    why: str
    lost: bool = False


Check: TypeAlias = Callable[[Case], Iterable[Fault]]


def _always(_case: Case) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The logic of one statement.

    Args:
        id: The statement's id; it never changes.
        title: What is asked for, in a short line.
        why: Why it matters, for the rule's page.
        how: How it is judged, for the rule's page.
        mend: How to mend what is found, for the rule's page.
        check: Faults of the file.
        nodes: Nodes that carry it to headsets.
        verification: What only calls, sign-ins or the directory can confirm.
        confirmed: Returns who of the file's people confirmed that and when; empty while nobody did.
        attestation: What a person has to look at.
        attestable: Tells whether a deployment needs the attestation.
        excused: Why it does not bind a deployment to which the guide applies, or ``None``.
        rests_on: Statements that it repeats, all of them before it in the order of the catalog.
    """

    id: str
    title: str
    why: str
    how: str
    mend: str
    check: Check | None = None
    nodes: tuple[Enforced, ...] = ()
    verification: str = ""
    confirmed: Callable[[Case], str] | None = None
    attestation: str = ""
    attestable: Callable[[Case], bool] = _always
    excused: Callable[[Case], NotApplicable | None] | None = None
    rests_on: tuple[str, ...] = ()

    @property
    def guide(self) -> str:
        """Prefix of its guide."""
        return self.id.partition("-")[0]

    @property
    def forms(self) -> tuple[Form, ...]:
        """The ways in which it knows."""
        ways = (
            (Form.FILE, self.check is not None),
            (Form.SETTING, bool(self.nodes)),
            (Form.VERIFICATION, bool(self.verification)),
            (Form.ATTESTATION, bool(self.attestation)),
            (Form.OTHERS, bool(self.rests_on)),
        )
        return tuple(form for form, used in ways if used)
